#ifndef SIM_REPORT_TEXT_TOOLS_H
#define SIM_REPORT_TEXT_TOOLS_H

/* How values and names look in reports for people. */

#include <stdio.h>

#include "report/result.h"

/* "1.05 s", "64 GiB", "524288" by unit. */
void print_value(FILE *out, enum unit unit, double value);

/* The same, right-aligned in `width` columns. */
void print_value_in(FILE *out, enum unit unit, double value, int width);

/* "1.05 s .. 1.20 s" */
void print_range(FILE *out, enum unit unit, double low, double high);

/*
 * Text from outside: bytes that a terminal obeys (control characters, marks that
 * turn the direction of writing) or that are no UTF-8 are shown as \xNN.
 */
void print_text(FILE *out, const char *text);

/* The same, cut to `width` columns with "..." and padded. */
void print_text_in(FILE *out, const char *text, int width);

/* The same in HTML: & < > " ' are entities. */
void print_html(FILE *out, const char *text);

/* The same as a new string for the caller to free; NULL when memory runs out. */
char *printable_text(const char *text);

/* A cell of a CSV row; control characters are escaped, so that a row is one line. */
bool csv_cell(FILE *out, const char *text, struct error *error);

/* Text that stays text in Markdown: no table, markup or HTML comes out of it. */
bool markdown_cell(FILE *out, const char *text, struct error *error);

#endif
