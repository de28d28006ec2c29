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

#include <gsl/gsl_cdf.h>

#include "flow/runtime.h"

static bool next_piece(struct walk *walk);

static bool exact(const struct walk *walk)
{
	return walk_thread(walk)->simulation->config->exact_pages;
}

static uint64_t pages_left(const struct walk *walk)
{
	uint64_t span =
		walk->loop->descending ? walk->cursor - walk->bound : walk->bound - walk->cursor;

	return span < walk->limit ? span : walk->limit;
}

static struct law term_law(const struct walk *walk, int term)
{
	return walk_thread(walk)->instance->group->config->costs[term].law;
}

/* The law of one page found in `state`, without gathering; *conditions says which prices hold. */
struct law walk_page_law(const struct walk *walk, int state, uint32_t *conditions)
{
	const struct page_act *act = &walk->loop->acts[state];
	const struct guest *guest = &walk_thread(walk)->instance->guest;
	struct law law = { 0 };

	*conditions = 0;
	for (int i = 0; i < PAGE_PRICES_MAX && act->prices[i].term != NO_TERM; i++) {
		if (act->prices[i].when && !act->prices[i].when->holds(guest))
			continue;
		*conditions |= 1u << i;
		law = law_add(law, term_law(walk, act->prices[i].term));
	}
	if (walk->loop->pace_ns)
		law = law_add(law, (struct law){ (double)walk->loop->pace_ns->of(guest), 0.0 });
	return law;
}

static void count_units(const struct walk *walk, int state, uint32_t conditions, uint64_t pages)
{
	const struct page_act *act = &walk->loop->acts[state];
	struct group *group = walk_thread(walk)->instance->group;

	for (int i = 0; i < PAGE_PRICES_MAX && act->prices[i].term != NO_TERM; i++)
		if (conditions & (1u << i))
			books_units(group, act->prices[i].term, pages);
}

static double gather_mean_ns(const struct walk *walk)
{
	return walk->loop->gather == NO_TERM ? 0 : term_law(walk, walk->loop->gather).mean_ns;
}

double walk_page_ns(const struct walk *walk, int state)
{
	const struct cpu *cpu = &walk_thread(walk)->simulation->cpu;
	uint32_t conditions;
	double work_ns = walk_page_law(walk, state, &conditions).mean_ns + gather_mean_ns(walk);

	if (walk->loop->pace_ns || cpu->jobs.count <= cpu->cores)
		return work_ns;
	return work_ns * cpu->jobs.count / cpu->cores;
}

/* Pages that were handled: count them, lose those whose call failed, give memory back. */
static void account_handled(struct walk *walk, uint64_t pages, int64_t since_ns)
{
	struct thread *thread = walk_thread(walk);
	struct simulation *simulation = thread->simulation;
	struct instance *instance = thread->instance;
	struct group *group = instance->group;
	uint64_t failed = 0;

	if (walk->loop->touch)
		group->touched_pages += pages;
	else if (thread->foreground && !thread->done)
		group->foreground_pages += pages;
	else
		group->background_pages += pages;
	if (walk->loop->fault && thread_fault(thread, walk->loop->fault, pages, &failed)) {
		if (failed > pages)
			failed = pages;
		instance->guest.lost_pages += failed;
	}
	if (walk->loop->frees) {
		int64_t bytes = (int64_t)((pages - failed) * PAGE_BYTES);

		instance->held_bytes -= bytes;
		pool_give(&simulation->memory, bytes);
	}
	books_limbo(instance);
	if (walk->state == group->config->model->limbo_state)
		books_limbo_slope(simulation, pages - failed, since_ns);
}

