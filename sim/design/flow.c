/* The flows of a design: whole lists of steps, and edits of the flows that it extends. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "design/parts.h"

/* Steps that were read, and where each stands in the document. */
struct steps {
	struct step *steps;
	const char **sources;
	size_t count;
};

static void steps_fini(struct steps *steps)
{
	free(steps->steps);
	free(steps->sources);
}

static bool read_steps(const struct design_reader *reader, const char *pointer, json_t *list,
		       struct steps *steps)
{
	size_t index;
	json_t *item;

	*steps = (struct steps){ 0 };
	if (!json_is_array(list))
		return design_error(reader, pointer, "a list of steps is needed");
	if (json_array_size(list) > DESIGN_STEPS_MOST)
		return design_error(reader, pointer, "more than %d steps", DESIGN_STEPS_MOST);
	steps->steps =
		memory_array(json_array_size(list), sizeof(*steps->steps), "steps", reader->error);
	steps->sources = memory_array(json_array_size(list), sizeof(*steps->sources), "steps",
				      reader->error);
	if (!steps->steps || !steps->sources)
		return false;
	steps->count = json_array_size(list);
	json_array_foreach(list, index, item)
	{
		char place[POINTER_MAX];

		pointer_to_index(place, pointer, index);
		steps->sources[index] =
			memory_keep_text(&reader->designs->keeper, place, reader->error);
		if (!steps->sources[index] ||
		    !design_read_step(reader, place, item, &steps->steps[index]))
			return false;
	}
	return true;
}

/* `old` steps from `at` on give way to others. */
static bool splice(const struct design_reader *reader, const char *pointer,
		   struct forked_flow *flow, size_t at, size_t old, const struct steps *by)
{
	if (flow->flow.step_count - old + by->count > DESIGN_STEPS_MOST)
		return design_error(reader, pointer, "flow %s would have more than %d steps",
				    flow->flow.name, DESIGN_STEPS_MOST);
	return fork_splice(flow, at, old, by->steps, by->sources, by->count, reader->error);
}

/* --- anchors: steps by the names that `sim flows` prints ---------------------- */

static bool no_anchor(const struct design_reader *reader, const char *pointer,
		      const struct forked_flow *flow, const char *wanted, size_t from)
{
	size_t count = flow->flow.step_count;
	char(*texts)[64] = memory_array(count, sizeof(*texts), "names", reader->error);
	const char **names = memory_array(count + 1, sizeof(*names), "names", reader->error);
	char hint[HINT_MAX];

	for (size_t i = 0; texts && names && i < count; i++) {
		step_name(&reader->into->model, &flow->steps[i], texts[i], sizeof(texts[i]));
		names[i] = texts[i];
	}
	if (texts && names)
		design_error(reader, pointer, "flow %s has no step \"%.60s\"%s%s", flow->flow.name,
			     wanted, from ? " behind that one" : "",
			     did_you_mean(hint, wanted, names + from));
	free(texts);
	free(names);
	return false;
}

/* "unlock kvm->lock #2": the second step of that name; without a number there must be one. */
static bool find_anchor(const struct design_reader *reader, const char *pointer,
			const struct forked_flow *flow, const json_t *value, size_t from,
			bool first_will_do, size_t *at)
{
	const char *wanted = json_string_value(value);
	const char *number = wanted ? strstr(wanted, " #") : NULL;
	size_t length = number ? (size_t)(number - wanted) : wanted ? strlen(wanted) : 0;
	size_t which = number ? strtoul(number + 2, NULL, 10) : 1, found = 0;

	if (!wanted)
		return design_error(reader, pointer,
				    "the name of a step is needed, as `sim flows` prints it");
	for (size_t i = from; i < flow->flow.step_count; i++) {
		char name[64];

		step_name(&reader->into->model, &flow->steps[i], name, sizeof(name));
		if (strlen(name) != length || strncmp(name, wanted, length) != 0)
			continue;
		if (++found == which)
			*at = i;
	}
	if (found < which || !which)
		return no_anchor(reader, pointer, flow, wanted, from);
	if (found > 1 && !number && !first_will_do)
		return design_error(reader, pointer,
				    "flow %s has %zu steps \"%.60s\"; say which: \"%.60s #1\"",
				    flow->flow.name, found, wanted, wanted);
	return true;
}

/* --- edits -------------------------------------------------------------------- */

#define STEP_NAMED(key_, fallback_, help_)                                                         \
	{                                                                                          \
		.key = (key_), .kind = FIELD_ANY, .fallback = (fallback_),                         \
		.choices = NAMES("name of a step"), .help = (help_)                                \
	}
#define TO_HELP "the last one, the first of its name from `from` on; none: `from` alone"

static const struct field span_fields[] = {
	STEP_NAMED("from", NULL, "the first step"),
	STEP_NAMED("to", "null", TO_HELP),
	{ .key = NULL },
};
static const struct record span_record = { "removal", "Steps that go.", 0, span_fields };

static const struct field replace_fields[] = {
	STEP_NAMED("from", NULL, "the first step"),
	STEP_NAMED("to", "null", TO_HELP),
	{ "by", FIELD_ANY, 0, NULL, .choices = NAMES("list of steps"),
	  .help = "what they give way to" },
	{ .key = NULL },
};
static const struct record replace_record = { "replacement", "Steps that give way to others.", 0,
					      replace_fields };

static const struct field insert_fields[] = {
	STEP_NAMED("step", NULL, "the step that is there"),
	{ "insert", FIELD_ANY, 0, NULL, .choices = NAMES("list of steps"), .help = "new steps" },
	{ .key = NULL },
};
static const struct record insert_record = { "insertion", "New steps beside one that is there.", 0,
					     insert_fields };

