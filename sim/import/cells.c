#include "import/cells.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void cut(struct table *table, char *text)
{
	table->count = 0;
	while (text && table->count < CELLS_MOST) {
		char *end;

		if (*text == '"') { /* no published column has a quote in its text */
			end = strchr(++text, '"');
			if (end)
				*end++ = '\0';
			table->cells[table->count++] = text;
			text = end && *end == ',' ? end + 1 : NULL;
			continue;
		}
		end = strchr(text, ',');
		table->cells[table->count++] = text;
		if (end)
			*end = '\0';
		text = end ? end + 1 : NULL;
	}
}

bool table_cut(struct table *table, char *text)
{
	cut(table, text);
	return table->count == table->width;
}

const char *table_cell(const struct table *table, int column)
{
	int place = table->places[column];

	return place >= 0 ? table->cells[place] : "";
}

/* Which cell of the line is called so; names with '.' and '_' are the same. */
static int place_of(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++) {
		const char *a = table->cells[i], *b = name;

		while (*a && *b && (strncasecmp(a, b, 1) == 0 || (*a == '_' && *b == '.')))
			a++, b++;
		if (!*a && !*b)
			return (int)i;
	}
	return -1;
}

static size_t column_count(const struct table *table)
{
	size_t count = 0;

	while (table->columns[count])
		count++;
	return count;
}

static void name_columns(const struct table *table, char *text, size_t size)
{
	size_t used = 0;

	*text = '\0';
	for (size_t i = 0; table->columns[i] && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 table->columns[i]);
}

bool table_begin(struct table *table, struct lines *lines, bool *is_row)
{
	size_t columns = column_count(table), known = 0;
	char names[512];

	cut(table, lines->text);
	for (size_t c = 0; c < columns; c++) {
		table->places[c] = place_of(table, table->columns[c]);
		known += table->places[c] >= 0;
	}
	table->width = table->count;
	*is_row = known < 2;
	name_columns(table, names, sizeof(names));
	if (*is_row && table->heading)
		return lines_error(lines, "a heading is needed that names the columns of %s: %s",
				   table->name, names);
	if (*is_row && table->count != columns)
		return lines_error(
			lines,
			"%zu columns are needed, here are %zu; %s has no heading and the "
			"columns %s",
			columns, table->count, table->name, names);
	for (size_t c = 0; c < columns; c++) {
		if (*is_row)
			table->places[c] = (int)c;
		if (table->places[c] < 0 && (table->needed >> c & 1))
			return lines_error(lines, "the column %s is missing; %s has %s",
					   table->columns[c], table->name, names);
	}
	return true;
}

bool cell_number(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value);
}

bool cell_integer(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return end != text && !*end && !errno;
}
