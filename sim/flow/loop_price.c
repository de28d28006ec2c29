#include "flow/loop_price.h"

#include <math.h>
#include <string.h>

#include "base/elementary.h"
#include "engine/gamma_tail.h"
#include "flow/metrics.h"
#include "flow/sharing.h"
#include "flow/thread.h"

struct law loop_term_law(const struct loop_run *run, int term)
{
	const struct thread *thread = loop_thread(run);

	if (thread_step(thread)->free)
		return (struct law){ 0 };
	return thread->instance->group->config->costs[term].law;
}

uint32_t loop_conditions(const struct loop_run *run, int state)
{
	const struct page_act *act = page_act(run->loop, state);
	const struct guest *guest = &loop_thread(run)->instance->guest;
	uint32_t conditions = 0;

	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		if (!act->prices[i].when || act->prices[i].when->holds(guest))
			conditions |= 1u << i;
	return conditions;
}

struct law loop_page_law(const struct loop_run *run, int state, uint32_t *conditions)
{
	const struct page_price *prices = page_act(run->loop, state)->prices;
	const struct instance *instance = loop_thread(run)->instance;
	const struct cost *costs = instance->group->config->costs;
	struct law law = { 0 };

	*conditions = loop_conditions(run, state);
	if (thread_step(loop_thread(run))->free)
		return law;
	for (int i = 0; *conditions >> i; i++)
		if (*conditions >> i & 1)
			law = law_add(law, page_price_law(&prices[i], costs[prices[i].term].law,
							  &instance->guest));
	if (run->loop->pace_ns)
		law = law_add(law,
			      (struct law){ .mean_ns = (double)count_of(run->loop->pace_ns,
									&instance->guest, 0) });
	return law;
}

/*
 * The prices of the piece, all of them: what is not shared makes the rest thinner. Gathering a page
 * counts as one of its prices, whether it is done in the same piece or in one of its own: then a
 * loop takes as long when somebody looks at its lock as when nobody does. (Not inlined: loops that
 * share nothing would pay for its frame.)
 */
static __attribute__((noinline)) void set_shared_needs(struct loop_run *run)
{
	const struct page_price *prices = page_act(run->loop, run->state)->prices;
	const struct instance *instance = loop_thread(run)->instance;
	const struct cost *costs = instance->group->config->costs;
	struct needs_sum sum = { 0 };

	for (uint32_t left = run->conditions; left; left &= left - 1) {
		const struct page_price *price = &prices[__builtin_ctz(left)];

		needs_add(&sum, &costs[price->term], ratio_of(price->calls, &instance->guest));
	}
	if (run->loop->gather != NO_TERM)
		needs_add(&sum, &costs[run->loop->gather], 1);
	thread_needs(loop_thread(run), &sum);
}

void loop_set_needs(struct loop_run *run)
{
	struct thread *thread = loop_thread(run);
	const struct page_price *prices = page_act(run->loop, run->state)->prices;
	const bool *shares = thread->instance->group->shares;
	bool some = false;

	for (uint32_t left = run->conditions; left && !some; left &= left - 1)
		some = shares[prices[__builtin_ctz(left)].term];
	if (!some || run->loop->pace_ns || thread_step(thread)->free)
		thread_needs_nothing(thread);
	else
		set_shared_needs(run);
}

int64_t loop_draw_ns(struct loop_run *run, struct law law, uint64_t pages)
{
	if (loop_exact(run))
		return law_sum_on(law, pages, &run->left_ns, &run->stream);
	return law_sum(law, pages, &run->stream);
}

double loop_gather_ns(const struct loop_run *run)
{
	return run->loop->gather == NO_TERM ? 0 : loop_term_law(run, run->loop->gather).mean_ns;
}

double loop_page_ns(const struct loop_run *run, int state)
{
	const struct thread *thread = loop_thread(run);
	uint32_t conditions;
	double work_ns = loop_page_law(run, state, &conditions).mean_ns + loop_gather_ns(run);

	if (run->loop->pace_ns)
		return work_ns;
	return cpu_expected_ns(&thread->node->cpu, thread->job.class, work_ns);
}

void loop_count_units(const struct loop_run *run, uint64_t pages)
{
	const struct page_act *act = page_act(run->loop, run->state);
	const struct instance *instance = loop_thread(run)->instance;

	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		const struct ratio *calls = act->prices[i].calls;
		double ratio = ratio_of(calls, &instance->guest);
		uint64_t units = pages;

		if (calls) /* of the pages up to here, less those before: pieces add up */
			units = (uint64_t)(llround(ratio * (double)run->visited) -
					   llround(ratio * (double)(run->visited - pages)));
		if (run->conditions & (1u << i))
			metrics_units(loop_thread(run), act->prices[i].term, units);
	}
}

