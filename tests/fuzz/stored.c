/* What sim has written, and reads again: results, and the files of sweeps. */

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "decide/compare.h"
#include "document/json.h"
#include "document/shape.h"
#include "draw/plot.h"
#include "report/shapes.h"
#include "scenario/scenario.h"
#include "sweep/database.h"
#include "sweep/point.h"
#include "sweep/rows.h"
#include "sweep/store.h"
#include "target.h"

/* --- stored results -------------------------------------------------------------------------------- */

static bool print_result_schema(FILE *out, struct error *error)
{
	return json_print(shape_schema(&result_shape, false), "schema", 1, out, error);
}

/* Pictures run nothing: here memory goes up and down the same way in each replication. */
static bool memory(const json_t *root, const char *path, bool in_use, uint32_t first,
		   uint32_t count,
		   void (*corner)(void *data, uint32_t replication, int64_t at_ns, int64_t bytes),
		   void *data, struct error *error)
{
	(void)root;
	(void)path;
	(void)error;
	for (uint32_t r = first; r < first + count && r < first + 4; r++) {
		corner(data, r, 0, in_use);
		corner(data, r, 1000000000, 1 << 30);
		corner(data, r, 2000000000, 0);
	}
	return true;
}

static void draw(const char *path, const char *kind)
{
	struct plot_request request = {
		.memory = memory, .files = { path }, .file_count = 1, .kind = kind, .slo = 1
	};
	struct picture picture;
	struct error error = { 0 };

	fuzz_check(plot_prepare(&request, &picture, &error), &error);
	picture_fini(&picture);
}

/* Its scenario, itself beside itself, and each picture of it. */
static void run_result(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { NULL,    "cdf",  "ccdf",    "breakdown",
					     "limbo", "plan", "tornado", "parity" };
	const char *path = fuzz_file(data, size), *const twice[] = { path, path };
	struct error error = { 0 };
	struct document document;
	struct scenario scenario;
	struct comparison comparison;

	if (!fuzz_check(document_read(&document, path, &error), &error))
		return;
	document_fini(&document);
	if (fuzz_check(compare_stored(twice, 2, 0, NULL, &comparison, &error), &error))
		comparison_fini(&comparison);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		draw(path, kinds[k]);
	error = (struct error){ 0 };
	if (fuzz_check(scenario_load(&scenario, path, NULL, 0, NULL, &error), &error))
		scenario_fini(&scenario);
}

/* --- files of sweeps ------------------------------------------------------------------------------- */

static void read_store(const char *path)
{
	struct error error = { 0 };
	struct document document;
	struct scenario scenario;
	struct rows_query query = { .path = path, .metric = "reboot.latency", .quantile = "p50" };
	struct rows rows;
	char *csv = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&csv, &length);

	if (!out)
		abort();
	fuzz_check(store_export(path, out, &error), &error);
	fclose(out);
	free(csv);
	error = (struct error){ 0 };
	if (fuzz_check(rows_read(&rows, &query, &error), &error)) {
		fuzz_check_text(rows.x, &error);
		fuzz_check_text(rows.name, &error);
		fuzz_check_text(rows.version, &error);
		fuzz_check_text(rows.seed, &error);
		fuzz_check_text(rows.unit, &error);
		for (size_t i = 0; i < rows.count; i++) {
			fuzz_check_text(rows.items[i].line, &error);
			fuzz_check_text(rows.items[i].x_text, &error);
		}
	}
	rows_fini(&rows);
	error = (struct error){ 0 };
	if (fuzz_check(point_scenario(&document, path, 0, &error), &error) &&
	    fuzz_check(scenario_take(&scenario, &document, NULL, 0, NULL, &error), &error))
		scenario_fini(&scenario);
}

static void run_sweep(const uint8_t *data, size_t size)
{
	read_store(fuzz_named_file(data, size));
}

/* --- sweeps changed in their rows ------------------------------------------------------------------ */

static const struct {
	const char *table;
	const char *columns[16];
} tables[] = {
	{ "sweep", { "key", "value" } },
	{ "dimension", { "number", "pointer", "file" } },
	{ "prices", { "number", "changes" } },
	{ "point", { "number", "replications", "draws", "prices" } },
	{ "setting", { "point", "dimension", "value" } },
	{ "metric",
	  { "point", "name", "grp", "unit", "n", "mean", "ci95_low", "ci95_high", "min", "p50",
	    "p90", "p99", "max", "band95_low", "band95_high" } },
};
enum { TABLE_COUNT = sizeof(tables) / sizeof(tables[0]) };

static void bind_value(sqlite3_stmt *statement, unsigned int *random)
{
	static const char *const texts[] = { "",
					     "{}",
					     "[1",
					     "/guests/0/memory",
					     "1GiB",
					     "-1",
					     "\x1b[2J",
					     "\xc2\x9b",
					     "\x9b",
					     "db",
					     "a,\"b",
					     "{\"a\":1}",
					     "reboot.latency",
					     "ns",
					     "/",
					     "/guests",
					     "\xe2\x80\xae",
					     "sim-sweep 3" };
	static const sqlite3_int64 wholes[] = { 0, 1, -1, 2, INT64_MAX, INT64_MIN, 1LL << 53 };
	static const double reals[] = { 0.5, -0.0, 1e308, -1e308, 1e-320 };

	switch (fuzz_random(random, 5)) {
	case 0:
		sqlite3_bind_int64(statement, 1, wholes[fuzz_random(random, 7)]);
		break;
	case 1:
		sqlite3_bind_double(statement, 1, reals[fuzz_random(random, 5)]);
		break;
	case 2:
		sqlite3_bind_blob(statement, 1, "a\0b", 3, SQLITE_STATIC);
		break;
	case 3:
		sqlite3_bind_null(statement, 1);
		break;
	default:
		sqlite3_bind_text(statement, 1,
				  texts[fuzz_random(random, sizeof(texts) / sizeof(texts[0]))], -1,
				  SQLITE_STATIC);
	}
}

