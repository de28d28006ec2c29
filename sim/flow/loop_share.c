#include "flow/loop_share.h"

#include <math.h>

#include "flow/loop_look.h"
#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/loop_range.h"
#include "flow/thread.h"

static bool holds_page(struct page_range range, uint64_t page)
{
	return range.first <= page && page < range.end;
}

static bool claims(const struct loop_run *run, uint64_t page)
{
	return (loop_claims(run) && holds_page(run->claim, page)) ||
	       (run->phase != LOOP_IDLE && holds_page(run->reserved, page));
}

static struct loop_run *claimant(const struct loop_run *run, uint64_t page)
{
	for (struct thread *other = loop_thread(run)->instance->threads; other; other = other->next)
		if (&other->loop != run && claims(&other->loop, page))
			return &other->loop;
	return NULL;
}

static void avoid(const struct loop_run *run, struct page_range theirs, struct page_range *range)
{
	if (run->loop->descending && theirs.end <= range->end && theirs.end > range->first)
		range->first = theirs.end;
	if (!run->loop->descending && theirs.first >= range->first && theirs.first < range->end)
		range->end = theirs.first;
}

/* Leave out what other loops have planned or reserved; the next page itself is free. */
static void avoid_claims(const struct loop_run *run, struct page_range *range)
{
	for (struct thread *other = loop_thread(run)->instance->threads; other;
	     other = other->next) {
		const struct loop_run *theirs = &other->loop;

		if (theirs == run || theirs->phase == LOOP_IDLE)
			continue;
		if (loop_claims(theirs))
			avoid(run, theirs->claim, range);
		if (theirs->reserved.first < theirs->reserved.end)
			avoid(run, theirs->reserved, range);
	}
}

/* Two facing loops have so little left between them that who does it makes no difference. */
static bool nearly_met(const struct loop_run *run, uint64_t gap)
{
	enum { FEW = 64 };

	return !loop_exact(run) &&
	       gap <= page_map_pages(&loop_thread(run)->instance->guest.pages) / FEW;
}

/* My part of the pages between two loops that come towards each other. */
static void share_facing(const struct loop_run *run, const struct loop_run *other, int state,
			 struct page_range *range)
{
	uint64_t gap, mine, theirs, fair, there = loop_likely_cursor(other);
	double my_ns = loop_page_ns(run, state);
	double their_ns = loop_page_ns(other, state);

	if (run->loop->descending && range->first < there)
		range->first = there;
	if (!run->loop->descending && range->end > there)
		range->end = there;
	if (range->first >= range->end) { /* side by side: one page each */
		*range = run->loop->descending
				 ? (struct page_range){ run->cursor - 1, run->cursor }
				 : (struct page_range){ run->cursor, run->cursor + 1 };
		return;
	}
	gap = range->end - range->first;
	mine = run->limit < gap ? run->limit : gap;
	theirs = other->stopping ? 0 : other->limit < gap ? other->limit : gap;
	if (mine + theirs <= gap)
		return;
	fair = my_ns + their_ns > 0
		       ? (uint64_t)llround((double)gap * (their_ns / (my_ns + their_ns)))
		       : gap / 2;
	if (nearly_met(run, gap)) /* one exchange more, not one for each halving */
		fair = gap - gap / 16;
	if (fair < gap - theirs)
		fair = gap - theirs;
	if (fair < 1)
		fair = 1;
	loop_clip_to_pages(run, range, fair);
}

/*
 * Take the far end of what a facing loop has planned, without cutting it. False:
 * it has come too close.
 */
static bool take_far_end(struct loop_run *run, struct loop_run *other, int *state,
			 struct page_range *range)
{
	const struct page_map *map = &loop_thread(run)->instance->guest.pages;
	uint64_t keep;

	*range = page_map_run(map, run->loop->descending ? run->cursor - 1 : run->cursor, state);
	loop_clip_to_bound(run, range);
	share_facing(run, other, *state, range);
	loop_clip_to_pages(run, range, run->limit);
	if (run->loop->descending)
		keep = range->first > other->claim.first ? range->first - other->claim.first : 0;
	else
		keep = other->claim.end > range->end ? other->claim.end - range->end : 0;
	return loop_shorten(other, keep);
}

/* Remember pages that are passed as if they were done. */
static void owe(struct loop_run *run, struct page_range range)
{
	struct page_range *owed = &run->owed;

	if (owed->first == owed->end)
		*owed = range;
	if (range.first < owed->first)
		owed->first = range.first;
	if (range.end > owed->end)
		owed->end = range.end;
}

/*
 * Overtake a loop that goes the same way: it keeps a part of its next pages, in proportion to
 * its speed; those behind are reserved, and what it keeps is passed on trust. Page by page
 * the two would take turns; they come to the end at the same time either way, each having
 * done or passed every page, and are never further from each other than a window.
 */
static bool overtake(struct loop_run *run, const struct loop_run *other, uint64_t end, int *state,
		     struct page_range *range)
{
	int behind = page_act(other->loop, other->state)->becomes;
	double my_ns = loop_page_ns(run, other->state),
	       their_ns = loop_page_ns(other, other->state);
	uint64_t window = loop_window_pages(run), keep;
	uint64_t at = other->cursor > run->cursor ? other->cursor : run->cursor;

