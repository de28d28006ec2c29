#ifndef SIM_FLOW_LOOP_RANGE_H
#define SIM_FLOW_LOOP_RANGE_H

/* Which pages are whose: ranges that loops plan, pass, and are about to come to. */

#include "flow/runtime.h"

/* Has it planned pages that it will change? They are nobody else's; others are free for all. */
bool loop_claims(const struct loop_run *run);

/* Are the claimed pages still in the state in which they were planned, or in one like it? */
bool loop_claim_holds(const struct loop_run *run);

/* Where a loop is by expectation, without looking (a look costs a draw and an event). */
uint64_t loop_likely_cursor(const struct loop_run *run);

/* How far a loop that goes the same way as another goes before it looks at the other again. */
uint64_t loop_window_pages(const struct loop_run *run);

/* Keep at most `pages` of the range, from the place of the loop on; keep what lies before its bound. */
void loop_clip_to_pages(const struct loop_run *run, struct page_range *range, uint64_t pages);
void loop_clip_to_bound(const struct loop_run *run, struct page_range *range);

/* It does nothing to pages in that state but pay; it pays the same for both. */
bool loop_passes(const struct page_loop *loop, int state);
bool loop_passes_alike(const struct page_loop *loop, int a, int b);

/* Go on over the pages that follow as long as they make no difference to the loop. */
void loop_extend(const struct loop_run *run, int state, struct page_range *range);

#endif
