#ifndef SIM_SWEEP_STORE_H
#define SIM_SWEEP_STORE_H

/*
 * The results of a sweep, in one SQLite file:
 *
 *   sweep(key, value)              format, identity, version, commit, scenario, name, seed, points,
 *                                  carried (the scenario's object of a result, as JSON), digest
 *   dimension(number, pointer, file)  what varies, and the file that says so (NULL: --set)
 *   prices(number, changes)        what is not as "carried" has it, as its "costs" (JSON)
 *   point(number, replications, draws, prices, digest)  a row: the point is done
 *   setting(point, dimension, value)
 *   metric(point, name, grp, unit, n, mean, ci95_low, ci95_high, min, p50, p90, p99, max,
 *          band95_low, band95_high)  the band of the answer; of other metrics NULL
 *
 * One process writes: the file is locked from opening to closing, a second writer is refused.
 * Points are committed in batches with synchronous=FULL; a killed sweep keeps what was
 * committed and goes on from there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/shape.h"
#include "sweep/sweep.h"

/* The columns of the export; those that vary stand behind the first. */
extern const struct shape sweep_csv_shape;

struct store;

/*
 * Open for writing. Without `resume` the file must not exist; with it, it must be of the
 * same sweep (or not exist). done[point] is set for points that are there. NULL: error.
 */
struct store *store_open(const char *path, const struct sweep *sweep, const char *version,
			 const char *commit, bool resume, bool *done, struct error *error);

/* Keep a point's payload, which is changed; it is durable after the next store_commit. */
bool store_put(struct store *store, size_t point, json_t *payload, struct error *error);
bool store_commit(struct store *store, struct error *error);

/* Commit and close. */
bool store_close(struct store *store, struct error *error);

/* All metrics of all points in order, as CSV: dimensions in columns of their own. */
bool store_export(const char *path, FILE *out, struct error *error);

#endif
