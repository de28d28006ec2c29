#ifndef SIM_FLOW_BOOKS_H
#define SIM_FLOW_BOOKS_H

/*
 * The books of a running simulation: metrics, parts of latencies, counters; private
 * to sim/flow. books_build.c says which there are, books.c writes them.
 */

#include "flow/runtime.h"

/* --- books_build.c --- */
bool books_build(struct simulation *simulation, struct error *error);
bool books_add(struct simulation *simulation, struct group *group, enum metric_id id,
	       struct error *error); /* group: whose it is unless it is the host's */
bool books_add_counter(struct simulation *simulation, const char *name, const char *group,
		       struct error *error);
const char *books_keep_name(struct simulation *simulation, struct error *error, const char *format,
			    const char *a, const char *b);
void books_fini(struct simulation *simulation);

/* --- books.c --- */
void books_instance(struct instance *instance); /* add up an instance that is over */
void books_reset(struct simulation *simulation);
void books_finish(struct simulation *simulation);
void books_sample(struct simulation *simulation, size_t metric, int64_t value);
void books_latency(struct simulation *simulation, size_t metric, int64_t value,
		   int64_t requested_ns);
event_handler books_warm_up_over; /* forget what was counted so far */
void books_failure(struct group *group, int error);
void books_units(struct group *group, int term, uint64_t units);
void books_limbo(struct instance *instance); /* recompute after a change */
void books_step(struct thread *thread, int64_t work_ns);
/* Bytes that were reclaimed evenly since `since_ns` rather than just now. */
void books_limbo_slope(struct simulation *simulation, int64_t bytes, int64_t since_ns);

#endif
