#ifndef SIM_FLOW_STEPS_TIMED_H
#define SIM_FLOW_STEPS_TIMED_H

/* The steps that take time: each function returns true when the thread is blocked now. */

#include "flow/runtime.h"

bool step_begin_lock(struct thread *thread, const struct step *step); /* LOCK, READ_LOCK, TRYLOCK */
bool step_begin_spend(struct thread *thread, const struct step *step); /* SPEND, SLEEP, PAUSE */
bool step_begin_serve(struct thread *thread, const struct step *step);
bool step_begin_cores(struct thread *thread, const struct step *step);
bool step_begin_grace(struct thread *thread, const struct step *step);

/* STOP signals the guest's threads that run the flow; both wait until they are gone. */
bool step_begin_stop(struct thread *thread, const struct step *step);

#endif
