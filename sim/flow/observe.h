#ifndef SIM_FLOW_OBSERVE_H
#define SIM_FLOW_OBSERVE_H

/* Tells an observer (flow/observer.h) what happens, when somebody watches. */

#include "flow/runtime.h"

/* The step in progress has taken elapsed_ns; waited_ns of it for others. */
void observe_tell_step(struct thread *thread, int64_t elapsed_ns, int64_t waited_ns);
static inline void observe_step(struct thread *thread, int64_t elapsed_ns, int64_t waited_ns)
{
	if (thread->simulation->observer)
		observe_tell_step(thread, elapsed_ns, waited_ns);
}
void observe_woken(const struct thread *waiter); /* it has got the lock that it waited for */
void observe_queued(const struct thread *thread, int64_t since_ns);
void observe_spawned(const struct thread *by, const struct thread *thread);

void observe_hosts(struct simulation *simulation);

/* lock_release, told to the observer. */
void release_lock(struct thread *thread, const struct lock_kind *kind, struct lock *lock,
		  struct lock_request *request);

#endif
