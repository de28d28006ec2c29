#ifndef SIM_IMPORT_CELLS_H
#define SIM_IMPORT_CELLS_H

/*
 * Tables as CSV: which cell of a line is which column. Published tables have no heading; copies
 * of them often have one, in an order of their own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/lines.h"

enum { CELLS_MOST = 64 };

struct table {
	const char *name;           /* of the file that is meant, for messages: "vmtable.csv" */
	const char *const *columns; /* in the published order; ends with NULL */
	uint32_t needed;            /* bit i: column i is read */
	bool heading;               /* without one the file is refused */

	/* as the file has it */
	int places[CELLS_MOST]; /* of each column; -1: missing, and not needed */
	size_t width;           /* cells of a line */
	char *cells[CELLS_MOST];
	size_t count;
};

/*
 * Learn the columns from the first line: from its names when it is a heading (*is_row is false
 * then), or else from the published order. A needed column that is missing is an error.
 */
bool table_begin(struct table *table, struct lines *lines, bool *is_row);

/* Cut the line into cells; quotes around a cell are taken off. False: another number of cells. */
bool table_cut(struct table *table, char *text);

/* The cell of a column; "" when the file lacks it. */
const char *table_cell(const struct table *table, int column);

/* A finite decimal number; false: there is none, or something stands behind it. */
bool cell_number(const char *text, double *value);

/* A whole number. */
bool cell_integer(const char *text, int64_t *value);

#endif
