#include "flow/fork.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static struct forked_flow *add(struct fork *fork, struct flow flow, const struct flow *original,
			       struct error *error)
{
	struct forked_flow *added;

	if (!memory_grow(&fork->flows, &fork->capacity, fork->count + 1,
			 sizeof(struct forked_flow *), "flows", error))
		return NULL;
	added = memory_array(1, sizeof(*added), "flow", error);
	if (!added)
		return NULL;
	added->flow = flow;
	added->flow.steps = NULL;
	added->flow.step_count = 0;
	added->original = original;
	fork->flows[fork->count++] = added;
	return added;
}

struct forked_flow *fork_new_flow(struct fork *fork, const char *name, const char *summary,
				  struct error *error)
{
	return add(fork, (struct flow){ .name = name, .summary = summary }, NULL, error);
}

/* Let what names a flow name its copy. */
static bool redirect(struct fork *fork, const struct flow **flow, struct error *error)
{
	const struct forked_flow *copy = *flow ? fork_flow(fork, *flow, error) : NULL;

	if (*flow && copy)
		*flow = &copy->flow;
	return !*flow || copy;
}

struct forked_flow *fork_flow(struct fork *fork, const struct flow *flow, struct error *error)
{
	struct forked_flow *copy = fork_owner(fork, flow);

	if (copy)
		return copy;
	copy = add(fork, *flow, flow, error);
	if (!copy || !fork_splice(copy, 0, 0, flow->steps, NULL, flow->step_count, error))
		return NULL;
	for (size_t i = 0; i < flow->step_count; i++)
		if (!redirect(fork, &copy->steps[i].flow, error))
			return NULL;
	return copy;
}

bool fork_strategy(struct fork *fork, struct strategy *strategy, struct error *error)
{
	for (int i = 0; i < OPERATION_COUNT; i++)
		if (!redirect(fork, &strategy->flows[i], error))
			return false;
	return true;
}

struct forked_flow *fork_named(const struct fork *fork, const char *name)
{
	for (size_t i = 0; i < fork->count; i++)
		if (strcmp(fork->flows[i]->flow.name, name) == 0)
			return fork->flows[i];
	return NULL;
}

struct forked_flow *fork_owner(const struct fork *fork, const struct flow *flow)
{
	for (size_t i = 0; i < fork->count; i++)
		if (fork->flows[i]->original == flow || &fork->flows[i]->flow == flow)
			return fork->flows[i];
	return NULL;
}

bool fork_splice(struct forked_flow *flow, size_t at, size_t old, const struct step *by,
		 const char *const *sources, size_t count, struct error *error)
{
	size_t behind = flow->flow.step_count - at - old;
	size_t whole = flow->flow.step_count - old + count;

	if (!memory_grow(&flow->steps, &flow->step_capacity, whole, sizeof(*flow->steps), "steps",
			 error))
		return false;
	flow->flow.steps = flow->steps;
	if (!memory_grow(&flow->sources, &flow->source_capacity, whole, sizeof(*flow->sources),
			 "steps", error))
		return false;
	if (behind) {
		memmove(flow->steps + at + count, flow->steps + at + old,
			behind * sizeof(*flow->steps));
		memmove(flow->sources + at + count, flow->sources + at + old,
			behind * sizeof(*flow->sources));
	}
	for (size_t i = 0; i < count; i++) {
		flow->steps[at + i] = by[i];
		flow->sources[at + i] = sources ? sources[i] : NULL;
	}
	flow->flow.step_count = whole;
	return true;
}

void fork_replace_loop(struct fork *fork, const struct page_loop *from, const struct page_loop *to)
{
	for (size_t f = 0; f < fork->count; f++)
		for (size_t i = 0; i < fork->flows[f]->flow.step_count; i++)
			if (fork->flows[f]->steps[i].loop == from)
				fork->flows[f]->steps[i].loop = to;
}

void fork_fini(struct fork *fork)
{
	for (size_t i = 0; i < fork->count; i++) {
		free(fork->flows[i]->steps);
		free(fork->flows[i]->sources);
		free(fork->flows[i]);
	}
	free(fork->flows);
	*fork = (struct fork){ 0 };
}
