#ifndef SIM_FLOW_OBSERVER_H
#define SIM_FLOW_OBSERVER_H

/*
 * What somebody who watches a simulation is told, for timelines and curves. Watching
 * changes no result. Texts live as long as the simulation; times are of the replication.
 */

#include <stdbool.h>
#include <stdint.h>

/* A thread, as long as it lives: its number is used again when it has ended. */
struct track {
	uint32_t host;    /* on which its guest is, from 0 */
	uint32_t guest;   /* number of the instance, from 0; of a fleet, of the VM in its trace */
	const char *name; /* of its group */
	uint32_t thread;  /* number among the host's threads */
	const char *flow; /* with which the thread began */
	bool foreground;  /* its time is the user's, at first */
};

/* One step that took time. */
struct span {
	struct track track;
	const char *flow, *step, *where;
	int64_t begin_ns, end_ns;
	int64_t waited_ns;     /* part of it for others ... */
	const char *waits_for; /* ... in the "run queue", a "queue", for "readers" */
	bool on_core;          /* it ran, or waited to run */
	bool waiting;          /* all of it is waiting: for a lock or for other threads */
	bool counted;          /* it is part of a latency */
	double moved_bytes;    /* over its host's memory bus, by what prices use of it */
};

/* A lock that somebody held for some time, or that somebody waited for meanwhile. */
struct lock_hold {
	struct track holder;
	const char *lock;
	uint32_t guest; /* whose lock; UINT32_MAX: the holder's host's */
	bool shared;    /* for reading: others may have held it, too */
	int64_t begin_ns, end_ns;
};

/* What a host has of its cores and its memory. */
struct host_state {
	uint32_t host;
	double busy_ns; /* of all its cores, since time 0 */
	double bytes;   /* of memory in use at present */
};

struct observer {
	void *data;
	void (*step)(void *data, const struct span *span);
	void (*hold)(void *data, const struct lock_hold *hold);
	/* An operation begins that was asked for at since_ns and had to queue behind others. */
	void (*queued)(void *data, const struct track *track, int64_t since_ns, int64_t at_ns);
	/* The release of the hold told last has woken a waiter. */
	void (*woken)(void *data, const struct track *waiter, int64_t at_ns);
	void (*spawned)(void *data, const struct track *by, const struct track *thread,
			int64_t at_ns);
	/* A corner of memory in limbo over time: between two it is straight. Two of one
	   instant are a jump. */
	void (*limbo)(void *data, int64_t at_ns, int64_t bytes);
	/* Likewise of memory in use, of all hosts; a corner may be told twice. */
	void (*in_use)(void *data, int64_t at_ns, int64_t bytes);
	/* Each host, every so many ns (0: never), and when nothing happens any more. */
	int64_t every_ns;
	void (*host)(void *data, const struct host_state *state);
};

#endif
