#ifndef SIM_SWEEP_WORKERS_H
#define SIM_SWEEP_WORKERS_H

/*
 * The workers of a sweep: threads of this process, and under mpirun the other ranks, take
 * points from one work queue. The calling thread writes; nobody else does. Points that were handed out and not
 * delivered in time are handed out again; a payload that comes twice must be the same to
 * the byte.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sweep/store.h"
#include "sweep/sweep.h"

struct worker_options {
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
bool workers_run(const struct sweep *sweep, struct store *store, bool *done,
		 const struct worker_options *options, struct error *error);

#endif
