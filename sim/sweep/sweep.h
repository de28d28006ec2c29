#ifndef SIM_SWEEP_SWEEP_H
#define SIM_SWEEP_SWEEP_H

/*
 * A sweep: one scenario at many points. A point is an idempotent unit of work: its payload
 * is a function of the scenario, the point's values and the version of the program, so it
 * may be computed anywhere, more than once, and must come out the same to the byte.
 *
 * One writer keeps the payloads in an SQLite file (sweep/store.h); threads of this
 * process, and with MPI those of other ranks, compute them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "scenario/scenario.h"
#include "scenario/variation.h"

/* What varies, and how; the caller owns what it points to. */
struct sweep_plan {
	const char *file;               /* of the scenario */
	const struct setting *settings; /* for every point */
	size_t setting_count;
	const struct variation *variations; /* grid: all combinations */
	size_t variation_count;
	uint64_t
		samples; /* Latin hypercube: so many points, each variation being "LOW..HIGH"; 0: grid */
	uint64_t seed; /* of the hypercube */
	bool band;     /* of each point's answer across the ranges of prices (explain/explain.h) */
};

/* A plan that was read: every point's settings as text. */
struct sweep {
	const struct sweep_plan *plan;
	size_t point_count;
	char **values; /* point * variation_count + variation; owned */
	char *name;    /* of the scenario at the first point; owned */
	uint64_t scenario_seed;
	char identity[65]; /* SHA-256 of all that a payload depends on */
	/* The scenario of the first point, and what its file must hold to stand alone: JSON; owned. */
	struct scenario first;
	struct library *library; /* that has read it */
	char *carried;
};

/* Values of every point, checked by loading the scenario at each. On failure nothing is owned. */
bool sweep_init(struct sweep *sweep, const struct sweep_plan *plan, const char *version,
		struct error *error);
void sweep_fini(struct sweep *sweep);

/* The value of a variation at a point. */
const char *sweep_value(const struct sweep *sweep, size_t point, size_t variation);

/* Who computes points, one at a time; it keeps what the next point can use again. */
struct bench;
struct bench *bench_new(struct error *error);
void bench_free(struct bench *bench);

/*
 * Compute a point: its metrics, the band of its answer, and the prices that are not those of the
 * first point; new reference, or NULL: an error is set. Safe to call from several threads, each
 * with a bench of its own.
 */
json_t *sweep_compute(const struct sweep *sweep, struct bench *bench, size_t point,
		      const volatile bool *stop, struct error *error);

/* The same of one scenario by itself, without prices; new reference, or NULL: an error is set. */
json_t *sweep_payload(const struct scenario *scenario, bool band, const volatile bool *stop,
		      struct error *error);

#endif