/* The first `pages` of the claim are taken. */
static void commit(struct walk *walk, uint64_t pages)
{
	struct thread *thread = walk_thread(walk);
	const struct page_act *act = &walk->loop->acts[walk->state];
	struct page_range taken = walk->claim;
	int beside = act->becomes;

	if (!pages)
		return;
	if (walk->loop->descending) {
		taken.first = taken.end - pages;
		walk->claim.end = walk->cursor = taken.first;
	} else {
		taken.end = taken.first + pages;
		walk->claim.first = walk->cursor = taken.end;
	}
	walk->limit -= pages;
	walk->visited += pages;
	walk->batch_left -= pages < walk->batch_left ? pages : walk->batch_left;
	count_units(walk, walk->state, walk->conditions, pages);
	if (walk->in_company) /* the neighbour's pages are passed with a call that finds nothing */
		count_units(walk, beside, UINT32_MAX, pages);
	if (walk->loop->gather != NO_TERM)
		books_units(thread->instance->group, walk->loop->gather, pages);
	if (walk->phase == WALK_FLUID && walk->lock) {
		double gather_ns = gather_mean_ns(walk);

		lock_account(walk->lock, (pages + walk->loop->batch - 1) / walk->loop->batch,
			     llround(gather_ns * (double)pages),
			     llround(gather_ns * walk->loop->batch));
	}
	if (walk->loop->range && act->becomes != walk->state &&
	    !page_map_set(&thread->instance->guest.pages, taken, act->becomes,
			  &thread->simulation->engine.error))
		engine_stop(&thread->simulation->engine);
	if (act->handled)
		account_handled(walk, pages, walk->began_ns);
}

/* The longest of `pages` draws: by inversion of the law of a maximum. */
static int64_t longest_page(struct walk *walk, struct law law, uint64_t pages)
{
	double shape, tail, value;

	if (law.cv <= 0 || law.mean_ns <= 0)
		return llround(law.mean_ns);
	shape = 1.0 / (law.cv * law.cv);
	tail = -expm1(log1p(-stream_uniform(&walk->stream)) / (double)pages);
	value = gsl_cdf_gamma_Qinv(tail, shape, law.mean_ns / shape);
	return isfinite(value) ? llround(value) : llround(law.mean_ns);
}

static void account_slice(struct walk *walk, uint64_t pages, int64_t work_ns)
{
	struct thread *thread = walk_thread(walk);
	uint32_t conditions;

	if (walk->loop->pace_ns || !pages)
		return;
	if (!walk->loop->yields) {
		slice_add(thread, work_ns);
		return;
	}
	slice_end(thread);
	slice_add(thread,
		  pages == 1 ? work_ns
			     : longest_page(walk, walk_page_law(walk, walk->state, &conditions),
					    pages));
	slice_end(thread);
	if (walk->loop->gather != NO_TERM && walk->phase == WALK_FLUID) {
		uint64_t gathered = pages < walk->loop->batch ? pages : walk->loop->batch;

		slice_add(thread, llround(gather_mean_ns(walk) * (double)gathered));
		slice_end(thread);
	}
}

/* --- pieces of work --- */

static void start_work(struct walk *walk, int64_t total_ns)
{
	struct thread *thread = walk_thread(walk);

	walk->total_ns = total_ns;
	walk->began_ns = thread->simulation->engine.now_ns;
	if (walk->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, total_ns);
	else
		cpu_start(&thread->simulation->cpu, &thread->job, total_ns);
}

int64_t walk_work_done(const struct walk *walk)
{
	struct thread *thread = walk_thread(walk);

	if (walk->loop->pace_ns)
		return thread->simulation->engine.now_ns - walk->began_ns;
	return cpu_work_done(&thread->simulation->cpu, &thread->job);
}

static void set_work_left(struct walk *walk, int64_t left_ns)
{
	struct thread *thread = walk_thread(walk);

	if (walk->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, left_ns);
	else
		cpu_set_left(&thread->simulation->cpu, &thread->job, left_ns);
}

static void note_random(const struct walk *walk)
{
	if (walk->law.cv > 0 && walk->law.mean_ns > 0)
		walk_thread(walk)->simulation->random = true;
}

/* Take the pages that are done or in progress; only the page in progress is left to do. */
static struct law_place cut(struct walk *walk)
{
	int64_t at_ns = walk_work_done(walk);
	struct law_place place;
	uint64_t taken;

