#include "sweep/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <sqlite3.h>

#include "base/files.h"
#include "base/memory.h"
#include "report/text_tools.h"
#include "sweep/database.h"

enum { METRIC_COLUMNS = 14 /* but for the point */ };

enum table { SWEEP, DIMENSION, PRICES, POINT, SETTING, METRIC, DIGEST, TABLES };

struct store {
	struct database database;
	char *path;
	const struct sweep *sweep;
	sqlite3_stmt *inserts[TABLES];
	bool open; /* a transaction is */
};

static const struct member csv_members[] = {
	{ "point", SHAPE_WHOLE, .help = "from 0; behind it a column for each pointer that varies" },
	{ "replications", SHAPE_WHOLE, .help = "of the point" },
	{ "metric", SHAPE_TEXT, .help = "docs/scenario.md lists them" },
	{ "group", SHAPE_TEXT, .help = "guest, or host" },
	{ "unit", SHAPE_TEXT, .help = "of all values behind it" },
	{ "n", SHAPE_WHOLE, .help = "observations over all replications" },
	{ "mean", SHAPE_NUMBER, .help = "of them", .null = true },
	{ "ci95_low", SHAPE_NUMBER, .help = "95 % confidence of the mean", .null = true },
	{ "ci95_high", SHAPE_NUMBER, .help = "its other end", .null = true },
	{ "min", SHAPE_WHOLE, .help = "smallest", .null = true },
	{ "p50", SHAPE_WHOLE, .help = "median", .null = true },
	{ "p90", SHAPE_WHOLE, .help = "90th percentile", .null = true },
	{ "p99", SHAPE_WHOLE, .help = "99th percentile", .null = true },
	{ "max", SHAPE_WHOLE, .help = "largest", .null = true },
	{ "band95_low", SHAPE_NUMBER,
	  .help = "of the answer: its mean in 95 % of draws of all prices", .null = true },
	{ "band95_high", SHAPE_NUMBER, .help = "the other end", .null = true },
	{ 0 },
};
const struct shape sweep_csv_shape = {
	"sweep as CSV", "Of `sim sweep FILE --csv FILE`: a row for each point, metric and group.",
	csv_members, NULL, 0
};

static bool execute(struct store *store, const char *sql, struct error *error)
{
	return sqlite3_exec(store->database.handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       database_failed(&store->database, error);
}

static bool begin(struct store *store, struct error *error)
{
	if (store->open)
		return true;
	store->open = execute(store, "BEGIN EXCLUSIVE", error);
	return store->open;
}

bool store_commit(struct store *store, struct error *error)
{
	if (!store->open)
		return true;
	store->open = false;
	return execute(store, "COMMIT", error);
}

/* The value of a key of table sweep; the caller frees it. NULL: there is none. */
static char *read_key(struct store *store, const char *key, struct error *error)
{
	sqlite3_stmt *statement =
		database_prepare(&store->database, "SELECT value FROM sweep WHERE key = ?", error);
	char *value = NULL;

	if (statement && sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) != SQLITE_OK)
		database_failed(&store->database, error);
	if (database_row(&store->database, statement, error))
		value = memory_text((const char *)sqlite3_column_text(statement, 0), error);
	sqlite3_finalize(statement);
	return value;
}

/* Text of a command line, which need not be UTF-8. */
static json_t *text(const char *bytes)
{
	return json_string_nocheck(bytes);
}

/* Bind a JSON value: text, whole number, real, or null. */
static bool bind(sqlite3_stmt *statement, int index, const json_t *value)
{
	if (json_is_string(value))
		return sqlite3_bind_text(statement, index, json_string_value(value), -1,
					 SQLITE_TRANSIENT) == SQLITE_OK;
	if (json_is_integer(value))
		return sqlite3_bind_int64(statement, index, json_integer_value(value)) == SQLITE_OK;
	if (json_is_real(value))
		return sqlite3_bind_double(statement, index, json_real_value(value)) == SQLITE_OK;
	return sqlite3_bind_null(statement, index) == SQLITE_OK;
}

/* A row with the values of an array, which is taken over (NULL: there was no memory). */
static bool insert(struct store *store, enum table table, json_t *row, struct error *error)
{
	sqlite3_stmt *statement = store->inserts[table];
	bool ok = row || error_memory(error, "row");

	for (size_t i = 0; ok && i < json_array_size(row); i++)
		ok = bind(statement, (int)i + 1, json_array_get(row, i)) ||
		     database_failed(&store->database, error);
	ok = ok &&
	     (sqlite3_step(statement) == SQLITE_DONE || database_failed(&store->database, error));
	sqlite3_reset(statement);
	json_decref(row);
	return ok;
}

