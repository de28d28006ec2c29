#include "report/comparison_formats.h"

const struct comparison_format comparison_formats[] = {
	{ "text", comparison_write_text },   { "json", comparison_write_json },
	{ "csv", comparison_write_csv },     { "markdown", comparison_write_markdown },
	{ "md", comparison_write_markdown }, { NULL, NULL },
};

const char *const comparison_format_names[] = { "text", "json", "csv", "markdown", "md", NULL };
