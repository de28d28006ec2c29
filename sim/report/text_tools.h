#ifndef SIM_REPORT_TEXT_TOOLS_H
#define SIM_REPORT_TEXT_TOOLS_H

/*
 * How values and names look in reports for people. What is short comes as a text for fprintf,
 * in a buffer that lives as long as the block around the call.
 */

#include <stdio.h>

#include "report/result.h"

enum { CELL_SIZE = 256 };
#define CELL ((char[CELL_SIZE]){ "" })

/* "1.05 s", "64 GiB", "524288" by unit. */
#define VALUE(unit, value) value_text(CELL, unit, value)
const char *value_text(char cell[CELL_SIZE], enum unit unit, double value);

/* The same of what may not exist or not be finite: then `none`. */
#define MAYBE(unit, value, none) maybe_text(CELL, unit, value, none)
const char *maybe_text(char cell[CELL_SIZE], enum unit unit, struct maybe value, const char *none);

/* A value right-aligned in `width` columns, and never without a space before it. */
#define VALUE_IN(unit, value, width)       MAYBE_IN(unit, maybe_some(value), width, "")
#define MAYBE_IN(unit, value, width, none) aligned_text(CELL, unit, value, width, none)
const char *aligned_text(char cell[CELL_SIZE], enum unit unit, struct maybe value, int width,
			 const char *none);

/*
 * What all prices together do to a mean, for a line that begins with it: "4.9 s .. 14 s across the
 * ranges of its 31 prices, no platform named". The platform's name is text from outside.
 */
#define BAND(unit, band, platform) band_text(CELL, unit, band, platform)
const char *band_text(char cell[CELL_SIZE], enum unit unit, const struct result_uncertainty *band,
		      const char *platform);

/*
 * "1.05 s .. 1.20 s", or "1.05 s +- 13 us" when the interval is narrower than the digits shown;
 * `none` unless both ends exist.
 */
#define RANGE(unit, low, high)          INTERVAL(unit, maybe_some(low), maybe_some(high), "")
#define INTERVAL(unit, low, high, none) interval_text(CELL, unit, low, high, none)
const char *interval_text(char cell[CELL_SIZE], enum unit unit, struct maybe low, struct maybe high,
			  const char *none);

/* Text from outside as print_visible shows it, cut to `width` (<= 60) columns with "..." and padded. */
#define TEXT_IN(text, width) fitted_text(CELL, text, width)
char *fitted_text(char cell[CELL_SIZE], const char *text, int width);

/*
 * fprintf of text from outside: bytes that a terminal obeys (control characters, marks that
 * turn the direction of writing) or that are no UTF-8 are shown as \xNN. Newlines are
 * newlines only at the two ends of the format.
 */
void print_visible(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same in HTML: & < > " ' are entities. NULL: "-". */
void print_html(FILE *out, const char *text);

/* The same as a new string for the caller to free; NULL when memory runs out. */
char *printable_text(const char *text);

/*
 * "start failed (1 per replication): ENOMEM at "memory" (mmap): 4 GiB of host memory asked for,
 * 3 GiB left"; a new string for the caller to free, or NULL and an error.
 */
char *failure_text(const struct result_failure *failure, uint64_t replications,
		   struct error *error);

/* A cell of a CSV row; control characters are escaped, so that a row is one line. */
struct shape;
void csv_heading(FILE *out, const struct shape *shape); /* the names of all columns */
void csv_cell(FILE *out, const char *text);

/* A comma and a number with 15 digits, or nothing behind it. */
void csv_number(FILE *out, struct maybe value);

/* Text that stays text in Markdown: no table, markup or HTML comes out of it. */
void markdown_cell(FILE *out, const char *text);

/* The same of text of ours, which may have Markdown: only what a table or HTML would take for its own. */
void markdown_own_cell(FILE *out, const char *text);

/* " 1.05 s |", or a dash. */
void markdown_value(FILE *out, enum unit unit, struct maybe value);

/* How much of a capacity there is ("204.8 GB/s"), and which share of it was used; "": no amount. */
char *capacity_amount(char cell[CELL_SIZE], const struct result_capacity *capacity);
char *capacity_used(char cell[CELL_SIZE], const struct result_capacity *capacity);
bool capacity_is_worth_a_line(const struct result_capacity *capacity);

#endif
