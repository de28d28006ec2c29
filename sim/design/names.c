/* What the names in a design stand for. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "design/parts.h"

bool design_unknown_key(const struct design_reader *reader, const char *pointer, const char *what,
			const char *key, const char *const *keys)
{
	char place[POINTER_MAX], hint[HINT_MAX];

	pointer_to_key(place, pointer, key);
	return document_key_error(reader->document, place, reader->error,
				  "%s has no key \"%.60s\"%s", what, key,
				  did_you_mean(hint, key, keys));
}

/* "there is no X called Y", with the nearest of the names that there are. */
static bool unknown(const struct design_reader *reader, const char *pointer, enum operand operand,
		    const char *name)
{
	const struct model *model = &reader->into->model;
	size_t most =
		reader->names.count + reader->fork->count + reader->loop_count + model->term_count;
	const char **names = memory_array(most + 1, sizeof(*names), "names", reader->error);
	char hint[HINT_MAX];
	size_t count = 0;

	if (!names)
		return false;
	for (size_t i = 0; i < reader->names.count; i++)
		if (reader->names.items[i].operand == operand)
			names[count++] = reader->names.items[i].name;
	for (size_t i = 0; operand == OPERAND_FLOW && i < reader->fork->count; i++)
		names[count++] = reader->fork->flows[i]->flow.name;
	for (size_t i = 0; operand == OPERAND_LOOP && i < reader->loop_count; i++)
		names[count++] = reader->loops[i]->name;
	for (size_t i = FIRST_TERM; operand == OPERAND_TERM && i < model->term_count; i++)
		names[count++] = model->terms[i].name;
	design_error(reader, pointer, "%s has no %s \"%.60s\"%s", model->name,
		     operand_kinds[operand].what, name, did_you_mean(hint, name, names));
	free(names);
	return false;
}

/* Flows that came with `other` and are called like one that is there: STRATEGY/NAME from now on. */
static bool qualify(const struct design_reader *reader, const struct flow *other, size_t before)
{
	const struct fork *fork = reader->fork;
	const struct strategy *owner = NULL;
	char name[256];

	for (size_t i = 0; i < reader->names.count; i++)
		if (reader->names.items[i].thing == other && reader->names.items[i].strategy >= 0)
			owner = &reader->into->strategies[reader->names.items[i].strategy];
	for (size_t i = before; owner && i < fork->count; i++) {
		if (fork_named(fork, fork->flows[i]->flow.name) == fork->flows[i])
			continue;
		snprintf(name, sizeof(name), "%s/%s", owner->name, fork->flows[i]->flow.name);
		fork->flows[i]->flow.name =
			memory_keep_text(&reader->designs->keeper, name, reader->error);
		if (!fork->flows[i]->flow.name)
			return false;
	}
	return true;
}

/* Flows of the strategy are its copies; one of another strategy is copied, too. */
static const struct flow *find_flow(const struct design_reader *reader, const char *name,
				    bool *ambiguous)
{
	const struct forked_flow *flow = fork_named(reader->fork, name);
	const struct flow *other;
	size_t before;

	if (flow)
		return &flow->flow;
	other = names_find(&reader->names, &reader->into->model, OPERAND_FLOW, name,
			   reader->extended, ambiguous);
	if (!other)
		return NULL;
	before = reader->fork->count;
	flow = fork_flow(reader->fork, other, reader->error);
	return flow && qualify(reader, other, before) ? &flow->flow : NULL;
}

static const struct page_loop *own_loop(const struct design_reader *reader, const char *name)
{
	for (size_t i = reader->loop_count; i-- > 0;)
		if (strcmp(reader->loops[i]->name, name) == 0)
			return reader->loops[i];
	return NULL;
}

const void *design_thing(const struct design_reader *reader, const char *pointer,
			 enum operand operand, const json_t *value)
{
	const char *name = json_string_value(value);
	const void *found = NULL;
	bool ambiguous = false;

	if (!name) {
		design_error(reader, pointer, "the name of a %s is needed",
			     operand_kinds[operand].what);
		return NULL;
	}
	if (operand == OPERAND_FLOW)
		found = find_flow(reader, name, &ambiguous);
	else if (operand == OPERAND_LOOP)
		found = own_loop(reader, name);
	if (!found && operand != OPERAND_FLOW)
		found = names_find(&reader->names, &reader->into->model, operand, name,
				   reader->extended, &ambiguous);
	if (found || reader->error->kind != ERROR_NONE)
		return found;
	if (ambiguous)
		design_error(reader, pointer,
			     "several strategies have a %s \"%.60s\", and not the same; say whose: "
			     "\"STRATEGY/%.60s\"",
			     operand_kinds[operand].what, name, name);
	else
		unknown(reader, pointer, operand, name);
	return NULL;
}

