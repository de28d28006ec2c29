/* Page loops of closed_form(): pieces of pages that cost the same, and who meets whom. */

#include <math.h>

#include "closed_form/parts.h"

static struct law page_law(const struct sum *sum, const struct page_loop *loop, int state)
{
	const struct page_act *act = page_act(loop, state);
	struct law law = { 0 };

	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		if (!act->prices[i].when || act->prices[i].when->holds(&sum->guest))
			law = law_add(law, page_price_law(&act->prices[i],
							  sum_law(sum, act->prices[i].term),
							  &sum->guest));
	if (loop->gather != NO_TERM)
		law = law_add(law, sum_law(sum, loop->gather));
	return law;
}

bool sum_next_piece(struct sum *sum, struct line *line)
{
	const struct page_loop *loop = line->loop;
	uint64_t left = loop->descending ? line->cursor - line->bound : line->bound - line->cursor;
	struct page_range run = { 0, UINT64_MAX };

	if (left > line->limit)
		left = line->limit;
	if (!left)
		return false;
	line->state = 0;
	if (loop->range)
		run = page_map_run(&sum->guest.pages,
				   loop->descending ? line->cursor - 1 : line->cursor,
				   &line->state);
	line->pages = loop->descending ? line->cursor - run.first : run.end - line->cursor;
	if (line->pages > left)
		line->pages = left;
	line->total_ns =
		law_round_ns(page_law(sum, loop, line->state).mean_ns * (double)line->pages);
	return true;
}

/* Pages that the foreground has taken are no longer a background loop's. */
static void clip_background(struct sum *sum, struct page_range taken)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *line = &sum->lines[i];

		if (!line->alive || !line->loop || !line->loop->range || line->loop->descending ||
		    line->cursor > taken.first || line->cursor + line->pages <= taken.first)
			continue;
		line->pages = taken.first - line->cursor;
		line->total_ns = law_round_ns(page_law(sum, line->loop, line->state).mean_ns *
					      (double)line->pages);
	}
}

void sum_take_pages(struct sum *sum, struct line *line, uint64_t pages)
{
	struct page_range taken = { line->cursor, line->cursor + pages };

	if (line->loop->descending)
		taken = (struct page_range){ line->cursor - pages, line->cursor };
	line->cursor = line->loop->descending ? taken.first : taken.end;
	line->limit -= pages;
	line->visited += pages;
	line->pages -= pages;
	if (line->loop->frees && page_act(line->loop, line->state)->handled)
		sum->held_bytes[0] -= (int64_t)pages * sum->guest_config->page_bytes;
	if (line->loop->range)
		page_map_set(&sum->guest.pages, taken, page_act(line->loop, line->state)->becomes);
	if (line->loop->range && line == &sum->lines[0])
		clip_background(sum, taken);
}

/* What a background loop has taken by `now_ns`; the page in progress ends before it goes on. */
static void settle_loop(struct sum *sum, struct line *line, int64_t now_ns)
{
	int64_t at_ns = now_ns - line->clock_ns;
	uint64_t done;

	if (!line->loop || !line->pages || at_ns < 0)
		return;
	done = line->total_ns ? (uint64_t)((__int128)at_ns * line->pages / line->total_ns)
			      : line->pages;
	if (done >= line->pages)
		return;
	line->clock_ns +=
		(int64_t)((__int128)line->total_ns * (int64_t)(done + 1) / (int64_t)line->pages);
	sum_take_pages(sum, line, done + 1);
	if (line->pages)
		line->total_ns = law_round_ns(page_law(sum, line->loop, line->state).mean_ns *
					      (double)line->pages);
	else if (!sum_next_piece(sum, line))
		line->total_ns = 0;
}

void sum_begin_loop(struct line *line, const struct page_loop *loop, const struct guest *guest)
{
	struct page_range range = { 0, 0 };
	uint64_t count = count_of(loop->count, guest, UINT64_MAX);

	if (loop->range)
		range = page_loop_range(loop, guest);
	else
		range.end = count;
	line->loop = loop;
	line->cursor = loop->descending ? range.end : range.first;
	line->bound = loop->descending ? range.first : range.end;
	line->limit = count;
	line->visited = 0;
	line->pages = 0;
}

/* A background loop comes to pages of this piece before the foreground has taken them. */
static bool met(const struct sum *sum, const struct line *line)
{
	for (int i = 1; i < LINES_MAX; i++) {
		const struct line *other = &sum->lines[i];
		bool descending = line->loop->descending;
		uint64_t first = descending ? line->cursor - line->pages : line->cursor;

		if (other->alive && other->loop && line->loop->range && other->loop->range &&
		    other->pages && other->cursor < first + line->pages &&
		    (!descending || other->cursor + other->pages > first)) {
			double page_ns = (double)other->total_ns / (double)other->pages;
			double reach = (double)(line->clock_ns + line->total_ns - other->clock_ns) /
				       page_ns;

			if ((double)other->cursor + reach >= (double)first)
				return true;
		}
	}
	return false;
}

void sum_foreground_loop(struct sum *sum, struct line *line, const struct page_loop *loop)
{
	double page_ns = 0;

	sum_begin_loop(line, loop, &sum->guest);
	for (;;) {
		sum_advance_background(sum, line->clock_ns);
		/* A background thread that ends meanwhile may make pages cheaper. */
		if (line->visited && page_law(sum, loop, line->state).mean_ns != page_ns)
			sum->result->meets = true;
		for (int i = 1; i < LINES_MAX; i++)
			if (sum->lines[i].alive)
				settle_loop(sum, &sum->lines[i], line->clock_ns);
		if (sum->error->kind != ERROR_NONE || !sum_next_piece(sum, line))
			break;
		sum->result->meets = sum->result->meets || met(sum, line);
		page_ns = page_law(sum, loop, line->state).mean_ns;
		sum->result->variance +=
			law_sum_variance(page_law(sum, loop, line->state), line->pages);
		line->clock_ns += line->total_ns;
		sum_take_pages(sum, line, line->pages);
	}
	line->loop = NULL;
	line->next[line->depth - 1]++;
}

void sum_wait_for_gathering(struct sum *sum, struct line *line, const struct step *step)
{
	for (int i = 1; i < LINES_MAX; i++) {
		struct line *other = &sum->lines[i];
		double page_ns, within, hold_ns;

		if (!other->alive || !other->loop || other->loop->lock != step->lock ||
		    other->clock_ns > line->clock_ns || !other->pages)
			continue;
		page_ns = (double)other->total_ns / (double)other->pages;
		within = fmod((double)other->visited +
				      (double)(line->clock_ns - other->clock_ns) / page_ns,
			      other->loop->batch);
		hold_ns = sum_law(sum, other->loop->gather).mean_ns * other->loop->batch -
			  within * page_ns;
		if (hold_ns > 0)
			line->clock_ns += law_round_ns(hold_ns);
	}
}
