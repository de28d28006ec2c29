#include "sweep/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "base/visible.h"
#include "sweep/database.h"

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

/* A statement with a text for its first parameter; NULL: an error is set. */
static sqlite3_stmt *prepare(const struct database *database, const char *sql, const char *text,
			     int length, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(database, sql, error);

	if (statement && sqlite3_bind_text(statement, 1, text, length, SQLITE_STATIC) != SQLITE_OK)
		database_failed(database, error);
	return statement;
}

/* What the sweep's own table says of itself. */
static void read_key(const struct database *database, const char *key, char *out, size_t size,
		     struct error *error)
{
	sqlite3_stmt *statement =
		prepare(database, "select value from sweep where key = ?", key, -1, error);

	if (database_row(database, statement, error)) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);

		visible_text(out, size, text ? text : "");
	}
	sqlite3_finalize(statement);
}

/* The dimension that x is: the pointer asked for, or the first whose values are all numbers. */
static bool find_x(const struct database *database, const struct rows_query *query,
		   sqlite3_int64 *dimension, char *pointer, size_t size, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(
		database,
		"select d.number, d.pointer, s.value from dimension d join setting s "
		"on s.dimension = d.number group by d.number, s.value order by d.number",
		error);
	sqlite3_int64 last = -1;
	bool found = false, numbers = false;

	while (database_row(database, statement, error)) {
		sqlite3_int64 number = sqlite3_column_int64(statement, 0);
		const char *name = (const char *)sqlite3_column_text(statement, 1);
		const char *value = (const char *)sqlite3_column_text(statement, 2);
		const char *unit;
		double ignored;

		if (number != last) {
			if (found && numbers)
				break;
			found = query->x ? strcmp(name, query->x) == 0 : true;
			numbers = true;
			last = number;
			if (found) {
				*dimension = number;
				visible_text(pointer, size, name);
			}
		}
		numbers = numbers && (query->x || read_value(value, &ignored, &unit));
		if (!numbers)
			found = false;
	}
	sqlite3_finalize(statement);
	if (found || error->kind != ERROR_NONE)
		return error->kind == ERROR_NONE;
	if (query->x)
		return error_set(error, ERROR_INPUT, "%s: the sweep does not vary %s", query->path,
				 query->x);
	return error_set(error, ERROR_INPUT,
			 "%s: nothing that varies is a number; choose the axis with --x",
			 query->path);
}

static double column(sqlite3_stmt *statement, int index)
{
	return sqlite3_column_type(statement, index) == SQLITE_NULL
		       ? NAN
		       : sqlite3_column_double(statement, index);
}

/* The dimension that a filter "/pointer=value" is of; *value is behind the "=". */
static bool find_filter(const struct database *database, const struct rows_query *query,
			const char *filter, sqlite3_int64 *dimension, const char **value,
			struct error *error)
{
	int length = (int)strcspn(filter, "=");
	sqlite3_stmt *statement = prepare(
		database, "select number from dimension where pointer = ?", filter, length, error);
	bool found = database_row(database, statement, error);

	*value = filter + length + 1;
	if (found)
		*dimension = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return found || error_set(error, ERROR_INPUT, "%s: the sweep does not vary %.*s",
				  query->path, length, filter);
}

/* The query for (point, x, unit, y, low, high, group, other values), with filters. */
static bool prepare_rows(const struct database *database, const struct rows_query *query,
			 sqlite3_int64 dimension, sqlite3_stmt **statement, struct error *error)
{
	char text[4096], others[512] = "", filters[2048] = "";
	const char *values[ROW_FILTERS_MOST];

	for (size_t f = 0; f < query->where_count; f++) {
		sqlite3_int64 number = 0;
		size_t used = strlen(others), long_used = strlen(filters);

		if (!find_filter(database, query, query->where[f], &number, &values[f], error))
			return false;
		snprintf(others + used, sizeof(others) - used, " and s.dimension <> %lld",
			 (long long)number);
		snprintf(filters + long_used, sizeof(filters) - long_used,
			 " and exists (select 1 from setting f where f.point = p.number and "
			 "f.dimension = %lld and f.value = ?%zu)",
			 (long long)number, f + 3);
	}
	/* the quantile is one of a list: rows_read has looked */
	snprintf(text, sizeof(text),
		 "select p.number, x.value, m.unit, m.%.10s, m.ci95_low, m.ci95_high, m.grp, "
		 "(select group_concat(s.value, ' ') from setting s where s.point = p.number and "
		 "s.dimension <> ?1%s) from point p join setting x on x.point = p.number and "
		 "x.dimension = ?1 join metric m on m.point = p.number where m.name = ?2%s "
		 "order by p.number, m.grp",
		 query->quantile, others, filters);
	*statement = database_prepare(database, text, error);
	if (!*statement)
		return false;
	if (sqlite3_bind_int64(*statement, 1, dimension) != SQLITE_OK ||
	    sqlite3_bind_text(*statement, 2, query->metric, -1, SQLITE_STATIC) != SQLITE_OK)
		return database_failed(database, error);
	for (size_t f = 0; f < query->where_count; f++)
		if (sqlite3_bind_text(*statement, (int)f + 3, values[f], -1, SQLITE_STATIC) !=
		    SQLITE_OK)
			return database_failed(database, error);
	return true;
}

