#include "report/result.h"

report_writer *const result_writers[] = {
	result_write_text,     result_write_json,        result_write_csv,
	result_write_markdown, result_write_percentiles,
};
const char *const result_format_names[] = { "text", "json", "csv", "md", "hgrm", NULL };
const bool result_format_studied[] = { true, true, false, true, false };