static const struct field edit_fields[] = {
	{ "replace", FIELD_ANY, 0, "null", .record = &replace_record,
	  .help = "steps give way to others" },
	{ "before", FIELD_ANY, 0, "null", .record = &insert_record,
	  .help = "steps go before one that is there" },
	{ "after", FIELD_ANY, 0, "null", .record = &insert_record, .help = "or behind it" },
	{ "remove", FIELD_ANY, 0, "null", .choices = NAMES("name of a step"),
	  .record = &span_record, .help = "a step goes, or several" },
	{ .key = NULL },
};
const struct record edit_record = {
	"edit",
	"An edit is an object with one of these keys; a flow has one, or a list. Several keys of "
	"one object are applied in their order.\n\n"
	"A step is called as `sim flows` prints it; `\"unlock kvm->lock #2\"` is the second of "
	"that name in the flow.",
	0, edit_fields
};

/* The step that an edit names under a key; without that key *at stays as it is. */
static bool find_named(const struct design_reader *reader, const char *pointer,
		       const struct forked_flow *flow, const json_t *edit, const char *key,
		       size_t from, size_t *at)
{
	const json_t *anchor = json_object_get(edit, key);
	char place[POINTER_MAX];

	pointer_to_key(place, pointer, key);
	return !anchor ||
	       find_anchor(reader, place, flow, anchor, from, strcmp(key, "to") == 0, at);
}

static bool apply_edit(const struct design_reader *reader, const char *pointer,
		       struct forked_flow *flow, const struct field *verb, json_t *edit)
{
	bool inserts = verb->record == &insert_record;
	const char *list = inserts ? "insert" : "by";
	json_t *new_steps = json_object_get(edit, list);
	struct steps steps = { 0 };
	char place[POINTER_MAX];
	size_t first = 0, last;
	bool ok;

	if (json_is_string(edit) && verb->choices)
		return find_anchor(reader, pointer, flow, edit, 0, false, &first) &&
		       splice(reader, pointer, flow, first, 1, &steps);
	if (!design_read_record(reader, verb->record, pointer, edit, &steps) ||
	    !find_named(reader, pointer, flow, edit, inserts ? "step" : "from", 0, &first))
		return false;
	last = first;
	if (!find_named(reader, pointer, flow, edit, "to", first, &last))
		return false;
	pointer_to_key(place, pointer, list);
	ok = (!new_steps || read_steps(reader, place, new_steps, &steps)) &&
	     splice(reader, place, flow, first + (strcmp(verb->key, "after") == 0),
		    inserts ? 0 : last - first + 1, &steps);
	steps_fini(&steps);
	return ok;
}

/* Edits in their order: the keys of an object. */
static bool apply_edits(const struct design_reader *reader, const char *pointer,
			struct forked_flow *flow, json_t *edits)
{
	const char *key;
	json_t *edit;

	if (!record_check_keys(reader->document, &edit_record, NULL, edits, pointer, reader->error))
		return false;
	json_object_foreach(edits, key, edit)
	{
		const struct field *verb = record_field(&edit_record, key);
		char place[POINTER_MAX];

		pointer_to_key(place, pointer, key);
		if (verb && !apply_edit(reader, place, flow, verb, edit))
			return false;
	}
	return true;
}

/* A list of edits is told from one of steps by its first entry. */
static bool is_list_of_edits(json_t *list)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_array_get(list, 0), key, value)
	{
		if (record_field(&edit_record, key))
			return true;
	}
	return false;
}

/* Edits of a flow that the strategy does not have. */
static bool no_flow(const struct design_reader *reader, const char *name)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX], flows[POINTER_MAX];

	for (size_t i = 0; i < reader->fork->count; i++)
		if (reader->fork->flows[i]->original)
			candidates_add(&known, reader->fork->flows[i]->flow.name);
	pointer_to_key(flows, reader->base, "flows");
	return document_key_error(
		reader->document, flows, name, reader->error,
		"there is no flow \"%.60s\" to edit%s (a new one is a list of steps)", name,
		did_you_mean(hint, name, known.names));
}

bool design_read_flow(struct design_reader *reader, const char *pointer, const char *name,
		      json_t *value)
{
	struct forked_flow *flow = fork_named(reader->fork, name);
	size_t index;
	json_t *item;

	if (json_is_array(value) && !is_list_of_edits(value)) {
		struct steps steps;
		bool ok = read_steps(reader, pointer, value, &steps) &&
			  splice(reader, pointer, flow, 0, flow->flow.step_count, &steps);

		steps_fini(&steps);
		return ok;
	}
	if (!flow->original)
		return no_flow(reader, name);
	if (json_is_object(value))
		return apply_edits(reader, pointer, flow, value);
	if (!json_is_array(value))
		return design_error(reader, pointer,
				    "a flow is a list of steps, or edits: {\"replace\": ...}");
	if (json_array_size(value) > DESIGN_STEPS_MOST)
		return design_error(reader, pointer, "more than %d edits", DESIGN_STEPS_MOST);
	json_array_foreach(value, index, item)
	{
		char place[POINTER_MAX];

		pointer_to_index(place, pointer, index);
		if (!json_is_object(item))
			return design_error(reader, place, "an edit is an object");
		if (!apply_edits(reader, place, flow, item))
			return false;
	}
	return true;
}

bool design_declare_flow(struct design_reader *reader, const char *pointer, const char *name,
			 json_t *value)
{
	(void)pointer;
	(void)value;
	if (fork_named(reader->fork, name))
		return true;
	return fork_new_flow(reader->fork, name, "new in this design", reader->error) != NULL;
}
