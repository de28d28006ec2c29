#ifndef SIM_REPORT_FORMATS_H
#define SIM_REPORT_FORMATS_H

/* The formats that there are, each in a file of its own, and what their writers share. */

#include "report/result.h"

extern const struct report_format format_text, format_json, format_csv, format_markdown,
	format_percentiles;

/* False and an error when the stream has failed. */
bool report_check(FILE *out, struct error *error);

/* Why values of the metric do not exist, each reason once, "; " between; false: all exist. */
enum { REASONS_SIZE = 512 };
bool metric_reasons(const struct result_metric *metric, char reasons[REASONS_SIZE]);

#endif
