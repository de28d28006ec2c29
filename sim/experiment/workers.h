#ifndef SIM_EXPERIMENT_WORKERS_H
#define SIM_EXPERIMENT_WORKERS_H

/*
 * Who computes the points of a sweep: threads of this process, and under mpirun the other
 * ranks. The calling thread writes; nobody else does. Points that were handed out and not
 * delivered in time are handed out again; a payload that comes twice must be the same to
 * the byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "experiment/store.h"
#include "experiment/sweep.h"

struct farm_options {
	unsigned int threads;
	/* A point not delivered after this, and 20 times the mean, is given to another. */
	double lease_s;
	const volatile bool *stop; /* set by a signal handler */
	/* Called about once a second; NULL: quiet. */
	void (*progress)(size_t done, size_t points, double seconds);
};

/*
 * Compute and keep all points that done[] does not have. When stopped (ERROR_INTERRUPTED)
 * or failed, what was computed is committed.
 */
bool farm_run(const struct sweep *sweep, struct store *store, bool *done,
	      const struct farm_options *options, struct error *error);

/* Seconds of a clock that does not jump. */
double farm_now_s(void);

/* --- ranks (experiment/ranks.c; without MPI there is one) --- */

/* Join the other ranks when mpirun has started this process. *rank is 0 otherwise. */
bool ranks_begin(int *rank, int *count, struct error *error);

/* Leave them. When some were lost, all processes end here, with `status`. */
void ranks_end(int status);

/* What a rank other than 0 does until rank 0 says that nothing is left. */
bool ranks_work(const struct sweep *sweep, const volatile bool *stop, struct error *error);

/* The calls with which rank 0 serves the others, from the writing thread. */
struct rank_service {
	void *farm;
	bool (*take)(void *farm, size_t *point); /* false: nothing to hand out now */
	bool (*deliver)(void *farm, size_t point, char *payload,
			struct error *error); /* owns payload */
	bool (*finished)(void *farm);
};

/* Answer what has come in, without waiting. *idle: nothing had. */
bool ranks_serve(const struct rank_service *service, bool *idle, struct error *error);

/*
 * Tell every rank that asks that nothing is left, until all have been told or the rest has
 * been silent for patience_s: they are lost.
 */
void ranks_dismiss(double patience_s);

#endif
