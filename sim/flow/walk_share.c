/*
 * Several page loops over one guest: who takes which pages.
 *
 * A loop plans up to the pages that another has planned already. When its very
 * next page is planned by another, the pages between them are shared: two loops
 * that come towards each other split them in proportion to their speeds, again
 * each time that one of them has done its part; of two that walk the same way,
 * the one behind overtakes: it leaves the one in front a part of what that has planned
 * and takes the rest. What a loop passes as if it were done, it owes: at its end it goes
 * back to what nobody has done.
 */

#include <math.h>

#include "flow/walk_share.h"

/* Two loops that walk the same way stay as near together as one of so many parts of the pages. */
enum { WINDOWS = 64 };

/* Pages that a loop passes without changing them are free for all. */
bool walk_claims(const struct walk *walk)
{
	return walk->phase != WALK_IDLE && walk->planned && walk->loop->range &&
	       page_act(walk->loop, walk->state)->becomes != walk->state;
}

static bool holds_page(struct page_range range, uint64_t page)
{
	return range.first <= page && page < range.end;
}

static bool claims(const struct walk *walk, uint64_t page)
{
	return (walk_claims(walk) && holds_page(walk->claim, page)) ||
	       (walk->phase != WALK_IDLE && holds_page(walk->reserved, page));
}

static struct walk *claimant(const struct walk *walk, uint64_t page)
{
	for (struct thread *other = walk_thread(walk)->instance->threads; other;
	     other = other->next)
		if (&other->walk != walk && claims(&other->walk, page))
			return &other->walk;
	return NULL;
}

/* What is left of a run from the walk's place to its bound. */
static void clip_to_bound(const struct walk *walk, struct page_range *range)
{
	if (walk->loop->descending) {
		range->end = walk->cursor;
		if (range->first < walk->bound)
			range->first = walk->bound;
	} else {
		range->first = walk->cursor;
		if (range->end > walk->bound)
			range->end = walk->bound;
	}
}

/* At most `pages` of the range, from the walk's place on. */
void walk_clip_to_pages(const struct walk *walk, struct page_range *range, uint64_t pages)
{
	if (range->end - range->first <= pages)
		return;
	if (walk->loop->descending)
		range->first = range->end - pages;
	else
		range->end = range->first + pages;
}

static void avoid(const struct walk *walk, struct page_range theirs, struct page_range *range)
{
	if (walk->loop->descending && theirs.end <= range->end && theirs.end > range->first)
		range->first = theirs.end;
	if (!walk->loop->descending && theirs.first >= range->first && theirs.first < range->end)
		range->end = theirs.first;
}

/* Leave out what other loops have planned or reserved; the next page itself is free. */
static void avoid_claims(const struct walk *walk, struct page_range *range)
{
	for (struct thread *other = walk_thread(walk)->instance->threads; other;
	     other = other->next) {
		const struct walk *theirs = &other->walk;

		if (theirs == walk || theirs->phase == WALK_IDLE)
			continue;
		if (walk_claims(theirs))
			avoid(walk, theirs->claim, range);
		if (theirs->reserved.first < theirs->reserved.end)
			avoid(walk, theirs->reserved, range);
	}
}

/* Where a loop is by expectation, without looking (a look costs a draw and an event). */
uint64_t walk_likely_cursor(const struct walk *walk)
{
	double share;

	if (!walk->planned)
		return walk->cursor;
	share = walk->total_ns > 0 ? (double)walk_work_done(walk) / (double)walk->total_ns : 1;
	if (walk->loop->descending)
		return walk->claim.end - (uint64_t)(share * (double)walk->planned);
	return walk->claim.first + (uint64_t)(share * (double)walk->planned);
}

/* Two facing loops have so little left between them that who does it makes no difference. */
static bool nearly_met(const struct walk *walk, uint64_t gap)
{
	enum { FEW = 64 };

	return !walk_exact(walk) &&
	       gap <= page_map_pages(&walk_thread(walk)->instance->guest.pages) / FEW;
}

/* My part of the pages between two loops that come towards each other. */
static void share_facing(const struct walk *walk, const struct walk *other, int state,
			 struct page_range *range)
{
	uint64_t gap, mine, theirs, fair, there = walk_likely_cursor(other);
	double my_ns = walk_page_ns(walk, state);
	double their_ns = walk_page_ns(other, state);

