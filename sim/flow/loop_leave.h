#ifndef SIM_FLOW_LOOP_LEAVE_H
#define SIM_FLOW_LOOP_LEAVE_H

/* Page loops leave the fluid mode: for a request of their lock, for a signal. */

#include "flow/runtime.h"

/* Somebody wants the lock that batches are gathered under. */
lock_contended loop_contended;

/* It looks at the lock no more: it leaves the fluid mode, or ends. */
void loop_unwatch(struct loop_run *run);

/* A fatal signal: an interruptible loop ends behind its batch, or before its next page. */
void loop_signal(struct thread *thread);

#endif
