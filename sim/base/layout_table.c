#include "base/layout_table.h"

#include <string.h>

enum { GAP = 2, BELOW_INDENT = 6 };

static const char range_mark[] = " .. ";

bool layout_is_row(struct span line)
{
	return memchr(line.at, '\t', line.length) != NULL;
}

/* Text of a row's first cell goes on two blanks further in, that of others where it began. */
static int hang_of(struct span cell, int column)
{
	return column ? 0 : (int)span_blanks(cell) + GAP;
}

/* The next cell of a row; what is beyond the last column belongs to it. */
static struct span next_cell(struct span *row, int column)
{
	const char *tab =
		column + 1 < LAYOUT_COLUMNS_MOST ? memchr(row->at, '\t', row->length) : NULL;
	struct span cell = { row->at, tab ? (size_t)(tab - row->at) : row->length };

	*row = span_rest(*row, cell.length + (tab != NULL));
	return span_trimmed(cell);
}

/* --- columns ----------------------------------------------------------------------------- */

static const char *find_range(struct span cell)
{
	return memmem(cell.at, cell.length, range_mark, sizeof(range_mark) - 1);
}

static bool is_digit(struct span cell, size_t at)
{
	return at < cell.length && cell.at[at] >= '0' && cell.at[at] <= '9';
}

/* "1.05 s", "-3", "+5 %", "2 min 13 s": digits, and short words behind them. */
static bool is_number(struct span cell)
{
	struct span word = span_word(cell, span_blanks(cell));
	bool digits = false;

	for (size_t i = 0; i < word.length; i++) {
		digits = digits || is_digit(word, i);
		if (!is_digit(word, i) && !strchr("+-.", word.at[i]))
			return false;
	}
	for (size_t i = span_blanks(cell) + word.length; i < cell.length; i += word.length) {
		i += span_blanks(span_rest(cell, i));
		word = span_word(cell, i);
		if (word.length > 5)
			return false;
	}
	return digits;
}

/* A dash stands for what there is not, in a column of any kind. */
static bool is_dash(struct span cell)
{
	return cell.length == 1 && *cell.at == '-';
}

static void at_least(int *most, int value)
{
	if (value > *most)
		*most = value;
}

/* What goes on below its first line begins `hang` columns in. */
static void measure_pieces(struct layout_column *column, struct span cell, int hang)
{
	int indent = (int)span_blanks(cell);

	for (struct span rest = span_rest(cell, span_blanks(cell)); rest.length;) {
		struct span piece = { rest.at, span_piece_end(rest, 0) };

		at_least(&column->longest, indent + span_columns(piece));
		rest = span_rest(rest, piece.length);
		rest = span_rest(rest, span_blanks(rest));
		indent = hang;
	}
}

static void measure_cell(struct layout_column *column, struct span cell, int hang)
{
	const char *mark = find_range(cell);

	if (!cell.length)
		return;
	at_least(&column->width, span_columns(cell));
	measure_pieces(column, cell, hang);
	column->cells += !is_dash(cell);
	if (mark) {
		size_t left = (size_t)(mark - cell.at);

		column->ranges++;
		at_least(&column->left, span_columns((struct span){ cell.at, left }));
		at_least(&column->right,
			 span_columns(span_rest(cell, left + sizeof(range_mark) - 1)));
	} else if (is_number(cell)) {
		column->numbers++;
	}
}

static bool has_ranges(const struct layout_column *column)
{
	return column->ranges && 2 * column->ranges >= column->cells - 1;
}

static bool has_numbers(const struct layout_column *column)
{
	return !has_ranges(column) && column->numbers && 2 * column->numbers >= column->cells - 1;
}

static bool has_text(const struct layout_column *column)
{
	return !has_ranges(column) && !has_numbers(column);
}

static int total_width(const struct layout_table *table)
{
	int total = 0;

	for (int c = 0; c < table->count; c++)
		total += table->columns[c].width + (c ? GAP : 0);
	return total;
}

/*
 * The column to break the lines of: the last that is wider than `least` and its longest piece;
 * -1: none.
 */
static int breakable(const struct layout_table *table, int least)
{
	for (int c = table->count - 1; c >= 0; c--) {
		const struct layout_column *column = &table->columns[c];

		if (has_text(column) && column->width > column->longest && column->width > least)
			return c;
	}
	return -1;
}

