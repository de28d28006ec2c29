#ifndef SIM_SWEEP_DATABASE_H
#define SIM_SWEEP_DATABASE_H

/*
 * The file of a sweep as an SQLite database. All that is read goes through database_row, so that a
 * read that fails is never the end of the rows.
 *
 * A file that is only read may be a stranger's: it is opened without trust in what its schema says,
 * must have the tables of a sweep and nothing else (no view or trigger), must pass SQLite's check of
 * its structure, and each point must be what its digest says (SHA-256 of its settings, replications,
 * prices and values); so must the sweep's own keys and dimensions. What is lost is named.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/error.h"

enum { DATABASE_OF_POINT = 3 };

struct database {
	sqlite3 *handle;
	const char *path;                          /* the caller's */
	sqlite3_stmt *of_point[DATABASE_OF_POINT]; /* what its digest is of */
	int64_t rows_most; /* that a file which is read has room for: more are damage; 0: no limit */
};

enum { DIGEST_SIZE = 65 }; /* hexadecimal, and a byte 0 */

#define DATABASE_FORMAT "sim-sweep 2"
enum { DATABASE_VERSION = 2 };

/* The tables, as SQL. */
extern const char database_schema[];

/* For a sweep that writes: created when it is not there. Close it in any case. */
bool database_open_to_write(struct database *database, const char *path, struct error *error);

/* To be read only, and checked as above. Close it in any case. */
bool database_open_to_read(struct database *database, const char *path, struct error *error);

/*
 * To read one point: what is not read is not checked, so that it costs the same in a sweep of any
 * size. SQLite checks the pages that it reads, the digests say the rest. ERROR_INPUT when the point
 * is not there. Close it in any case.
 */
bool database_open_point(struct database *database, const char *path, sqlite3_int64 point,
			 struct error *error);
void database_close(struct database *database);

/* The checks alone: of a file that a sweep goes on with. */
bool database_check(struct database *database, struct error *error);

/* Record what the database says: busy, damaged, or that the file cannot be used. Returns false. */
bool database_failed(const struct database *database, struct error *error);

/* NULL: an error is set. sqlite3_finalize it in any case. */
sqlite3_stmt *database_prepare(const struct database *database, const char *sql,
			       struct error *error);

/* The next row; false behind the last, or with the error set. */
bool database_row(const struct database *database, sqlite3_stmt *statement, struct error *error);

/* The digest of what is stored of a point, and of the sweep itself; for who writes them, too. */
bool database_point_digest(struct database *database, sqlite3_int64 point, char digest[DIGEST_SIZE],
			   struct error *error);
bool database_sweep_digest(const struct database *database, char digest[DIGEST_SIZE],
			   struct error *error);

#endif
