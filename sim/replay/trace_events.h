#ifndef SIM_REPLAY_TRACE_EVENTS_H
#define SIM_REPLAY_TRACE_EVENTS_H

/* Chrome trace events, collected by timeline.c and written by trace_events.c; private to replay. */

#include <stdio.h>

#include <jansson.h>

#include "flow/observer.h"
#include "scenario/scenario.h"

/*
 * The first process is the host, and one for each guest follows; of a fleet it is the fleet, and
 * one for each host follows.
 */
enum { FIRST_PROCESS = 1, NAME_MAX_LENGTH = 512 };

/* Where something is shown: process and track. No two processes have a track of one number. */
struct place {
	uint32_t process, track;
};

enum kind { SLICE_END, SLICE, COUNTER, FLOW_START, FLOW_END, QUEUE_START, QUEUE_END };

struct trace_event {
	int64_t at_ns, length_ns;
	enum kind kind;
	size_t order; /* of creation, and the identity of flows and queues */
	struct place place;
	const char *category;
	const char *name, *suffix; /* suffix: in parentheses; NULL: none */
	const char *where, *flow;  /* of slices that are steps */
	const struct track *holder;
	bool counted; /* in a latency */
	double value; /* of counters */
};

struct trace {
	const struct scenario *scenario;
	uint32_t replication;
	const struct trace_event *events; /* by time */
	size_t count;
	json_t *places; /* "PROCESS NAME" -> number of the track */
};

/* How many processes there are. */
uint32_t trace_process_count(const struct simulation_config *config);

bool trace_write(const struct trace *trace, FILE *out, struct error *error);

#endif
