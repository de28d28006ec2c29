#ifndef SIM_REPEAT_REPLICATE_H
#define SIM_REPEAT_REPLICATE_H

/*
 * Independent replications of one configuration, on any number of threads.
 *
 * Replication r is a function of configuration, seed and r alone, and results are
 * gathered in the order of r: they do not depend on the number of threads.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/failures.h"
#include "flow/simulation.h"
#include "repeat/parallel.h"
#include "repeat/statistics.h"

/* What replications 0 .. count - 1 gave. */
struct replications {
	uint64_t count;
	bool random; /* false: a run makes no random draw */
	uint64_t events;
	struct crew *crew;        /* that runs them */
	bool own_crew;            /* not the caller's */
	struct simulation *names; /* describes metrics, parts and counters; the crew's first */
	struct observations *metrics;
	__int128 *part_ns;
	uint64_t *counters;
	size_t metric_count, part_count, counter_count;
	struct failures failures; /* why operations failed */
};

struct replicate_options {
	unsigned int threads;      /* at least 1 */
	const volatile bool *stop; /* set by a signal handler; NULL: none */
	struct crew *crew;         /* for experiment_run alone: simulations to use again; or NULL */
};

/*
 * Nothing has run yet; *config must outlive it. `crew` (NULL: one of its own) runs them; names
 * of other replications that it ran before are not good any more.
 */
bool replications_init(struct replications *replications, const struct simulation_config *config,
		       struct crew *crew, struct error *error);
void replications_fini(struct replications *replications);

/* Run until `count` replications are there. After a failure they are good for nothing any more. */
bool replications_run(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error);

#endif
