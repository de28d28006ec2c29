/* Pictures of sweeps: a metric against what varies. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "experiment/plot.h"

enum { LINES_MOST = 24, TICKS_MOST = 14 };

struct sweep_row {
	char line[PICTURE_TEXT]; /* the other values; "" when nothing else varies */
	char tick[PICTURE_TEXT]; /* the value of x as written */
	size_t number;           /* of the point */
	double x, y, low, high;
};

struct rows {
	struct sweep_row *items;
	size_t count, capacity;
	char unit[16];
	char x_unit[16]; /* "ns", "bytes", "count", or "": no numbers */
};

static bool failed(sqlite3 *database, const char *path, struct error *error)
{
	return error_set(error, ERROR_INPUT, "%s: %s", path, sqlite3_errmsg(database));
}

static bool read_value(const char *text, double *value, const char **unit)
{
	struct error ignored = { 0 };
	char *end;

	*unit = "count";
	*value = strtod(text, &end);
	if (*text && !*end)
		return true;
	*unit = "bytes";
	if (quantity_read(text, QUANTITY_BYTES, value, &ignored))
		return true;
	*unit = "ns";
	ignored = (struct error){ 0 };
	return quantity_read(text, QUANTITY_DURATION, value, &ignored);
}

/* One text of a query without parameters; false: none. */
static bool one_text(sqlite3 *database, const char *query, char *out, size_t size)
{
	sqlite3_stmt *statement = NULL;
	bool found = false;

	if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);

		snprintf(out, size, "%s", text ? text : "");
		found = true;
	}
	sqlite3_finalize(statement);
	return found;
}

/* The dimension that x is: the pointer asked for, or the first whose values are all numbers. */
static bool find_x(sqlite3 *database, const struct plot_request *request, sqlite3_int64 *dimension,
		   char *pointer, size_t size, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_int64 last = -1;
	bool found = false, numbers = false;

	if (sqlite3_prepare_v2(
		    database,
		    "select d.number, d.pointer, s.value from dimension d join setting s "
		    "on s.dimension = d.number group by d.number, s.value order by d.number",
		    -1, &statement, NULL) != SQLITE_OK)
		return failed(database, request->files[0], error);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		sqlite3_int64 number = sqlite3_column_int64(statement, 0);
		const char *name = (const char *)sqlite3_column_text(statement, 1);
		const char *value = (const char *)sqlite3_column_text(statement, 2);
		const char *unit;
		double ignored;

		if (number != last) {
			if (found && numbers)
				break;
			found = request->x ? strcmp(name, request->x) == 0 : true;
			numbers = true;
			last = number;
			if (found) {
				*dimension = number;
				snprintf(pointer, size, "%s", name);
			}
		}
		numbers = numbers && (request->x || read_value(value, &ignored, &unit));
		if (!numbers)
			found = false;
	}
	sqlite3_finalize(statement);
	if (found)
		return true;
	if (request->x)
		return error_set(error, ERROR_INPUT, "%s: the sweep does not vary %s",
				 request->files[0], request->x);
	return error_set(error, ERROR_INPUT,
			 "%s: nothing that varies is a number; choose the axis with --x",
			 request->files[0]);
}

static double column(sqlite3_stmt *statement, int index)
{
	return sqlite3_column_type(statement, index) == SQLITE_NULL
		       ? NAN
		       : sqlite3_column_double(statement, index);
}

/* The dimension that a filter "/pointer=value" is of; *value is behind the "=". */
static bool find_filter(sqlite3 *database, const struct plot_request *request, const char *filter,
			sqlite3_int64 *dimension, const char **value, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	const char *equals = strchr(filter, '=');
	bool found = false;

	*value = equals + 1;
	if (sqlite3_prepare_v2(database, "select number from dimension where pointer = ?", -1,
			       &statement, NULL) != SQLITE_OK ||
	    sqlite3_bind_text(statement, 1, filter, (int)(equals - filter), SQLITE_STATIC) !=
		    SQLITE_OK)
		return failed(database, request->files[0], error);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		*dimension = sqlite3_column_int64(statement, 0);
		found = true;
	}
	sqlite3_finalize(statement);
	return found || error_set(error, ERROR_INPUT, "%s: the sweep does not vary %.*s",
				  request->files[0], (int)(equals - filter), filter);
}