	if (walk->loop->descending && range->first < there)
		range->first = there;
	if (!walk->loop->descending && range->end > there)
		range->end = there;
	if (range->first >= range->end) { /* side by side: one page each */
		*range = walk->loop->descending
				 ? (struct page_range){ walk->cursor - 1, walk->cursor }
				 : (struct page_range){ walk->cursor, walk->cursor + 1 };
		return;
	}
	gap = range->end - range->first;
	mine = walk->limit < gap ? walk->limit : gap;
	theirs = other->stopping ? 0 : other->limit < gap ? other->limit : gap;
	if (mine + theirs <= gap)
		return;
	fair = my_ns + their_ns > 0
		       ? (uint64_t)llround((double)gap * (their_ns / (my_ns + their_ns)))
		       : gap / 2;
	if (nearly_met(walk, gap)) /* one exchange more, not one for each halving */
		fair = gap - gap / 16;
	if (fair < gap - theirs)
		fair = gap - theirs;
	if (fair < 1)
		fair = 1;
	walk_clip_to_pages(walk, range, fair);
}

/*
 * Take the far end of what a facing loop has planned, without cutting it. False:
 * it has come too close.
 */
static bool take_far_end(struct walk *walk, struct walk *other, int *state,
			 struct page_range *range)
{
	const struct page_map *map = &walk_thread(walk)->instance->guest.pages;
	uint64_t keep;

	*range = page_map_run(map, walk->loop->descending ? walk->cursor - 1 : walk->cursor, state);
	clip_to_bound(walk, range);
	share_facing(walk, other, *state, range);
	walk_clip_to_pages(walk, range, walk->limit);
	if (walk->loop->descending)
		keep = range->first > other->claim.first ? range->first - other->claim.first : 0;
	else
		keep = other->claim.end > range->end ? other->claim.end - range->end : 0;
	return walk_shorten(other, keep);
}

/* How far a loop that walks the same way as another goes before it looks at the other again. */
uint64_t walk_window_pages(const struct walk *walk)
{
	uint64_t pages = page_map_pages(&walk_thread(walk)->instance->guest.pages) / WINDOWS;

	return pages < 2 ? 2 : pages;
}

bool walk_passes(const struct page_loop *loop, int state)
{
	return page_act(loop, state)->becomes == state && !page_act(loop, state)->handled;
}

/* Remember pages that are passed as if they were done. */
static void owe(struct walk *walk, struct page_range range)
{
	struct page_range *owed = &walk->owed;

	if (owed->first == owed->end)
		*owed = range;
	if (range.first < owed->first)
		owed->first = range.first;
	if (range.end > owed->end)
		owed->end = range.end;
}

/*
 * Overtake a loop that walks the same way: it keeps a part of its next pages, in proportion to
 * its speed; those behind are reserved, and what it keeps is passed on trust. Page by page
 * the two would take turns; they come to the end at the same time either way, each having
 * done or passed every page, and are never further from each other than a window.
 */
static bool overtake(struct walk *walk, const struct walk *other, uint64_t end, int *state,
		     struct page_range *range)
{
	int behind = page_act(other->loop, other->state)->becomes;
	double my_ns = walk_page_ns(walk, other->state),
	       their_ns = walk_page_ns(other, other->state);
	uint64_t window = walk_window_pages(walk), keep;
	uint64_t at = other->cursor > walk->cursor ? other->cursor : walk->cursor;

	if (end > walk->bound)
		end = walk->bound;
	if (end > at + window)
		end = at + window;
	if (end < at + 2 || at - walk->cursor > window || !walk_passes(walk->loop, behind))
		return false;
	keep = my_ns + their_ns > 0
		       ? (uint64_t)llround((double)(end - at) * (my_ns / (my_ns + their_ns)))
		       : (end - at) / 2;
	if (keep < 1)
		keep = 1;
	if (keep > end - at - 1)
		keep = end - at - 1;
	*range = (struct page_range){ walk->cursor, at + keep };
	*state = behind;
	owe(walk, *range);
	walk->reserved = (struct page_range){ at + keep, end };
	walk_clip_to_pages(walk, range, walk->limit);
	return true;
}

/*
 * The end is reached: is something of what was passed neither done nor anybody's work? A
 * loop that was stopped has left it, or one that takes its time may not come to it soon.
 */
bool walk_go_back(struct walk *walk)
{
	const struct page_map *map = &walk_thread(walk)->instance->guest.pages;
	struct page_range owed = walk->owed;
	int state;

	walk->owed = (struct page_range){ 0, 0 };
	while (walk->limit && owed.first < owed.end) {
		struct page_range run = page_map_run(map, owed.first, &state);
		const struct walk *other = claimant(walk, owed.first);

		if (walk_passes(walk->loop, state)) {
			owed.first = run.end;
		} else if (other && !other->loop->pace_ns && !other->stopping) {
			owed.first = other->claim.end;
		} else {
			walk->going_back = true;
			walk->cursor = owed.first;
			walk->bound = owed.end;
			return true;
		}
	}
	return false;
}

