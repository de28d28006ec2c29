#ifndef SIM_FLOW_PROCESS_H
#define SIM_FLOW_PROCESS_H

/*
 * The processes that guests live in, and how their threads end: at the end of a flow, by a
 * fatal signal, when the process dies.
 */

#include "flow/thread.h"

/* The process exits by itself: its threads get a fatal signal; when they are gone its exit flow
 * begins. by_oom: the OOM killer makes it, and whatever shares its memory, exit. */
void process_exit(struct instance *instance, bool by_oom);

/* The same, as a request says. */
void process_die(struct instance *instance, struct request death);

/* Threads of earlier processes work on; those of the living one must be gone before it is. */
bool process_has_threads(const struct instance *instance);

/* The next operation begins at this instant, but not inside a thread that may still be ending. */
void process_next_soon(struct instance *instance);

/* A fatal signal. */
void thread_signal(struct thread *thread);

/* Such a signal ends it between user-space instructions, never inside the kernel: now? */
static inline bool thread_killable(const struct thread *thread)
{
	return thread->signalled && thread_step(thread)->step->user && !thread_holds_locks(thread);
}
void thread_abort(struct thread *thread);

/* Its first flow has returned: it leaves the guest and can be used again. */
void thread_end(struct thread *thread);

#endif
