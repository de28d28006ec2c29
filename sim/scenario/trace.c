#include "scenario/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/lines.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"

enum { COLUMNS_MOST = 32, VMS_MOST = 1 << 24 };
enum column { ARRIVAL, VCPUS, MEMORY, LIFETIME, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT] = { "arrival_s", "vcpus", "memory_gib",
							"lifetime_s" };

struct reader {
	struct lines lines;
	int places[COLUMN_COUNT]; /* which cell of a line */
};

/* Cut the line at its commas. */
static int split(char *text, char *cells[COLUMNS_MOST])
{
	int count = 0;

	for (char *cell = text; cell && count < COLUMNS_MOST; count++) {
		char *comma = strchr(cell, ',');

		cells[count] = cell;
		if (comma)
			*comma = 0;
		cell = comma ? comma + 1 : NULL;
	}
	return count;
}

/* "; is it "memory"?": the nearest, or the only one, of those that are no column. */
static const char *did_you_rename(char hint[HINT_MAX], const char *missing,
				  const char *const *free_cells, int count)
{
	const char *near = nearest_name(missing, free_cells);

	if (!near && count == 1)
		near = free_cells[0];
	hint[0] = '\0';
	if (near)
		snprintf(hint, HINT_MAX, "; is it \"%.60s\"?", near);
	return hint;
}

/* What the heading lacks, and what is there instead. */
static bool no_column(const struct reader *reader, char *const *cells, int count, int missing)
{
	const char *free_cells[COLUMNS_MOST + 1] = { NULL };
	char hint[HINT_MAX];
	int found = 0;

	if (count == 1 && strpbrk(cells[0], ";\t"))
		return lines_error(&reader->lines,
				   "cells are separated by commas, not by %s: arrival_s,vcpus,"
				   "memory_gib,lifetime_s",
				   strchr(cells[0], ';') ? "semicolons" : "tabs");
	for (int i = 0; i < count; i++) {
		bool known = false;

		for (int c = 0; c < COLUMN_COUNT; c++)
			known = known || strcasecmp(cells[i], column_names[c]) == 0;
		if (!known && *cells[i])
			free_cells[found++] = cells[i];
	}
	return lines_error(
		&reader->lines,
		"the first line names no column \"%s\" (arrival_s, vcpus, memory_gib and "
		"lifetime_s are needed; `sim trace import` reads other layouts)%s",
		column_names[missing],
		did_you_rename(hint, column_names[missing], free_cells, found));
}

static bool read_heading(struct reader *reader)
{
	char *cells[COLUMNS_MOST];
	int count;

	if (!lines_next(&reader->lines))
		return lines_error(&reader->lines,
				   "the file is empty"); /* or what was wrong before */
	count = split(reader->lines.text, cells);
	for (int c = 0; c < COLUMN_COUNT; c++) {
		reader->places[c] = -1;
		for (int i = 0; i < count; i++)
			if (strcasecmp(cells[i], column_names[c]) == 0)
				reader->places[c] = i;
		if (reader->places[c] < 0)
			return no_column(reader, cells, count, c);
	}
	return true;
}

static bool number(const char *text, double most, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value) && *value >= 0 && *value <= most;
}

/* A cell that is no number, and what it may be. */
static bool no_number(const struct reader *reader, enum column column, const char *cell)
{
	static const char *const units[COLUMN_COUNT] = { "seconds", "vCPUs", "GiB", "seconds" };
	struct error no_size = { 0 }, no_time = { 0 };
	double value;

	if (column == MEMORY && quantity_read(cell, QUANTITY_BYTES, &value, &no_size))
		return lines_error(&reader->lines,
				   "memory_gib is a bare number of GiB: \"%.60s\" is %.15g", cell,
				   value / 0x1p30);
	if ((column == ARRIVAL || column == LIFETIME) &&
	    quantity_read(cell, QUANTITY_DURATION, &value, &no_time))
		return lines_error(&reader->lines,
				   "%s is a bare number of seconds: \"%.60s\" is %.15g",
				   column_names[column], cell, value / 1e9);
	return lines_error(&reader->lines, "%s is a number of %s from 0 on, not \"%.60s\"%s",
			   column_names[column], units[column], cell,
			   *cell ? "" : " (only lifetime_s may be empty)");
}

