#include "base/layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/progress.h"

enum {
	COLUMNS_MOST = 16,
	GAP = 2,
	USUAL_WIDTH = 80,
	LEAST_WIDTH = 40,
	BELOW_INDENT = 6,
	MOST_WIDTH = 1000
};

static const char range_mark[] = " .. ";

/* Some bytes of the text. */
struct span {
	const char *at;
	size_t length;
};

struct column {
	int width;
	int left, right; /* of the " .. " of ranges */
	int longest;     /* piece; text is not broken below it */
	int cells, numbers, ranges;
	bool below; /* begins another line of its row */
};

struct table {
	struct column columns[COLUMNS_MOST];
	int count;
	int width; /* what there is */
};

/* --- text -------------------------------------------------------------------------- */

/* Columns on a terminal: one a character (visible text has no others). */
static int columns_of(struct span span)
{
	int columns = 0;

	for (size_t i = 0; i < span.length; i++)
		columns += ((unsigned char)span.at[i] & 0xc0) != 0x80;
	return columns;
}

static size_t blanks(struct span span)
{
	size_t count = 0;

	while (count < span.length && span.at[count] == ' ')
		count++;
	return count;
}

/* Without what goes before byte `from`. */
static struct span rest_of(struct span span, size_t from)
{
	return (struct span){ span.at + from, span.length - from };
}

static struct span without_end_blanks(struct span span)
{
	while (span.length && span.at[span.length - 1] == ' ')
		span.length--;
	return span;
}

/* The word that begins at byte `from`. */
static struct span word_at(struct span span, size_t from)
{
	struct span word = { span.at + from, 0 };

	while (from + word.length < span.length && word.at[word.length] != ' ')
		word.length++;
	return word;
}

static bool is_dots(struct span word)
{
	return word.length == 2 && memcmp(word.at, "..", 2) == 0;
}

static bool is_numeric(struct span word)
{
	static const char digits[] = "(+-.0123456789";

	for (size_t i = 0; i < word.length; i++)
		if (!strchr(digits, word.at[i]))
			return false;
	return word.length > 0;
}

/* Two words of a quantity: "7.865 s", "95 %", "2 min 13 s"; behind a unit may stand marks: "s)". */
static bool is_quantity(struct span word, struct span next)
{
	static const char *const units[] = { "ns", "us", "ms",  "s",   "min", "h",
					     "d",  "%",  "x",   "B",   "kB",  "MB",
					     "GB", "TB", "KiB", "MiB", "GiB", "TiB" };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i]);

		if (is_numeric(word) && next.length >= length && next.length <= length + 2 &&
		    memcmp(next.at, units[i], length) == 0)
			return true;
	}
	return is_numeric(next) && ((word.length == 3 && memcmp(word.at, "min", 3) == 0) ||
				    (word.length == 1 && strchr("hd", *word.at)));
}

/*
 * What stays together, blanks before it included: a word; a quantity; a range of two of them.
 * `from` is where it begins.
 */
static size_t piece_end(struct span span, size_t from)
{
	size_t at = from + blanks(rest_of(span, from));
	struct span word = word_at(span, at);

	at += word.length;
	while (at < span.length) {
		size_t next = at + blanks(rest_of(span, at));
		struct span behind = word_at(span, next);

		if (!is_dots(word) && !is_dots(behind) && !is_quantity(word, behind))
			break;
		word = behind;
		at = next + behind.length;
	}
	return at;
}

/* What fits in `width` of the beginning, at least one piece, without the blanks behind. */
static struct span fitting(struct span span, int width)
{
	struct span fit = { span.at, 0 };

	while (fit.length < span.length) {
		struct span more = { span.at, piece_end(span, fit.length) };

		if (fit.length && columns_of(without_end_blanks(more)) > width)
			break;
		fit = more;
	}
	return without_end_blanks(fit);
}

static struct span next_line(const char **text)
{
	size_t length = strcspn(*text, "\n");
	struct span line = { *text, length };

	*text += length + ((*text)[length] == '\n');
	return line;
}

/* Text of a row's first cell goes on two blanks further in, that of others where it began. */
static int hang_of(struct span cell, int column)
{
	return column ? 0 : (int)blanks(cell) + GAP;
}

static bool is_row(struct span line)
{
	return memchr(line.at, '\t', line.length) != NULL;
}

