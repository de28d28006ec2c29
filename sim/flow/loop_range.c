#include "flow/loop_range.h"

#include "flow/loop_price.h"

/* Two loops that go the same way stay as near together as one of so many parts of the pages. */
enum { WINDOWS = 64 };

bool loop_claims(const struct loop_run *run)
{
	return run->phase != LOOP_IDLE && run->planned && run->loop->range &&
	       page_act(run->loop, run->state)->becomes != run->state;
}

bool loop_claim_holds(const struct loop_run *run)
{
	const struct page_map *map = &loop_thread(run)->instance->guest.pages;
	uint64_t page = run->claim.first;
	int state;

	while (run->loop->range && page < run->claim.end) {
		struct page_range stretch = page_map_run(map, page, &state);

		if (state != run->state && !loop_passes_alike(run->loop, run->state, state))
			return false;
		page = stretch.end;
	}
	return true;
}

uint64_t loop_likely_cursor(const struct loop_run *run)
{
	double share;

	if (!run->planned)
		return run->cursor;
	share = run->total_ns > 0 ? (double)loop_work_done(run) / (double)run->total_ns : 1;
	if (run->loop->descending)
		return run->claim.end - (uint64_t)(share * (double)run->planned);
	return run->claim.first + (uint64_t)(share * (double)run->planned);
}

uint64_t loop_window_pages(const struct loop_run *run)
{
	uint64_t pages = page_map_pages(&loop_thread(run)->instance->guest.pages) / WINDOWS;

	return pages < 2 ? 2 : pages;
}

void loop_clip_to_pages(const struct loop_run *run, struct page_range *range, uint64_t pages)
{
	if (range->end - range->first <= pages)
		return;
	if (run->loop->descending)
		range->first = range->end - pages;
	else
		range->end = range->first + pages;
}

void loop_clip_to_bound(const struct loop_run *run, struct page_range *range)
{
	if (run->loop->descending) {
		range->end = run->cursor;
		if (range->first < run->bound)
			range->first = run->bound;
	} else {
		range->first = run->cursor;
		if (range->end > run->bound)
			range->end = run->bound;
	}
}

bool loop_passes(const struct page_loop *loop, int state)
{
	return page_act(loop, state)->becomes == state && !page_act(loop, state)->handled;
}

bool loop_passes_alike(const struct page_loop *loop, int a, int b)
{
	const struct page_act *left = page_act(loop, a), *right = page_act(loop, b);

	if (!loop_passes(loop, a) || !loop_passes(loop, b))
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

void loop_extend(const struct loop_run *run, int state, struct page_range *range)
{
	const struct page_map *map = &loop_thread(run)->instance->guest.pages;
	int next;

	while (!run->loop->descending && range->end < run->bound) {
		struct page_range stretch = page_map_run(map, range->end, &next);

		if (!loop_passes_alike(run->loop, state, next))
			return;
		range->end = stretch.end;
	}
}
