#ifndef TESTS_FLOWS_FORK_H
#define TESTS_FLOWS_FORK_H

/*
 * A strategy of a shipped model with some steps replaced, for tests of what a design of
 * one's own, or a defect, does.
 */

#include "fixture.h"

#include "flow/fork.h"

enum { FORK_STRATEGIES = 16 };

struct forked_model {
	struct model model; /* the shipped one, with one strategy replaced */
	struct strategy strategies[FORK_STRATEGIES];
	struct strategy *strategy;
	struct fork fork;
};

/* A copy of MODEL/STRATEGY; what was there is freed. */
static inline void forked_strategy(struct forked_model *forked, const char *model,
				   const char *strategy)
{
	const struct model *shipped = model_find(model);
	struct error error = { 0 };

	assert_non_null(shipped);
	fork_fini(&forked->fork);
	forked->model = *shipped;
	assert_true(shipped->strategy_count <= FORK_STRATEGIES);
	memcpy(forked->strategies, shipped->strategies,
	       shipped->strategy_count * sizeof(forked->strategies[0]));
	forked->model.strategies = forked->strategies;
	forked->strategy = &forked->strategies[strategy_find(shipped, strategy)];
	assert_true(fork_strategy(&forked->fork, forked->strategy, &error));
}

static inline struct forked_flow *forked_flow(const struct forked_model *forked, const char *name)
{
	struct forked_flow *flow = fork_named(&forked->fork, name);

	if (!flow)
		fail_msg("there is no flow %s", name);
	return flow;
}

/* The index of the n-th step of a kind, from 0. */
static inline size_t forked_step(const struct forked_flow *flow, enum step_kind kind, int n)
{
	for (size_t i = 0; i < flow->flow.step_count; i++)
		if (flow->steps[i].kind == kind && !n--)
			return i;
	fail_msg("flow %s has no such step", flow->flow.name);
	return 0;
}

/* Replace `old` steps from `at` on by `count` others. */
static inline void forked_replace(struct forked_flow *flow, size_t at, size_t old,
				  const struct step *by, size_t count)
{
	struct error error = { 0 };

	assert_true(fork_splice(flow, at, old, by, NULL, count, &error));
}

/* Let the first guest of a loaded scenario, which names the shipped strategy, use the copy. */
static inline void forked_use(struct forked_model *forked, struct scenario *scenario)
{
	scenario->simulation.guests[0].model = &forked->model;
	scenario->simulation.guests[0].design = forked->strategy;
}

#endif
