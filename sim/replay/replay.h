#ifndef SIM_REPLAY_REPLAY_H
#define SIM_REPLAY_REPLAY_H

/*
 * One replication of a stored result (JSON of `sim run`, or a page that carries it) again. The
 * scenario is the one that the result carries, with its cost profiles, designs, traces (large ones
 * are read where they were, and must be the same) and resolved prices.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "report/host_use.h"
#include "scenario/scenario.h"

struct document;

/* The scenario of a result; the caller's to finish. */
bool replay_scenario(struct scenario *scenario, const struct document *result, struct error *error);

/* The same of a document that was read from `path`; it is borrowed. */
bool replay_scenario_of(struct scenario *scenario, const json_t *root, const char *path,
			struct error *error);

/* The replication that holds the largest observation of a metric ("reboot.latency"; the worst
 * group), and that observation. */
bool replay_worst(const json_t *root, const char *path, const char *metric, uint32_t *replication,
		  int64_t *value, struct error *error);

/*
 * Corners of memory in limbo over time, or of memory in use, of so many replications from the
 * first on, one after another.
 */
bool replay_memory(const json_t *root, const char *path, bool in_use, uint32_t first,
		   uint32_t count,
		   void (*corner)(void *data, uint32_t replication, int64_t at_ns, int64_t bytes),
		   void *data, struct error *error);

/*
 * What each host of the replication has in use over time, to the end of the last step. The caller
 * finishes *use with host_use_fini.
 */
bool replay_host_use(const json_t *root, const char *path, uint32_t replication,
		     struct host_use *use, struct error *error);

/*
 * Run it and write what was observed, and where the time of `metric` (NULL: the answer) went
 * beside the means of the stored result. With `expected` >= 0 the largest observation of the
 * metric must be that, else ERROR_INTERNAL.
 */
bool replay_report(const struct document *result, uint32_t replication, const char *metric,
		   int64_t expected, FILE *out, struct error *error);

#endif
