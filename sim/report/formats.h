#ifndef SIM_REPORT_FORMATS_H
#define SIM_REPORT_FORMATS_H

/* The formats that there are; each in a file of its own. Private to sim/report. */

#include "report/result.h"

extern const struct report_format format_text, format_json, format_csv, format_markdown,
	format_spectrum;

/* False and an error when the stream has failed. */
bool report_check(FILE *out, struct error *error);

#endif
