#include "sweep/point.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <sqlite3.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/visible.h"
#include "scenario/scenario.h"
#include "sweep/database.h"
#include "sweep/sweep.h"

enum { SETTINGS_MOST = 64, MAGIC_SIZE = 16 };

bool point_is_store(const char *path)
{
	char magic[MAGIC_SIZE] = "";
	struct error error = { 0 }; /* who reads it next says it */
	int file = strcmp(path, "-") == 0 ? -1 : files_open_input(path, &error);
	bool is = file >= 0 && read(file, magic, sizeof(magic)) == sizeof(magic) &&
		  memcmp(magic, "SQLite format 3", sizeof(magic)) == 0;

	if (file >= 0)
		close(file);
	return is;
}

/* --- the file --------------------------------------------------------------- */

struct reader {
	const char *path;
	struct database database;
	sqlite3_int64 point;
	struct error *error;
};

/* A query whose parameter, if it has one, is the point. NULL: an error is set. */
static sqlite3_stmt *about_point(const struct reader *reader, const char *sql)
{
	sqlite3_stmt *statement = database_prepare(&reader->database, sql, reader->error);

	if (statement && sqlite3_bind_parameter_count(statement) &&
	    sqlite3_bind_int64(statement, 1, reader->point) != SQLITE_OK)
		database_failed(&reader->database, reader->error);
	return statement;
}

/* The first column of a query's first row, whose parameter is the point; NULL: there is none. */
static char *read_text(const struct reader *reader, const char *sql)
{
	sqlite3_stmt *statement = about_point(reader, sql);
	char *text = NULL;

	if (database_row(&reader->database, statement, reader->error) &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		text = memory_text((const char *)sqlite3_column_text(statement, 0), reader->error);
	sqlite3_finalize(statement);
	return text;
}

static bool open_reader(struct reader *reader, const char *path, size_t point, struct error *error)
{
	*reader = (struct reader){ .path = path, .point = (sqlite3_int64)point, .error = error };
	return files_add_input(path, error) &&
	       database_open_point(&reader->database, path, reader->point, error);
}

/* --- its scenario ----------------------------------------------------------- */

/* JSON that is stored under a query; NULL: an error is set. */
static json_t *read_json(const struct reader *reader, const char *sql, const char *what)
{
	char *text = read_text(reader, sql);
	const char *bad;
	json_t *value = text && document_depth_fits(text, &bad) ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (!json_is_object(value)) {
		json_decref(value);
		value = NULL;
		error_set(reader->error, ERROR_INPUT, "%s: the %s of the sweep is damaged",
			  reader->path, what);
	}
	return value;
}

/* What the point sets; texts are the keeper's. */
static bool read_settings(const struct reader *reader, struct setting *settings, size_t *count,
			  struct memory_keeper *keeper)
{
	sqlite3_stmt *statement = about_point(
		reader, "SELECT d.pointer, s.value, d.file FROM dimension d JOIN setting s "
			"ON s.dimension = d.number WHERE s.point = ? ORDER BY d.number");

	*count = 0;
	while (*count < SETTINGS_MOST &&
	       database_row(&reader->database, statement, reader->error)) {
		const char *texts[3];

		for (int c = 0; c < 3; c++) {
			const char *text = (const char *)sqlite3_column_text(statement, c);

			texts[c] = text ? memory_keep_text(keeper, text, reader->error) : NULL;
		}
		settings[(*count)++] = (struct setting){ texts[0], texts[1], texts[2] };
	}
	sqlite3_finalize(statement);
	return reader->error->kind == ERROR_NONE;
}

/* Prices of the point over those of the first; both as "costs" of a result has them. */
static bool merge_prices(json_t *costs, json_t *changes)
{
	json_t *models = json_object_get(costs, "models"), *terms, *known;
	json_t *bandwidth = json_object_get(changes, "memory_bandwidth");
	const char *name;
	bool ok = !bandwidth || json_object_set(costs, "memory_bandwidth", bandwidth) == 0;

	json_object_foreach(json_object_get(changes, "models"), name, terms)
	{
		known = json_object_get(models, name);
		ok = ok && (known ? json_object_update(known, terms)
				  : json_object_set(models, name, terms)) == 0;
	}
	return ok;
}

/* The object that a result has of a scenario, with these prices. */
static json_t *carry(const struct scenario *scenario, json_t *costs, struct error *error)
{
	char *text = scenario_carried_text(scenario, error);
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (object && json_object_set(object, "costs", costs) == 0)
		return object;
	json_decref(object);
	error_memory(error, "scenario");
	return NULL;
}

static bool read_scenario(const struct reader *reader, struct document *document)
{
	struct error *error = reader->error;
	json_t *carried =
		read_json(reader, "SELECT value FROM sweep WHERE key = 'carried'", "scenario");
	json_t *changes = read_json(reader,
				    "SELECT changes FROM prices JOIN point ON point.prices = "
				    "prices.number WHERE point.number = ?",
				    "prices");
	struct setting settings[SETTINGS_MOST];
	struct memory_keeper keeper = { 0 };
	struct scenario scenario;
	struct document whole;
	size_t count;
	json_t *costs, *own = NULL;

	if (carried && changes && read_settings(reader, settings, &count, &keeper) &&
	    scenario_stand_alone(&whole, reader->path, json_incref(carried), error) &&
	    scenario_take(&scenario, &whole, settings, count, NULL, error)) {
		costs = json_deep_copy(json_object_get(carried, "costs"));
		if (costs && merge_prices(costs, changes))
			own = carry(&scenario, costs, error);
		else
			error_memory(error, "prices");
		json_decref(costs);
		scenario_fini(&scenario);
	}
	memory_keeper_fini(&keeper);
	json_decref(carried);
	json_decref(changes);
	return own && scenario_stand_alone(document, reader->path, own, error);
}

bool point_scenario(struct document *document, const char *path, size_t point, struct error *error)
{
	struct reader reader;
	bool ok = open_reader(&reader, path, point, error) && read_scenario(&reader, document);

	database_close(&reader.database);
	return ok;
}

/* --- its results again ------------------------------------------------------ */

static const char *const columns[] = { "name",     "grp",       "unit",       "n",          "mean",
				       "ci95_low", "ci95_high", "min",        "p50",        "p90",
				       "p99",      "max",       "band95_low", "band95_high" };

/* Whether a value of a row is as it is now; SQLite keeps whole reals as whole numbers or reals. */
static bool same_value(sqlite3_stmt *row, int column, const json_t *now)
{
	if (json_is_null(now) || !now)
		return sqlite3_column_type(row, column) == SQLITE_NULL;
	if (json_is_string(now))
		return strcmp((const char *)sqlite3_column_text(row, column),
			      json_string_value(now)) == 0;
	return sqlite3_column_type(row, column) != SQLITE_NULL &&
	       sqlite3_column_double(row, column) == json_number_value(now);
}

static bool compare_row(const struct reader *reader, sqlite3_stmt *row, const json_t *now)
{
	for (int c = 0; c < (int)(sizeof(columns) / sizeof(*columns)); c++) {
		const char *text = (const char *)sqlite3_column_text(row, c);
		json_t *value = json_array_get(now, (size_t)c);
		char *here;

		if (same_value(row, c, value))
			continue;
		here = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17)) : NULL;
		error_set(reader->error, ERROR_INTERNAL,
			  "%s: point %lld is not reproduced: %s of metric %s is %s in the file, "
			  "%s here: it was made by another version",
			  reader->path, (long long)reader->point, columns[c],
			  (const char *)sqlite3_column_text(row, 0), text ? text : "nothing",
			  here ? here : "nothing");
		free(here);
		return false;
	}
	return true;
}

