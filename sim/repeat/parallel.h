#ifndef SIM_REPEAT_PARALLEL_H
#define SIM_REPEAT_PARALLEL_H

/* Replications on several threads, each of which has a simulation of its own. */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/simulation.h"

struct parallel_job {
	const struct simulation_config *config;
	uint64_t count;            /* replications: */
	uint64_t first;            /* first, first + 1, ... */
	const uint32_t *numbers;   /* unless they are listed here */
	unsigned int threads;      /* at least 1; fewer than wanted is slower, not wrong */
	const volatile bool *stop; /* set by a signal handler; NULL: none */
	void *data;                /* of the calls below; NULL: no such call */
	/* Before its first run. */
	void (*prepare)(void *data, struct simulation *simulation);
	/* After the run of replication number `index` of these, on any thread. */
	bool (*keep)(void *data, uint64_t index, struct simulation *simulation,
		     struct error *error);
	/* Likewise, but never two at a time. */
	void (*add)(void *data, struct simulation *simulation);
};

/* Run all; the first error of any thread ends them. */
bool parallel_run(const struct parallel_job *job, struct error *error);

#endif
