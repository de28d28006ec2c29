/* What the names in a design stand for. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "design/parts.h"

void design_place(char place[POINTER_MAX], const char *pointer, const char *key)
{
	if (place != pointer)
		snprintf(place, POINTER_MAX, "%s", pointer);
	pointer_add_key(place, key);
}

void design_place_index(char place[POINTER_MAX], const char *pointer, size_t index)
{
	if (place != pointer)
		snprintf(place, POINTER_MAX, "%s", pointer);
	pointer_add_index(place, index);
}

bool design_unknown_key(const struct design_reader *reader, const char *pointer, const char *what,
			const char *key, const char *const *keys)
{
	char place[POINTER_MAX], hint[HINT_MAX];

	design_place(place, pointer, key);
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
		names[count++] = reader->loops[i].name;
	for (size_t i = FIRST_TERM; operand == OPERAND_TERM && i < model->term_count; i++)
		names[count++] = model->terms[i].name;
	design_error(reader, pointer, "%s has no %s \"%.60s\"%s", model->name,
		     operand_kinds[operand].what, name, did_you_mean(hint, name, names));
	free(names);
	return false;
}

/* Flows of the strategy are its copies; one of another strategy is copied, too. */
static const struct flow *find_flow(const struct design_reader *reader, const char *name,
				    bool *ambiguous)
{
	const struct forked_flow *flow = fork_named(reader->fork, name);
	const struct flow *other;

	if (flow)
		return &flow->flow;
	other = names_find(&reader->names, &reader->into->model, OPERAND_FLOW, name,
			   reader->extended, ambiguous);
	flow = other ? fork_flow(reader->fork, other, reader->error) : NULL;
	return flow ? &flow->flow : NULL;
}

static const struct page_loop *own_loop(const struct design_reader *reader, const char *name)
{
	for (size_t i = reader->loop_count; i-- > 0;)
		if (strcmp(reader->loops[i].name, name) == 0)
			return reader->loops[i].loop;
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
			     "several strategies have a %s \"%.60s\", and not the same; say "
			     "whose: \"STRATEGY/%.60s\"",
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

static struct count_rule *new_count(const struct design_reader *reader, const char *name)
{
	struct memory_keeper *keeper = &reader->designs->keeper;
	struct count_rule *rule =
		memory_keep_array(keeper, 1, sizeof(*rule), "count", reader->error);

	if (!rule)
		return NULL;
	rule->count.name = memory_keep_text(keeper, name, reader->error);
	return rule->count.name ? rule : NULL;
}

static const struct count *scaled_count(const struct design_reader *reader, const char *pointer,
					json_t *value)
{
	json_t *of = json_object_get(value, "of"), *times = json_object_get(value, "times");
	char place[POINTER_MAX], name[256];
	const struct count *base;
	struct count_rule *rule;

	if (!of || !json_is_number(times) || json_object_size(value) != 2 ||
	    json_number_value(times) < 0 || json_number_value(times) > 1e9) {
		design_error(
			reader, pointer,
			"a count is a name, a whole number, or {\"of\": COUNT, \"times\": 0.5}");
		return NULL;
	}
	design_place(place, pointer, "of");
	base = design_count(reader, place, of);
	if (!base)
		return NULL;
	snprintf(name, sizeof(name), "%.15g x %.200s", json_number_value(times), base->name);
	rule = new_count(reader, name);
	if (!rule)
		return NULL;
	rule->base = base;
	rule->times = json_number_value(times);
	return &rule->count;
}

const struct count *design_count(const struct design_reader *reader, const char *pointer,
				 json_t *value)
{
	struct count_rule *rule;
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
	rule = new_count(reader, name);
	if (!rule)
		return NULL;
	rule->number = (uint64_t)json_integer_value(value);
	return &rule->count;
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
