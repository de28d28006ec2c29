#include "report/result.h"

report_writer *const result_writers[] = {
	result_write_text,     result_write_json,        result_write_csv,
	result_write_markdown, result_write_percentiles, result_write_markdown,
};
const char *const result_format_names[] = { "text", "json", "csv", "md", "hgrm", "markdown", NULL };
const enum study result_format_study[] = { STUDY_BOUNDED, STUDY_BOUNDED, STUDY_BAND,
					   STUDY_BOUNDED, STUDY_NONE,    STUDY_BOUNDED };

enum study result_study_for(int format, enum study asked)
{
	/* they are in the order of how little they do, but for the first two */
	enum study shown = result_format_study[format];

	return asked > shown ? asked : shown;
}
