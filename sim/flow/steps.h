#ifndef SIM_FLOW_STEPS_H
#define SIM_FLOW_STEPS_H

/* What each step of the vocabulary does to the thread that comes to it. */

#include "flow/runtime.h"

/* Begin the step in progress; true: the thread is blocked in it. */
bool step_begin(struct thread *thread);

#endif