/* Columns that do not fit go below, at an indentation. */
static void fold(struct layout_table *table)
{
	int used = 0;

	for (int c = 0; c < table->count; c++) {
		struct layout_column *column = &table->columns[c];

		if (has_text(column) && column->width > table->width - BELOW_INDENT - GAP &&
		    column->longest < table->width - BELOW_INDENT - GAP)
			column->width = table->width - BELOW_INDENT - GAP;
		column->below = c && used + GAP + column->width > table->width;
		used = column->below ? BELOW_INDENT + column->width
				     : used + (c ? GAP : 0) + column->width;
	}
}

static void fit(struct layout_table *table)
{
	static const int comfortable = 20;

	while (total_width(table) > table->width) {
		int column = breakable(table, comfortable);

		if (column < 0)
			column = breakable(table, 0);
		if (column < 0) {
			for (int c = 0; c < table->count; c++)
				table->columns[c].width = table->columns[c].natural;
			fold(table);
			return;
		}
		table->columns[column].width--;
	}
}

void layout_measure(struct layout_table *table, const char *text, int width)
{
	*table = (struct layout_table){ .width = width };
	for (struct span line = span_line(&text); line.length; line = span_line(&text)) {
		if (!layout_is_row(line))
			continue;
		for (int c = 0; line.length; c++) {
			struct span cell = next_cell(&line, c);

			measure_cell(&table->columns[c], cell, hang_of(cell, c));
			at_least(&table->count, c + 1);
		}
	}
	for (int c = 0; c < table->count; c++) {
		struct layout_column *column = &table->columns[c];

		if (has_ranges(column))
			at_least(&column->width,
				 column->left + (int)sizeof(range_mark) - 1 + column->right);
		column->natural = column->width;
	}
	fit(table);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Blanks before and after a cell that stands on one line. */
static int blanks_before(const struct layout_column *column, struct span cell)
{
	const char *mark = find_range(cell);

	if (has_numbers(column))
		return column->width - span_columns(cell);
	if (has_ranges(column) && mark)
		return column->left -
		       span_columns((struct span){ cell.at, (size_t)(mark - cell.at) });
	return 0;
}

/* What is left of the cells of a row. */
struct row {
	struct span cells[LAYOUT_COLUMNS_MOST];
	int count;
	int hang;   /* of the first cell */
	bool begun; /* the columns that stand beside each other have had their first line */
};

/* One line of columns `from` up to `to`; returns whether anything is left of their cells. */
static bool print_row_line(const struct layout_table *table, struct row *row, int from, int to,
			   FILE *out)
{
	int owed = from ? BELOW_INDENT : 0;
	bool more = false;

	for (int c = from; c < to; c++) {
		const struct layout_column *column = &table->columns[c];
		int hang = !c && row->begun ? row->hang : 0;
		struct span *cell = &row->cells[c], part = *cell;
		int before = 0, after;

		if (has_text(column)) {
			part = span_fitting(*cell, column->width - hang);
			before = part.length ? hang : 0;
		} else if (part.length && blanks_before(column, part) > 0) {
			before = blanks_before(column, part);
		}
		if (part.length)
			fprintf(out, "%*s%.*s", owed + before, "", (int)part.length, part.at);
		after = column->width - before - span_columns(part);
		owed = (part.length ? 0 : owed) + (after > 0 ? after : 0) + GAP;
		*cell = span_rest(*cell, part.length);
		*cell = span_rest(*cell, span_blanks(*cell));
		more = more || cell->length;
	}
	fputc('\n', out);
	row->begun = true;
	return more;
}

void layout_print_row(const struct layout_table *table, struct span line, FILE *out)
{
	struct row row = { 0 };

	for (; line.length; row.count++)
		row.cells[row.count] = next_cell(&line, row.count);
	row.hang = hang_of(row.cells[0], 0);
	for (int from = 0, to; from < row.count; from = to) {
		bool any = false;

		for (to = from; to < row.count && (to == from || !table->columns[to].below); to++)
			any = any || row.cells[to].length;
		row.begun = false;
		while (any)
			any = print_row_line(table, &row, from, to, out);
	}
}
