#include "sweep/database.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sha256.h>

#include "base/interrupt.h"

const char database_schema[] =
	"CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE dimension(number INTEGER PRIMARY KEY, pointer TEXT NOT NULL,"
	" file TEXT);"
	"CREATE TABLE prices(number INTEGER PRIMARY KEY, changes TEXT NOT NULL UNIQUE);"
	"CREATE TABLE point(number INTEGER PRIMARY KEY, replications INTEGER NOT NULL,"
	" draws INTEGER NOT NULL, prices INTEGER NOT NULL, digest TEXT NOT NULL);"
	"CREATE TABLE setting(point INTEGER NOT NULL, dimension INTEGER NOT NULL, value TEXT NOT "
	"NULL, PRIMARY KEY(point, dimension)) WITHOUT ROWID;"
	"CREATE TABLE metric(point INTEGER NOT NULL, name TEXT NOT NULL, grp TEXT NOT NULL,"
	" unit TEXT NOT NULL, n INTEGER NOT NULL, mean REAL, ci95_low REAL, ci95_high REAL,"
	" min REAL, p50 REAL, p90 REAL, p99 REAL, max REAL, band95_low REAL, band95_high REAL,"
	" PRIMARY KEY(point, name, grp))"
	" WITHOUT ROWID;";

enum {
	TABLES = 6,
	ROW_BYTES = 4, /* at least: its place in the page, its length, that of its types, a type */
	STEPS_BETWEEN_LOOKS = 100000, /* of SQLite's machine, until `interrupted` is looked at */
};

bool database_failed(const struct database *database, struct error *error)
{
	int code = sqlite3_errcode(database->handle);

	if (code == SQLITE_INTERRUPT)
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	if (code == SQLITE_NOMEM)
		return error_memory(error, "database");
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return error_set(error, ERROR_INPUT,
				 "%s: another process writes to it; wait for its end, or give "
				 "another file",
				 database->path);
	if (code == SQLITE_NOTADB)
		return error_set(error, ERROR_INPUT, "%s: it is no file of sim sweep",
				 database->path);
	if (code == SQLITE_CORRUPT)
		return error_set(error, ERROR_INPUT, "%s: the file is damaged (%s)", database->path,
				 sqlite3_errmsg(database->handle));
	return error_set(error, ERROR_OUTPUT, "%s: %s", database->path,
			 sqlite3_errmsg(database->handle));
}

sqlite3_stmt *database_prepare(const struct database *database, const char *sql,
			       struct error *error)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL) != SQLITE_OK)
		database_failed(database, error);
	return statement;
}