/* Guests that have the metric: then lines are named by them, too. */
static bool has_several_groups(const struct database *database, const char *metric,
			       struct error *error)
{
	sqlite3_stmt *statement =
		prepare(database, "select count(distinct grp) > 1 from metric where name = ?",
			metric, -1, error);
	bool several = database_row(database, statement, error) && sqlite3_column_int(statement, 0);

	sqlite3_finalize(statement);
	return several;
}

static bool read_rows(const struct database *database, const struct rows_query *query,
		      sqlite3_int64 dimension, struct rows *rows, struct error *error)
{
	bool mean = strcmp(query->quantile, "mean") == 0;
	bool first = true, several = has_several_groups(database, query->metric, error);
	sqlite3_stmt *statement = NULL;

	if (!prepare_rows(database, query, dimension, &statement, error)) {
		sqlite3_finalize(statement);
		return false;
	}
	while (database_row(database, statement, error)) {
		const char *x = (const char *)sqlite3_column_text(statement, 1);
		const char *others = (const char *)sqlite3_column_text(statement, 7);
		const char *group = (const char *)sqlite3_column_text(statement, 6);
		const char *unit = "";
		char name[ROW_TEXT];
		struct row *row;

		if (!memory_grow(&rows->items, &rows->capacity, rows->count + 1,
				 sizeof(*rows->items), "points", error))
			break;
		row = &rows->items[rows->count++];
		*row = (struct row){
			.point = (size_t)sqlite3_column_int64(statement, 0),
			.y = column(statement, 3),
			.low = mean ? column(statement, 4) : NAN,
			.high = mean ? column(statement, 5) : NAN,
		};
		snprintf(name, sizeof(name), "%s%s%s", others ? others : "",
			 others && several ? " " : "", several || !others ? group : "");
		visible_text(row->line, sizeof(row->line), name);
		visible_text(row->x_text, sizeof(row->x_text), x ? x : "");
		if (!read_value(x ? x : "", &row->x, &unit))
			unit = "";
		if (first || strcmp(rows->x_unit, unit) != 0)
			snprintf(rows->x_unit, sizeof(rows->x_unit), "%s", first ? unit : "");
		first = false;
		visible_text(rows->unit, sizeof(rows->unit),
			     (const char *)sqlite3_column_text(statement, 2));
	}
	sqlite3_finalize(statement);
	if (error->kind == ERROR_NONE && !rows->count)
		error_set(error, ERROR_INPUT, "%s: no point has the metric %s", query->path,
			  query->metric);
	return error->kind == ERROR_NONE;
}

static bool is_known(const char *quantile)
{
	static const char *const names[] = { "mean", "p50", "p90", "p99", "min", "max" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(quantile, names[i]) == 0)
			return true;
	return false;
}

bool rows_read(struct rows *rows, const struct rows_query *query, struct error *error)
{
	struct database database;
	sqlite3_int64 dimension = 0;

	*rows = (struct rows){ 0 };
	if (!is_known(query->quantile))
		return error_set(error, ERROR_INPUT,
				 "a sweep keeps mean, p50, p90, p99, min and max, no \"%.20s\"",
				 query->quantile);
	if (database_open_to_read(&database, query->path, error) &&
	    find_x(&database, query, &dimension, rows->x, sizeof(rows->x), error) &&
	    read_rows(&database, query, dimension, rows, error)) {
		read_key(&database, "name", rows->name, sizeof(rows->name), error);
		read_key(&database, "version", rows->version, sizeof(rows->version), error);
		read_key(&database, "seed", rows->seed, sizeof(rows->seed), error);
	}
	database_close(&database);
	return error->kind == ERROR_NONE;
}

void rows_fini(struct rows *rows)
{
	free(rows->items);
}
