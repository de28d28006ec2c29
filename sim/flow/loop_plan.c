#include "flow/loop_plan.h"

#include "flow/faults.h"
#include "flow/loop_look.h"
#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/loop_share.h"
#include "flow/thread.h"

static void note_random(const struct loop_run *run)
{
	if (run->law.cv > 0 && run->law.mean_ns > 0)
		loop_thread(run)->simulation->random = true;
}

void loop_start_piece(struct loop_run *run, uint64_t most, int64_t total_ns)
{
	struct page_range range = { run->cursor, run->bound };
	struct law page;

	run->state = 0;
	if (run->loop->range)
		range = loop_choose(run, &run->state);
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
	page = loop_page_law(run, run->state, &run->conditions);
	if (run->phase == LOOP_FLUID && run->loop->gather != NO_TERM) {
		struct law gather = loop_term_law(run, run->loop->gather);

		page = law_add(page, gather);
	}
	run->law = page;
	run->claim = range;
	run->planned = range.end - range.first;
	note_random(run);
	if (total_ns < 0)
		total_ns = law_sum(page, run->planned, &run->stream);
	loop_start_work(run, total_ns);
	loop_pages_claimed(run);
}

void loop_start_rest(struct loop_run *run, int64_t rest_ns)
{
	if (run->batch_left) {
		loop_start_piece(run, run->batch_left, rest_ns);
		run->batch_left = run->planned;
	} else {
		loop_start_work(run, rest_ns);
	}
}

void loop_foresee_failure(struct loop_run *run)
{
	struct thread *thread = loop_thread(run);
	uint64_t pages = loop_pages_left(run);
	bool made = true; /* for the page in hand, too */

	for (const struct page_call *call = run->loop->calls; call && call->name; call++) {
		uint64_t before = faults_calls_before(thread, call, pages, &run->stream);

		if (before < pages)
			run->failing = call;
		pages = before;
	}
	if (run->failing)
		run->limit = pages;
	for (const struct page_call *call = run->loop->calls; call && call->name; call++) {
		faults_count_calls(thread, call->name, pages + (run->failing && made));
		made = made && call != run->failing;
	}
}
