#include "flow/sharing_bound.h"

#include <math.h>

enum { STEPS_MAX = 4096 }; /* of a program; a larger one may use anything */

/* Work and what it uses. */
struct amount {
	double work_ns, units;
};

static double per_ns(struct amount amount)
{
	if (!(amount.units > 0))
		return 0;
	return amount.work_ns > 0 ? amount.units / amount.work_ns : INFINITY;
}

static struct amount amount_of(const struct cost *cost, size_t capacity, double calls)
{
	return (struct amount){ cost->law.mean_ns * calls, cost->sharing.uses[capacity] * calls };
}

static double most_of_page(const struct page_act *act, int gather, const struct group *group,
			   size_t capacity)
{
	const struct cost *costs = group->config->costs;
	struct amount page = { 0 }, options[PAGE_PRICES_MAX];
	double alone = 0; /* of prices that may be paid any number of times */
	int left = 0;

	if (gather != NO_TERM)
		page = amount_of(&costs[gather], capacity, 1);
	for (int i = 0; act->prices[i].term != NO_TERM; i++) {
		const struct page_price *price = &act->prices[i];
		double calls = price->calls ? price->calls->at_most : 1;
		struct amount amount = amount_of(&costs[price->term], capacity, calls);

		if (!(calls > 0)) {
			alone = fmax(alone, per_ns(amount_of(&costs[price->term], capacity, 1)));
		} else if (price->when || price->calls) {
			options[left++] = amount;
		} else {
			page.work_ns += amount.work_ns;
			page.units += amount.units;
		}
	}
	for (int best = 0; best >= 0;) { /* the densest first, as long as they make it denser */
		best = -1;
		for (int i = 0; i < left; i++)
			if (per_ns(options[i]) > per_ns(page) &&
			    (best < 0 || per_ns(options[i]) > per_ns(options[best])))
				best = i;
		if (best >= 0) {
			page.work_ns += options[best].work_ns;
			page.units += options[best].units;
			options[best] = options[--left];
		}
	}
	return fmax(per_ns(page), alone);
}

static double most_of_step(const struct step *step, const struct group *group, size_t capacity)
{
	const struct page_loop *loop = step->loop;
	double most = 0;

	if (step->kind == STEP_SPEND && step->term != NO_TERM)
		return per_ns(amount_of(&group->config->costs[step->term], capacity, 1));
	if (step->kind != STEP_PAGES || loop->pace_ns)
		return 0;
	for (int state = 0; state < PAGE_STATES_MAX; state++)
		most = fmax(most,
			    most_of_page(&loop->acts->of[state], loop->gather, group, capacity));
	return most;
}

/* Where a thread can be behind a step, as far as the configuration tells: at most three places. */
static size_t successors(const struct program *program, uint32_t at, const struct guest *guest,
			 uint32_t next[3])
{
	const struct program_step *here = &program->steps[at];
	const struct step *step = here->step;
	bool known = step->kind == STEP_UNLESS && step->condition->of_config;
	bool holds = known && step->condition->holds(guest);
	size_t count = 0;

	if (here->jump != PROGRAM_RETURN && step->label && step->kind != STEP_LABEL && !holds)
		next[count++] = here->jump;
	if (step->kind == STEP_CALL || step->kind == STEP_SPAWN)
		next[count++] = program->flows[here->callee].first;
	if (step->kind != STEP_GOTO && step->kind != STEP_FAIL && step->kind != STEP_END &&
	    !(known && !holds))
		next[count++] = at + 1;
	return count;
}

/* Each is added once. */
static void add_place(uint32_t at, bool seen[STEPS_MAX], uint32_t todo[STEPS_MAX], size_t *left)
{
	if (seen[at])
		return;
	seen[at] = true;
	todo[(*left)++] = at;
}

static double most_of_program(const struct group *group, const struct program *program,
			      size_t capacity, const struct guest *guest)
{
	bool seen[STEPS_MAX] = { false };
	uint32_t todo[STEPS_MAX];
	size_t left = 0;
	double most = 0;

	if (program->step_count > STEPS_MAX)
		return INFINITY;
	add_place(program->flows[0].first, seen, todo, &left);
	while (left) {
		uint32_t at = todo[--left], next[3];
		size_t count = successors(program, at, guest, next);

		most = fmax(most, most_of_step(program->steps[at].step, group, capacity));
		for (size_t n = 0; n < count; n++)
			add_place(next[n], seen, todo, &left);
	}
	return most;
}

double sharing_most_used(const struct group *group, size_t capacity)
{
	const struct guest guest = { .config = group->config,
				     .host = &group->simulation->config->host };
	double most = 0;

	for (int operation = 0; operation < OPERATION_COUNT; operation++)
		if (group->offers[operation])
			most = fmax(most, most_of_program(group, &group->programs[operation],
							  capacity, &guest));
	return most;
}
