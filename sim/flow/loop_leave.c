#include "flow/loop_leave.h"

#include "flow/loop_piece.h"
#include "flow/loop_plan.h"
#include "flow/loop_price.h"

void loop_unwatch(struct loop_run *run)
{
	if (run->watching)
		lock_unwatch(run->lock, &run->watcher);
	run->watching = false;
}

/*
 * Leave the fluid mode at this instant: the rest of the batch becomes a piece of
 * its own. Within a batch gathering comes first, so the place in the batch tells
 * whether the lock is held right now.
 */
static void leave_fluid(struct loop_run *run, bool for_lock)
{
	struct thread *thread = loop_thread(run);
	uint32_t batch = run->loop->batch ? run->loop->batch : 1;
	struct law law = run->law;
	double page_ns = law.mean_ns;
	int64_t at_ns = loop_work_done(run);
	int64_t left_ns, hold_ns, gathered_ns;
	uint64_t rest;

	loop_unwatch(run);
	if (run->planned) {
		struct law_place place = loop_cut_here(run);

		page_ns = (double)(place.through_ns - place.done_ns);
	}
	left_ns = run->total_ns - at_ns; /* of the page in progress */
	hold_ns = law_round_ns(loop_gather_ns(run) * batch -
			       law.mean_ns * ((double)((run->visited + batch - 1) % batch) + 1 -
					      (page_ns > 0 ? (double)left_ns / page_ns : 0)));
	rest = (batch - run->visited % batch) % batch;
	if (rest > loop_pages_left(run))
		rest = loop_pages_left(run);
	left_ns += law_sum(law, rest, &run->stream);
	gathered_ns = law_round_ns(loop_gather_ns(run) * (double)rest);
	run->batch_left = rest;
	run->work_ns += at_ns;
	if (run->loop->pace_ns)
		event_cancel(&thread->simulation->engine, &thread->event);
	else
		cpu_stop(&thread->host->cpu, &thread->job);
	if (for_lock && hold_ns > 0 && lock_try(run->lock, &run->request, run->request.mode)) {
		hold_ns = hold_ns < left_ns ? hold_ns : left_ns;
		run->phase = LOOP_GATHER;
		run->rest_ns = left_ns - hold_ns;
		lock_account(run->lock, 0, gathered_ns - hold_ns, 0);
		loop_start_work(run, hold_ns);
		return;
	}
	if (run->lock) /* all of the batch was gathered at its beginning */
		lock_account(run->lock, 0, gathered_ns, 0);
	run->phase = LOOP_BATCH;
	loop_start_rest(run, left_ns);
}

void loop_contended(struct lock_watcher *watcher)
{
	leave_fluid((struct loop_run *)((char *)watcher - offsetof(struct loop_run, watcher)),
		    true);
}

/* Between two pages it sleeps, and a signal ends that: the page to come is not touched. */
static void stop_pacing(struct loop_run *run)
{
	struct thread *thread = loop_thread(run);
	int64_t at_ns = loop_work_done(run);
	struct law_place place = { 0 };

	loop_unwatch(run);
	if (run->planned)
		place = law_bridge(run->law, run->planned, run->total_ns, at_ns, &run->stream);
	run->planned = 0;
	loop_commit(run, place.done);
	run->total_ns = at_ns;
	run->batch_left = 0;
	run->phase = LOOP_BATCH;
	event_schedule_in(&thread->simulation->engine, &thread->event, 0);
}

void loop_signal(struct thread *thread)
{
	struct loop_run *run = &thread->loop;

	if (!run->loop->interruptible || run->stopping)
		return;
	run->stopping = true;
	if (run->loop->pace_ns)
		stop_pacing(run);
	else if (run->phase == LOOP_FLUID)
		leave_fluid(run, false);
}
