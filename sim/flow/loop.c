#include "flow/loop.h"

#include <errno.h>
#include <string.h>

#include "flow/faults.h"
#include "flow/instance.h"
#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/loop_share.h"
#include "flow/memory.h"
#include "flow/observe.h"
#include "flow/sharing.h"
#include "flow/thread.h"

static bool lock_is_free(const struct lock *lock, enum lock_mode mode)
{
	return !lock->writer && !lock_has_waiters(lock) && (mode == LOCK_READ || !lock->readers);
}

/* It looks at the lock no more. */
static void unwatch(struct loop_run *run)
{
	if (run->watching)
		lock_unwatch(run->lock, &run->watcher);
	run->watching = false;
}

/* The pages that are left of a batch, in a time that is known already. */
static void start_rest(struct loop_run *run, int64_t rest_ns)
{
	if (run->batch_left) {
		loop_start_piece(run, run->batch_left, rest_ns);
		run->batch_left = run->planned;
	} else {
		loop_start_work(run, rest_ns);
	}
}

/*
 * Leave the fluid mode at this instant: the rest of the batch becomes a piece of
 * its own. Within a batch gathering comes first, so the place in the batch tells
 * whether the lock is held right now.
 */
static void leave_fluid(struct loop_run *run, bool for_lock)
{
	struct thread *thread = loop_thread(run);
	uint32_t batch = page_loop_batch(run->loop);
	struct law law = run->law;
	double page_ns = law.mean_ns;
	int64_t at_ns = loop_work_done(run);
	int64_t left_ns, hold_ns, gathered_ns;
	uint64_t rest, begun; /* pages of this batch: to come, and taken or in progress */

	unwatch(run);
	if (run->planned) {
		struct law_place place = loop_cut_here(run);

		page_ns = (double)(place.through_ns - place.done_ns);
	}
	left_ns = run->total_ns - at_ns; /* of the page in progress */
	rest = (batch - run->visited % batch) % batch;
	if (rest > loop_pages_left(run))
		rest = loop_pages_left(run);
	begun = (run->visited + batch - 1) % batch + 1;
	hold_ns = law_round_ns(
		loop_gather_ns(run) * (double)(begun + rest) -
		law.mean_ns * ((double)begun - (page_ns > 0 ? (double)left_ns / page_ns : 0)));
	left_ns += law_sum(law, rest, &run->stream);
	gathered_ns = law_round_ns(loop_gather_ns(run) * (double)rest);
	run->batch_left = rest;
	run->work_ns += at_ns;
	if (run->loop->pace_ns)
		event_cancel(&thread->simulation->engine, &thread->event);
	else {
		thread->step_slowed_ns += cpu_slowed(&thread->node->cpu, &thread->job);
		cpu_stop(&thread->node->cpu, &thread->job);
	}
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
	start_rest(run, left_ns);
}

/* Somebody wants the lock that batches are gathered under. */
static void contended(struct lock_watcher *watcher)
{
	leave_fluid((struct loop_run *)((char *)watcher - offsetof(struct loop_run, watcher)),
		    true);
}

/* Pages of the batch in one state, behind those that are gathered; the needs are theirs. */
static uint64_t look_at_next(struct loop_run *run, uint64_t gathered)
{
	const struct page_map *map = &loop_thread(run)->instance->guest.pages;
	uint64_t pages = run->batch_left - gathered, alike = pages;

	if (run->loop->range && run->loop->descending) {
		uint64_t end = run->cursor - gathered;

		alike = end - page_map_run(map, end - 1, &run->state).first;
	} else if (run->loop->range) {
		uint64_t first = run->cursor + gathered;

		alike = page_map_run(map, first, &run->state).end - first;
	}
	run->conditions = loop_conditions(run, run->state);
	loop_set_needs(run);
	return alike < pages ? alike : pages;
}

