/* The pieces of work that a page loop is made of: planned, priced, cut, and accounted for. */

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "flow/books.h"

bool walk_exact(const struct walk *walk)
{
	return walk_thread(walk)->simulation->config->exact_pages;
}

uint64_t walk_pages_left(const struct walk *walk)
{
	uint64_t span =
		walk->loop->descending ? walk->cursor - walk->bound : walk->bound - walk->cursor;

	return span < walk->limit ? span : walk->limit;
}

struct law walk_term_law(const struct walk *walk, int term)
{
	const struct thread *thread = walk_thread(walk);

	if (thread_step(thread)->free)
		return (struct law){ 0 };
	return thread->instance->group->config->costs[term].law;
}

/* The law of one page found in `state`, without gathering; *conditions says which prices hold. */
struct law walk_page_law(const struct walk *walk, int state, uint32_t *conditions)
{
	const struct page_act *act = page_act(walk->loop, state);
	const struct guest *guest = &walk_thread(walk)->instance->guest;
	struct law law = { 0 };

	*conditions = 0;
	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		if (act->prices[i].when && !act->prices[i].when->holds(guest))
			continue;
		*conditions |= 1u << i;
		law = law_add(law, page_price_law(&act->prices[i],
						  walk_term_law(walk, act->prices[i].term), guest));
	}
	if (walk->loop->pace_ns && !thread_step(walk_thread(walk))->free)
		law = law_add(law,
			      (struct law){ (double)count_of(walk->loop->pace_ns, guest, 0), 0.0 });
	return law;
}

static void count_units(const struct walk *walk, int state, uint32_t conditions, uint64_t pages)
{
	const struct page_act *act = page_act(walk->loop, state);
	struct group *group = walk_thread(walk)->instance->group;

	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		const struct ratio *calls = act->prices[i].calls;
		double ratio = ratio_of(calls, &walk_thread(walk)->instance->guest);
		uint64_t units = pages;

		if (calls) /* of the pages up to here, less those before: pieces add up */
			units = (uint64_t)(llround(ratio * (double)walk->visited) -
					   llround(ratio * (double)(walk->visited - pages)));
		if (conditions & (1u << i))
			books_units(group, act->prices[i].term, units);
	}
}

double walk_gather_ns(const struct walk *walk)
{
	return walk->loop->gather == NO_TERM ? 0 : walk_term_law(walk, walk->loop->gather).mean_ns;
}

double walk_page_ns(const struct walk *walk, int state)
{
	const struct cpu *cpu = &walk_thread(walk)->host->cpu;
	uint32_t conditions;
	double work_ns = walk_page_law(walk, state, &conditions).mean_ns + walk_gather_ns(walk);

	if (walk->loop->pace_ns || cpu->jobs.count <= cpu->cores)
		return work_ns;
	return work_ns * cpu->jobs.count / cpu->cores;
}

/* A fault point called like a term is a call that only the pages make that pay the term. */
static bool makes_call(const struct walk *walk, const char *fault)
{
	const struct term *terms = walk_thread(walk)->instance->group->config->model->terms;
	const struct page_act *act = page_act(walk->loop, walk->state);
	bool is_term = false;

	for (size_t state = 0; state < PAGE_STATES_MAX; state++)
		for (int i = 0; walk->loop->acts->of[state].prices[i].term != NO_TERM; i++)
			is_term = is_term ||
				  strcmp(terms[walk->loop->acts->of[state].prices[i].term].name,
					 fault) == 0;
	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		if (walk->conditions & (1u << i) &&
		    strcmp(terms[act->prices[i].term].name, fault) == 0)
			return true;
	return !is_term;
}

/* The last `failed` of the pages are lost: the host never gets them back. */
static void lose(struct walk *walk, struct page_range taken, uint64_t failed)
{
	struct thread *thread = walk_thread(walk);
	struct instance *instance = thread->instance;

	taken.first = taken.end - failed;
	if (walk->loop->range && !page_map_set(&instance->guest.pages, taken, PAGE_GONE,
					       &thread->simulation->engine.error))
		engine_stop(&thread->simulation->engine);
	instance->guest.lost_pages += failed;
	memory_settle_lost(instance);
}

