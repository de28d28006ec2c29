#include "report/answer_table.h"

#include <string.h>

#include "report/text_tools.h"

bool answer_table_begin(struct answer_table *table, const char *caption, size_t columns,
			size_t rows, struct error *error)
{
	*table = (struct answer_table){ .error = error,
					.column_most = columns,
					.cell_most = columns * rows };
	table->caption = memory_keep_text(&table->keeper, caption, error);
	table->columns = memory_keep_array(&table->keeper, columns, sizeof(*table->columns),
					   "columns", error);
	table->cells = memory_keep_array(&table->keeper, table->cell_most, sizeof(*table->cells),
					 "cells", error);
	return error->kind == ERROR_NONE;
}

static const char *keep(struct answer_table *table, const char *text)
{
	return text ? memory_keep_text(&table->keeper, text, table->error) : NULL;
}

static void add_column(struct answer_table *table, struct answer_table_column column)
{
	if (table->error->kind != ERROR_NONE)
		return;
	if (table->column_count == table->column_most)
		error_set(table->error, ERROR_INTERNAL, "a table has too many columns");
	else if ((column.title = keep(table, column.title)))
		table->columns[table->column_count++] = column;
}

void answer_table_column(struct answer_table *table, const char *title)
{
	add_column(table, (struct answer_table_column){ .title = title });
}

void answer_table_number(struct answer_table *table, const char *title)
{
	add_column(table, (struct answer_table_column){ .title = title, .number = true });
}

void answer_table_name(struct answer_table *table, const char *title)
{
	add_column(table, (struct answer_table_column){ .title = title, .name = true });
}

void answer_table_cell(struct answer_table *table, const char *text, const char *look)
{
	if (table->error->kind != ERROR_NONE)
		return;
	if (table->cell_count == table->cell_most)
		error_set(table->error, ERROR_INTERNAL, "a table has too many cells");
	else
		table->cells[table->cell_count++] =
			(struct answer_table_cell){ keep(table, text), look };
}

static void write_cell(FILE *out, const struct answer_table_cell *cell)
{
	const char *mark = cell->look && strcmp(cell->look, "missed") == 0 ? "**" : "";

	fprintf(out, " %s", mark);
	markdown_cell(out, cell->text ? cell->text : "–");
	fprintf(out, "%s |", mark);
}

void answer_table_write_markdown(const struct answer_table *table, FILE *out)
{
	markdown_cell(out, table->caption);
	fputs(":\n\n|", out);
	for (size_t c = 0; c < table->column_count; c++) {
		fputc(' ', out);
		markdown_cell(out, table->columns[c].title);
		fputs(" |", out);
	}
	fputs("\n|", out);
	for (size_t c = 0; c < table->column_count; c++)
		fputs(table->columns[c].number ? "---:|" : "---|", out);
	fputc('\n', out);
	for (size_t i = 0; i < table->cell_count; i += table->column_count) {
		fputc('|', out);
		for (size_t c = 0; c < table->column_count; c++)
			write_cell(out, &table->cells[i + c]);
		fputc('\n', out);
	}
}

void answer_table_fini(struct answer_table *table)
{
	memory_keeper_fini(&table->keeper);
	*table = (struct answer_table){ 0 };
}
