#ifndef SIM_REPLAY_RECORDING_H
#define SIM_REPLAY_RECORDING_H

/* All that an observer is told in one replication, kept for timelines and curves. */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/simulation.h"

/* A hold that woke somebody, or a thread that started another. */
struct arrow {
	bool spawn;
	size_t hold; /* index of the hold; of a spawn: unused */
	struct track from, to;
	int64_t at_ns;
};

struct queued {
	struct track track;
	int64_t since_ns, at_ns;
};

/* Memory in limbo jumps by `jump` and changes from now on by `slope` more in a nanosecond. */
struct limbo_change {
	int64_t at_ns;
	double jump, slope;
};

struct recording {
	struct span *spans; /* in the order of their ends; owned, as all below */
	size_t span_count, span_capacity;
	struct lock_hold *holds; /* likewise */
	size_t hold_count, hold_capacity;
	struct arrow *arrows;
	size_t arrow_count, arrow_capacity;
	struct queued *queued;
	size_t queued_count, queued_capacity;
	struct limbo_change *limbo; /* after recording_take: by time */
	size_t limbo_count, limbo_capacity;
	struct simulation *simulation; /* after its run; texts are borrowed from it */
	struct error *error;
};

/* Run replication `replication` and keep what happens. */
bool recording_take(struct recording *recording, const struct simulation_config *config,
		    uint32_t replication, struct error *error);
void recording_fini(struct recording *recording);

/* The corners of memory in limbo (bytes) over time; between them it is straight. */
void recording_limbo(const struct recording *recording,
		     void (*corner)(void *data, int64_t at_ns, int64_t bytes), void *data);

#endif
