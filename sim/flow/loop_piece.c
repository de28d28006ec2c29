#include "flow/loop_piece.h"

#include "flow/faults.h"
#include "flow/loop_price.h"
#include "flow/loop_range.h"
#include "flow/memory.h"
#include "flow/metrics.h"
#include "flow/thread.h"

static bool limbo_changed(struct instance *instance);

/* The loop leaves these pages in another state. */
static void turn_pages(struct loop_run *run, struct page_range taken, int state)
{
	struct thread *thread = loop_thread(run);

	if (!page_map_set(&thread->instance->guest.pages, taken, state))
		engine_fail(&thread->simulation->engine, ERROR_MEMORY, "out of memory (page runs)");
}

/* The last `failed` of the pages are lost: the host never gets them back. */
static void lose(struct loop_run *run, struct page_range taken, uint64_t failed)
{
	struct thread *thread = loop_thread(run);
	struct instance *instance = thread->instance;

	if (run->loop->descending)
		taken.end = taken.first + failed;
	else
		taken.first = taken.end - failed;
	if (run->loop->range)
		turn_pages(run, taken, PAGE_GONE);
	instance->guest.lost_pages += failed;
	memory_settle_lost(instance);
}

/*
 * Pages whose call failed: those of the calls that the scenario names are the ones that page by
 * page are lost, too; of those between them, the last.
 */
static uint64_t lose_failed(struct loop_run *run, struct page_range taken)
{
	struct thread *thread = loop_thread(run);
	uint64_t lost = 0;

	while (taken.first < taken.end) {
		uint64_t pages =
			faults_calls_through(thread, run->loop->fault, taken.end - taken.first);
		struct page_range part = taken;
		uint64_t failed;

		if (run->loop->descending)
			taken.end = part.first = part.end - pages;
		else
			taken.first = part.end = part.first + pages;
		if (!faults_meet(thread, run->loop->fault, pages, &run->stream, &failed))
			continue;
		lose(run, part, failed);
		lost += failed;
	}
	return lost;
}

/* Pages that were handled: count them, lose those whose call failed, give memory back. */
static void account_handled(struct loop_run *run, struct page_range taken)
{
	uint64_t pages = taken.end - taken.first;
	struct thread *thread = loop_thread(run);
	struct instance *instance = thread->instance;
	struct group *group = instance->group;
	uint64_t failed = 0;

	group->metrics.total[run->loop->touch                      ? METRIC_TOUCHED_PAGES
			     : thread->foreground && !thread->done ? METRIC_FOREGROUND_PAGES
								   : METRIC_BACKGROUND_PAGES] +=
		(int64_t)pages;
	if (run->loop->fault && faults_are_on(thread) && loop_makes_call(run, run->loop->fault))
		failed = lose_failed(run, taken);
	if (run->loop->frees)
		memory_give(thread, &guest_memory,
			    (int64_t)(pages - failed) * group->config->page_bytes);
	/* pages that stay were taken over, but for lost ones */
	if ((limbo_changed(instance) && run->loop->frees) || failed)
		metrics_limbo_held(instance);
}

/* What a loop takes must still be as it was when it was planned. */
static void check_taken(const struct loop_run *run, struct page_range taken)
{
	int state;
	struct page_range stretch =
		page_map_run(&loop_thread(run)->instance->guest.pages, taken.first, &state);

	if (state != run->state || stretch.end < taken.end)
		thread_fail(loop_thread(run), "pages %lld to %lld, planned as %s, are %s",
			    (long long)taken.first, (long long)taken.end,
			    model_page_state(loop_thread(run)->program->model, run->state),
			    model_page_state(loop_thread(run)->program->model, state));
}