/* The query for (point, x, unit, y, low, high, group, other values), with filters. */
static bool prepare_rows(sqlite3 *database, const struct plot_request *request, const char *metric,
			 sqlite3_int64 dimension, sqlite3_stmt **statement, struct error *error)
{
	const char *quantile = request->quantile ? request->quantile : "mean";
	char query[4096], others[512] = "", filters[2048] = "";
	const char *values[PLOT_FILTERS_MOST];

	for (size_t f = 0; f < request->where_count; f++) {
		sqlite3_int64 number = 0;
		size_t used = strlen(others), long_used = strlen(filters);

		if (!find_filter(database, request, request->where[f], &number, &values[f], error))
			return false;
		snprintf(others + used, sizeof(others) - used, " and s.dimension <> %lld",
			 (long long)number);
		snprintf(filters + long_used, sizeof(filters) - long_used,
			 " and exists (select 1 from setting f where f.point = p.number and "
			 "f.dimension = %lld and f.value = ?%zu)",
			 (long long)number, f + 3);
	}
	/* quantile is one of a list: plot_sweep has looked */
	snprintf(query, sizeof(query),
		 "select p.number, x.value, m.unit, m.%.10s, m.ci95_low, m.ci95_high, m.grp, "
		 "(select group_concat(s.value, ' ') from setting s where s.point = p.number and "
		 "s.dimension <> ?1%s) from point p join setting x on x.point = p.number and "
		 "x.dimension = ?1 join metric m on m.point = p.number where m.name = ?2%s "
		 "order by p.number, m.grp",
		 quantile, others, filters);
	if (sqlite3_prepare_v2(database, query, -1, statement, NULL) != SQLITE_OK ||
	    sqlite3_bind_int64(*statement, 1, dimension) != SQLITE_OK ||
	    sqlite3_bind_text(*statement, 2, metric, -1, SQLITE_STATIC) != SQLITE_OK)
		return failed(database, request->files[0], error);
	for (size_t f = 0; f < request->where_count; f++)
		if (sqlite3_bind_text(*statement, (int)f + 3, values[f], -1, SQLITE_STATIC) !=
		    SQLITE_OK)
			return failed(database, request->files[0], error);
	return true;
}

/* Guests that have the metric: then lines are named by them, too. */
static bool has_several_groups(sqlite3 *database, const char *metric)
{
	sqlite3_stmt *statement = NULL;
	bool several =
		sqlite3_prepare_v2(database,
				   "select count(distinct grp) > 1 from metric where name = ?", -1,
				   &statement, NULL) == SQLITE_OK &&
		sqlite3_bind_text(statement, 1, metric, -1, SQLITE_STATIC) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0);

	sqlite3_finalize(statement);
	return several;
}

static bool read_rows(sqlite3 *database, const struct plot_request *request, const char *metric,
		      sqlite3_int64 dimension, struct rows *rows, struct error *error)
{
	bool mean = !request->quantile || strcmp(request->quantile, "mean") == 0;
	bool first = true, several = has_several_groups(database, metric);
	sqlite3_stmt *statement = NULL;

	if (!prepare_rows(database, request, metric, dimension, &statement, error)) {
		sqlite3_finalize(statement);
		return false;
	}
	while (sqlite3_step(statement) == SQLITE_ROW) {
		const char *x = (const char *)sqlite3_column_text(statement, 1);
		const char *others = (const char *)sqlite3_column_text(statement, 7);
		const char *group = (const char *)sqlite3_column_text(statement, 6);
		const char *unit = "";
		char name[PICTURE_TEXT];
		struct sweep_row *row;

		if (!memory_grow(&rows->items, &rows->capacity, rows->count + 1,
				 sizeof(*rows->items), "points", error))
			break;
		row = &rows->items[rows->count++];
		*row = (struct sweep_row){
			.number = (size_t)sqlite3_column_int64(statement, 0),
			.y = column(statement, 3),
			.low = mean ? column(statement, 4) : NAN,
			.high = mean ? column(statement, 5) : NAN,
		};
		snprintf(name, sizeof(name), "%s%s%s", others ? others : "",
			 others && several ? " " : "", several || !others ? group : "");
		picture_text(row->line, sizeof(row->line), name);
		picture_text(row->tick, sizeof(row->tick), x ? x : "");
		if (!read_value(x ? x : "", &row->x, &unit))
			unit = "";
		if (first || strcmp(rows->x_unit, unit) != 0)
			snprintf(rows->x_unit, sizeof(rows->x_unit), "%s", first ? unit : "");
		first = false;
		snprintf(rows->unit, sizeof(rows->unit), "%s",
			 (const char *)sqlite3_column_text(statement, 2));
	}
	sqlite3_finalize(statement);
	if (error->kind == ERROR_NONE && !rows->count)
		error_set(error, ERROR_INPUT, "%s: no point has the metric %s", request->files[0],
			  metric);
	return error->kind == ERROR_NONE;
}

static int by_line(const void *a, const void *b)
{
	const struct sweep_row *left = a, *right = b;
	int order = strcmp(left->line, right->line);

	if (order)
		return order;
	if (left->x != right->x)
		return left->x < right->x ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

/* Categories stand in the order of the points. */
static void number_categories(struct rows *rows)
{
	double next = 0;

	for (size_t i = 0; i < rows->count; i++) {
		rows->items[i].x = -1;
		for (size_t j = 0; j < i && rows->items[i].x < 0; j++)
			if (strcmp(rows->items[i].tick, rows->items[j].tick) == 0)
				rows->items[i].x = rows->items[j].x;
		if (rows->items[i].x < 0)
			rows->items[i].x = next++;
	}
}

/* How many values x takes. */
static size_t count_ticks(const struct rows *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++) {
		size_t j = 0;

		while (rows->items[j].x != rows->items[i].x)
			j++;
		count += j == i;
	}
	return count;
}