/* Two states that a loop passes at the same price and leaves as they are. */
bool walk_passes_alike(const struct page_loop *loop, int a, int b)
{
	const struct page_act *left = page_act(loop, a), *right = page_act(loop, b);

	if (!walk_passes(loop, a) || !walk_passes(loop, b))
		return false;
	for (int i = 0; i <= PAGE_PRICES_MAX; i++) {
		if (left->prices[i].term != right->prices[i].term ||
		    left->prices[i].when != right->prices[i].when ||
		    left->prices[i].calls != right->prices[i].calls)
			return false;
		if (left->prices[i].term == NO_TERM)
			break;
	}
	return true;
}

/* Go on over the following runs as long as they make no difference to the loop. */
static void extend(const struct walk *walk, const struct page_map *map, int state,
		   struct page_range *range)
{
	int next;

	while (!walk->loop->descending && range->end < walk->bound) {
		struct page_range run = page_map_run(map, range->end, &next);

		if (!walk_passes_alike(walk->loop, state, next))
			return;
		range->end = run.end;
	}
}

/*
 * A loop that only passes what the facing one leaves behind need not wait for the
 * last few pages (below 1/64 of the guest's) between them: it goes on as if they
 * were done, and the other does them. Each page is still handled once; the loop is
 * early by the time of these pages at most.
 */
static bool pass_the_rest(struct walk *walk, const struct walk *other, int *state,
			  struct page_range *range)
{
	const struct page_map *map = &walk_thread(walk)->instance->guest.pages;
	int behind = page_act(other->loop, other->state)->becomes;
	uint64_t left = walk_likely_cursor(other) - other->claim.first;
	struct page_range rest = { walk->cursor, other->claim.end };

	if (walk->going_back || walk->loop->descending || !other->loop->descending ||
	    other->stopping || !nearly_met(walk, left) || !walk_passes(walk->loop, behind))
		return false;
	clip_to_bound(walk, &rest);
	owe(walk, rest);
	*state = behind;
	*range = (struct page_range){ walk->cursor, other->claim.end };
	extend(walk, map, behind, range);
	clip_to_bound(walk, range);
	return true;
}

bool walk_claim_holds(const struct walk *walk)
{
	const struct page_map *map = &walk_thread(walk)->instance->guest.pages;
	uint64_t page = walk->claim.first;
	int state;

	while (walk->loop->range && page < walk->claim.end) {
		struct page_range run = page_map_run(map, page, &state);

		if (state != walk->state && !walk_passes_alike(walk->loop, walk->state, state))
			return false;
		page = run.end;
	}
	return true;
}

struct page_range walk_choose(struct walk *walk, int *state)
{
	struct thread *thread = walk_thread(walk);
	const struct page_map *map = &thread->instance->guest.pages;
	uint64_t page = walk->loop->descending ? walk->cursor - 1 : walk->cursor;
	struct walk *other = claimant(walk, page);
	bool facing = other && other->loop->descending != walk->loop->descending;
	struct page_range theirs = { 0, 0 }, range;

	walk->reserved = (struct page_range){ 0, 0 }; /* it is there, or thinks again */
	if (other && facing && pass_the_rest(walk, other, state, &range))
		return range;
	if (other && facing && take_far_end(walk, other, state, &range))
		return range;
	if (other && holds_page(other->reserved, page)) {
		/* nobody has come to it yet: the one that is on its way will overtake again */
		other->reserved = (struct page_range){ 0, 0 };
		other = NULL;
	}
	if (other) {
		theirs = other->claim;
		walk_cut(other);
	}
	range = page_map_run(map, page, state);
	extend(walk, map, *state, &range);
	clip_to_bound(walk, &range);
	if (other && facing) {
		if (!walk_passes(walk->loop, *state) && !walk_passes(other->loop, *state))
			share_facing(walk, other, *state, &range);
	} else if (other && !facing && walk_only_looks(walk, *state, other)) {
		if (walk_catches_up(walk, other, *state))
			walk_clip_to_pages(walk, &range, walk_window_pages(walk));
	} else if (other && !walk->loop->descending && !thread->simulation->config->exact_pages &&
		   overtake(walk, other, theirs.end, state, &range)) {
		return range;
	}
	avoid_claims(walk, &range);
	walk_clip_to_lookers(walk, *state, &range);
	walk_clip_to_pages(walk, &range, walk->limit);
	return range;
}
