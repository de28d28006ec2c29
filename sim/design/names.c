/* What the names in a design stand for. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/visible.h"
#include "design/parts.h"

/* "there is no X called Y", with the nearest of the names that there are. */
static bool unknown(const struct design_reader *reader, const char *pointer, enum operand operand,
		    const char *name)
{
	const struct model *model = &reader->into->model;
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (size_t i = 0; i < reader->names.count; i++)
		if (reader->names.items[i].operand == operand)
			candidates_add(&known, reader->names.items[i].name);
	for (size_t i = 0; operand == OPERAND_FLOW && i < reader->fork->count; i++)
		candidates_add(&known, reader->fork->flows[i]->flow.name);
	for (size_t i = 0; operand == OPERAND_LOOP && i < reader->loop_count; i++)
		candidates_add(&known, reader->loops[i]->name);
	for (size_t i = FIRST_TERM; operand == OPERAND_TERM && i < model->term_count; i++)
		candidates_add(&known, model->terms[i].name);
	return design_error(reader, pointer, "%s has no %s \"%.60s\"%s", model->name,
			    operand_kinds[operand].what, name,
			    did_you_mean(hint, name, known.names));
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
			 enum operand operand, const char *name)
{
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

static bool read_term(const struct design_reader *reader, const char *pointer, const char *name,
		      int *term)
{
	const struct model *model = &reader->into->model;

	if (!name)
		return design_error(reader, pointer, "the name of a cost term is needed");
	*term = model_term(model, name);
	return *term != NO_TERM || unknown(reader, pointer, OPERAND_TERM, name);
}

/* --- numbers in place of names ------------------------------------------------- */

static const struct field count_fields[] = {
	{ "of", FIELD_NAMED, offsetof(struct count_rule, base), NULL, .choices = NAMES("count"),
	  .help = "another count" },
	{ "times", FIELD_NUMBER, offsetof(struct count_rule, times), NULL, 0, 1e9,
	  .help = "so many times that, rounded up" },
	{ .key = NULL },
};
const struct record count_record = { "count", "A count may be a name, a whole number, or this.",
				     sizeof(struct count_rule), count_fields };

/* The rule, made at its first use: equal numbers are one. */
static struct number_rule *number_rule(const struct design_reader *reader, const char *name,
				       const struct number_rule *wanted)
{
	struct designs *designs = reader->designs;
	struct number_rule *rule;

	for (size_t i = 0; i < designs->number_count; i++) {
		rule = designs->numbers[i];
		if (rule->count.base == wanted->count.base &&
		    rule->count.times == wanted->count.times &&
		    rule->count.number == wanted->count.number &&
		    rule->ratio.number == wanted->ratio.number)
			return rule;
	}
	if (!memory_grow(&designs->numbers, &designs->number_capacity, designs->number_count + 1,
			 sizeof(struct number_rule *), "numbers", reader->error))
		return NULL;
	rule = memory_keep_array(&designs->keeper, 1, sizeof(*rule), "number", reader->error);
	if (!rule)
		return NULL;
	*rule = *wanted;
	rule->count.count.name = rule->ratio.ratio.name =
		memory_keep_text(&designs->keeper, name, reader->error);
	if (!rule->count.count.name)
		return NULL;
	designs->numbers[designs->number_count++] = rule;
	return rule;
}

/* A number of calls for each page. */
static const struct ratio *read_ratio(const struct design_reader *reader, const char *pointer,
				      const json_t *value)
{
	const double number = json_number_value(value);
	struct number_rule wanted = { .ratio = { .ratio.at_most = number, .number = number } };
	const struct number_rule *rule;
	char name[32];

	if (!json_is_number(value))
		return design_thing(reader, pointer, OPERAND_RATIO, json_string_value(value));
	if (number < 0 || number > 1e6) {
		design_error(reader, pointer, "calls of a page lie between 0 and 1e6");
		return NULL;
	}
	snprintf(name, sizeof(name), "%.15g", number);
	rule = number_rule(reader, name, &wanted);
	return rule ? &rule->ratio.ratio : NULL;
}

static const struct count *read_count(const struct design_reader *reader, const char *pointer,
				      json_t *value)
{
	struct number_rule wanted = { 0 };
	const struct number_rule *rule;
	char name[256];

	if (json_is_object(value)) {
		if (!design_read_record(reader, &count_record, pointer, value, &wanted.count))
			return NULL;
		snprintf(name, sizeof(name), "%.15g x %.200s", wanted.count.times,
			 wanted.count.base->name);
	} else if (json_is_integer(value)) {
		if (json_integer_value(value) < 0) {
			design_error(reader, pointer, "a count is not negative");
			return NULL;
		}
		snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		wanted.count.number = (uint64_t)json_integer_value(value);
	} else {
		return design_thing(reader, pointer, OPERAND_COUNT, json_string_value(value));
	}
	rule = number_rule(reader, name, &wanted);
	return rule ? &rule->count.count : NULL;
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

/* --- values -------------------------------------------------------------------- */

static bool read_text(const struct design_reader *reader, const char *pointer, const char *text,
		      const char *what, const char **target)
{
	*target = text;
	if (!text || !*text || strlen(text) > 200)
		return design_error(reader, pointer, "a %s is needed (a string)", what);
	return true;
}

static bool read_errno(const struct place *place, const char *text, int *error)
{
	const char *names[32] = { NULL };
	int index;

	for (size_t i = 0; i < step_errno_count; i++)
		names[i] = step_errno_name(step_errnos[i]);
	if (!value_choice(place, names, text, &index))
		return false;
	*error = step_errnos[index];
	return true;
}

bool design_page_state(const struct design_reader *reader, const char *pointer, const char *name,
		       int *state)
{
	const struct place place = { reader->document, pointer, reader->error, NULL };
	const struct model *model = &reader->into->model;
	const char *names[PAGE_STATES_MAX + 1] = { NULL };
	int index;

	for (int i = PAGE_GONE; i < PAGE_FIRST + (int)model->page_state_count; i++)
		names[i - PAGE_GONE] = model_page_state(model, i);
	if (!value_choice(&place, names, name, &index))
		return false;
	*state = PAGE_GONE + index;
	return true;
}

bool design_read_operand(const struct design_reader *reader, const char *pointer,
			 enum operand operand, json_t *value, void *target)
{
	static const struct field flag = { .kind = FIELD_FLAG };
	const struct place place = { reader->document, pointer, reader->error, NULL };
	const char *text = json_string_value(value);
	const void *thing;
	int index;

	switch (operand) {
	case OPERAND_NONE:
		return json_is_true(value) ||
		       design_error(reader, pointer, "this verb takes nothing: say true");
	case OPERAND_FLAG:
		return value_read(&place, &flag, value, target);
	case OPERAND_TERM:
		return read_term(reader, pointer, text, target);
	case OPERAND_NAME:
	case OPERAND_LABEL:
		return read_text(reader, pointer, text, operand_kinds[operand].what, target);
	case OPERAND_ERROR:
		return read_errno(&place, text, target);
	case OPERAND_MILESTONE:
		if (!value_choice(&place, milestone_names, text, &index))
			return false;
		*(enum milestone *)target = (enum milestone)index;
		return true;
	case OPERAND_COUNT:
		thing = read_count(reader, pointer, value);
		break;
	case OPERAND_RATIO:
		thing = read_ratio(reader, pointer, value);
		break;
	default:
		thing = design_thing(reader, pointer, operand, text);
		break;
	}
	memcpy(target, &thing, sizeof(thing));
	return thing != NULL;
}

bool design_read_named(const struct name_reader *known, const struct place *place,
		       const struct field *field, json_t *value, void *target)
{
	const struct design_reader *reader = (const struct design_reader *)known;
	const char *what = field->choices[0], *none = field->choices[1];
	const char *text = json_string_value(value);
	int operand = OPERAND_NONE;

	if (strcmp(what, "page state") == 0)
		return design_page_state(reader, place->pointer, text, target);
	while (strcmp(operand_kinds[operand].what, what) != 0)
		operand++;
	if (!none || !text || strcmp(text, none) != 0)
		return design_read_operand(reader, place->pointer, (enum operand)operand, value,
					   target);
	if (operand == OPERAND_TERM)
		*(int *)target = NO_TERM;
	else
		memset(target, 0, sizeof(void *));
	return true;
}

bool design_read_record(const struct design_reader *reader, const struct record *record,
			const char *pointer, json_t *object, void *data)
{
	const struct place place = { reader->document, pointer, reader->error, &reader->known };

	return record_read_at(&place, record, object, data);
}

bool design_read_each(struct design_reader *reader, const json_t *design, const char *key,
		      design_member *read)
{
	json_t *object = json_object_get(design, key), *value;
	char pointer[POINTER_MAX], place[POINTER_MAX];
	const char *name;

	pointer_to_key(pointer, reader->base, key);
	if (object && !json_is_object(object))
		return design_error(reader, pointer,
				    "an object is needed, of things by their names");
	if (json_object_size(object) > DESIGN_MEMBERS_MOST)
		return design_error(reader, pointer, "more than %d %s", DESIGN_MEMBERS_MOST, key);
	json_object_foreach(object, name, value)
	{
		if (strncmp(name, "//", 2) == 0)
			continue;
		pointer_to_key(place, pointer, name);
		if (!*name || strlen(name) > DESIGN_NAME_MOST || !visible_is_clean(name))
			return design_error(reader, place,
					    "a name has 1 to %d bytes and no control characters",
					    DESIGN_NAME_MOST);
		if (!read(reader, place, name, value))
			return false;
	}
	return true;
}
