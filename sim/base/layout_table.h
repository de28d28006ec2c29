#ifndef SIM_BASE_LAYOUT_TABLE_H
#define SIM_BASE_LAYOUT_TABLE_H

/* Tables of a text: rows of cells with a tab behind each. Private to the layout. */

#include <stdbool.h>
#include <stdio.h>

#include "base/span.h"

enum { LAYOUT_COLUMNS_MOST = 16 };

struct layout_column {
	int width, natural; /* as it is printed, and as wide as its cells */
	int left, right;    /* of the " .. " of ranges */
	int longest;        /* piece; text is not broken below it */
	int cells, numbers, ranges;
	bool below; /* begins another line of its row */
};

struct layout_table {
	struct layout_column columns[LAYOUT_COLUMNS_MOST];
	int count;
	int width; /* what there is */
};

bool layout_is_row(struct span line);

/* The table of the paragraph that the text begins with: all of its rows, in `width` columns. */
void layout_measure(struct layout_table *table, const char *text, int width);

/* A row of that paragraph. */
void layout_print_row(const struct layout_table *table, struct span line, FILE *out);

#endif
