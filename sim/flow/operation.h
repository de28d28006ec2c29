#ifndef SIM_FLOW_OPERATION_H
#define SIM_FLOW_OPERATION_H

/*
 * Operations on guests: one at a time per guest, in the order of request. A kill
 * does not wait: it signals every thread of the guest, and the exit flow begins
 * when they are gone; what was requested before or meanwhile is judged behind it. A
 * process that dies by itself, or a start that fails, ends by the same flow.
 */

#include "flow/runtime.h"

/* Something asks for it. `coalesce`: not again while the same waits already. */
void instance_request(struct instance *instance, enum operation operation,
		      struct event_source *wave, bool coalesce);

/* The same of something that was asked for at since_ns already: until now it waited. */
void instance_request_since(struct instance *instance, enum operation operation, int64_t since_ns,
			    struct event_source *wave, bool coalesce);

/* What waits for `from` waits for `to` instead, behind what waits for that. */
void instance_hand_over(struct instance *from, struct instance *to);

/* It was killed, or its process exits by itself. */
bool instance_is_killed(const struct instance *instance);

/* So many of its shutdowns are under way or wait. */
size_t instance_shutdowns(const struct instance *instance);

/* One of both: it is about to leave. */
bool instance_is_leaving(const struct instance *instance);

/* At this instant the exit flow, or what waits, begins if it may. */
event_handler instance_next;

/* MILESTONE_DONE: the user has what was asked for. */
void operation_done(struct thread *thread);

/* MILESTONE_RECLAIMED: the thread's generation is; or all that no other thread works for. */
void operation_reclaimed(struct thread *thread, bool all);

#endif
