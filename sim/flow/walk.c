/*
 * Page loops as fluid work.
 *
 * A loop over n pages is one piece of work whose total is drawn at once. It is
 * cut only where something can see inside it: a fatal signal, a conflicting
 * request for the lock that batches are gathered under, another loop that comes
 * to the same pages, a price that changes. At a cut the page in progress is
 * drawn from the law of the loop given its total (engine/law.h); that page is
 * finished, and what is left is planned anew.
 *
 * A page is taken by the loop that starts on it first: its state changes when
 * work on it begins, so that each page is handled exactly once. With
 * --exact-pages every piece is one page, and the lock is taken for every batch;
 * the two modes agree in law.
 */

#include <errno.h>
#include <math.h>

#include "flow/runtime.h"

static bool next_piece(struct walk *walk);

static bool lock_is_free(const struct lock *lock, enum lock_mode mode)
{
	return !lock->writer && !lock_has_waiters(lock) && (mode == LOCK_READ || !lock->readers);
}

static void unwatch(struct walk *walk)
{
	if (walk->watching)
		lock_unwatch(walk->lock, &walk->watcher);
	walk->watching = false;
}

static void gather(struct walk *walk)
{
	uint64_t pages = walk_pages_left(walk);
	int64_t work_ns;

	if (pages > walk->loop->batch)
		pages = walk->loop->batch;
	walk->phase = WALK_GATHER;
	walk->planned = 0;
	walk->rest_ns = -1;
	walk->batch_left = pages;
	work_ns = walk->loop->gather == NO_TERM
			  ? 0
			  : law_sum(walk_term_law(walk, walk->loop->gather), pages, &walk->stream);
	walk_start_work(walk, work_ns);
}

/* A new batch. False: the loop is at its end. */
static bool begin_batch(struct walk *walk)
{
	enum lock_mode mode = walk->request.mode;

	if (!walk_pages_left(walk) && !walk_go_back(walk))
		return false;
	if (!walk->lock) {
		walk->phase = walk_exact(walk) ? WALK_BATCH : WALK_FLUID;
		walk->batch_left = walk->loop->batch ? walk->loop->batch : 1;
		return next_piece(walk);
	}
	if (!walk_exact(walk) && lock_is_free(walk->lock, mode)) {
		walk->phase = WALK_FLUID;
		lock_watch(walk->lock, &walk->watcher);
		walk->watching = true;
		return next_piece(walk);
	}
	slice_end(walk_thread(walk));
	if (lock_acquire(walk->lock, &walk->request, mode))
		gather(walk);
	else
		walk->phase = WALK_LOCK;
	return true;
}

void walk_lock_granted(struct thread *thread)
{
	struct walk *walk = &thread->walk;

	if (walk_exact(walk) || lock_has_waiters(walk->lock)) {
		gather(walk);
		return;
	}
	release_lock(thread, walk->loop->lock, walk->lock,
		     &walk->request); /* nobody looks: back to the fluid mode */
	begin_batch(walk);
}

static void request_granted(struct lock_request *request)
{
	struct walk *walk = (struct walk *)((char *)request - offsetof(struct walk, request));

	observe_woken(walk_thread(walk));
	thread_resume_soon(walk_thread(walk));
}

/* The pages that are left of a batch, in a time that is known already. */
static void start_rest(struct walk *walk, int64_t rest_ns)
{
	if (walk->batch_left) {
		walk_start_piece(walk, walk->batch_left, rest_ns);
		walk->batch_left = walk->planned;
	} else {
		walk_start_work(walk, rest_ns);
	}
}

/*
 * Leave the fluid mode at this instant: the rest of the batch becomes a piece of
 * its own. Within a batch gathering comes first, so the place in the batch tells
 * whether the lock is held right now.
 */
