#ifndef SIM_BASE_LAYOUT_H
#define SIM_BASE_LAYOUT_H

/*
 * Text that fits: the one table printer, and the one place that breaks lines.
 *
 * What is written between layout_open and layout_close is laid out on its way:
 *
 * - Cells end with a tab. The rows of a paragraph (what lies between empty lines) are one table: its
 *   columns are as wide as their cells and two blanks apart. A column whose cells are mostly numbers
 *   is aligned right, one of ranges at its " .. ", others left. A table that is too wide breaks the
 *   lines of its text columns between words, the widest first; when words are too long for that, the
 *   columns that do not fit stand below their row.
 * - Any other line that is too long is broken between words. What goes on is indented by two
 *   blanks more, or stands below a vertical tab in the line. A word that does not fit stays whole.
 *
 * Text from outside has no tabs once it is made visible (base/visible.h).
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

struct layout {
	FILE *stream; /* to write to */
	FILE *out;
	char *text;
	size_t size;
};

/* Begin text that goes to `out` when it is closed. False: an error, and nothing to close. */
bool layout_open(struct layout *layout, FILE *out, struct error *error);

/* Lay out what was written and write it to `out`; releases everything. `out` is for the caller to check. */
bool layout_close(struct layout *layout, struct error *error);

/* Lay out `text` (lines, each with its newline) in `width` columns. */
void layout_print(const char *text, int width, FILE *out);

#endif