/* The next cell of a row; what is beyond the last column belongs to it. */
static struct span next_cell(struct span *row, int column)
{
	const char *tab = column + 1 < COLUMNS_MOST ? memchr(row->at, '\t', row->length) : NULL;
	struct span cell = { row->at, tab ? (size_t)(tab - row->at) : row->length };

	*row = rest_of(*row, cell.length + (tab != NULL));
	return without_end_blanks(cell);
}

/* --- lines that are no rows ------------------------------------------------------------ */

static void print_line(struct span line, int width, FILE *out)
{
	const char *mark = memchr(line.at, '\v', line.length);
	struct span before = { line.at, mark ? (size_t)(mark - line.at) : 0 };
	struct span rest = rest_of(line, before.length + (mark != NULL));
	int indent = mark ? columns_of(before) : (int)blanks(line) + 2;
	int used = columns_of(before);

	rest = without_end_blanks(rest);
	if (!rest.length)
		before = without_end_blanks(before);
	if (indent > width / 2)
		indent = 2;
	fprintf(out, "%.*s", (int)before.length, before.at);
	do {
		struct span part = fitting(rest, width - used);

		fprintf(out, "%.*s\n", (int)part.length, part.at);
		rest = rest_of(rest, part.length);
		rest = rest_of(rest, blanks(rest));
		if (rest.length)
			fprintf(out, "%*s", indent, "");
		used = indent;
	} while (rest.length);
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
	struct span word = word_at(cell, blanks(cell));
	bool digits = false;

	for (size_t i = 0; i < word.length; i++) {
		digits = digits || is_digit(word, i);
		if (!is_digit(word, i) && !strchr("+-.", word.at[i]))
			return false;
	}
	for (size_t i = blanks(cell) + word.length; i < cell.length; i += word.length) {
		i += blanks(rest_of(cell, i));
		word = word_at(cell, i);
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
static void measure_pieces(struct column *column, struct span cell, int hang)
{
	int indent = (int)blanks(cell);

	for (struct span rest = rest_of(cell, blanks(cell)); rest.length;) {
		struct span piece = { rest.at, piece_end(rest, 0) };

		at_least(&column->longest, indent + columns_of(piece));
		rest = rest_of(rest, piece.length);
		rest = rest_of(rest, blanks(rest));
		indent = hang;
	}
}

static void measure_cell(struct column *column, struct span cell, int hang)
{
	const char *mark = find_range(cell);

	if (!cell.length)
		return;
	at_least(&column->width, columns_of(cell));
	measure_pieces(column, cell, hang);
	column->cells += !is_dash(cell);
	if (mark) {
		size_t left = (size_t)(mark - cell.at);

		column->ranges++;
		at_least(&column->left, columns_of((struct span){ cell.at, left }));
		at_least(&column->right, columns_of(rest_of(cell, left + sizeof(range_mark) - 1)));
	} else if (is_number(cell)) {
		column->numbers++;
	}
}

static bool has_ranges(const struct column *column)
{
	return column->ranges && 2 * column->ranges >= column->cells - 1;
}

static bool has_numbers(const struct column *column)
{
	return !has_ranges(column) && column->numbers && 2 * column->numbers >= column->cells - 1;
}

static bool has_text(const struct column *column)
{
	return !has_ranges(column) && !has_numbers(column);
}

static int total_width(const struct table *table)
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
static int breakable(const struct table *table, int least)
{
	for (int c = table->count - 1; c >= 0; c--) {
		const struct column *column = &table->columns[c];

		if (has_text(column) && column->width > column->longest && column->width > least)
			return c;
	}
	return -1;
}

/* Columns that do not fit go below, at an indentation. */
static void fold(struct table *table)
{
	int used = 0;

	for (int c = 0; c < table->count; c++) {
		struct column *column = &table->columns[c];

		if (has_text(column) && column->width > table->width - BELOW_INDENT - GAP &&
		    column->longest < table->width - BELOW_INDENT - GAP)
			column->width = table->width - BELOW_INDENT - GAP;
		column->below = c && used + GAP + column->width > table->width;
		used = column->below ? BELOW_INDENT + column->width
				     : used + (c ? GAP : 0) + column->width;
	}
}

static void fit(struct table *table, const int natural[COLUMNS_MOST])
{
	static const int comfortable = 20;

	while (total_width(table) > table->width) {
		int column = breakable(table, comfortable);

		if (column < 0)
			column = breakable(table, 0);
		if (column < 0) {
			for (int c = 0; c < table->count; c++)
				table->columns[c].width = natural[c];
			fold(table);
			return;
		}
		table->columns[column].width--;
	}
}

/* The table of a paragraph: all of its rows. */
static void measure(struct table *table, const char *text, int width)
{
	int natural[COLUMNS_MOST];

	*table = (struct table){ .width = width };
	for (struct span line = next_line(&text); line.length; line = next_line(&text)) {
		if (!is_row(line))
			continue;
		for (int c = 0; line.length; c++) {
			struct span cell = next_cell(&line, c);

			measure_cell(&table->columns[c], cell, hang_of(cell, c));
			at_least(&table->count, c + 1);
		}
	}
	for (int c = 0; c < table->count; c++) {
		struct column *column = &table->columns[c];

		if (has_ranges(column))
			at_least(&column->width,
				 column->left + (int)sizeof(range_mark) - 1 + column->right);
		natural[c] = column->width;
	}
	fit(table, natural);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Blanks before and after a cell that stands on one line. */
static int blanks_before(const struct column *column, struct span cell)
{
	const char *mark = find_range(cell);

	if (has_numbers(column))
		return column->width - columns_of(cell);
	if (has_ranges(column) && mark)
		return column->left -
		       columns_of((struct span){ cell.at, (size_t)(mark - cell.at) });
	return 0;
}

/* What is left of the cells of a row. */
struct row {
	struct span cells[COLUMNS_MOST];
	int count;
	int hang;   /* of the first cell */
	bool begun; /* the columns that stand beside each other have had their first line */
};

/* One line of columns `from` up to `to`; returns whether anything is left of their cells. */
static bool print_row_line(const struct table *table, struct row *row, int from, int to, FILE *out)
{
	int owed = from ? BELOW_INDENT : 0;
	bool more = false;

	for (int c = from; c < to; c++) {
		const struct column *column = &table->columns[c];
		int hang = !c && row->begun ? row->hang : 0;
		struct span *cell = &row->cells[c], part = *cell;
		int before = 0, after;

		if (has_text(column)) {
			part = fitting(*cell, column->width - hang);
			before = part.length ? hang : 0;
		} else if (part.length && blanks_before(column, part) > 0) {
			before = blanks_before(column, part);
		}
		if (part.length)
			fprintf(out, "%*s%.*s", owed + before, "", (int)part.length, part.at);
		after = column->width - before - columns_of(part);
		owed = (part.length ? 0 : owed) + (after > 0 ? after : 0) + GAP;
		*cell = rest_of(*cell, part.length);
		*cell = rest_of(*cell, blanks(*cell));
		more = more || cell->length;
	}
	fputc('\n', out);
	row->begun = true;
	return more;
}

static void print_row(const struct table *table, struct span line, FILE *out)
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

void layout_print(const char *text, int width, FILE *out)
{
	struct table table;
	bool begins = true;

	while (*text) {
		struct span line;

		if (begins)
			measure(&table, text, width);
		line = next_line(&text);
		begins = !line.length;
		if (is_row(line))
			print_row(&table, line, out);
		else
			print_line(line, width, out);
	}
}

/* --- streams ----------------------------------------------------------------------------------- */

int layout_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = { 0 };
	long width = columns ? strtol(columns, NULL, 10) : 0;

	if (width <= 0 && isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0)
		width = USUAL_WIDTH;
	return (int)(width < LEAST_WIDTH ? LEAST_WIDTH : width > MOST_WIDTH ? MOST_WIDTH : width);
}

bool layout_open(struct layout *layout, FILE *out, struct error *error)
{
	*layout = (struct layout){ .out = out };
	layout->stream = open_memstream(&layout->text, &layout->size);
	return layout->stream || error_memory(error, "text");
}

bool layout_close(struct layout *layout, struct error *error)
{
	bool ok = !ferror(layout->stream);

	if (fclose(layout->stream) != 0 || !ok) {
		free(layout->text);
		return error_memory(error, "text");
	}
	progress_end();
	layout_print(layout->text, layout_width(layout->out), layout->out);
	free(layout->text);
	return true;
}