	place = law_bridge(walk->law, walk->planned, walk->total_ns, at_ns, &walk->stream);
	taken = place.done < walk->planned ? place.done + 1 : place.done;
	account_slice(walk, taken, place.through_ns);
	commit(walk, taken);
	walk->planned = 0;
	walk->total_ns = place.through_ns;
	set_work_left(walk, place.through_ns - at_ns);
	return place;
}

/*
 * Keep only the first `pages` of the piece in progress. The time of these, given
 * that of all, is drawn first; the place within them stays undrawn, so nothing
 * is decided that a later cut could contradict.
 */
bool walk_shorten(struct walk *walk, uint64_t pages)
{
	int64_t at_ns = walk_work_done(walk), total_ns;

	if (!pages || pages >= walk->planned)
		return false;
	total_ns = law_split(walk->law, walk->planned, walk->total_ns, pages, &walk->stream);
	if (total_ns <= at_ns)
		return false;
	if (walk->loop->descending)
		walk->claim.first = walk->claim.end - pages;
	else
		walk->claim.end = walk->claim.first + pages;
	walk->planned = pages;
	walk->total_ns = total_ns;
	set_work_left(walk, total_ns - at_ns);
	return true;
}

void walk_cut(struct walk *walk)
{
	if (walk->planned)
		cut(walk);
}

/* Plan the next piece of at most `most` pages; total_ns < 0: draw it. */
static void start_piece(struct walk *walk, uint64_t most, int64_t total_ns)
{
	struct page_range range = { walk->cursor, walk->bound };
	struct law page;
	uint64_t skipped = 0;

	walk->state = 0;
	if (walk->loop->range)
		range = walk_choose(walk, &walk->state, &skipped);
	else if (range.end - range.first > walk->limit)
		range.end = range.first + walk->limit;
	if (range.end - range.first > most) {
		if (walk->loop->descending)
			range.first = range.end - most;
		else
			range.end = range.first + most;
	}
	page = walk_page_law(walk, walk->state, &walk->conditions);
	if (walk->in_company) {
		uint32_t ignored;

		page = law_add(
			page, walk_page_law(walk, walk->loop->acts[walk->state].becomes, &ignored));
	}
	if (walk->phase == WALK_FLUID && walk->loop->gather != NO_TERM) {
		struct law gather = term_law(walk, walk->loop->gather);

		page = law_add(page, walk->in_company ? law_times(gather, 2) : gather);
	}
	walk->law = page;
	walk->claim = range;
	walk->planned = range.end - range.first;
	note_random(walk);
	if (total_ns < 0)
		total_ns = law_sum(page, walk->planned, &walk->stream);
	if (skipped) { /* pages that a neighbour has just finished */
		uint32_t conditions;
		struct law beside =
			walk_page_law(walk, walk->loop->acts[walk->state].becomes, &conditions);

		total_ns += law_sum(beside, skipped, &walk->stream);
		count_units(walk, walk->loop->acts[walk->state].becomes, conditions, skipped);
		walk->visited += skipped;
	}
	start_work(walk, total_ns);
}

/* --- batches under a lock --- */

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
	uint64_t pages = pages_left(walk);
	int64_t work_ns;

	if (pages > walk->loop->batch)
		pages = walk->loop->batch;
	walk->phase = WALK_GATHER;
	walk->planned = 0;
	walk->rest_ns = -1;
	walk->batch_left = pages;
	work_ns = walk->loop->gather == NO_TERM
			  ? 0
			  : law_sum(term_law(walk, walk->loop->gather), pages, &walk->stream);
	start_work(walk, work_ns);
}