/* What is carried, changed as JSON is. */
static bool bind_changed(sqlite3 *handle, const char *column, const char *table,
			 sqlite3_stmt *statement, unsigned int *random)
{
	char sql[200];
	sqlite3_stmt *read = NULL;
	bool bound = false;

	snprintf(sql, sizeof(sql),
		 "SELECT %s FROM %s WHERE typeof(%s) = 'text' ORDER BY length(%s) DESC", column,
		 table, column, column);
	if (sqlite3_prepare_v2(handle, sql, -1, &read, NULL) == SQLITE_OK &&
	    sqlite3_step(read) == SQLITE_ROW) {
		size_t size = (size_t)sqlite3_column_bytes(read, 0), most = 2 * size + 1000;
		uint8_t *text = malloc(most);

		if (!text)
			abort();
		memcpy(text, sqlite3_column_text(read, 0), size);
		size = fuzz_mutate_json(&fuzz_scenario, text, size, most,
					fuzz_random(random, 1u << 31));
		bound = size && sqlite3_bind_text(statement, 1, (const char *)text, (int)size,
						  SQLITE_TRANSIENT) == SQLITE_OK;
		free(text);
	}
	sqlite3_finalize(read);
	return bound;
}

static void change_rows(sqlite3 *handle, unsigned int *random)
{
	unsigned int t = fuzz_random(random, TABLE_COUNT), columns = 0;
	sqlite3_stmt *statement = NULL;
	const char *column;
	char sql[200];

	while (columns < 16 && tables[t].columns[columns])
		columns++;
	column = tables[t].columns[fuzz_random(random, columns)];
	snprintf(sql, sizeof(sql),
		 "UPDATE OR IGNORE %s SET %s = ?1 WHERE %s IN (SELECT %s FROM %s LIMIT %u OFFSET "
		 "%u)",
		 tables[t].table, column, column, column, tables[t].table,
		 1 + fuzz_random(random, 3), fuzz_random(random, 4));
	if (!fuzz_random(random, 8))
		snprintf(sql, sizeof(sql),
			 "DELETE FROM %s WHERE %s IN (SELECT %s FROM %s LIMIT 1 OFFSET %u)",
			 tables[t].table, column, column, tables[t].table, fuzz_random(random, 4));
	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK)
		return;
	if (fuzz_random(random, 2) ||
	    !bind_changed(handle, column, tables[t].table, statement, random))
		bind_value(statement, random);
	sqlite3_step(statement);
	sqlite3_finalize(statement);
}

/* So that what stands behind the check of digests is reached: they are those of the changed rows. */
static void digest(struct database *database)
{
	sqlite3_stmt *points = NULL, *write = NULL;
	struct error error = { 0 };
	char text[DIGEST_SIZE];

	if (sqlite3_prepare_v2(database->handle, "SELECT number FROM point", -1, &points, NULL) ==
		    SQLITE_OK &&
	    sqlite3_prepare_v2(database->handle, "UPDATE point SET digest = ? WHERE number = ?", -1,
			       &write, NULL) == SQLITE_OK) {
		while (sqlite3_step(points) == SQLITE_ROW) {
			sqlite3_int64 number = sqlite3_column_int64(points, 0);

			if (!database_point_digest(database, number, text, &error))
				break;
			sqlite3_bind_text(write, 1, text, -1, SQLITE_STATIC);
			sqlite3_bind_int64(write, 2, number);
			sqlite3_step(write);
			sqlite3_reset(write);
		}
	}
	sqlite3_finalize(points);
	sqlite3_finalize(write);
	write = NULL;
	if (database_sweep_digest(database, text, &error) &&
	    sqlite3_prepare_v2(database->handle, "UPDATE sweep SET value = ? WHERE key = 'digest'",
			       -1, &write, NULL) == SQLITE_OK) {
		sqlite3_bind_text(write, 1, text, -1, SQLITE_STATIC);
		sqlite3_step(write);
	}
	sqlite3_finalize(write);
}

static size_t mutate_sweep(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	const char *path = fuzz_named_file(data, size);
	unsigned int random = seed;
	struct database database;
	struct error error = { 0 };
	size_t changed = 0;
	FILE *file;

	if (database_open_to_write(&database, path, &error) &&
	    sqlite3_exec(database.handle, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN",
			 NULL, NULL, NULL) == SQLITE_OK) {
		database.rows_most = (int64_t)most; /* nothing has been checked */
		for (unsigned int n = 1 + fuzz_random(&random, 3); n; n--)
			change_rows(database.handle, &random);
		digest(&database);
		if (sqlite3_exec(database.handle, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
			changed = 1;
	}
	database_close(&database);
	file = changed ? fopen(path, "r") : NULL;
	if (file) {
		changed = fread(data, 1, most, file);
		fclose(file);
	}
	return changed;
}

static size_t mutate_result(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	return fuzz_mutate_json(&fuzz_result, data, size, most, seed);
}

const struct fuzz_target fuzz_result = { "result", run_result, print_result_schema, mutate_result };
const struct fuzz_target fuzz_sweep = { "sweep", run_sweep, NULL, mutate_sweep };
