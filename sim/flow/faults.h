#ifndef SIM_FLOW_FAULTS_H
#define SIM_FLOW_FAULTS_H

/* Calls that fail: by chance, or because the scenario says so. */

#include "flow/runtime.h"

/* Any are switched on for the thread's guest. */
static inline bool faults_are_on(const struct thread *thread)
{
	return thread->instance->group->config->fault_count > 0;
}

/*
 * Do `calls` calls of a fault point meet a switched-on fault? `own`: stream to draw from, or NULL.
 * faults_count_failed() is for when any are on.
 */
bool faults_count_failed(struct thread *thread, const char *name, uint64_t calls,
			 struct stream *own, uint64_t *failed);
static inline bool faults_meet(struct thread *thread, const char *name, uint64_t calls,
			       struct stream *own, uint64_t *failed)
{
	*failed = 0;
	return faults_are_on(thread) && faults_count_failed(thread, name, calls, own, failed);
}

/* The next calls of a fault point, at most `calls`, up to one that fails by its number. */
uint64_t faults_calls_through(const struct thread *thread, const char *name, uint64_t calls);

/* How many of at most `calls` calls succeed before the first that fails, by chance or by a fault. */
uint64_t faults_calls_before(struct thread *thread, const struct page_call *call, uint64_t calls,
			     struct stream *own);

/* So many calls of a fault point were made. */
void faults_count_calls(struct thread *thread, const char *name, uint64_t calls);

#endif
