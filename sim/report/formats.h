#ifndef SIM_REPORT_FORMATS_H
#define SIM_REPORT_FORMATS_H

/* The formats of a result, each in a file of its own; format.c has the table of them. */

#include "report/output.h"
#include "report/result.h"

extern const struct report_format format_text, format_json, format_csv, format_markdown,
	format_percentiles;

#endif
