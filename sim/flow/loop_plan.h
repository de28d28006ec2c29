#ifndef SIM_FLOW_LOOP_PLAN_H
#define SIM_FLOW_LOOP_PLAN_H

/* What a page loop does next: the pages of a piece and their time, a call that will fail. */

#include "flow/runtime.h"

/* Begin the next piece of at most `most` pages; total_ns < 0: draw its time. */
void loop_start_piece(struct loop_run *run, uint64_t most, int64_t total_ns);

/* The pages that are left of a batch, in a time that is known already. */
void loop_start_rest(struct loop_run *run, int64_t rest_ns);

/* A call that will fail ends the loop in front of its page. */
void loop_foresee_failure(struct loop_run *run);

#endif
