#ifndef SIM_REPORT_TEXT_TOOLS_H
#define SIM_REPORT_TEXT_TOOLS_H

/* How values look in reports for people. Private to sim/report. */

#include <stdio.h>

#include "report/result.h"

/* "1.05 s", "64 GiB", "524288" by unit. */
void print_value(FILE *out, enum unit unit, double value);

/* The same, right-aligned in `width` columns. */
void print_value_in(FILE *out, enum unit unit, double value, int width);

/* Text from a scenario, cut to `width` columns with "..." and padded; 0: as it is. */
void print_text_in(FILE *out, const char *text, int width);

#endif