static bool write_rows(struct picture *picture, struct rows *rows, struct plot_unit x_unit,
		       struct plot_unit y_unit, struct error *error)
{
	qsort(rows->items, rows->count, sizeof(*rows->items), by_line);
	for (size_t i = 0; i < rows->count; i++) {
		const struct sweep_row *row = &rows->items[i];

		if (!i || strcmp(row->line, rows->items[i - 1].line) != 0) {
			if (picture->series == LINES_MOST)
				return error_set(
					error, ERROR_INPUT,
					"more than %d lines: choose with --where /POINTER=VALUE",
					LINES_MOST);
			if (picture->series++)
				fputs("\n\n", picture->table);
			picture_cell(picture, row->line);
			fputc('\n', picture->table);
		}
		picture_number(picture, row->x / x_unit.divisor);
		fputc('\t', picture->table);
		picture_number(picture, row->y / y_unit.divisor);
		fputc('\t', picture->table);
		picture_number(picture, (isnan(row->low) ? row->y : row->low) / y_unit.divisor);
		fputc('\t', picture->table);
		picture_number(picture, (isnan(row->high) ? row->y : row->high) / y_unit.divisor);
		fputc('\t', picture->table);
		picture_cell(picture, row->tick);
		fputc('\n', picture->table);
	}
	return true;
}

static bool draw(const struct plot_request *request, sqlite3 *database, struct rows *rows,
		 struct picture *picture, struct error *error)
{
	const char *metric = request->metric ? request->metric : "reboot.latency";
	const char *quantile = request->quantile ? request->quantile : "mean";
	double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
	char pointer[PICTURE_TEXT], text[PICTURE_TEXT], version[64] = "", seed[32] = "";
	struct plot_unit x_unit = { "", 1 }, y_unit;
	sqlite3_int64 dimension = 0;

	if (!find_x(database, request, &dimension, pointer, sizeof(pointer), error) ||
	    !read_rows(database, request, metric, dimension, rows, error))
		return false;
	if (!*rows->x_unit)
		number_categories(rows);
	for (size_t i = 0; i < rows->count; i++) {
		x_low = fmin(x_low, rows->items[i].x);
		x_high = fmax(x_high, rows->items[i].x);
		y_low = fmin(y_low, rows->items[i].y);
		y_high = fmax(y_high, rows->items[i].y);
	}
	if (*rows->x_unit) /* the smallest sets the unit, so that ticks are whole numbers */
		x_unit = plot_unit_for(rows->x_unit, fmax(x_low, x_high / 4096));
	y_unit = plot_unit_for(rows->unit, y_high);
	picture->script = "lines.gp";
	if (one_text(database, "select value from sweep where key = 'name'", text, sizeof(text)))
		picture_text(picture->title, sizeof(picture->title), text);
	plot_axis(picture->x_label, pointer, NULL,
		  count_ticks(rows) <= TICKS_MOST ? (struct plot_unit){ "", 1 } : x_unit);
	plot_axis(picture->y_label, metric, NULL, y_unit);
	one_text(database, "select value from sweep where key = 'version'", version,
		 sizeof(version));
	one_text(database, "select value from sweep where key = 'seed'", seed, sizeof(seed));
	picture_text(text, sizeof(text), version);
	snprintf(picture->caption, sizeof(picture->caption),
		 "%s of each point%s; seed %.20s, sim %.40s", quantile,
		 strcmp(quantile, "mean") == 0 ? " with its 95 % confidence band" : "", seed, text);
	if (!*rows->x_unit)
		picture_option(picture, "category");
	else if (!request->linear && plot_is_wide(x_low, x_high))
		picture_option(picture, "logx");
	if (!request->linear && plot_is_wide(y_low, y_high))
		picture_option(picture, "logy");
	else
		picture_option(picture, "zero");
	plot_slo(request, picture, y_unit);
	if (*rows->x_unit && count_ticks(rows) <= TICKS_MOST)
		picture_option(picture, "ticks");
	else if (count_ticks(rows) > 6)
		picture_option(picture, "many");
	return write_rows(picture, rows, x_unit, y_unit, error);
}

bool plot_sweep(const struct plot_request *request, struct picture *picture, struct error *error)
{
	static const char *const quantiles[] = { "mean", "p50", "p90", "p99", "min", "max", NULL };
	const char *quantile = request->quantile ? request->quantile : "mean";
	struct rows rows = { 0 };
	sqlite3 *database = NULL;
	bool known = false, ok;

	for (int i = 0; quantiles[i]; i++)
		known = known || strcmp(quantile, quantiles[i]) == 0;
	if (!known)
		return error_set(error, ERROR_INPUT,
				 "a sweep keeps mean, p50, p90, p99, min and max, no \"%.20s\"",
				 quantile);
	ok = (sqlite3_open_v2(request->files[0], &database, SQLITE_OPEN_READONLY, NULL) ==
		      SQLITE_OK ||
	      failed(database, request->files[0], error)) &&
	     draw(request, database, &rows, picture, error);
	sqlite3_close(database);
	free(rows.items);
	return ok;
}