void loop_commit(struct loop_run *run, uint64_t pages)
{
	struct thread *thread = loop_thread(run);
	const struct page_act *act = page_act(run->loop, run->state);
	struct page_range taken = run->claim;

	if (!pages)
		return;
	if (run->loop->descending) {
		taken.first = taken.end - pages;
		run->claim.end = run->cursor = taken.first;
	} else {
		taken.end = taken.first + pages;
		run->claim.first = run->cursor = taken.end;
	}
	run->limit -= pages;
	run->visited += pages;
	run->batch_left -= pages < run->batch_left ? pages : run->batch_left;
	loop_count_units(run, pages);
	loop_account_gathered(run, pages);
	if (run->loop->range && act->becomes != run->state)
		check_taken(run, taken);
	if (run->loop->range &&
	    model_is_limbo(thread->instance->group->config->model, run->state) &&
	    !model_is_limbo(thread->instance->group->config->model, act->becomes))
		thread->instance->dead_pages_taken += pages;
	if (run->loop->range && act->becomes != run->state)
		turn_pages(run, taken, act->becomes);
	if (act->handled)
		account_handled(run, taken);
}

/* --- pieces of work --- */

/* Does the piece in progress give back memory that is in limbo? */
static bool reclaims(const struct loop_run *run)
{
	const struct model *model = loop_thread(run)->instance->group->config->model;
	const struct page_act *act = page_act(run->loop, run->state);

	return run->planned && run->loop->range && act->handled &&
	       model_is_limbo(model, run->state) && !model_is_limbo(model, act->becomes);
}

/*
 * It gives it back evenly, but for the page in progress, and for the bridge of its draws: in
 * the middle of n pages their number has a variance of n cv^2 / 4.
 */
static void ebb_from(struct loop_run *run, struct level *level, struct ebb *ebb, int64_t done_ns)
{
	double page_bytes = (double)loop_thread(run)->instance->guest.config->page_bytes;
	double pages = (double)run->planned;

	level_ebb(level, ebb, run->loop->pace_ns ? CLOCK_WALL : loop_thread(run)->job.class,
		  pages * page_bytes, run->total_ns, done_ns,
		  page_bytes * page_bytes * (pages * run->law.cv_squared + 1) / 4);
}

static void begin_ebb(struct loop_run *run, int64_t done_ns)
{
	struct thread *thread = loop_thread(run);

	if (run->planned <= 1 || run->total_ns <= 0)
		return;
	if (run->loop->frees && page_act(run->loop, run->state)->handled)
		ebb_from(run, &thread->node->in_use, &run->freeing, done_ns);
	if (!reclaims(run))
		return;
	ebb_from(run, &thread->node->limbo, &run->ebb, done_ns);
	metrics_memory_corner(thread->simulation);
}

static void end_ebb(struct loop_run *run)
{
	struct thread *thread = loop_thread(run);

	if (ebb_runs(&run->freeing))
		level_ebb_over(&thread->node->in_use, &run->freeing);
	if (!ebb_runs(&run->ebb))
		return;
	metrics_memory_corner(thread->simulation);
	level_ebb_over(&thread->node->limbo, &run->ebb);
}

void loop_piece_over(struct loop_run *run)
{
	end_ebb(run);
	run->planned = 0;
}

void loop_start_work(struct loop_run *run, int64_t total_ns)
{
	struct thread *thread = loop_thread(run);

	run->total_ns = total_ns;
	run->began_ns = thread->simulation->engine.now_ns;
	begin_ebb(run, 0);
	if (run->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, total_ns);
	else if (loop_exact(run))
		cpu_go_on(&thread->node->cpu, &thread->job, total_ns);
	else
		cpu_start(&thread->node->cpu, &thread->job, total_ns);
}

static void set_work_left(struct loop_run *run, int64_t left_ns)
{
	struct thread *thread = loop_thread(run);

	if (run->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, left_ns);
	else
		cpu_set_left(&thread->node->cpu, &thread->job, left_ns);
}

struct law_place loop_cut_here(struct loop_run *run)
{
	int64_t at_ns = loop_work_done(run);
	struct law_place place =
		law_bridge(run->law, run->planned, run->total_ns, at_ns, &run->stream);
	uint64_t taken = place.done < run->planned ? place.done + 1 : place.done;

	loop_account_slice(run, taken, place.through_ns);
	loop_piece_over(run);
	loop_commit(run, taken);
	run->total_ns = place.through_ns;
	set_work_left(run, place.through_ns - at_ns);
	return place;
}

