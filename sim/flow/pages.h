#ifndef SIM_FLOW_PAGES_H
#define SIM_FLOW_PAGES_H

/*
 * The present pages of a guest, as runs of pages in one state.
 *
 * Pages are numbered 0, 1, ... in address order, absent ones left out. A guest of
 * any size is a handful of runs, so a loop over 2^28 pages costs a few steps.
 * What a state means is the model's business (s390-pv: plain, stale, owned).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A model's own states begin at PAGE_FIRST. */
enum {
	PAGE_NONE,  /* no state at all */
	PAGE_GONE,  /* the page has been given back to the host, or is lost for good */
	PAGE_FIRST, /* the first of the model's */
	PAGE_STATES_MAX = 8,
};

/* Pages first .. end - 1. */
struct page_range {
	uint64_t first, end;
};

struct page_run {
	uint64_t end; /* the run begins where the one before ends */
	int state;
};

struct page_map {
	struct page_run *runs;
	size_t count, capacity;
	uint64_t in_state[PAGE_STATES_MAX];
	bool filled; /* by page_map_fill; the runtime looks at it behind each hook */
};

bool page_map_init(struct page_map *map, struct error *error);
void page_map_fini(struct page_map *map);

/*
 * A new address space: `pages` pages, all in `state`; what was there is forgotten. Of a model
 * only `begin`, the hook that starts a process and the one that ends it (with no pages) may do
 * so, and only when no loop is at work on the pages and none of a dead generation lingers
 * there: behind each hook the runtime looks, and ends the run with an error. Where some do
 * linger a starting process puts its pages behind them (page_map_append), or takes the place
 * of the last one's (page_map_set).
 */
void page_map_fill(struct page_map *map, uint64_t pages, int state);

/* `pages` more at the end, in `state`. May allocate: false on lack of memory. */
bool page_map_append(struct page_map *map, uint64_t pages, int state);

/* Pages that hold memory of the host. */
static inline uint64_t page_map_present(const struct page_map *map)
{
	uint64_t pages = 0;

	for (int state = PAGE_FIRST; state < PAGE_STATES_MAX; state++)
		pages += map->in_state[state];
	return pages;
}

/* Number of pages, those that are gone included. */
static inline uint64_t page_map_pages(const struct page_map *map)
{
	return map->count ? map->runs[map->count - 1].end : 0;
}

/* The maximal run that holds `page` (below the number of pages), and its state. */
struct page_range page_map_run(const struct page_map *map, uint64_t page, int *state);

/* Put the pages of `range` into `state`. May allocate: false on lack of memory. */
bool page_map_set(struct page_map *map, struct page_range range, int state);

/* Turn every page in state `from` into state `to`. */
void page_map_turn(struct page_map *map, int from, int to);

#endif