static void leave_fluid(struct walk *walk, bool for_lock)
{
	struct thread *thread = walk_thread(walk);
	uint32_t batch = walk->loop->batch ? walk->loop->batch : 1;
	struct law law = walk->law;
	double page_ns = law.mean_ns;
	int64_t at_ns = walk_work_done(walk);
	int64_t left_ns, hold_ns, gathered_ns;
	uint64_t rest;

	unwatch(walk);
	if (walk->planned) {
		struct law_place place = walk_cut_here(walk);

		page_ns = (double)(place.through_ns - place.done_ns);
	}
	left_ns = walk->total_ns - at_ns; /* of the page in progress */
	hold_ns = law_round_ns(walk_gather_ns(walk) * batch -
			       law.mean_ns * ((double)((walk->visited + batch - 1) % batch) + 1 -
					      (page_ns > 0 ? (double)left_ns / page_ns : 0)));
	rest = (batch - walk->visited % batch) % batch;
	if (rest > walk_pages_left(walk))
		rest = walk_pages_left(walk);
	left_ns += law_sum(law, rest, &walk->stream);
	gathered_ns = law_round_ns(walk_gather_ns(walk) * (double)rest);
	walk->batch_left = rest;
	walk->work_ns += at_ns;
	if (walk->loop->pace_ns)
		event_cancel(&thread->simulation->engine, &thread->event);
	else
		cpu_stop(&thread->host->cpu, &thread->job);
	if (for_lock && hold_ns > 0 && lock_try(walk->lock, &walk->request, walk->request.mode)) {
		hold_ns = hold_ns < left_ns ? hold_ns : left_ns;
		walk->phase = WALK_GATHER;
		walk->rest_ns = left_ns - hold_ns;
		lock_account(walk->lock, 0, gathered_ns - hold_ns, 0);
		walk_start_work(walk, hold_ns);
		return;
	}
	if (walk->lock) /* all of the batch was gathered at its beginning */
		lock_account(walk->lock, 0, gathered_ns, 0);
	walk->phase = WALK_BATCH;
	start_rest(walk, left_ns);
}

static void contended(struct lock_watcher *watcher)
{
	leave_fluid((struct walk *)((char *)watcher - offsetof(struct walk, watcher)), true);
}

/* --- from piece to piece --- */

static bool next_piece(struct walk *walk)
{
	uint64_t most = UINT64_MAX;

	if (!walk_pages_left(walk) && (walk->stopping || !walk_go_back(walk)))
		return false;
	if (walk->phase == WALK_BATCH)
		most = walk->batch_left;
	if (walk_exact(walk))
		most = 1;
	else if (walk->loop->frees && walk->phase == WALK_FLUID)
		most = fleet_chunk_pages(walk_thread(walk)->instance);
	walk_start_piece(walk, most, -1);
	return true;
}

/* The loop is over: by an errno, by a call that fails, or (0) at its end. */
static int result(const struct walk *walk, int error)
{
	const struct page_call *failing = error ? NULL : walk->failing;

	if (walk->loop->calls) {
		walk_thread(walk)->instance->guest.failed_call = failing;
		walk_thread(walk)->instance->guest.calls_made = walk->visited;
	}
	return failing ? failing->error : error;
}

static void finish(struct walk *walk, int error)
{
	struct thread *thread = walk_thread(walk);

	unwatch(walk);
	walk->phase = WALK_IDLE;
	walk_over(thread);
	thread->pending_error = result(walk, error);
	thread->step_work_ns = walk->work_ns;
	thread_step_done(thread);
}

void walk_piece_done(struct thread *thread)
{
	struct walk *walk = &thread->walk;
	uint64_t pages = walk->planned;

	walk->work_ns += walk->total_ns;
	walk->planned = 0;
	if (walk->phase == WALK_GATHER) {
		release_lock(thread, walk->loop->lock, walk->lock, &walk->request);
		slice_add(thread, walk->total_ns);
		slice_end(thread);
		walk->phase = WALK_BATCH;
		if (walk->rest_ns >= 0) {
			start_rest(walk, walk->rest_ns);
			return;
		}
	} else if (pages) {
		walk_account_slice(walk, pages, walk->total_ns);
		walk_commit(walk, pages);
	}
	if (walk->phase == WALK_BATCH && !walk->batch_left) {
		if (walk->stopping)
			finish(walk, EINTR);
		else if (!begin_batch(walk))
			finish(walk, 0);
	} else if (!next_piece(walk)) {
		finish(walk, walk->stopping ? EINTR : 0);
	}
}

/* Between two pages it sleeps, and a signal ends that: the page to come is not touched. */
static void stop_pacing(struct walk *walk)
{
	struct thread *thread = walk_thread(walk);
	int64_t at_ns = walk_work_done(walk);
	struct law_place place = { 0 };

	unwatch(walk);
	if (walk->planned)
		place = law_bridge(walk->law, walk->planned, walk->total_ns, at_ns, &walk->stream);
	walk->planned = 0;
	walk_commit(walk, place.done);
	walk->total_ns = at_ns;
	walk->batch_left = 0;
	walk->phase = WALK_BATCH;
	event_schedule_in(&thread->simulation->engine, &thread->event, 0);
}

