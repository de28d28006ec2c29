#ifndef SIM_FLOW_SIMULATION_H
#define SIM_FLOW_SIMULATION_H

/*
 * A simulation: host, guests and threads, built once and run once for each
 * replication. Running again allocates nothing that the first run had already.
 *
 * What it yields is a fixed set of metrics (each a list of whole observations),
 * parts (where the time of a latency went) and counters, the same set in the same
 * order for every replication and every simulation of one configuration.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/config.h"
#include "flow/metric_kind.h"
#include "flow/observer.h"

struct simulation;

struct metric {
	const struct metric_kind *kind;
	const char *name;       /* "reboot.latency"; of a family, "lock.mmap_lock.wait" */
	const char *group;      /* guest name, or "host" */
	const int64_t *samples; /* of the last replication, in order of completion */
	const int64_t *times;   /* of a latency: when each was requested, ns; else NULL */
	size_t count;
};

/* The time that one step took within a latency metric, summed over its observations. */
struct part {
	size_t metric; /* index of a latency metric */
	const char *flow, *step, *where;
	bool retries;      /* a sleep between two attempts: it cannot be made free */
	bool listed;       /* among simulation_spent_parts() */
	__int128 total_ns; /* of the last replication: many guests may wait for years */
	__int128 tail_ns;  /* of those of its observations that simulation_watch_tail asks for */
};

struct counter {
	const char *name, *group;
	uint64_t value; /* of the last replication */
};

/* A new simulation of *config, which must outlive it; NULL on failure. */
struct simulation *simulation_new(const struct simulation_config *config, struct error *error);
void simulation_free(struct simulation *simulation);

/*
 * Go on with another configuration as if built of it, when it is of the same shape: the same
 * guests (models, designs, how many), the same population (if any) and as many events,
 * waves and faults; costs, seed, times, sizes and the host may differ. False, and unchanged, when it is not. What it had until now must
 * still exist; *config must outlive it then.
 */
bool simulation_adopt(struct simulation *simulation, const struct simulation_config *config);

/* Run replication number `replication` from time 0 to the end. */
bool simulation_run(struct simulation *simulation, uint32_t replication, struct error *error);

/* Tell *observer what happens from now on (NULL: nobody looks); it is borrowed. */
void simulation_observe(struct simulation *simulation, const struct observer *observer);

/* Sum the parts of the metric's observations of `at_least` and more by themselves, as tail_ns. */
void simulation_watch_tail(struct simulation *simulation, size_t metric, int64_t at_least);

/* Views of the last replication, owned by the simulation; fixed length. */
const struct metric *simulation_metrics(const struct simulation *simulation, size_t *count);
const struct part *simulation_parts(const struct simulation *simulation, size_t *count);
const struct counter *simulation_counters(const struct simulation *simulation, size_t *count);

/* Why operations failed in the last replication. */
struct failure;
const struct failure *simulation_failures(const struct simulation *simulation, size_t *count);

/* Indices of the parts that took time in the last replication, in no order. */
const size_t *simulation_spent_parts(const struct simulation *simulation, size_t *count);

/*
 * Threads that wait at the end of the last replication: for a lock, for readers, or until
 * others have ended; a sentence each, at most `most`. Returns how many.
 */
enum { BLOCKED_TEXT = 256 };
size_t simulation_blocked(const struct simulation *simulation, char (*texts)[BLOCKED_TEXT],
			  size_t most);

/* Events fired in the last replication. */
uint64_t simulation_events(const struct simulation *simulation);

/* True when any replication so far has made a random draw. */
bool simulation_is_random(const struct simulation *simulation);

#endif
