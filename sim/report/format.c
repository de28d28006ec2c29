#include <string.h>

#include "report/formats.h"
#include "report/output.h"

const struct report_format *const report_formats[] = { &format_text,        &format_json,
						       &format_csv,         &format_markdown,
						       &format_percentiles, NULL };
const char *const report_format_names[] = { "text", "json", "csv", "md", "hgrm", NULL };

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (strcmp(report_formats[i]->name, name) == 0)
			return report_formats[i];
	return NULL;
}

bool report_write_file(const struct result *result, const struct report_format *format,
		       const char *path, struct error *error)
{
	struct output output;

	if (!output_open(&output, path, error))
		return false;
	format->write(result, output.stream, error);
	return output_close(&output, error);
}
