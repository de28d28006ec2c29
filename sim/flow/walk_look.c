/*
 * Loops that only look at pages: they claim none, so others claim and change pages that
 * they are about to pass. A claim and the place where one comes by the other make them
 * look again.
 */

#include <math.h>

#include "flow/walk_share.h"

/* Pages in `state` are passed, and what the changer makes of them would not be so. */
bool walk_only_looks(const struct walk *walk, int state, const struct walk *changer)
{
	return walk_passes(walk->loop, state) &&
	       !walk_passes_alike(walk->loop, state, page_act(changer->loop, state)->becomes);
}

/*
 * Behind the changer a loop is faster than it, so the two take turns at each page: it sees
 * at most a window of pages as they were before the changer came by.
 */
bool walk_catches_up(const struct walk *walk, const struct walk *changer, int state)
{
	return walk_page_ns(walk, page_act(changer->loop, state)->becomes) <
	       walk_page_ns(changer, state);
}

static bool looks_on_the_way(const struct walk *walk, const struct walk *changer,
			     struct page_range range)
{
	return walk != changer && walk->phase != WALK_IDLE && walk->planned && walk->loop->range &&
	       !walk_claims(walk) && walk->claim.first < range.end &&
	       range.first < walk->claim.end && walk_only_looks(walk, walk->state, changer);
}

/* Pages between me and a loop ahead of me that walks the same way; 0: it is not. */
static uint64_t pages_ahead(const struct walk *walk, const struct walk *ahead)
{
	uint64_t there = walk_likely_cursor(ahead);

	if (walk->loop->descending != ahead->loop->descending)
		return 0;
	if (walk->loop->descending)
		return walk->cursor > there ? walk->cursor - there : 0;
	return there > walk->cursor ? there - walk->cursor : 0;
}

/* A changer's piece ends where it comes by a slower loop that looks: that one looks again there. */
void walk_clip_to_lookers(const struct walk *walk, int state, struct page_range *range)
{
	double my_ns;

	if (walk_exact(walk) || page_act(walk->loop, state)->becomes == state)
		return;
	my_ns = walk_page_ns(walk, state);
	for (struct thread *other = walk_thread(walk)->instance->threads; other;
	     other = other->next) {
		const struct walk *looker = &other->walk;
		double their_ns, pages;
		uint64_t ahead;

		if (!looks_on_the_way(looker, walk, *range))
			continue;
		ahead = pages_ahead(walk, looker);
		their_ns = walk_page_ns(looker, looker->state);
		if (!ahead || their_ns <= my_ns || walk_catches_up(looker, walk, state))
			continue;
		pages = ceil((double)ahead * their_ns / (their_ns - my_ns));
		if (pages < (double)(range->end - range->first))
			walk_clip_to_pages(walk, range, (uint64_t)pages);
	}
}

/*
 * Towards each other they share the pages up to where they meet; the same way, the one that
 * looks does so again where the other has come by.
 */
void walk_pages_claimed(const struct walk *by)
{
	for (struct thread *other = walk_claims(by) ? walk_thread(by)->instance->threads : NULL;
	     other; other = other->next) {
		struct walk *walk = &other->walk;

		if (looks_on_the_way(walk, by, by->claim) &&
		    (!pages_ahead(by, walk) || (walk_catches_up(walk, by, walk->state) &&
						walk->planned > walk_window_pages(walk))))
			walk_cut(walk);
	}
}