/*
 * Keep only the first `pages` of the piece in progress. The time of these, given
 * that of all, is drawn first; the place within them stays undrawn, so nothing
 * is decided that a later cut could contradict.
 */
bool loop_shorten(struct loop_run *run, uint64_t pages)
{
	int64_t at_ns = loop_work_done(run), total_ns;

	if (!pages || pages >= run->planned)
		return false;
	total_ns = law_split(run->law, run->planned, run->total_ns, pages, &run->stream);
	if (total_ns <= at_ns)
		return false;
	if (run->loop->descending)
		run->claim.first = run->claim.end - pages;
	else
		run->claim.end = run->claim.first + pages;
	end_ebb(run);
	run->planned = pages;
	run->total_ns = total_ns;
	begin_ebb(run, at_ns);
	set_work_left(run, total_ns - at_ns);
	return true;
}

void loop_cut(struct loop_run *run)
{
	if (run->planned)
		loop_cut_here(run);
}

/* --- all of them --- */

/* Count what loops have reclaimed by now, page by page. */
static void settle_limbo(struct simulation *simulation)
{
	for (size_t h = 0; h < simulation->host_count; h++)
		for (struct thread *thread = simulation->hosts[h].looping; thread;
		     thread = thread->next_looping)
			if (ebb_runs(&thread->loop.ebb))
				loop_cut(&thread->loop);
}

/* False: it has not. */
static bool limbo_changed(struct instance *instance)
{
	struct simulation *simulation = instance->simulation;
	int64_t bytes = memory_of_the_dead(instance);

	if (bytes == instance->limbo_bytes || simulation->growing == instance)
		return false;
	if (bytes > instance->limbo_bytes && !simulation->growing &&
	    metrics_limbo_unsure(simulation, bytes - instance->limbo_bytes)) {
		simulation->growing = instance;
		settle_limbo(simulation);
		simulation->growing = NULL;
		bytes = memory_of_the_dead(instance);
	}
	metrics_limbo(instance, bytes);
	return true;
}

void loops_limbo_changed(struct instance *instance)
{
	if (limbo_changed(instance))
		metrics_limbo_held(instance);
}

void loops_recheck(struct instance *instance)
{
	for (struct thread *thread = instance->threads; thread; thread = thread->next) {
		struct loop_run *run = &thread->loop;

		if (run->phase == LOOP_IDLE || !run->planned)
			continue;
		if (loop_conditions(run, run->state) != run->conditions || !loop_claim_holds(run))
			loop_cut(run);
	}
}

void loops_settle_freed(struct simulation *simulation, const struct host *host)
{
	for (size_t h = 0; h < simulation->host_count; h++) {
		if (host && host != &simulation->hosts[h])
			continue;
		for (struct thread *thread = simulation->hosts[h].looping; thread;
		     thread = thread->next_looping)
			if (thread->loop.planned && thread->loop.loop->frees)
				loop_cut(&thread->loop);
	}
}

void loops_settle_warm_up(struct simulation *simulation)
{
	for (size_t h = 0; h < simulation->host_count; h++)
		for (struct thread *thread = simulation->hosts[h].looping; thread;
		     thread = thread->next_looping)
			if (thread->loop.phase != LOOP_IDLE)
				loop_cut(&thread->loop);
}

static void settle_end(struct loop_run *run)
{
	int64_t at_ns = run->phase == LOOP_IDLE ? 0 : loop_work_done(run);
	uint64_t planned = run->planned;

	if (run->phase == LOOP_IDLE || planned < 2 || at_ns <= 0)
		return;
	loop_piece_over(run);
	loop_commit(run, law_bridge(run->law, planned, run->total_ns, at_ns, &run->stream).done);
}

void loops_settle_end(struct simulation *simulation)
{
	for (size_t h = 0; h < simulation->host_count; h++)
		for (struct thread *thread = simulation->hosts[h].looping; thread;
		     thread = thread->next_looping)
			settle_end(&thread->loop);
}
