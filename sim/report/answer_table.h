#ifndef SIM_REPORT_ANSWER_TABLE_H
#define SIM_REPORT_ANSWER_TABLE_H

/* A table for people, before it is Markdown (here) or HTML (page/plan_page.c): built once, written in any. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"

struct answer_table_column {
	const char *title;
	bool number; /* to the right */
	bool name;   /* of the row */
};

struct answer_table_cell {
	const char *text; /* NULL: there is no value */
	const char *look; /* "met", "missed", "undecided"; NULL: plain */
};

/* Texts are copies. */
struct answer_table {
	struct memory_keeper keeper;
	struct error *error;
	const char *caption;
	struct answer_table_column *columns;
	struct answer_table_cell *cells; /* row by row */
	size_t column_count, cell_count, column_most, cell_most;
};

/* As many columns and rows at most; the error is kept for all that follows. answer_table_fini in any case. */
bool answer_table_begin(struct answer_table *table, const char *caption, size_t columns,
			size_t rows, struct error *error);

/* The next column, the next cell. Without memory, or where there is no room, the error is set. */
void answer_table_column(struct answer_table *table, const char *title);
void answer_table_number(struct answer_table *table, const char *title);
void answer_table_name(struct answer_table *table, const char *title);
void answer_table_cell(struct answer_table *table, const char *text, const char *look);

/* Its caption as a line and the table behind; what is missed is bold. */
void answer_table_write_markdown(const struct answer_table *table, FILE *out);
void answer_table_fini(struct answer_table *table);

#endif
