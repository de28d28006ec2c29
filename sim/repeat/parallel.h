#ifndef SIM_REPEAT_PARALLEL_H
#define SIM_REPEAT_PARALLEL_H

/* Replications on several threads, each of which has a simulation of its own. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/simulation.h"

/*
 * The simulations of the threads, kept from one job to the next: to build one takes as long
 * as dozens of replications. A job's configuration is adopted where that is possible
 * (simulation_adopt), so the one before must still exist. One job at a time.
 */
struct crew;
struct crew *crew_new(struct error *error);
void crew_free(struct crew *crew);

/* The simulation of the first thread, with *config; NULL on failure. */
struct simulation *crew_first(struct crew *crew, const struct simulation_config *config,
			      struct error *error);

/* Fewer threads than wanted are slower, not wrong. */
enum { THREADS_MOST = 256 };

struct parallel_job {
	const struct simulation_config *config;
	struct crew *crew;
	uint64_t count;            /* replications: */
	uint64_t first;            /* first, first + 1, ... */
	const uint32_t *numbers;   /* unless they are listed here */
	uint64_t batch;            /* so many neighbours run on one thread, in order; 0: 1 */
	unsigned int threads;      /* at least 1 */
	const volatile bool *stop; /* set by a signal handler; NULL: none */
	void *data;                /* of the calls below; NULL: no such call */
	/* Before its first run. */
	void (*prepare)(void *data, struct simulation *simulation);
	/* After the run of replication number `index` of these, on thread 0 .. THREADS_MOST - 1. */
	bool (*keep)(void *data, unsigned int thread, uint64_t index, struct simulation *simulation,
		     struct error *error);
	/* Likewise, but never two at a time. */
	void (*add)(void *data, struct simulation *simulation);
};

/* Run all; the first error of any thread ends them. */
bool parallel_run(const struct parallel_job *job, struct error *error);

#endif