bool database_row(const struct database *database, sqlite3_stmt *statement, struct error *error)
{
	int code;

	if (!statement || error->kind != ERROR_NONE)
		return false;
	code = sqlite3_step(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		database_failed(database, error);
	return code == SQLITE_ROW;
}

/* --- digests ------------------------------------------------------------------------ */

/* As "%.17g", at which libc takes its time for whole numbers too. */
static int put_real(char *text, size_t size, double value)
{
	if (fabs(value) >= 1 && fabs(value) < 0x1p53 && value == floor(value))
		return snprintf(text, size, "%lld", (long long)value);
	return snprintf(text, size, "%.17g", value);
}

static void add_value(sqlite3_stmt *statement, int column, SHA256_CTX *context)
{
	const int type = sqlite3_column_type(statement, column);
	char number[40];
	const void *bytes = number;
	int length;

	if (type == SQLITE_FLOAT) {
		length = put_real(number, sizeof(number), sqlite3_column_double(statement, column));
	} else {
		bytes = sqlite3_column_blob(statement, column);
		length = sqlite3_column_bytes(statement, column);
	}
	SHA256Update(context, (const uint8_t *)(length ? bytes : ""), (size_t)length);
	SHA256Update(context, (const uint8_t *)(type == SQLITE_NULL ? "0" : ";"), 1);
}

/* All rows of a query, each value with its type. */
static void add_rows(const struct database *database, sqlite3_stmt *statement, SHA256_CTX *context,
		     struct error *error)
{
	int64_t rows = 0;

	while (database_row(database, statement, error)) {
		for (int c = 0; c < sqlite3_column_count(statement); c++)
			add_value(statement, c, context);
		SHA256Update(context, (const uint8_t *)"\n", 1);
		/* pages that are listed again and again have rows without end */
		if (database->rows_most && ++rows > database->rows_most)
			error_set(error, ERROR_INPUT,
				  "%s: the file is damaged: it has more rows than it has room for",
				  database->path);
	}
}

bool database_point_digest(struct database *database, sqlite3_int64 point, char digest[DIGEST_SIZE],
			   struct error *error)
{
	static const char *const queries[DATABASE_OF_POINT] = {
		("SELECT point.number, replications, draws, changes FROM point JOIN prices ON "
		 "prices.number = point.prices WHERE point.number = ?"),
		"SELECT dimension, value FROM setting WHERE point = ? ORDER BY dimension",
		"SELECT * FROM metric WHERE point = ? ORDER BY name, grp",
	};
	SHA256_CTX context;

	SHA256Init(&context);
	for (int q = 0; q < DATABASE_OF_POINT && error->kind == ERROR_NONE; q++) {
		sqlite3_stmt **statement = &database->of_point[q];

		if (!*statement)
			*statement = database_prepare(database, queries[q], error);
		if (*statement && sqlite3_bind_int64(*statement, 1, point) != SQLITE_OK)
			database_failed(database, error);
		add_rows(database, *statement, &context, error);
		sqlite3_reset(*statement);
	}
	SHA256End(&context, digest);
	return error->kind == ERROR_NONE;
}

bool database_sweep_digest(const struct database *database, char digest[DIGEST_SIZE],
			   struct error *error)
{
	static const char *const queries[] = {
		"SELECT * FROM sweep WHERE key <> 'digest' ORDER BY key",
		"SELECT * FROM dimension ORDER BY number",
	};
	SHA256_CTX context;

	SHA256Init(&context);
	for (size_t q = 0; q < sizeof(queries) / sizeof(queries[0]); q++) {
		sqlite3_stmt *statement = database_prepare(database, queries[q], error);

		add_rows(database, statement, &context, error);
		sqlite3_finalize(statement);
	}
	SHA256End(&context, digest);
	return error->kind == ERROR_NONE;
}

/* --- checks -------------------------------------------------------------------------- */

static bool format_fits(const char *path, const char *format, struct error *error)
{
	static const char name[] = "sim-sweep ";
	const char *number = format && strncmp(format, name, sizeof(name) - 1) == 0
				     ? format + sizeof(name) - 1
				     : "";
	char *end;
	long version = strtol(number, &end, 10);

	if (end == number || *end)
		return error_set(error, ERROR_INPUT, "%s: it is no file of sim sweep", path);
	return version == DATABASE_VERSION ||
	       error_set(error, ERROR_INPUT,
			 "%s is of format %ld, of %s sim; this one reads and writes %d", path,
			 version, version > DATABASE_VERSION ? "a newer" : "an older",
			 DATABASE_VERSION);
}

/* Before its tables are looked at: files of other formats have others. */
static bool check_format(const struct database *database, struct error *error)
{
	sqlite3_stmt *statement =
		database_prepare(database, "SELECT value FROM sweep WHERE key = 'format'", error);
	bool fits;

	if (!statement && error->kind != ERROR_INTERRUPTED &&
	    sqlite3_errcode(database->handle) == SQLITE_ERROR) {
		*error = (struct error){ 0 }; /* there is no such table */
		return format_fits(database->path, NULL, error);
	}
	fits = database_row(database, statement, error) &&
	       format_fits(database->path, (const char *)sqlite3_column_text(statement, 0), error);
	sqlite3_finalize(statement);
	return fits || (error->kind == ERROR_NONE && format_fits(database->path, NULL, error));
}

/* Its tables are those of a sweep, and there is nothing else: views and triggers run when read. */
static bool check_tables(const struct database *database, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(
		database,
		"SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%' ORDER BY "
		"rowid",
		error);
	const char *at = database_schema;
	int tables = 0;
	bool same = true;

	while (same && database_row(database, statement, error)) {
		const char *sql = (const char *)sqlite3_column_text(statement, 0);
		size_t length = strcspn(at, ";");

		same = sql && *at && strlen(sql) == length && strncmp(sql, at, length) == 0;
		at += length + (at[length] == ';');
		tables++;
	}
	sqlite3_finalize(statement);
	if (error->kind != ERROR_NONE || (same && tables == TABLES))
		return error->kind == ERROR_NONE;
	return error_set(
		error, ERROR_INPUT,
		"%s: it is no file of sim sweep, or of another format: its tables are others",
		database->path);
}

static bool check_structure(const struct database *database, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(database, "PRAGMA quick_check(1)", error);
	bool good = false;

	if (database_row(database, statement, error)) {
		const char *said = (const char *)sqlite3_column_text(statement, 0);

		good = said && strcmp(said, "ok") == 0;
		if (!good)
			error_set(error, ERROR_INPUT, "%s: the file is damaged: %.200s",
				  database->path, said ? said : "");
	}
	sqlite3_finalize(statement);
	return good;
}

static bool check_sweep(const struct database *database, struct error *error)
{
	sqlite3_stmt *statement =
		database_prepare(database, "SELECT value FROM sweep WHERE key = 'digest'", error);
	char digest[DIGEST_SIZE];
	bool ok = database_sweep_digest(database, digest, error) &&
		  (!database_row(database, statement, error) ||
		   strcmp((const char *)sqlite3_column_text(statement, 0), digest) == 0 ||
		   error_set(error, ERROR_INPUT,
			     "%s: the file is damaged: what it says of the sweep is not what was "
			     "written",
			     database->path));

	sqlite3_finalize(statement);
	return ok && error->kind == ERROR_NONE;
}

/* It is what its digest says. */
static bool check_point(struct database *database, sqlite3_int64 point, const char *stored,
			struct error *error)
{
	char digest[DIGEST_SIZE];

	return database_point_digest(database, point, digest, error) &&
	       (strcmp(stored, digest) == 0 ||
		error_set(error, ERROR_INPUT,
			  "%s: the file is damaged: the values of point %lld are not those that "
			  "were written; run the sweep again into another file",
			  database->path, (long long)point));
}

static bool check_points(struct database *database, struct error *error)
{
	sqlite3_stmt *statement = database_prepare(
		database, "SELECT number, digest FROM point ORDER BY number", error);

	while (database_row(database, statement, error))
		check_point(database, sqlite3_column_int64(statement, 0),
			    (const char *)sqlite3_column_text(statement, 1), error);
	sqlite3_finalize(statement);
	statement = database_prepare(
		database,
		"SELECT point FROM metric WHERE point NOT IN (SELECT number FROM point) LIMIT 1",
		error);
	if (database_row(database, statement, error))
		error_set(error, ERROR_INPUT, "%s: the file is damaged: point %lld is lost",
			  database->path, (long long)sqlite3_column_int64(statement, 0));
	sqlite3_finalize(statement);
	return error->kind == ERROR_NONE;
}

bool database_check(struct database *database, struct error *error)
{
	return check_format(database, error) && check_tables(database, error) &&
	       check_structure(database, error) && check_sweep(database, error) &&
	       check_points(database, error);
}

/* --- opening -------------------------------------------------------------------------- */

static int stop_when_interrupted(void *data)
{
	(void)data;
	return interrupted;
}

static bool open_file(struct database *database, const char *path, int flags, struct error *error)
{
	/* to SQLite "" and ":memory:" are no files: what is kept there would be gone */
	char *name = sqlite3_mprintf("%s%s", *path == ':' ? "./" : "", path);
	int code;

	*database = (struct database){ .path = path };
	if (!name)
		return error_memory(error, "database");
	if (!*name) {
		sqlite3_free(name);
		return error_set(error, ERROR_INPUT, "the name of a sweep's file is empty");
	}
	/* one thread uses it */
	code = sqlite3_open_v2(name, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
	sqlite3_free(name);
	if (code != SQLITE_OK)
		return database_failed(database, error);
	sqlite3_progress_handler(database->handle, STEPS_BETWEEN_LOOKS, stop_when_interrupted,
				 NULL);
	return true;
}

bool database_open_to_write(struct database *database, const char *path, struct error *error)
{
	return open_file(database, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
}

/* Without trust in its schema. */
static bool open_to_read(struct database *database, const char *path, struct error *error)
{
	struct stat status;

	if (!open_file(database, path, SQLITE_OPEN_READONLY, error))
		return false;
	database->rows_most = stat(path, &status) == 0 ? status.st_size / ROW_BYTES : 0;
	if (sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) != SQLITE_OK ||
	    sqlite3_db_config(database->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) !=
		    SQLITE_OK)
		return database_failed(database, error);
	return true;
}

bool database_open_to_read(struct database *database, const char *path, struct error *error)
{
	return open_to_read(database, path, error) && database_check(database, error);
}

/* Cells that do not fit their page are damage that SQLite looks for only when it is asked to. */
static bool check_cells(const struct database *database, struct error *error)
{
	return sqlite3_exec(database->handle, "PRAGMA cell_size_check=ON", NULL, NULL, NULL) ==
		       SQLITE_OK ||
	       database_failed(database, error);
}

bool database_open_point(struct database *database, const char *path, sqlite3_int64 point,
			 struct error *error)
{
	sqlite3_stmt *statement = NULL;

	if (open_to_read(database, path, error) && check_cells(database, error) &&
	    check_format(database, error) && check_tables(database, error) &&
	    check_sweep(database, error))
		statement = database_prepare(database, "SELECT digest FROM point WHERE number = ?",
					     error);
	if (statement && sqlite3_bind_int64(statement, 1, point) != SQLITE_OK)
		database_failed(database, error);
	if (database_row(database, statement, error))
		check_point(database, point, (const char *)sqlite3_column_text(statement, 0),
			    error);
	else if (error->kind == ERROR_NONE)
		error_set(error, ERROR_INPUT,
			  "%s: point %lld is not there: points are numbered from 0, and a sweep "
			  "that was stopped has not all of them (--resume)",
			  path, (long long)point);
	sqlite3_finalize(statement);
	return error->kind == ERROR_NONE;
}

void database_close(struct database *database)
{
	for (int q = 0; q < DATABASE_OF_POINT; q++)
		sqlite3_finalize(database->of_point[q]);
	sqlite3_close(database->handle);
	*database = (struct database){ 0 };
}
