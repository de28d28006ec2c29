#ifndef TESTS_FLOWS_FORK_H
#define TESTS_FLOWS_FORK_H

/*
 * A strategy of a shipped model with some steps replaced, for tests of what a design of
 * one's own, or a defect, does. All flows that the strategy reaches are copied.
 */

#include "fixture.h"

#include "flow/model.h"

enum { FORK_FLOWS = 64, FORK_STEPS = 64, FORK_STRATEGIES = 16 };

struct fork {
	struct model model; /* the shipped one, with one strategy replaced */
	struct strategy strategies[FORK_STRATEGIES];
	const struct flow *originals[FORK_FLOWS];
	struct flow flows[FORK_FLOWS];
	struct step steps[FORK_FLOWS][FORK_STEPS];
	size_t count;
};

static inline struct flow *fork_flow(struct fork *fork, const struct flow *original)
{
	size_t index = 0;

	while (index < fork->count && fork->originals[index] != original)
		index++;
	if (index < fork->count)
		return &fork->flows[index];
	assert_true(index < FORK_FLOWS && original->step_count < FORK_STEPS);
	fork->originals[fork->count++] = original;
	memcpy(fork->steps[index], original->steps, original->step_count * sizeof(struct step));
	fork->flows[index] = *original;
	fork->flows[index].steps = fork->steps[index];
	for (size_t i = 0; i < original->step_count; i++)
		if (original->steps[i].flow)
			fork->steps[index][i].flow = fork_flow(fork, original->steps[i].flow);
	return &fork->flows[index];
}

/* A copy of MODEL/STRATEGY. */
static inline void fork_strategy(struct fork *fork, const char *model, const char *strategy)
{
	const struct model *shipped = model_find(model);
	struct strategy *copy;

	memset(fork, 0, sizeof(*fork));
	assert_non_null(shipped);
	fork->model = *shipped;
	assert_true(shipped->strategy_count <= FORK_STRATEGIES);
	memcpy(fork->strategies, shipped->strategies,
	       shipped->strategy_count * sizeof(fork->strategies[0]));
	fork->model.strategies = fork->strategies;
	copy = &fork->strategies[strategy_find(shipped, strategy)];
	for (int i = 0; i < OPERATION_COUNT; i++)
		if (copy->flows[i])
			copy->flows[i] = fork_flow(fork, copy->flows[i]);
}

static inline struct flow *forked_flow(struct fork *fork, const char *name)
{
	for (size_t i = 0; i < fork->count; i++)
		if (strcmp(fork->flows[i].name, name) == 0)
			return &fork->flows[i];
	fail_msg("there is no flow %s", name);
	return NULL;
}

/* The index of the n-th step of a kind, from 0. */
static inline size_t forked_step(const struct flow *flow, enum step_kind kind, int n)
{
	for (size_t i = 0; i < flow->step_count; i++)
		if (flow->steps[i].kind == kind && !n--)
			return i;
	fail_msg("flow %s has no such step", flow->name);
	return 0;
}

/* Replace `old` steps from `at` on by `count` others. */
static inline void fork_replace(struct flow *flow, size_t at, size_t old, const struct step *by,
				size_t count)
{
	struct step *steps = (struct step *)(uintptr_t)flow->steps;

	assert_true(flow->step_count - old + count < FORK_STEPS);
	memmove(steps + at + count, steps + at + old,
		(flow->step_count - at - old) * sizeof(*steps));
	if (count)
		memcpy(steps + at, by, count * sizeof(*steps));
	flow->step_count += count - old;
}

/* Let the first guest of a loaded scenario, which names the shipped strategy, use the copy. */
static inline void fork_use(struct fork *fork, struct scenario *scenario)
{
	scenario->simulation.guests[0].model = &fork->model;
}

#endif
