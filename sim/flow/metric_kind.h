#ifndef SIM_FLOW_METRIC_KIND_H
#define SIM_FLOW_METRIC_KIND_H

/*
 * The catalogue of metrics and counters: a row says what one is called, its unit, whose it
 * is, how it is observed and how reports call it. Simulations build their metrics from it;
 * scenarios check names by it; reports and docs/scenario.md print it. A new metric is an
 * enumerator here, a row in metric_kind.c, and the place where it is counted
 * (`total[METRIC_X]` of a guest's or the host's metric_set, or metrics_latency()).
 */

#include <stdbool.h>
#include <stddef.h>

#include "flow/config.h"

/* Units of observations; "ns", "bytes", "pages", "count", "ppm" (a share, in millionths). */
enum unit { UNIT_NANOSECONDS, UNIT_BYTES, UNIT_PAGES, UNIT_COUNT, UNIT_SHARE, UNITS };
extern const char *const unit_names[UNITS + 1]; /* NULL behind the last */
enum { WHOLE_SHARE = 1000000 };                 /* all of it, as UNIT_SHARE */

/* In the order of results: of each guest, of the host, of a fleet. */
enum metric_id {
	METRIC_START, /* the latencies of operations are in their order */
	METRIC_REBOOT,
	METRIC_SHUTDOWN,
	METRIC_UPDATE,
	METRIC_RELOCK,
	METRIC_TEARDOWN,
	METRIC_BACKGROUND_CPU,
	METRIC_FOREGROUND_PAGES,
	METRIC_BACKGROUND_PAGES,
	METRIC_TOUCHED_PAGES,
	METRIC_FALLBACKS,
	METRIC_STALL,
	METRIC_FAILURES,
	METRIC_LOSSY,
	METRIC_WAVE,
	METRIC_LIMBO_PEAK,
	METRIC_LIMBO_MEAN,
	METRIC_LIMBO_HELD,
	METRIC_MEMORY_PEAK,
	METRIC_MEMORY_MEAN,
	METRIC_NODE_MEMORY,
	METRIC_LONGEST_SLICE,
	METRIC_OBSERVED_TIME,
	METRIC_CORES_BUSY,
	METRIC_CORES_WAIT,
	METRIC_MEMORY_MOVED,
	METRIC_MEMORY_SLOWED,
	METRIC_CROWD_SLOWED,
	METRIC_CAPACITY_USED,
	METRIC_CAPACITY_SLOWED,
	METRIC_NEIGHBOUR,
	METRIC_LOCK_WAIT,
	METRIC_LOCK_HOLD,
	METRIC_START_DELAY,
	METRIC_VMS_REJECTED,
	METRIC_VMS_WAITED,
	METRIC_HOST_LIMBO,
	METRIC_HOST_MEMORY,
	METRIC_HOST_CORES_USED,
	METRIC_HOST_VCPUS_USED,
	METRIC_HOST_MEMORY_USED,
	METRIC_HOST_BANDWIDTH_USED,
	METRIC_MOVE,
	METRIC_EVACUATION,
	METRIC_KINDS
};

enum metric_of { OF_GUEST, OF_HOST };

/* Observed each time that it happens, or (from SUM on) once in a replication. */
enum metric_observed { EACH_REQUEST, EACH_TIME, SUM, HIGHEST, MEAN_OVER_TIME, METRIC_OBSERVED };

enum metric_needs {
	NEEDS_NOTHING,
	NEEDS_OPERATION,
	NEEDS_STALLS,
	NEEDS_WAVES,
	NEEDS_FAULTS,
	NEEDS_NODES,
	NEEDS_FLEET,
	NEEDS_EVACUATIONS
};

/* Lines of the text report: a row has its place among those of one section. */
enum { LINES_FLEET = 10, LINES_MEMORY = 20, LINES_WORK = 30, LINES_FAILURES = 40, LINES_MOST = 10 };