static bool prepare(struct store *store, struct error *error)
{
	static const char *const inserts[TABLES] = {
		[SWEEP] = "INSERT INTO sweep VALUES(?, ?)",
		[DIMENSION] = "INSERT INTO dimension VALUES(?, ?, ?)",
		[PRICES] = "INSERT OR IGNORE INTO prices(changes) VALUES(?)",
		[POINT] =
			"INSERT INTO point SELECT ?,?,?, number, '' FROM prices WHERE changes = ?",
		[SETTING] = "INSERT INTO setting VALUES(?, ?, ?)",
		[DIGEST] = "UPDATE point SET digest = ? WHERE number = ?",
		[METRIC] = "INSERT INTO metric VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	};

	for (int t = 0; t < TABLES; t++)
		if (sqlite3_prepare_v2(store->database.handle, inserts[t], -1, &store->inserts[t],
				       NULL) != SQLITE_OK)
			return database_failed(&store->database, error);
	return true;
}

static bool create(struct store *store, const char *version, const char *commit,
		   struct error *error)
{
	const struct sweep *sweep = store->sweep;
	const struct sweep_plan *plan = sweep->plan;
	char points[32], seed[32], digest[DIGEST_SIZE];
	const char *const keys[][2] = {
		{ "format", DATABASE_FORMAT }, { "identity", sweep->identity },
		{ "version", version },        { "scenario", plan->file },
		{ "name", sweep->name },       { "seed", seed },
		{ "points", points },          { "commit", commit ? commit : "" },
		{ "carried", sweep->carried }, { "study", plan->band ? "band" : "none" },
	};

	snprintf(points, sizeof(points), "%zu", sweep->point_count);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)sweep->scenario_seed);
	if (!execute(store, database_schema, error) || !prepare(store, error))
		return false;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		if (!insert(store, SWEEP, json_pack("[s, o]", keys[k][0], text(keys[k][1])), error))
			return false;
	for (size_t v = 0; v < plan->variation_count; v++)
		if (!insert(store, DIMENSION,
			    json_pack("[I, o, o]", (json_int_t)v, text(plan->variations[v].pointer),
				      plan->variations[v].of_file ? text(plan->file) : json_null()),
			    error))
			return false;
	return database_sweep_digest(&store->database, digest, error) &&
	       insert(store, SWEEP, json_pack("[s, s]", "digest", digest), error) &&
	       store_commit(store, error);
}

/* Which points are there already; the sweep must be the same. */
static bool resume_from(struct store *store, bool *done, struct error *error)
{
	char *identity = read_key(store, "identity", error);
	bool same = identity && strcmp(identity, store->sweep->identity) == 0;
	sqlite3_stmt *statement;

	free(identity);
	if (error->kind != ERROR_NONE)
		return false;
	if (!same)
		return error_set(error, ERROR_INPUT,
				 "%s holds another sweep: scenario, values, costs or the program "
				 "differ; give another file",
				 store->path);
	statement = database_prepare(&store->database, "SELECT number FROM point", error);
	while (database_row(&store->database, statement, error)) {
		sqlite3_int64 number = sqlite3_column_int64(statement, 0);

		if (number >= 0 && (size_t)number < store->sweep->point_count)
			done[number] = true;
	}
	sqlite3_finalize(statement);
	return error->kind == ERROR_NONE && prepare(store, error);
}

/* Nothing was ever committed to it. */
static bool is_empty(const struct store *store, struct error *error)
{
	sqlite3_stmt *statement =
		database_prepare(&store->database, "SELECT 1 FROM sqlite_schema LIMIT 1", error);
	bool empty = !database_row(&store->database, statement, error);

	sqlite3_finalize(statement);
	return empty && error->kind == ERROR_NONE;
}

static void release(struct store *store)
{
	for (int t = 0; t < TABLES; t++)
		sqlite3_finalize(store->inserts[t]);
	database_close(&store->database);
	free(store->path);
	free(store);
}

