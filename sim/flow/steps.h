#ifndef SIM_FLOW_STEPS_H
#define SIM_FLOW_STEPS_H

/* What each step of the vocabulary does to the thread that comes to it. */

#include "flow/runtime.h"

/* Begin the step in progress; true: the thread is blocked in it. */
bool step_begin(struct thread *thread);

/* A thread that waits for memory is woken: true: it has some, or pending_error says why not. */
bool step_allocates(struct thread *thread);

#endif