/* Pages that were handled: count them, lose those whose call failed, give memory back. */
static void account_handled(struct walk *walk, struct page_range taken, int64_t since_ns)
{
	uint64_t pages = taken.end - taken.first;
	struct thread *thread = walk_thread(walk);
	struct simulation *simulation = thread->simulation;
	struct instance *instance = thread->instance;
	struct group *group = instance->group;
	uint64_t failed = 0;

	group->metrics.total[walk->loop->touch                     ? METRIC_TOUCHED_PAGES
			     : thread->foreground && !thread->done ? METRIC_FOREGROUND_PAGES
								   : METRIC_BACKGROUND_PAGES] +=
		(int64_t)pages;
	if (walk->loop->fault && makes_call(walk, walk->loop->fault) &&
	    thread_fault(thread, walk->loop->fault, pages, &walk->stream, &failed))
		lose(walk, taken, failed);
	if (walk->loop->frees)
		memory_give(thread, &guest_memory,
			    (int64_t)(pages - failed) * group->config->page_bytes);
	books_limbo(instance);
	if (model_is_limbo(group->config->model, walk->state))
		books_limbo_slope(simulation, (int64_t)(pages - failed) * group->config->page_bytes,
				  since_ns);
}

/* Pages are gathered under the lock; without anybody who looks, the lock is not taken for it. */
static void account_gathered(const struct walk *walk, uint64_t pages)
{
	double gather_ns = walk_gather_ns(walk);

	if (walk->loop->gather != NO_TERM)
		books_units(walk_thread(walk)->instance->group, walk->loop->gather, pages);
	if (walk->phase == WALK_FLUID && walk->lock)
		lock_account(walk->lock, (pages + walk->loop->batch - 1) / walk->loop->batch,
			     law_round_ns(gather_ns * (double)pages),
			     law_round_ns(gather_ns * walk->loop->batch));
}

/* What a loop takes must still be as it was when it was planned. */
static void check_taken(const struct walk *walk, struct page_range taken)
{
	int state;
	struct page_range run =
		page_map_run(&walk_thread(walk)->instance->guest.pages, taken.first, &state);

	if (state != walk->state || run.end < taken.end)
		thread_fail(walk_thread(walk), "pages %lld to %lld, planned as %s, are %s",
			    (long long)taken.first, (long long)taken.end,
			    model_page_state(walk_thread(walk)->program->model, walk->state),
			    model_page_state(walk_thread(walk)->program->model, state));
}

/* The first `pages` of the claim are taken. */
void walk_commit(struct walk *walk, uint64_t pages)
{
	struct thread *thread = walk_thread(walk);
	const struct page_act *act = page_act(walk->loop, walk->state);
	struct page_range taken = walk->claim;

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
	account_gathered(walk, pages);
	if (walk->loop->range && act->becomes != walk->state)
		check_taken(walk, taken);
	if (walk->loop->range &&
	    model_is_limbo(thread->instance->group->config->model, walk->state) &&
	    !model_is_limbo(thread->instance->group->config->model, act->becomes))
		thread->instance->dead_pages_taken += pages;
	if (walk->loop->range && act->becomes != walk->state &&
	    !page_map_set(&thread->instance->guest.pages, taken, act->becomes,
			  &thread->simulation->engine.error))
		engine_stop(&thread->simulation->engine);
	if (act->handled)
		account_handled(walk, taken, walk->began_ns);
}

/*
 * The longest of so many draws: by inversion of the law of a maximum. A value that cannot
 * be the longest slice so far is not worth the inversion (most of them): Chernoff's bound
 * of the gamma law's tail at the longest slice tells, and 0 stands for it.
 */
static int64_t longest(struct walk *walk, struct law law, uint64_t draws)
{
	double shape, tail, value, above;

	if (law.cv <= 0 || law.mean_ns <= 0)
		return law_round_ns(law.mean_ns);
	shape = 1.0 / (law.cv * law.cv);
	tail = -expm1(log1p(-stream_uniform(&walk->stream)) / (double)draws);
	above = (double)walk_thread(walk)->simulation->host_metrics.total[METRIC_LONGEST_SLICE] /
		law.mean_ns;
	if (above > 1 && log(tail) > shape * (1 - above + log(above)))
		return 0;
	value = gsl_cdf_gamma_Qinv(tail, shape, law.mean_ns / shape);
	return isfinite(value) ? law_round_ns(value) : law_round_ns(law.mean_ns);
}

