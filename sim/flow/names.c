#include "flow/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A strategy's things stand together: its names are collected before those of the next. */
static bool add(struct names *names, enum operand operand, const void *thing, int strategy,
		struct error *error)
{
	if (!thing)
		return true;
	for (size_t i = names->count; i-- > 0 && names->items[i].strategy == strategy;)
		if (names->items[i].thing == thing)
			return true;
	if (!memory_grow(&names->items, &names->capacity, names->count + 1, sizeof(*names->items),
			 "names", error))
		return false;
	names->items[names->count++] =
		(struct name){ operand, operand_name(thing), thing, strategy };
	return true;
}

static bool add_act(struct names *names, const struct page_act *act, int strategy,
		    struct error *error)
{
	bool ok = true;

	for (int i = 0; ok && act->prices[i].term != NO_TERM && i < PAGE_PRICES_MAX; i++)
		ok = add(names, OPERAND_CONDITION, act->prices[i].when, strategy, error) &&
		     add(names, OPERAND_RATIO, act->prices[i].calls, strategy, error);
	return ok;
}

static bool add_loop(struct names *names, const struct page_loop *loop, int strategy,
		     struct error *error)
{
	bool ok = add(names, OPERAND_LOOP, loop, strategy, error) &&
		  add(names, OPERAND_COUNT, loop->count, strategy, error) &&
		  add(names, OPERAND_COUNT, loop->pace_ns, strategy, error);

	for (int state = 0; ok && loop->acts && state < PAGE_STATES_MAX; state++)
		ok = add_act(names, &loop->acts->of[state], strategy, error);
	return ok;
}

static bool add_flow(struct names *names, const struct flow *flow, int strategy,
		     struct error *error)
{
	size_t before = names->count;
	bool ok = add(names, OPERAND_FLOW, flow, strategy, error);

	if (names->count == before) /* a flow that is here already */
		return ok;
	for (size_t i = 0; ok && i < flow->step_count; i++) {
		const struct step *step = &flow->steps[i];

		ok = add(names, OPERAND_COUNT, step->count, strategy, error) &&
		     add(names, OPERAND_HOOK, step->hook, strategy, error) &&
		     add(names, OPERAND_CONDITION, step->condition, strategy, error) &&
		     add(names, OPERAND_CHANCE, step->chance, strategy, error) &&
		     (!step->loop || add_loop(names, step->loop, strategy, error)) &&
		     (!step->flow || add_flow(names, step->flow, strategy, error));
	}
	return ok;
}

bool names_collect_strategy(struct names *names, const struct model *model, int strategy,
			    struct error *error)
{
	const struct strategy *one = &model->strategies[strategy];

	for (int i = 0; i < OPERATION_COUNT; i++)
		if (one->flows[i] && !add_flow(names, one->flows[i], strategy, error))
			return false;
	return true;
}

bool names_collect(struct names *names, const struct model *model, struct error *error)
{
	bool ok = add(names, OPERAND_MEMORY, &guest_memory, NAMES_LISTED, error);

	for (size_t i = 0; ok && i < model->lock_count; i++)
		ok = add(names, OPERAND_LOCK, model->locks[i], NAMES_LISTED, error);
	for (size_t i = 0; ok && i < model->server_count; i++)
		ok = add(names, OPERAND_SERVER, model->servers[i], NAMES_LISTED, error);
	for (size_t i = 0; ok && i < model->memory_count; i++)
		ok = add(names, OPERAND_MEMORY, model->memory[i], NAMES_LISTED, error);
	for (size_t s = 0; ok && s < model->strategy_count; s++)
		ok = names_collect_strategy(names, model, (int)s, error);
	return ok;
}

void names_fini(struct names *names)
{
	free(names->items);
	*names = (struct names){ 0 };
}

static bool is_called(const struct name *item, enum operand operand, const char *name)
{
	return item->operand == operand && item->name && strcmp(item->name, name) == 0;
}

static const void *find_in(const struct names *names, enum operand operand, const char *name,
			   int strategy)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].strategy == strategy &&
		    is_called(&names->items[i], operand, name))
			return names->items[i].thing;
	return NULL;
}

/* The last strategy's that has one, or (*ambiguous) they differ. */
static const void *find_anywhere(const struct names *names, enum operand operand, const char *name,
				 bool *ambiguous)
{
	const struct name *found = NULL;

	for (size_t i = 0; i < names->count; i++) {
		const struct name *item = &names->items[i];

		if ((found && item->strategy == found->strategy) || !is_called(item, operand, name))
			continue;
		*ambiguous = *ambiguous || (found && item->thing != found->thing);
		found = item;
	}
	return found ? found->thing : NULL;
}

const void *names_find(const struct names *names, const struct model *model, enum operand operand,
		       const char *name, int strategy, bool *ambiguous)
{
	const void *found = find_in(names, operand, name, strategy);

	*ambiguous = false;
	if (!found)
		found = find_anywhere(names, operand, name, ambiguous);
	for (size_t s = 0; !found && s < model->strategy_count; s++) {
		size_t length = strlen(model->strategies[s].name);

		if (strncmp(name, model->strategies[s].name, length) == 0 && name[length] == '/')
			found = find_in(names, operand, name + length + 1, (int)s);
	}
	return *ambiguous ? NULL : found;
}