void walk_signal(struct thread *thread)
{
	struct walk *walk = &thread->walk;

	if (!walk->loop->interruptible || walk->stopping)
		return;
	walk->stopping = true;
	if (walk->loop->pace_ns)
		stop_pacing(walk);
	else if (walk->phase == WALK_FLUID)
		leave_fluid(walk, false);
}

void walk_recheck(struct instance *instance)
{
	for (struct thread *thread = instance->threads; thread; thread = thread->next) {
		struct walk *walk = &thread->walk;
		uint32_t conditions;

		if (walk->phase == WALK_IDLE || !walk->planned)
			continue;
		walk_page_law(walk, walk->state, &conditions);
		if (conditions != walk->conditions || !walk_claim_holds(walk))
			walk_cut(walk);
	}
}

void walk_settle_freed(struct simulation *simulation, const struct host *host)
{
	for (size_t i = 0; i < simulation->thread_count; i++) {
		struct walk *walk = &simulation->all_threads[i]->walk;

		if ((!host || simulation->all_threads[i]->host == host) &&
		    walk->phase != WALK_IDLE && walk->planned && walk->loop->frees)
			walk_cut(walk);
	}
}

void walk_settle_limbo(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->walker_count; i++) {
		const struct thread *thread = simulation->walkers[i];
		struct walk *walk = &simulation->walkers[i]->walk;

		if (walk->phase != WALK_IDLE && walk->planned > 1 &&
		    model_is_limbo(thread->instance->group->config->model, walk->state))
			walk_cut(walk);
	}
}

/* At the end of a replication: the pages that are done by then, and not the one in progress. */
void walk_settle_end(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->walker_count; i++) {
		struct walk *walk = &simulation->walkers[i]->walk;
		int64_t at_ns = walk->phase == WALK_IDLE ? 0 : walk_work_done(walk);
		uint64_t planned = walk->planned;

		if (walk->phase == WALK_IDLE || planned < 2 || at_ns <= 0)
			continue;
		walk->planned = 0;
		walk_commit(
			walk,
			law_bridge(walk->law, planned, walk->total_ns, at_ns, &walk->stream).done);
	}
}

static void enlist(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;

	if (thread->walker)
		return;
	simulation->walkers[simulation->walker_count++] = thread;
	thread->walker = simulation->walker_count;
}

void walk_over(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;
	struct thread *last;

	if (!thread->walker)
		return;
	last = simulation->walkers[--simulation->walker_count];
	simulation->walkers[thread->walker - 1] = last;
	last->walker = thread->walker;
	thread->walker = 0;
}

void walk_init(struct thread *thread)
{
	thread->walk = (struct walk){ .phase = WALK_IDLE };
}

/* A call that will fail ends the loop in front of its page. */
static void foresee_failure(struct walk *walk)
{
	struct thread *thread = walk_thread(walk);
	uint64_t pages = walk_pages_left(walk);
	bool made = true; /* for the page in hand, too */

	for (const struct page_call *call = walk->loop->calls; call && call->name; call++) {
		uint64_t before = thread_calls_before_fault(thread, call, pages, &walk->stream);

		if (before < pages)
			walk->failing = call;
		pages = before;
	}
	if (walk->failing)
		walk->limit = pages;
	for (const struct page_call *call = walk->loop->calls; call && call->name; call++) {
		thread_count_calls(thread, call->name, pages + (walk->failing && made));
		made = made && call != walk->failing;
	}
}

bool walk_begin(struct thread *thread, const struct page_loop *loop)
{
	struct walk *walk = &thread->walk;
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
	*walk = (struct walk){
		.loop = loop,
		.cursor = loop->descending ? range.end : range.first,
		.bound = loop->descending ? range.first : range.end,
		.limit = count,
		.request = { .granted = request_granted, .mode = LOCK_READ },
		.watcher = { .contended = contended, .mode = LOCK_READ },
		.lock = loop->lock ? instance_lock(instance, loop->lock) : NULL,
	};
	if (!thread_stream(thread, term == NO_TERM ? PURPOSE_SLICE : term_purpose(term),
			   &walk->stream))
		return false;
	if (loop->interruptible && thread->signalled) {
		thread->pending_error = EINTR;
		return false;
	}
	foresee_failure(walk);
	if (!begin_batch(walk)) {
		walk->phase = WALK_IDLE;
		thread->pending_error = result(walk, 0);
		return false;
	}
	enlist(thread);
	return true;
}