struct store *store_open(const char *path, const struct sweep *sweep, const char *version,
			 const char *commit, bool resume, bool *done, struct error *error)
{
	struct store *store = memory_array(1, sizeof(*store), "store", error);
	bool ok = false;

	if (!store)
		return NULL;
	store->sweep = sweep;
	store->path = memory_text(path, error);
	if (!store->path)
		goto out;
	if (!resume && access(path, F_OK) == 0) {
		error_set(error, ERROR_INPUT,
			  "%s is there already: --resume goes on with it, or give another file",
			  path);
		goto out;
	}
	if (!files_check_output(path, error) ||
	    !database_open_to_write(&store->database, path, error))
		goto out;
	/* the lock of the first transaction is kept until the end: one writer */
	if (!execute(store, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL", error) ||
	    !begin(store, error))
		goto out;
	if (is_empty(store, error))
		ok = create(store, version, commit, error);
	else
		ok = error->kind == ERROR_NONE && database_check(&store->database, error) &&
		     resume_from(store, done, error);
out:
	if (ok)
		return store;
	release(store);
	return NULL;
}

static bool put_rows(struct store *store, size_t point, json_t *payload, struct error *error)
{
	const json_int_t number = (json_int_t)point;
	size_t index;
	json_t *row;
	char *prices, digest[DIGEST_SIZE];
	bool ok;

	for (size_t v = 0; v < store->sweep->plan->variation_count; v++)
		if (!insert(store, SETTING,
			    json_pack("[I, I, o]", number, (json_int_t)v,
				      text(sweep_value(store->sweep, point, v))),
			    error))
			return false;
	json_array_foreach(json_object_get(payload, "metrics"), index, row)
	{
		if (json_array_insert_new(row, 0, json_integer(number)) != 0)
			return error_memory(error, "row");
		if (!insert(store, METRIC, json_incref(row), error))
			return false;
	}
	prices = json_dumps(json_object_get(payload, "prices"),
			    JSON_COMPACT | JSON_REAL_PRECISION(17));
	if (!prices)
		return error_memory(error, "prices");
	ok = insert(store, PRICES, json_pack("[s]", prices), error) &&
	     insert(store, POINT,
		    json_pack("[I, O, O, s]", number, json_object_get(payload, "replications"),
			      json_object_get(payload, "draws"), prices),
		    error) &&
	     database_point_digest(&store->database, number, digest, error) &&
	     insert(store, DIGEST, json_pack("[s, I]", digest, number), error);
	free(prices);
	return ok;
}

bool store_put(struct store *store, size_t point, json_t *payload, struct error *error)
{
	return begin(store, error) && put_rows(store, point, payload, error);
}

bool store_close(struct store *store, struct error *error)
{
	bool ok = error->kind == ERROR_NONE && store_commit(store, error);

	release(store);
	return ok;
}

/* --- export ------------------------------------------------------------------------- */

/* Its columns from the third on. */
static void export_values(sqlite3_stmt *row, FILE *out)
{
	for (int c = 2; c < 2 + METRIC_COLUMNS; c++) {
		fputc(',', out);
		if (sqlite3_column_type(row, c) == SQLITE_FLOAT)
			fprintf(out, "%.15g", sqlite3_column_double(row, c));
		else if (sqlite3_column_type(row, c) != SQLITE_NULL)
			csv_cell(out, (const char *)sqlite3_column_text(row, c));
	}
}

static bool export_rows(const struct database *database, int dimensions, FILE *out,
			struct error *error)
{
	sqlite3_stmt *rows = database_prepare(
		database,
		"SELECT point.replications, metric.* FROM metric JOIN point ON point.number = "
		"metric.point ORDER BY metric.point, name, grp",
		error);
	sqlite3_stmt *settings = database_prepare(
		database, "SELECT value FROM setting WHERE point = ? ORDER BY dimension", error);

	while (database_row(database, rows, error)) {
		fprintf(out, "%lld", (long long)sqlite3_column_int64(rows, 1));
		if (sqlite3_bind_int64(settings, 1, sqlite3_column_int64(rows, 1)) != SQLITE_OK)
			database_failed(database, error);
		for (int d = 0; d < dimensions; d++) {
			fputc(',', out);
			if (database_row(database, settings, error))
				csv_cell(out, (const char *)sqlite3_column_text(settings, 0));
		}
		sqlite3_reset(settings);
		fprintf(out, ",%lld", (long long)sqlite3_column_int64(rows, 0));
		export_values(rows, out);
		fputc('\n', out);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(settings);
	return error->kind == ERROR_NONE;
}

static bool export_all(const struct database *database, FILE *out, struct error *error)
{
	sqlite3_stmt *statement =
		database_prepare(database, "SELECT pointer FROM dimension ORDER BY number", error);
	int dimensions = 0;

	fputs(sweep_csv_shape.members->key, out);
	for (; database_row(database, statement, error); dimensions++) {
		fputc(',', out);
		csv_cell(out, (const char *)sqlite3_column_text(statement, 0));
	}
	sqlite3_finalize(statement);
	for (const struct member *c = sweep_csv_shape.members + 1; c->key; c++)
		fprintf(out, ",%s", c->key);
	fputc('\n', out);
	return export_rows(database, dimensions, out, error);
}

bool store_export(const char *path, FILE *out, struct error *error)
{
	struct database database;

	if (database_open_to_read(&database, path, error) && export_all(&database, out, error) &&
	    ferror(out))
		error_set(error, ERROR_OUTPUT, "cannot write the export");
	database_close(&database);
	return error->kind == ERROR_NONE;
}