bool design_term(const struct design_reader *reader, const char *pointer, const json_t *value,
		 int *term)
{
	const struct model *model = &reader->into->model;
	const char *name = json_string_value(value);

	if (!name)
		return design_error(reader, pointer, "the name of a cost term is needed");
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		if (strcmp(model->terms[t].name, name) == 0) {
			*term = (int)t;
			return true;
		}
	}
	return unknown(reader, pointer, OPERAND_TERM, name);
}

/* The rule, made at its first use: equal counts are one. */
static const struct count *count_rule(const struct design_reader *reader, const char *name,
				      const struct count_rule *wanted)
{
	struct designs *designs = reader->designs;
	struct count_rule *rule;

	for (size_t i = 0; i < designs->count_count; i++) {
		rule = designs->counts[i];
		if (rule->base == wanted->base && rule->times == wanted->times &&
		    rule->number == wanted->number)
			return &rule->count;
	}
	if (!memory_grow(&designs->counts, &designs->count_capacity, designs->count_count + 1,
			 sizeof(struct count_rule *), "counts", reader->error))
		return NULL;
	rule = memory_keep_array(&designs->keeper, 1, sizeof(*rule), "count", reader->error);
	if (!rule)
		return NULL;
	*rule = *wanted;
	rule->count.name = memory_keep_text(&designs->keeper, name, reader->error);
	if (!rule->count.name)
		return NULL;
	designs->counts[designs->count_count++] = rule;
	return &rule->count;
}

const struct ratio *design_ratio(const struct design_reader *reader, double number)
{
	struct designs *designs = reader->designs;
	struct ratio_rule *rule;
	char name[32];

	for (size_t i = 0; i < designs->ratio_count; i++)
		if (designs->ratios[i]->number == number)
			return &designs->ratios[i]->ratio;
	if (!memory_grow(&designs->ratios, &designs->ratio_capacity, designs->ratio_count + 1,
			 sizeof(struct ratio_rule *), "ratios", reader->error))
		return NULL;
	rule = memory_keep_array(&designs->keeper, 1, sizeof(*rule), "ratio", reader->error);
	if (!rule)
		return NULL;
	snprintf(name, sizeof(name), "%.15g", number);
	rule->number = number;
	rule->ratio.name = memory_keep_text(&designs->keeper, name, reader->error);
	if (!rule->ratio.name)
		return NULL;
	designs->ratios[designs->ratio_count++] = rule;
	return &rule->ratio;
}

static const struct count *scaled_count(const struct design_reader *reader, const char *pointer,
					json_t *value)
{
	json_t *of = json_object_get(value, "of"), *times = json_object_get(value, "times");
	char place[POINTER_MAX], name[256];
	struct count_rule rule = { 0 };

	if (!of || !json_is_number(times) || json_object_size(value) != 2 ||
	    json_number_value(times) < 0 || json_number_value(times) > 1e9) {
		design_error(
			reader, pointer,
			"a count is a name, a whole number, or {\"of\": COUNT, \"times\": 0.5}");
		return NULL;
	}
	pointer_to_key(place, pointer, "of");
	rule.base = design_count(reader, place, of);
	if (!rule.base)
		return NULL;
	rule.times = json_number_value(times);
	snprintf(name, sizeof(name), "%.15g x %.200s", rule.times, rule.base->name);
	return count_rule(reader, name, &rule);
}

const struct count *design_count(const struct design_reader *reader, const char *pointer,
				 json_t *value)
{
	struct count_rule rule = { 0 };
	char name[32];

	if (json_is_object(value))
		return scaled_count(reader, pointer, value);
	if (!json_is_integer(value))
		return design_thing(reader, pointer, OPERAND_COUNT, value);
	if (json_integer_value(value) < 0) {
		design_error(reader, pointer, "a count is not negative");
		return NULL;
	}
	snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	rule.number = (uint64_t)json_integer_value(value);
	return count_rule(reader, name, &rule);
}

json_t *design_count_to_json(const struct count *count)
{
	const struct count_rule *rule = (const struct count_rule *)count;

	if (count->of)
		return json_string(count->name);
	if (rule->base)
		return json_pack("{s:o, s:f}", "of", design_count_to_json(rule->base), "times",
				 rule->times);
	return json_integer((json_int_t)rule->number);
}

bool design_known_keys(const struct design_reader *reader, const char *pointer, json_t *object,
		       const char *what, const char *const *keys)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		bool known = strncmp(key, "//", 2) == 0;

		for (int i = 0; keys[i]; i++)
			known = known || strcmp(keys[i], key) == 0;
		if (!known)
			return design_unknown_key(reader, pointer, what, key, keys);
	}
	return true;
}
