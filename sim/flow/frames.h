#ifndef SIM_FLOW_FRAMES_H
#define SIM_FLOW_FRAMES_H

/* From step to step: on, to a label, into a flow and out of it. */

#include "flow/runtime.h"

/* The step in progress is done, or has failed: on to its label, or out of the flow. */
static inline void step_next(struct thread *thread)
{
	thread->frames[thread->depth - 1].next++;
}
void step_failed(struct thread *thread, int error);

/* Into a flow; back to the caller's CALL, or to the thread's end. */
void flow_call(struct thread *thread, uint32_t flow);
void flow_return(struct thread *thread);

#endif
