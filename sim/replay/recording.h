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

/* Of memory over time: between two corners it is straight. */
struct memory_corner {
	int64_t at_ns, bytes;
};

struct memory_curve {
	struct memory_corner *corners; /* by time; of two at one instant the last holds on */
	size_t count, capacity;
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
	struct memory_curve limbo; /* from 0 ns and 0 bytes on */
	struct memory_curve in_use;
	struct simulation *simulation; /* after its run; texts are borrowed from it */
	struct error *error;
};

/* Run replication `replication` and keep what happens. */
bool recording_take(struct recording *recording, const struct simulation_config *config,
		    uint32_t replication, struct error *error);
void recording_fini(struct recording *recording);

#endif