void walk_account_slice(struct walk *walk, uint64_t pages, int64_t work_ns)
{
	struct thread *thread = walk_thread(walk);
	uint32_t conditions;
	struct law page = walk_page_law(walk, walk->state, &conditions);
	int64_t page_bytes = thread->instance->guest.config->page_bytes;
	uint64_t stretch = 1; /* pages between two reschedule points */

	if (walk->loop->pace_ns || !pages)
		return;
	if (!walk->loop->yields) {
		slice_add(thread, work_ns);
		return;
	}
	if (walk->loop->yield_bytes > page_bytes)
		stretch = (uint64_t)(walk->loop->yield_bytes / page_bytes);
	if (pages < stretch) {
		slice_add(thread, work_ns);
		if (walk->visited % stretch + pages >= stretch)
			slice_end(thread);
		return;
	}
	slice_end(thread);
	slice_add(thread, pages == stretch ? work_ns
					   : longest(walk, law_times(page, (double)stretch),
						     pages / stretch));
	slice_end(thread);
	if (walk->loop->gather != NO_TERM && walk->phase == WALK_FLUID) {
		uint64_t gathered = pages < walk->loop->batch ? pages : walk->loop->batch;

		slice_add(thread, law_round_ns(walk_gather_ns(walk) * (double)gathered));
		slice_end(thread);
	}
}

/* --- pieces of work --- */

void walk_start_work(struct walk *walk, int64_t total_ns)
{
	struct thread *thread = walk_thread(walk);

	walk->total_ns = total_ns;
	walk->began_ns = thread->simulation->engine.now_ns;
	if (walk->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, total_ns);
	else
		cpu_start(&thread->host->cpu, &thread->job, total_ns);
}

int64_t walk_work_done(const struct walk *walk)
{
	struct thread *thread = walk_thread(walk);

	if (walk->loop->pace_ns)
		return thread->simulation->engine.now_ns - walk->began_ns;
	return cpu_work_done(&thread->host->cpu, &thread->job);
}

static void set_work_left(struct walk *walk, int64_t left_ns)
{
	struct thread *thread = walk_thread(walk);

	if (walk->loop->pace_ns)
		event_schedule_in(&thread->simulation->engine, &thread->event, left_ns);
	else
		cpu_set_left(&thread->host->cpu, &thread->job, left_ns);
}

static void note_random(const struct walk *walk)
{
	if (walk->law.cv > 0 && walk->law.mean_ns > 0)
		walk_thread(walk)->simulation->random = true;
}

/* Take the pages that are done or in progress; only the page in progress is left to do. */
struct law_place walk_cut_here(struct walk *walk)
{
	int64_t at_ns = walk_work_done(walk);
	struct law_place place =
		law_bridge(walk->law, walk->planned, walk->total_ns, at_ns, &walk->stream);
	uint64_t taken = place.done < walk->planned ? place.done + 1 : place.done;

	walk_account_slice(walk, taken, place.through_ns);
	walk->planned = 0;
	walk_commit(walk, taken);
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
		walk_cut_here(walk);
}

/* Plan the next piece of at most `most` pages; total_ns < 0: draw it. */
void walk_start_piece(struct walk *walk, uint64_t most, int64_t total_ns)
{
	struct page_range range = { walk->cursor, walk->bound };
	struct law page;

	walk->state = 0;
	if (walk->loop->range)
		range = walk_choose(walk, &walk->state);
	else if (range.end - range.first > walk->limit)
		range.end = range.first + walk->limit;
	if (range.end - range.first > most) {
		if (walk->loop->descending)
			range.first = range.end - most;
		else
			range.end = range.first + most;
	}
	if (range.first >= range.end || range.end - range.first > walk_pages_left(walk)) {
		thread_fail(walk_thread(walk),
			    "the loop plans pages %lld to %lld, %lld from its end",
			    (long long)range.first, (long long)range.end,
			    (long long)walk_pages_left(walk));
		return;
	}
	page = walk_page_law(walk, walk->state, &walk->conditions);
	if (walk->phase == WALK_FLUID && walk->loop->gather != NO_TERM) {
		struct law gather = walk_term_law(walk, walk->loop->gather);

		page = law_add(page, gather);
	}
	walk->law = page;
	walk->claim = range;
	walk->planned = range.end - range.first;
	note_random(walk);
	if (total_ns < 0)
		total_ns = law_sum(page, walk->planned, &walk->stream);
	walk_start_work(walk, total_ns);
	walk_pages_claimed(walk);
}