/* A new batch. False: the loop is at its end. */
static bool begin_batch(struct walk *walk)
{
	enum lock_mode mode = walk->request.mode;

	if (!pages_left(walk) && !walk->in_company)
		return false;
	if (!walk->lock) {
		walk->phase = exact(walk) ? WALK_BATCH : WALK_FLUID;
		walk->batch_left = walk->loop->batch ? walk->loop->batch : 1;
		return next_piece(walk);
	}
	if (!exact(walk) && lock_is_free(walk->lock, mode)) {
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

	if (exact(walk) || lock_has_waiters(walk->lock)) {
		gather(walk);
		return;
	}
	lock_release(walk->lock, &walk->request); /* nobody looks: back to the fluid mode */
	begin_batch(walk);
}

static void request_granted(struct lock_request *request)
{
	struct walk *walk = (struct walk *)((char *)request - offsetof(struct walk, request));

	thread_resume_soon(walk_thread(walk));
}

/* The pages that are left of a batch, in a time that is known already. */
static void start_rest(struct walk *walk, int64_t rest_ns)
{
	if (walk->batch_left) {
		start_piece(walk, walk->batch_left, rest_ns);
		walk->batch_left = walk->planned;
	} else {
		start_work(walk, rest_ns);
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
	int64_t left_ns, hold_ns;
	uint64_t rest;

	unwatch(walk);
	if (walk->planned) {
		struct law_place place = cut(walk);

		page_ns = (double)(place.through_ns - place.done_ns);
	}
	left_ns = walk->total_ns - at_ns; /* of the page in progress */
	hold_ns = llround(gather_mean_ns(walk) * batch -
			  law.mean_ns * ((double)((walk->visited + batch - 1) % batch) + 1 -
					 (page_ns > 0 ? (double)left_ns / page_ns : 0)));
	rest = (batch - walk->visited % batch) % batch;
	if (rest > pages_left(walk))
		rest = pages_left(walk);
	left_ns += law_sum(law, rest, &walk->stream);
	walk->batch_left = rest;
	walk->work_ns += at_ns;
	if (walk->loop->pace_ns)
		event_cancel(&thread->simulation->engine, &thread->event);
	else
		cpu_stop(&thread->simulation->cpu, &thread->job);
	if (for_lock && hold_ns > 0 && lock_try(walk->lock, &walk->request, walk->request.mode)) {
		hold_ns = hold_ns < left_ns ? hold_ns : left_ns;
		walk->phase = WALK_GATHER;
		walk->rest_ns = left_ns - hold_ns;
		start_work(walk, hold_ns);
		return;
	}
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

	if (walk->in_company && walk->cursor >= walk->company_end) {
		walk->cursor = walk->company_after;
		walk->in_company = false;
	}
	if (!pages_left(walk))
		return false;
	if (walk->phase == WALK_BATCH)
		most = walk->batch_left;
	if (exact(walk))
		most = 1;
	start_piece(walk, most, -1);
	return true;
}

static void finish(struct walk *walk, int error)
{
	struct thread *thread = walk_thread(walk);

	unwatch(walk);
	walk->phase = WALK_IDLE;
	thread->pending_error = error;
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
		lock_release(walk->lock, &walk->request);
		slice_add(thread, walk->total_ns);
		slice_end(thread);
		walk->phase = WALK_BATCH;
		if (walk->rest_ns >= 0) {
			start_rest(walk, walk->rest_ns);
			return;
		}
	} else if (pages) {
		account_slice(walk, pages, walk->total_ns);
		commit(walk, pages);
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

void walk_signal(struct thread *thread)
{
	struct walk *walk = &thread->walk;

	if (!walk->loop->interruptible || walk->stopping)
		return;
	walk->stopping = true;
	if (walk->phase == WALK_FLUID)
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

void walk_init(struct thread *thread)
{
	thread->walk = (struct walk){ .phase = WALK_IDLE };
}

bool walk_begin(struct thread *thread, const struct page_loop *loop)
{
	struct walk *walk = &thread->walk;
	struct instance *instance = thread->instance;
	struct page_range range = { 0, UINT64_MAX };
	uint64_t count = loop->count ? loop->count->of(&instance->guest) : UINT64_MAX;
	int purpose = loop->acts[0].prices[0].term;

	for (size_t state = 0; purpose == NO_TERM && state < PAGE_STATES_MAX; state++)
		purpose = loop->acts[state].prices[0].term;
	if (loop->range)
		range = loop->range(&instance->guest);
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
	if (!thread_stream(thread, (uint32_t)purpose, &walk->stream) || !begin_batch(walk)) {
		walk->phase = WALK_IDLE;
		return false;
	}
	return true;
}
