#ifndef SIM_FLOW_LOOP_LOOK_H
#define SIM_FLOW_LOOP_LOOK_H

/*
 * Loops that only look at pages: they claim none, so others claim and change pages that
 * they are about to pass. A claim and the place where one comes by the other make them
 * look again.
 */

#include "flow/runtime.h"

/* Pages in `state` are passed, and what the changer makes of them would not be so. */
bool loop_only_looks(const struct loop_run *run, int state, const struct loop_run *changer);

/*
 * Behind the changer a loop is faster than it, so the two take turns at each page: it sees
 * at most a window of pages as they were before the changer came by.
 */
bool loop_catches_up(const struct loop_run *run, const struct loop_run *changer, int state);

/* A changer's piece ends where it comes by a slower loop that looks: that one looks again there. */
void loop_clip_to_lookers(const struct loop_run *run, int state, struct page_range *range);

/* Loops that only look at pages which another has just claimed, look again. */
void loop_pages_claimed(const struct loop_run *by);

#endif
