#include <string.h>

#include "report/formats.h"

const struct report_format *const report_formats[] = { &format_text,     &format_json,
						       &format_csv,      &format_markdown,
						       &format_spectrum, NULL };

const struct report_format *report_format_find(const char *name)
{
	for (size_t i = 0; report_formats[i]; i++)
		if (strcmp(report_formats[i]->name, name) == 0)
			return report_formats[i];
	return NULL;
}

bool report_check(FILE *out, struct error *error)
{
	return ferror(out) ? error_set(error, ERROR_OUTPUT, "cannot write the report") : true;
}