static json_t *find_row(json_t *metrics, const char *name, const char *group)
{
	size_t index;
	json_t *row;

	json_array_foreach(metrics, index, row)
	{
		if (strcmp(json_string_value(json_array_get(row, 0)), name) == 0 &&
		    strcmp(json_string_value(json_array_get(row, 1)), group) == 0)
			return row;
	}
	return NULL;
}

static bool compare_rows(const struct reader *reader, json_t *metrics, size_t *rows)
{
	sqlite3_stmt *row = about_point(
		reader, "SELECT name, grp, unit, n, mean, ci95_low, ci95_high, min, p50, p90, p99, "
			"max, band95_low, band95_high FROM metric WHERE point = ?");

	for (*rows = 0; database_row(&reader->database, row, reader->error); ++*rows)
		if (!compare_row(reader, row,
				 find_row(metrics, (const char *)sqlite3_column_text(row, 0),
					  (const char *)sqlite3_column_text(row, 1))))
			break;
	sqlite3_finalize(row);
	return reader->error->kind == ERROR_NONE &&
	       (*rows == json_array_size(metrics) ||
		error_set(reader->error, ERROR_INTERNAL,
			  "%s: point %lld has %zu metrics in the file, %zu here: it was made by "
			  "another version",
			  reader->path, (long long)reader->point, *rows, json_array_size(metrics)));
}

static bool run_again(const struct reader *reader, const volatile bool *stop, FILE *out)
{
	char *study = read_text(reader, "SELECT value FROM sweep WHERE key = 'study'");
	struct error *error = reader->error;
	json_t *payload = NULL;
	struct document document;
	struct scenario scenario;
	char name[200];
	size_t rows;

	if (error->kind == ERROR_NONE && read_scenario(reader, &document) &&
	    scenario_take(&scenario, &document, NULL, 0, NULL, error)) {
		payload =
			sweep_payload(&scenario, study && strcmp(study, "band") == 0, stop, error);
		visible_text(name, sizeof(name), scenario.name);
		if (payload && compare_rows(reader, json_object_get(payload, "metrics"), &rows) &&
		    fprintf(out,
			    "Every value of %zu metrics of point %lld reproduced exactly: \"%s\", "
			    "seed %llu\n",
			    rows, (long long)reader->point, name,
			    (unsigned long long)scenario.simulation.seed) < 0)
			error_set(error, ERROR_OUTPUT, "cannot write");
		json_decref(payload);
		scenario_fini(&scenario);
	}
	free(study);
	return error->kind == ERROR_NONE;
}

bool point_again(const char *path, size_t point, const volatile bool *stop, FILE *out,
		 struct error *error)
{
	struct reader reader;
	bool ok = open_reader(&reader, path, point, error) && run_again(&reader, stop, out);

	database_close(&reader.database);
	return ok;
}
