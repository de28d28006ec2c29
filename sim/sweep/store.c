#include "sweep/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <sqlite3.h>

#include "base/memory.h"

struct store {
	sqlite3 *database;
	char *path;
	const struct sweep *sweep;
	sqlite3_stmt *put_point, *put_setting, *put_metric;
	bool open; /* a transaction is */
};

static const char schema[] =
	"CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE dimension(number INTEGER PRIMARY KEY, pointer TEXT NOT NULL);"
	"CREATE TABLE point(number INTEGER PRIMARY KEY, replications INTEGER NOT NULL);"
	"CREATE TABLE setting(point INTEGER NOT NULL, dimension INTEGER NOT NULL, value TEXT NOT "
	"NULL, PRIMARY KEY(point, dimension)) WITHOUT ROWID;"
	"CREATE TABLE metric(point INTEGER NOT NULL, name TEXT NOT NULL, grp TEXT NOT NULL,"
	" unit TEXT NOT NULL, n INTEGER NOT NULL, mean REAL, ci95_low REAL, ci95_high REAL,"
	" min REAL, p50 REAL, p90 REAL, p99 REAL, max REAL, PRIMARY KEY(point, name, grp))"
	" WITHOUT ROWID;";

static bool complain(const struct store *store, struct error *error)
{
	int code = sqlite3_errcode(store->database);

	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return error_set(error, ERROR_INPUT,
				 "%s: another process writes to it; wait for its end, or give "
				 "another file",
				 store->path);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return error_set(error, ERROR_INPUT, "%s: it is no file of sim sweep", store->path);
	return error_set(error, ERROR_OUTPUT, "%s: %s", store->path,
			 sqlite3_errmsg(store->database));
}

static bool execute(struct store *store, const char *sql, struct error *error)
{
	return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       complain(store, error);
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
	sqlite3_stmt *statement = NULL;
	char *value = NULL;

	if (sqlite3_prepare_v2(store->database, "SELECT value FROM sweep WHERE key = ?", -1,
			       &statement, NULL) == SQLITE_OK &&
	    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = memory_text((const char *)sqlite3_column_text(statement, 0), error);
	sqlite3_finalize(statement);
	return value;
}

static bool write_key(struct store *store, const char *key, const char *value, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	bool ok = sqlite3_prepare_v2(store->database, "INSERT INTO sweep VALUES(?, ?)", -1,
				     &statement, NULL) == SQLITE_OK &&
		  sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC) == SQLITE_OK &&
		  sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC) == SQLITE_OK &&
		  sqlite3_step(statement) == SQLITE_DONE;

	sqlite3_finalize(statement);
	return ok || complain(store, error);
}

static bool create(struct store *store, const char *version, struct error *error)
{
	const struct sweep_plan *plan = store->sweep->plan;
	char points[32], seed[32];

	snprintf(points, sizeof(points), "%zu", store->sweep->point_count);
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)store->sweep->scenario_seed);
	if (!execute(store, schema, error) || !write_key(store, "format", "sim-sweep 1", error) ||
	    !write_key(store, "identity", store->sweep->identity, error) ||
	    !write_key(store, "version", version, error) ||
	    !write_key(store, "scenario", plan->file, error) ||
	    !write_key(store, "name", store->sweep->name, error) ||
	    !write_key(store, "seed", seed, error) || !write_key(store, "points", points, error))
		return false;
	for (size_t v = 0; v < plan->variation_count; v++) {
		sqlite3_stmt *statement = NULL;
		bool ok = sqlite3_prepare_v2(store->database, "INSERT INTO dimension VALUES(?, ?)",
					     -1, &statement, NULL) == SQLITE_OK &&
			  sqlite3_bind_int64(statement, 1, (sqlite3_int64)v) == SQLITE_OK &&
			  sqlite3_bind_text(statement, 2, plan->variations[v].pointer, -1,
					    SQLITE_STATIC) == SQLITE_OK &&
			  sqlite3_step(statement) == SQLITE_DONE;

		sqlite3_finalize(statement);
		if (!ok)
			return complain(store, error);
	}
	return store_commit(store, error);
}