/* Gather pages of the batch up to the first whose handling needs something else of the host. */
static void gather_some(struct loop_run *run)
{
	struct cpu_job *job = &loop_thread(run)->job;
	uint64_t pages = look_at_next(run, run->gathered);
	unsigned int class = job->class;
	int64_t work_ns = 0;

	while (run->gathered + pages < run->batch_left) {
		uint64_t more = look_at_next(run, run->gathered + pages);

		if (job->class != class)
			break;
		pages += more;
	}
	cpu_job_set_class(job, class);
	run->gathered += pages;
	if (run->loop->gather != NO_TERM)
		work_ns = loop_draw_ns(run, loop_term_law(run, run->loop->gather), pages);
	loop_start_work(run, work_ns);
}

static void gather(struct loop_run *run)
{
	uint64_t pages = loop_pages_left(run);

	if (pages > page_loop_batch(run->loop))
		pages = page_loop_batch(run->loop);
	run->phase = LOOP_GATHER;
	run->planned = 0;
	run->rest_ns = -1;
	run->batch_left = pages;
	run->gathered = 0;
	gather_some(run);
}

/* Somebody may wait for memory: then it comes back in portions. */
static uint64_t portion_pages(const struct thread *thread)
{
	int64_t page_bytes = thread->instance->guest.config->page_bytes;
	int64_t bytes = thread->simulation->portion_bytes;

	if (thread->host->short_of) {
		int64_t wanted = memory_portion(thread->host);

		bytes = wanted < bytes ? wanted : bytes;
	}
	return (uint64_t)(bytes / page_bytes + (bytes % page_bytes > 0));
}

static bool next_piece(struct loop_run *run)
{
	uint64_t most = UINT64_MAX;

	if (!loop_pages_left(run) && (run->stopping || !loop_go_back(run)))
		return false;
	if (run->phase == LOOP_BATCH)
		most = run->batch_left;
	if (loop_exact(run))
		most = 1;
	else if (run->loop->frees && run->phase == LOOP_FLUID)
		most = portion_pages(loop_thread(run));
	loop_start_piece(run, most, -1);
	return true;
}

/* A new batch. False: the loop is at its end. */
static bool begin_batch(struct loop_run *run)
{
	enum lock_mode mode = run->request.mode;

	if (!loop_pages_left(run) && !loop_go_back(run))
		return false;
	if (!run->lock) {
		run->phase = loop_exact(run) ? LOOP_BATCH : LOOP_FLUID;
		run->batch_left = page_loop_batch(run->loop);
		return next_piece(run);
	}
	if (!loop_exact(run) && lock_is_free(run->lock, mode)) {
		run->phase = LOOP_FLUID;
		lock_watch(run->lock, &run->watcher);
		run->watching = true;
		return next_piece(run);
	}
	slice_end(loop_thread(run));
	if (lock_acquire(run->lock, &run->request, mode))
		gather(run);
	else
		run->phase = LOOP_LOCK;
	return true;
}

void loop_lock_granted(struct thread *thread)
{
	struct loop_run *run = &thread->loop;

	if (loop_exact(run) || lock_has_waiters(run->lock)) {
		gather(run);
		return;
	}
	release_lock(thread, run->loop->lock, run->lock,
		     &run->request); /* nobody looks: back to the fluid mode */
	begin_batch(run);
}

static void request_granted(struct lock_request *request)
{
	struct loop_run *run =
		(struct loop_run *)((char *)request - offsetof(struct loop_run, request));

	observe_woken(loop_thread(run));
	thread_resume_soon(loop_thread(run));
}

/* The loop is over: by an errno, by a call that fails, or (0) at its end. */
static int result(const struct loop_run *run, int error)
{
	const struct page_call *failing = error ? NULL : run->failing;

	if (run->loop->calls) {
		loop_thread(run)->instance->guest.failed_call = failing;
		loop_thread(run)->instance->guest.calls_made = run->visited;
	}
	return failing ? failing->error : error;
}

