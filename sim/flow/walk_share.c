/*
 * Several page loops over one guest: who takes which pages.
 *
 * A loop plans up to the pages that another has planned already. When its very
 * next page is planned by another, that one is cut and the pages between them
 * are shared: two loops that come towards each other split them in proportion to
 * their speeds; two that walk the same way side by side take turns, each doing
 * half of the pages and finding the other half done.
 */

#include <math.h>

#include "flow/runtime.h"

/* Closer than this, a loop that catches up with another joins it. */
enum { SIDE_BY_SIDE_PAGES = 2 };

static bool claims(const struct walk *walk, uint64_t page)
{
	return walk->phase != WALK_IDLE && walk->planned && walk->loop->range &&
	       walk->claim.first <= page && page < walk->claim.end;
}

static struct walk *claimant(const struct walk *walk, uint64_t page)
{
	for (struct thread *other = walk_thread(walk)->instance->threads; other; other = other->next)
		if (&other->walk != walk && claims(&other->walk, page))
			return &other->walk;
	return NULL;
}

/* Bound the range to what the walk may take next. */
static void clip(const struct walk *walk, struct page_range *range)
{
	uint64_t end = walk->in_company ? walk->company_end : walk->bound;

	if (walk->loop->descending) {
		range->end = walk->cursor;
		if (range->first < walk->bound)
			range->first = walk->bound;
		if (range->end - range->first > walk->limit)
			range->first = range->end - walk->limit;
	} else {
		range->first = walk->cursor;
		if (range->end > end)
			range->end = end;
		if (range->end - range->first > walk->limit)
			range->end = range->first + walk->limit;
	}
}

/* Leave out what other loops have planned; the next page itself is free. */
static void avoid_claims(const struct walk *walk, struct page_range *range)
{
	for (struct thread *other = walk_thread(walk)->instance->threads; other; other = other->next) {
		const struct walk *theirs = &other->walk;

		if (theirs == walk || theirs->phase == WALK_IDLE || !theirs->planned ||
		    !theirs->loop->range)
			continue;
		if (walk->loop->descending && theirs->claim.end <= range->end &&
		    theirs->claim.end > range->first)
			range->first = theirs->claim.end;
		if (!walk->loop->descending && theirs->claim.first >= range->first &&
		    theirs->claim.first < range->end)
			range->end = theirs->claim.first;
	}
}

/* My part of the pages between two loops that come towards each other. */
static void share_facing(const struct walk *walk, const struct walk *other, int state,
			 struct page_range *range)
{
	struct page_range between = *range;
	uint64_t pages, mine, theirs, fair;
	uint32_t ignored;
	double my_ns = walk_page_law(walk, state, &ignored).mean_ns;
	double their_ns = walk_page_law(other, state, &ignored).mean_ns;

	if (walk->loop->descending && between.first < other->cursor)
		between.first = other->cursor;
	if (!walk->loop->descending && between.end > other->cursor)
		between.end = other->cursor;
	if (between.first >= between.end)
		return;
	pages = between.end - between.first;
	theirs = other->stopping ? 0 : other->limit < pages ? other->limit : pages;
	fair = my_ns + their_ns > 0 ?
		       (uint64_t)llround((double)pages * their_ns / (my_ns + their_ns)) :
		       pages / 2;
	mine = fair > pages - theirs ? fair : pages - theirs;
	mine = mine < 1 ? 1 : mine > pages ? pages : mine;
	if (walk->loop->descending)
		between.first = between.end - mine;
	else
		between.end = between.first + mine;
	*range = between;
}

/* Join a loop that walks the same way: it keeps the lower half of its pages. */
static bool join(struct walk *walk, struct walk *other, struct page_range theirs, int *state,
		 struct page_range *range, uint64_t *skipped)
{
	const struct page_map *map = &walk_thread(walk)->instance->guest.pages;
	uint64_t at = other->cursor, middle;

	if (at - walk->cursor > SIDE_BY_SIDE_PAGES || theirs.end < at + 2 || walk->limit < UINT64_MAX / 2)
		return false;
	middle = at + (theirs.end - at + 1) / 2;
	if (!other->in_company)
		other->company_after = theirs.end;
	other->in_company = true;
	other->company_end = middle;
	walk->in_company = true;
	walk->company_end = walk->company_after = theirs.end;
	*skipped = at - walk->cursor;
	page_map_run(map, middle, state);
	*range = (struct page_range){ middle, theirs.end };
	return true;
}

struct page_range walk_choose(struct walk *walk, int *state, uint64_t *skipped)
{
	struct thread *thread = walk_thread(walk);
	const struct page_map *map = &thread->instance->guest.pages;
	uint64_t page = walk->loop->descending ? walk->cursor - 1 : walk->cursor;
	struct walk *other = claimant(walk, page);
	struct page_range theirs = { 0, 0 }, range;

	if (other) {
		theirs = other->claim;
		walk_cut(other);
	}
	range = page_map_run(map, page, state);
	clip(walk, &range);
	if (other && other->loop->descending != walk->loop->descending)
		share_facing(walk, other, *state, &range);
	else if (other && !walk->loop->descending && !thread->simulation->config->exact_pages &&
		 join(walk, other, theirs, state, &range, skipped))
		return range;
	avoid_claims(walk, &range);
	return range;
}