struct metric_kind {
	const char *name; /* "reboot.latency"; capitals stand for names: "lock.NAME.wait" */
	enum unit unit;
	enum metric_of of;
	enum metric_observed observed;
	enum metric_needs needs;
	const char *help;        /* what it is, for the reference */
	int line;                /* in the text report: LINES_... + its place; 0: it has none */
	const char *label, *why; /* there: what it is called, and what is said behind the number */
	const char *title;       /* of its column beside a comparison; NULL: it has none */
};
extern const struct metric_kind metric_kinds[METRIC_KINDS];

/* Counters: whole numbers over all replications. Those of cost terms are called like them. */
enum counter_id {
	COUNTER_LOST_PAGES,
	COUNTER_LEAKED_BYTES,
	COUNTER_UNFINISHED,
	COUNTER_REQUESTED,
	COUNTER_DONE, /* how requests end: */
	COUNTER_FAILED,
	COUNTER_REFUSED,     /* at once: ESRCH, EEXIST */
	COUNTER_COALESCED,   /* another one serves it, too */
	COUNTER_OOM_HELPERS, /* the OOM killer's victims: */
	COUNTER_OOM_NEWCOMERS,
	COUNTER_OOM_NEIGHBOURS,
	COUNTERS_OF_GUEST,
	COUNTER_VMS_ARRIVED = COUNTERS_OF_GUEST, /* of a fleet */
	COUNTER_VMS_STARTED,
	COUNTER_VMS_WAITED,
	COUNTER_VMS_REJECTED,
	COUNTER_VMS_FAILED,
	COUNTER_VMS_LOST,
	COUNTER_VMS_TORN_DOWN,
	COUNTER_VMS_MOVED,
	COUNTER_VMS_RUNNING,
	COUNTER_VMS_STARTING,
	COUNTER_VMS_STOPPING,
	COUNTER_VMS_MOVING,
	COUNTER_VMS_WAITING,
	COUNTER_VMS_LEFT_OUT,
	COUNTER_HOST_LIMBO, /* of each of its hosts */
	COUNTER_HOST_BACKGROUND,
	COUNTER_HOST_STARTED,
	COUNTER_HOST_CORES,
	COUNTER_HOST_MOVED,
	COUNTER_HOST_PLACED,
	COUNTER_HOST_MEMORY,
	COUNTER_KINDS
};

struct counter_kind {
	const char *name;
	enum unit unit;
	const char *help;
	const char *label; /* in sentences of reports; NULL: none */
	bool is_loss;      /* reports have a line for it when there are any */
};
extern const struct counter_kind counter_kinds[COUNTER_KINDS];

/* The latency of an operation; a kill's is that of a shutdown. */
static inline enum metric_id metric_of_operation(enum operation operation)
{
	return operation == OPERATION_KILL ? METRIC_SHUTDOWN
					   : (enum metric_id)(METRIC_START + (int)operation);
}

/* Some event of the guest goes through its instances in a wave (`concurrency`). */
static inline bool has_waves(const struct simulation_config *config, size_t guest)
{
	for (size_t i = 0; i < config->event_count; i++)
		if (config->events[i].guest == guest && config->events[i].concurrency &&
		    config->events[i].rate_per_s <= 0)
			return true;
	return false;
}

/* It is observed once in a replication. */
static inline bool metric_is_total(const struct metric_kind *kind)
{
	return kind->observed >= SUM;
}

/* The kind of a metric by its name ("lock.mmap_lock.wait"), or NULL. */
const struct metric_kind *metric_kind_of(const char *name);

/* The kind of a counter by its name; NULL: there is none, or it counts a cost term. */
const struct counter_kind *counter_kind_of(const char *name);

/* The row stands for several names: of locks, of errnos. */
bool metric_is_family(const struct metric_kind *kind);

/* The name of one of a family: its placeholder is replaced; size as for snprintf. */
void metric_family_name(char *name, size_t size, const struct metric_kind *kind,
			const char *member);

/* The other way: what stands for the placeholder in the name of a metric of that family. */
void metric_member(char *member, size_t size, const struct metric_kind *family, const char *name);

/* For the end of a message about a name that is none: a hint of at least HINT_MAX bytes. */
const char *metric_did_you_mean(char *hint, const char *name);

/* Is what is called `name` of `group` the one that is asked for? No group: any is. */
bool metric_is(const char *name, const char *group, const char *wanted, const char *wanted_group);

#endif