static bool read_vm(const struct reader *reader, char *cells[COLUMNS_MOST], int count,
		    struct trace_line *vm)
{
	double values[COLUMN_COUNT] = { 0 };

	for (int c = 0; c < COLUMN_COUNT; c++) {
		if (reader->places[c] >= count)
			return lines_error(
				&reader->lines, "there are %d cells, %s would be the %dth%s", count,
				column_names[c], reader->places[c] + 1,
				strchr(cells[0], ';')
					? ": cells are separated by commas, not by semicolons"
					: "");
		if (c == LIFETIME && !*cells[reader->places[c]])
			values[c] = -1;
		else if (!number(cells[reader->places[c]], 1e9, &values[c]))
			return no_number(reader, (enum column)c, cells[reader->places[c]]);
	}
	if (values[VCPUS] < 1 || values[VCPUS] > 4096 || values[VCPUS] != floor(values[VCPUS]))
		return lines_error(&reader->lines, "vcpus is a whole number from 1 to 4096");
	if (values[MEMORY] * 0x1p30 < 4096 || values[MEMORY] > 0x1p20)
		return lines_error(&reader->lines, "memory_gib lies between 4 KiB and 1 PiB");
	*vm = (struct trace_line){
		.arrival_ns = llround(values[ARRIVAL] * 1e9),
		.lifetime_ns = values[LIFETIME] < 0 ? -1 : llround(values[LIFETIME] * 1e9),
		.vcpus = (int64_t)values[VCPUS],
		.memory_bytes = llround(values[MEMORY] * 0x1p30 / 4096) * 4096,
		.line = reader->lines.number,
	};
	return true;
}

static int by_arrival(const void *a, const void *b)
{
	const struct trace_line *left = a, *right = b;

	if (left->arrival_ns != right->arrival_ns)
		return left->arrival_ns < right->arrival_ns ? -1 : 1;
	return left->line < right->line ? -1 : left->line > right->line;
}

static bool read_all(struct reader *reader, struct trace *trace)
{
	if (!read_heading(reader))
		return false;
	while (lines_next(&reader->lines)) {
		char *cells[COLUMNS_MOST];

		if (!*reader->lines.text)
			continue;
		if (trace->count == VMS_MOST)
			return lines_error(&reader->lines, "more than 16777216 VMs");
		if (!memory_grow(&trace->lines, &trace->capacity, trace->count + 1,
				 sizeof(*trace->lines), "trace", reader->lines.error) ||
		    !read_vm(reader, cells, split(reader->lines.text, cells),
			     &trace->lines[trace->count]))
			return false;
		trace->count++;
	}
	if (reader->lines.error->kind != ERROR_NONE)
		return false;
	if (!trace->count)
		return lines_error(&reader->lines, "there is no VM in the trace");
	qsort(trace->lines, trace->count, sizeof(*trace->lines), by_arrival);
	return true;
}

/* All that is in the lines, which are closed. */
static bool read_and_close(struct reader *reader, struct trace *trace)
{
	bool ok = read_all(reader, trace);

	lines_close(&reader->lines);
	if (!ok)
		trace_fini(trace);
	return ok;
}

bool trace_read(struct trace *trace, const char *path, struct error *error)
{
	struct reader reader = { 0 };

	*trace = (struct trace){ 0 };
	return lines_open(&reader.lines, path, error) && read_and_close(&reader, trace);
}

bool trace_read_text(struct trace *trace, const char *path, const char *text, struct error *error)
{
	struct reader reader = { 0 };

	*trace = (struct trace){ 0 };
	return lines_open_text(&reader.lines, path, text, error) && read_and_close(&reader, trace);
}

void trace_fini(struct trace *trace)
{
	free(trace->lines);
	*trace = (struct trace){ 0 };
}