/* Without anybody who looks, the lock is not taken for it. */
void loop_account_gathered(const struct loop_run *run, uint64_t pages)
{
	uint32_t batch = page_loop_batch(run->loop);
	double gather_ns = loop_gather_ns(run);

	if (run->loop->gather != NO_TERM)
		metrics_units(loop_thread(run), run->loop->gather, pages);
	if (run->phase == LOOP_FLUID && run->lock)
		lock_account(run->lock, (pages + batch - 1) / batch,
			     law_round_ns(gather_ns * (double)pages),
			     law_round_ns(gather_ns * (double)(pages < batch ? pages : batch)));
}

bool loop_makes_call(const struct loop_run *run, const char *fault)
{
	const struct term *terms = loop_thread(run)->instance->group->config->model->terms;
	const struct page_act *act = page_act(run->loop, run->state);
	bool is_term = false;

	for (size_t state = 0; state < PAGE_STATES_MAX; state++)
		for (int i = 0; run->loop->acts->of[state].prices[i].term != NO_TERM; i++)
			is_term = is_term ||
				  strcmp(terms[run->loop->acts->of[state].prices[i].term].name,
					 fault) == 0;
	for (int i = 0; act->prices[i].term != NO_TERM; i++)
		if (run->conditions & (1u << i) &&
		    strcmp(terms[act->prices[i].term].name, fault) == 0)
			return true;
	return !is_term;
}

/*
 * The longest of so many draws: by inversion of the law of a maximum. A value that cannot
 * be the longest slice so far is not worth the inversion (most of them): Chernoff's bound
 * of the gamma law's tail at the longest slice tells, and 0 stands for it. Its own tail
 * 1 - (1 - u)^(1 / draws) is at least u / draws.
 */
static int64_t longest(struct loop_run *run, struct law law, uint64_t draws)
{
	double shape, u, tail, value, above;

	if (law_is_constant(law))
		return law_round_ns(law.mean_ns);
	shape = 1 / law.cv_squared;
	u = stream_uniform(&run->stream);
	above = (double)loop_thread(run)->simulation->host_metrics.total[METRIC_LONGEST_SLICE] /
		law.mean_ns;
	/* mostly it is far from it: log(a) is at most a / 2, and log(u / draws) at least -100 */
	if (u > 0 && shape * (1 - above / 2) < -100)
		return 0;
	if (above > 1 &&
	    elementary_log(u / (double)draws) > shape * (1 - above + elementary_log(above)))
		return 0;
	tail = -elementary_expm1(elementary_log1p(-u) / (double)draws);
	value = law.mean_ns / shape * gamma_upper_quantile(tail, shape);
	return isfinite(value) ? law_round_ns(value) : law_round_ns(law.mean_ns);
}

void loop_account_slice(struct loop_run *run, uint64_t pages, int64_t work_ns)
{
	struct thread *thread = loop_thread(run);
	int64_t page_bytes = thread->instance->guest.config->page_bytes;
	uint64_t batch = page_loop_batch(run->loop);
	/* pages between two reschedule points */
	uint64_t stretch = (uint64_t)(run->loop->yield_bytes / page_bytes);

	if (run->loop->pace_ns || !pages)
		return;
	if (!run->loop->yields) {
		slice_add(thread, work_ns);
		return;
	}
	if (!stretch)
		stretch = 1;
	if (run->lock && stretch > batch) /* a batch's end is one, too */
		stretch = batch;
	if (pages < stretch) {
		slice_add(thread, work_ns);
		if (run->visited % stretch + pages >= stretch)
			slice_end(thread);
		return;
	}
	slice_end(thread);
	slice_add(thread, pages == stretch ? work_ns
					   : longest(run, law_times(run->page_law, (double)stretch),
						     pages / stretch));
	slice_end(thread);
	if (run->loop->gather != NO_TERM && run->phase == LOOP_FLUID) {
		uint64_t gathered = pages < batch ? pages : batch;

		slice_add(thread, law_round_ns(loop_gather_ns(run) * (double)gathered));
		slice_end(thread);
	}
}

int64_t loop_work_done(const struct loop_run *run)
{
	struct thread *thread = loop_thread(run);

	if (run->loop->pace_ns)
		return thread->simulation->engine.now_ns - run->began_ns;
	return cpu_work_done(&thread->node->cpu, &thread->job);
}