	if (end > run->bound)
		end = run->bound;
	if (end > at + window)
		end = at + window;
	if (end < at + 2 || at - run->cursor > window || !loop_passes(run->loop, behind))
		return false;
	keep = my_ns + their_ns > 0
		       ? (uint64_t)llround((double)(end - at) * (my_ns / (my_ns + their_ns)))
		       : (end - at) / 2;
	if (keep < 1)
		keep = 1;
	if (keep > end - at - 1)
		keep = end - at - 1;
	*range = (struct page_range){ run->cursor, at + keep };
	*state = behind;
	owe(run, *range);
	run->reserved = (struct page_range){ at + keep, end };
	loop_clip_to_pages(run, range, run->limit);
	return true;
}

/*
 * The end is reached: is something of what was passed neither done nor anybody's work? A
 * loop that was stopped has left it, or one that takes its time may not come to it soon.
 */
bool loop_go_back(struct loop_run *run)
{
	const struct page_map *map = &loop_thread(run)->instance->guest.pages;
	struct page_range owed = run->owed;
	int state;

	run->owed = (struct page_range){ 0, 0 };
	while (run->limit && owed.first < owed.end) {
		struct page_range stretch = page_map_run(map, owed.first, &state);
		const struct loop_run *other = claimant(run, owed.first);

		if (loop_passes(run->loop, state)) {
			owed.first = stretch.end;
		} else if (other && !other->loop->pace_ns && !other->stopping) {
			owed.first = holds_page(other->reserved, owed.first) ? other->reserved.end
									     : other->claim.end;
		} else {
			run->going_back = true;
			run->cursor = owed.first;
			run->bound = owed.end;
			return true;
		}
	}
	return false;
}

/*
 * A loop that only passes what the facing one leaves behind need not wait for the
 * last few pages (below 1/64 of the guest's) between them: it goes on as if they
 * were done, and the other does them. Each page is still handled once; the loop is
 * early by the time of these pages at most.
 */
static bool pass_the_rest(struct loop_run *run, const struct loop_run *other, int *state,
			  struct page_range *range)
{
	int behind = page_act(other->loop, other->state)->becomes;
	uint64_t left = loop_likely_cursor(other) - other->claim.first;
	struct page_range rest = { run->cursor, other->claim.end };

	if (run->going_back || run->loop->descending || !other->loop->descending ||
	    other->stopping || !nearly_met(run, left) || !loop_passes(run->loop, behind))
		return false;
	loop_clip_to_bound(run, &rest);
	owe(run, rest);
	*state = behind;
	*range = (struct page_range){ run->cursor, other->claim.end };
	loop_extend(run, behind, range);
	loop_clip_to_bound(run, range);
	return true;
}

/* The pages that it plans next, all in *state (or passed like those). */
static struct page_range choose(struct loop_run *run, int *state)
{
	struct thread *thread = loop_thread(run);
	const struct page_map *map = &thread->instance->guest.pages;
	uint64_t page = run->loop->descending ? run->cursor - 1 : run->cursor;
	struct loop_run *other = claimant(run, page);
	bool facing = other && other->loop->descending != run->loop->descending;
	struct page_range theirs = { 0, 0 }, range;

	run->reserved = (struct page_range){ 0, 0 }; /* it is there, or thinks again */
	if (other && facing && pass_the_rest(run, other, state, &range))
		return range;
	if (other && facing && take_far_end(run, other, state, &range))
		return range;
	if (other && holds_page(other->reserved, page)) {
		/* nobody has come to it yet: the one that is on its way will overtake again */
		other->reserved = (struct page_range){ 0, 0 };
		other = NULL;
	}
	if (other) {
		theirs = other->claim;
		loop_cut(other);
	}
	range = page_map_run(map, page, state);
	loop_extend(run, *state, &range);
	loop_clip_to_bound(run, &range);
	if (other && facing) {
		if (!loop_passes(run->loop, *state) && !loop_passes(other->loop, *state))
			share_facing(run, other, *state, &range);
	} else if (other && !facing && loop_only_looks(run, *state, other)) {
		if (loop_catches_up(run, other, *state))
			loop_clip_to_pages(run, &range, loop_window_pages(run));
	} else if (other && !run->loop->descending && !thread->simulation->config->exact_pages &&
		   overtake(run, other, theirs.end, state, &range)) {
		return range;
	}
	avoid_claims(run, &range);
	loop_clip_to_lookers(run, *state, &range);
	loop_clip_to_pages(run, &range, run->limit);
	return range;
}

static void note_random(const struct loop_run *run)
{
	if (!law_is_constant(run->law))
		loop_thread(run)->simulation->random = true;
}

void loop_start_piece(struct loop_run *run, uint64_t most, int64_t total_ns)
{
	struct page_range range = { run->cursor, run->bound };
	run->state = 0;
	if (run->loop->range)
		range = choose(run, &run->state);
	else if (range.end - range.first > run->limit)
		range.end = range.first + run->limit;
	if (range.end - range.first > most) {
		if (run->loop->descending)
			range.first = range.end - most;
		else
			range.end = range.first + most;
	}
	if (range.first >= range.end || range.end - range.first > loop_pages_left(run)) {
		thread_fail(loop_thread(run),
			    "the loop plans pages %lld to %lld, %lld from its end",
			    (long long)range.first, (long long)range.end,
			    (long long)loop_pages_left(run));
		return;
	}
	run->law = run->page_law = loop_page_law(run, run->state, &run->conditions);
	if (run->phase == LOOP_FLUID && run->loop->gather != NO_TERM)
		run->law = law_add(run->page_law, loop_term_law(run, run->loop->gather));
	run->claim = range;
	run->planned = range.end - range.first;
	note_random(run);
	if (total_ns < 0)
		total_ns = loop_draw_ns(run, run->law, run->planned);
	loop_set_needs(run);
	loop_start_work(run, total_ns);
	loop_pages_claimed(run);
}
