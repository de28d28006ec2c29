#ifndef SIM_FLOW_LOOP_SHARE_H
#define SIM_FLOW_LOOP_SHARE_H

/*
 * Several page loops over one guest: who takes which pages.
 *
 * A loop plans up to the pages that another has planned already. When its very
 * next page is planned by another, the pages between them are shared: two loops
 * that come towards each other split them in proportion to their speeds, again
 * each time that one of them has done its part; of two that go the same way,
 * the one behind overtakes: it leaves the one in front a part of what that has planned
 * and takes the rest. What a loop passes as if it were done, it owes: at its end it goes
 * back to what nobody has done.
 */

#include "flow/runtime.h"

/* Begin the next piece of at most `most` pages; total_ns < 0: draw its time. */
void loop_start_piece(struct loop_run *run, uint64_t most, int64_t total_ns);

/* To pages it owes that nobody does; false: there are none. */
bool loop_go_back(struct loop_run *run);

#endif
