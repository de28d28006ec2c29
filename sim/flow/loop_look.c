#include "flow/loop_look.h"

#include <math.h>

#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/loop_range.h"

bool loop_only_looks(const struct loop_run *run, int state, const struct loop_run *changer)
{
	return loop_passes(run->loop, state) &&
	       !loop_passes_alike(run->loop, state, page_act(changer->loop, state)->becomes);
}

bool loop_catches_up(const struct loop_run *run, const struct loop_run *changer, int state)
{
	return loop_page_ns(run, page_act(changer->loop, state)->becomes) <
	       loop_page_ns(changer, state);
}

static bool looks_on_the_way(const struct loop_run *run, const struct loop_run *changer,
			     struct page_range range)
{
	return run != changer && run->phase != LOOP_IDLE && run->planned && run->loop->range &&
	       !loop_claims(run) && run->claim.first < range.end && range.first < run->claim.end &&
	       loop_only_looks(run, run->state, changer);
}

/* Pages between me and a loop ahead of me that goes the same way; 0: it is not. */
static uint64_t pages_ahead(const struct loop_run *run, const struct loop_run *ahead)
{
	uint64_t there = loop_likely_cursor(ahead);

	if (run->loop->descending != ahead->loop->descending)
		return 0;
	if (run->loop->descending)
		return run->cursor > there ? run->cursor - there : 0;
	return there > run->cursor ? there - run->cursor : 0;
}

void loop_clip_to_lookers(const struct loop_run *run, int state, struct page_range *range)
{
	if (loop_exact(run) || page_act(run->loop, state)->becomes == state)
		return;
	for (struct thread *other = loop_thread(run)->instance->threads; other;
	     other = other->next) {
		const struct loop_run *looker = &other->loop;
		double my_ns, their_ns, pages;
		uint64_t ahead;

		if (!looks_on_the_way(looker, run, *range))
			continue;
		ahead = pages_ahead(run, looker);
		my_ns = loop_page_ns(run, state);
		their_ns = loop_page_ns(looker, looker->state);
		if (!ahead || their_ns <= my_ns || loop_catches_up(looker, run, state))
			continue;
		pages = ceil((double)ahead * their_ns / (their_ns - my_ns));
		if (pages < (double)(range->end - range->first))
			loop_clip_to_pages(run, range, (uint64_t)pages);
	}
}

/*
 * Towards each other they share the pages up to where they meet; the same way, the one that
 * looks does so again where the other has come by.
 */
void loop_pages_claimed(const struct loop_run *by)
{
	for (struct thread *other = loop_claims(by) ? loop_thread(by)->instance->threads : NULL;
	     other; other = other->next) {
		struct loop_run *run = &other->loop;

		if (looks_on_the_way(run, by, by->claim) &&
		    (!pages_ahead(by, run) || (loop_catches_up(run, by, run->state) &&
					       run->planned > loop_window_pages(run))))
			loop_cut(run);
	}
}
