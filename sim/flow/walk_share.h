#ifndef SIM_FLOW_WALK_SHARE_H
#define SIM_FLOW_WALK_SHARE_H

/* What walk_share.c and walk_look.c know of several loops over one guest's pages. */

#include "flow/runtime.h"

/* --- walk_share.c --- */
bool walk_claims(const struct walk *walk); /* pages that it will change: nobody else's */
uint64_t walk_likely_cursor(const struct walk *walk);
uint64_t walk_window_pages(const struct walk *walk);
void walk_clip_to_pages(const struct walk *walk, struct page_range *range, uint64_t pages);
bool walk_passes(const struct page_loop *loop, int state); /* does nothing but pay */
bool walk_passes_alike(const struct page_loop *loop, int a, int b);

/* --- walk_look.c --- */
bool walk_only_looks(const struct walk *walk, int state, const struct walk *changer);
bool walk_catches_up(const struct walk *walk, const struct walk *changer, int state);
void walk_clip_to_lookers(const struct walk *walk, int state, struct page_range *range);

#endif