void loop_over(struct thread *thread)
{
	if (!thread->looping)
		return;
	loop_piece_over(&thread->loop);
	thread->looping = false;
	if (thread->last_looping)
		thread->last_looping->next_looping = thread->next_looping;
	else
		thread->host->looping = thread->next_looping;
	if (thread->next_looping)
		thread->next_looping->last_looping = thread->last_looping;
}

static bool finish(struct loop_run *run, int error)
{
	struct thread *thread = loop_thread(run);

	unwatch(run);
	run->phase = LOOP_IDLE;
	loop_over(thread);
	thread->pending_error = result(run, error);
	thread->step_work_ns = run->work_ns;
	return true;
}

bool loop_piece_done(struct thread *thread)
{
	struct loop_run *run = &thread->loop;
	uint64_t pages = run->planned;

	run->work_ns += run->total_ns;
	loop_piece_over(run);
	if (run->phase == LOOP_GATHER) {
		slice_add(thread, run->total_ns);
		if (run->rest_ns < 0 && run->gathered < run->batch_left) {
			gather_some(run);
			return false;
		}
		release_lock(thread, run->loop->lock, run->lock, &run->request);
		slice_end(thread);
		run->phase = LOOP_BATCH;
		if (run->rest_ns >= 0) {
			start_rest(run, run->rest_ns);
			return false;
		}
	} else if (pages) {
		loop_account_slice(run, pages, run->total_ns);
		loop_commit(run, pages);
	}
	if (run->phase == LOOP_BATCH && !run->batch_left) {
		if (run->stopping)
			return finish(run, EINTR);
		return !begin_batch(run) && finish(run, 0);
	}
	return !next_piece(run) && finish(run, run->stopping ? EINTR : 0);
}

/* Between two pages it sleeps, and a signal ends that: the page to come is not touched. */
static void stop_pacing(struct loop_run *run)
{
	struct thread *thread = loop_thread(run);
	int64_t at_ns = loop_work_done(run);
	struct law_place place = { 0 };

	unwatch(run);
	if (run->planned)
		place = law_bridge(run->law, run->planned, run->total_ns, at_ns, &run->stream);
	loop_piece_over(run);
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

static void enlist(struct thread *thread)
{
	struct host *host = thread->host;

	if (thread->looping)
		return;
	thread->looping = true;
	thread->last_looping = NULL;
	thread->next_looping = host->looping;
	if (host->looping)
		host->looping->last_looping = thread;
	host->looping = thread;
}

/* A call that will fail ends the loop in front of its page. */
static void foresee_failure(struct loop_run *run)
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

bool loop_begin(struct thread *thread, const struct page_loop *loop)
{
	struct loop_run *run = &thread->loop;
	struct instance *instance = thread->instance;
	struct page_range range = { 0, UINT64_MAX };
	uint64_t count = count_of(loop->count, &instance->guest, UINT64_MAX);
	int term = NO_TERM;

	for (size_t state = 0; term == NO_TERM && state < PAGE_STATES_MAX; state++)
		term = loop->acts->of[state].prices[0].term;
	if (loop->range)
		range = page_loop_range(loop, &instance->guest);
	else
		range.end = count;
	memset(run, 0, offsetof(struct loop_run, stream));
	run->loop = loop;
	run->cursor = loop->descending ? range.end : range.first;
	run->bound = loop->descending ? range.first : range.end;
	run->limit = count;
	run->request = (struct lock_request){ .granted = request_granted, .mode = LOCK_READ };
	run->watcher = (struct lock_watcher){ .contended = contended, .mode = LOCK_READ };
	run->lock = loop->lock ? instance_lock(instance, loop->lock) : NULL;
	if (!thread_stream(thread, term == NO_TERM ? PURPOSE_SLICE : term_purpose(term),
			   &run->stream))
		return false;
	if (loop->interruptible && thread->signalled) {
		thread->pending_error = EINTR;
		return false;
	}
	foresee_failure(run);
	if (!begin_batch(run)) {
		run->phase = LOOP_IDLE;
		thread->pending_error = result(run, 0);
		return false;
	}
	enlist(thread);
	return true;
}
