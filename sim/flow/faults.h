#ifndef SIM_FLOW_FAULTS_H
#define SIM_FLOW_FAULTS_H

/* Calls that fail: by chance, or because the scenario says so. */

#include "flow/runtime.h"

/* Do `calls` calls of a fault point meet a switched-on fault? `own`: stream to draw from, or NULL. */
bool faults_meet(struct thread *thread, const char *name, uint64_t calls, struct stream *own,
		 uint64_t *failed);

/* How many of at most `calls` calls succeed before the first that fails, by chance or by a fault. */
uint64_t faults_calls_before(struct thread *thread, const struct page_call *call, uint64_t calls,
			     struct stream *own);

/* So many calls of a fault point were made. */
void faults_count_calls(struct thread *thread, const char *name, uint64_t calls);

#endif
