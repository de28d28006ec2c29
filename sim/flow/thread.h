#ifndef SIM_FLOW_THREAD_H
#define SIM_FLOW_THREAD_H

/*
 * Threads: where in its flows one is, what it holds, and the random streams that it draws from.
 * What moves it is flow/interpreter.h.
 */

#include "flow/runtime.h"

/*
 * A thread for the guest that begins with `flow` at this instant; NULL: the engine has an error.
 * Without a spawner it is the operation itself. What a spawner waits for (JOIN) works for whom the
 * spawner works: helpers of a thread in the background are in the background.
 */
struct thread *thread_start(struct instance *instance, struct operation_run *run,
			    const struct program *program, uint32_t flow,
			    const struct thread *spawner);
void thread_release(struct thread *thread); /* it works for nobody any more: another may begin */
void thread_resume_soon(struct thread *thread); /* by an event at this instant */

/* The step in progress. */
static inline struct program_step *thread_step(const struct thread *thread)
{
	return &thread->program->steps[thread->frames[thread->depth - 1].next];
}

/* The next stream of that purpose in its operation; false: the engine has an error. */
bool thread_stream(struct thread *thread, uint32_t purpose, struct stream *stream);

/* How often it holds the lock; in page loops, too. */
int64_t thread_holds(const struct thread *thread, const struct lock *lock);
bool thread_holds_locks(const struct thread *thread); /* any, but of page loops */

/* Work without a reschedule point goes on; it ends at one. */
void slice_add(struct thread *thread, int64_t work_ns);
void slice_end(struct thread *thread);

/* A defect of a model or of the engine, with the guest, flow and step at which it showed. */
void thread_fail(struct thread *thread, const char *format, ...)
	__attribute__((cold, format(printf, 2, 3)));

#endif