/* Which points are there already; the sweep must be the same. */
static bool resume_from(struct store *store, bool *done, struct error *error)
{
	char *identity = read_key(store, "identity", error);
	sqlite3_stmt *statement = NULL;
	bool same = identity && strcmp(identity, store->sweep->identity) == 0;
	int code = SQLITE_ERROR;

	free(identity);
	if (!same)
		return error_set(error, ERROR_INPUT,
				 "%s holds another sweep: scenario, values, costs or the program "
				 "differ; give another file",
				 store->path);
	if (sqlite3_prepare_v2(store->database, "SELECT number FROM point", -1, &statement, NULL) ==
	    SQLITE_OK)
		while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
			sqlite3_int64 number = sqlite3_column_int64(statement, 0);

			if (number >= 0 && (size_t)number < store->sweep->point_count)
				done[number] = true;
		}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE || complain(store, error);
}

static bool prepare(struct store *store, struct error *error)
{
	static const char metric[] = "INSERT INTO metric VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)";

	return (sqlite3_prepare_v2(store->database, "INSERT INTO point VALUES(?, ?)", -1,
				   &store->put_point, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(store->database, "INSERT INTO setting VALUES(?, ?, ?)", -1,
				   &store->put_setting, NULL) == SQLITE_OK &&
		sqlite3_prepare_v2(store->database, metric, -1, &store->put_metric, NULL) ==
			SQLITE_OK) ||
	       complain(store, error);
}

static void release(struct store *store)
{
	sqlite3_finalize(store->put_point);
	sqlite3_finalize(store->put_setting);
	sqlite3_finalize(store->put_metric);
	sqlite3_close(store->database);
	free(store->path);
	free(store);
}

struct store *store_open(const char *path, const struct sweep *sweep, const char *version,
			 bool resume, bool *done, struct error *error)
{
	struct store *store = memory_array(1, sizeof(*store), "store", error);
	char *format = NULL;
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
	if (sqlite3_open_v2(path, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			    NULL) != SQLITE_OK) {
		complain(store, error);
		goto out;
	}
	/* the lock of the first transaction is kept until the end: one writer */
	if (!execute(store, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL", error) ||
	    !begin(store, error))
		goto out;
	format = read_key(store, "format", error);
	ok = (format ? resume_from(store, done, error) : create(store, version, error)) &&
	     prepare(store, error);
out:
	free(format);
	if (ok)
		return store;
	release(store);
	return NULL;
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

static bool step(struct store *store, sqlite3_stmt *statement, struct error *error)
{
	bool ok = sqlite3_step(statement) == SQLITE_DONE;

	if (!ok)
		complain(store, error);
	sqlite3_reset(statement);
	return ok;
}

static bool put_rows(struct store *store, size_t point, const json_t *payload, struct error *error)
{
	const json_t *metrics = json_object_get(payload, "metrics");

	for (size_t v = 0; v < store->sweep->plan->variation_count; v++)
		if (sqlite3_bind_int64(store->put_setting, 1, (sqlite3_int64)point) != SQLITE_OK ||
		    sqlite3_bind_int64(store->put_setting, 2, (sqlite3_int64)v) != SQLITE_OK ||
		    sqlite3_bind_text(store->put_setting, 3, sweep_value(store->sweep, point, v),
				      -1, SQLITE_TRANSIENT) != SQLITE_OK ||
		    !step(store, store->put_setting, error))
			return error->kind == ERROR_NONE ? complain(store, error) : false;
	for (size_t m = 0; m < json_array_size(metrics); m++) {
		const json_t *row = json_array_get(metrics, m);

		if (sqlite3_bind_int64(store->put_metric, 1, (sqlite3_int64)point) != SQLITE_OK)
			return complain(store, error);
		for (size_t i = 0; i < 12; i++)
			if (!bind(store->put_metric, (int)i + 2, json_array_get(row, i)))
				return complain(store, error);
		if (!step(store, store->put_metric, error))
			return false;
	}
	return (sqlite3_bind_int64(store->put_point, 1, (sqlite3_int64)point) == SQLITE_OK &&
		bind(store->put_point, 2, json_object_get(payload, "replications")))
		       ? step(store, store->put_point, error)
		       : complain(store, error);
}

bool store_put(struct store *store, size_t point, const char *text, struct error *error)
{
	json_t *payload = json_loads(text, 0, NULL);
	bool ok;

	if (!payload)
		return error_set(error, ERROR_INTERNAL, "a payload is no JSON");
	ok = begin(store, error) && put_rows(store, point, payload, error);
	json_decref(payload);
	return ok;
}

bool store_close(struct store *store, struct error *error)
{
	bool ok = error->kind == ERROR_NONE && store_commit(store, error);

	release(store);
	return ok;
}

/* --- export ------------------------------------------------------------------------- */

static void cell(FILE *out, const char *text)
{
	bool quote = text && strpbrk(text, ",\"\r\n");

	if (quote)
		fputc('"', out);
	for (; text && *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	if (quote)
		fputc('"', out);
}

static bool export_rows(struct store *store, int dimensions, FILE *out, struct error *error)
{
	sqlite3_stmt *rows = NULL, *settings = NULL;
	int code = SQLITE_ERROR;

	if (sqlite3_prepare_v2(store->database,
			       "SELECT point.replications, metric.* FROM metric JOIN point ON "
			       "point.number = metric.point ORDER BY metric.point, name, grp",
			       -1, &rows, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(store->database,
			       "SELECT value FROM setting WHERE point = ? ORDER BY dimension", -1,
			       &settings, NULL) == SQLITE_OK) {
		while ((code = sqlite3_step(rows)) == SQLITE_ROW) {
			fprintf(out, "%lld", (long long)sqlite3_column_int64(rows, 1));
			sqlite3_bind_int64(settings, 1, sqlite3_column_int64(rows, 1));
			for (int d = 0; d < dimensions; d++) {
				fputc(',', out);
				if (sqlite3_step(settings) == SQLITE_ROW)
					cell(out, (const char *)sqlite3_column_text(settings, 0));
			}
			sqlite3_reset(settings);
			fprintf(out, ",%lld", (long long)sqlite3_column_int64(rows, 0));
			for (int c = 2; c < 14; c++) {
				fputc(',', out);
				if (sqlite3_column_type(rows, c) == SQLITE_FLOAT)
					fprintf(out, "%.15g", sqlite3_column_double(rows, c));
				else if (sqlite3_column_type(rows, c) != SQLITE_NULL)
					cell(out, (const char *)sqlite3_column_text(rows, c));
			}
			fputc('\n', out);
		}
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(settings);
	return code == SQLITE_DONE || complain(store, error);
}

bool store_export(const char *path, FILE *out, struct error *error)
{
	struct store *store = memory_array(1, sizeof(*store), "store", error);
	sqlite3_stmt *statement = NULL;
	int dimensions = 0, code = SQLITE_ERROR;
	bool ok = false;

	if (!store)
		return false;
	store->path = memory_text(path, error);
	if (store->path &&
	    sqlite3_open_v2(path, &store->database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
		complain(store, error);
	} else if (store->path) {
		fputs("point", out);
		if (sqlite3_prepare_v2(store->database,
				       "SELECT pointer FROM dimension ORDER BY number", -1,
				       &statement, NULL) == SQLITE_OK)
			for (; (code = sqlite3_step(statement)) == SQLITE_ROW; dimensions++) {
				fputc(',', out);
				cell(out, (const char *)sqlite3_column_text(statement, 0));
			}
		sqlite3_finalize(statement);
		fputs(",replications,metric,group,unit,n,mean,ci95_low,ci95_high,min,p50,p90,p99,"
		      "max\n",
		      out);
		ok = code == SQLITE_DONE ? export_rows(store, dimensions, out, error)
					 : complain(store, error);
		if (ok && ferror(out))
			ok = error_set(error, ERROR_OUTPUT, "cannot write the export");
	}
	release(store);
	return ok;
}
