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

static const char *const edit_verbs[] = { "replace", "before", "after", "remove", NULL };
static const char *const span_keys[] = { "from", "to", "by", NULL };
static const char *const place_keys[] = { "step", "insert", NULL };

/* The steps that "replace" and "remove" are about: {"from": STEP, "to": STEP}, or one STEP. */
static bool find_span(const struct design_reader *reader, const char *pointer,
		      const struct forked_flow *flow, json_t *edit, size_t *first, size_t *count)
{
	json_t *to = json_object_get(edit, "to");
	char place[POINTER_MAX];
	size_t last;

	*count = 1;
	if (json_is_string(edit))
		return find_anchor(reader, pointer, flow, edit, 0, false, first);
	if (!json_is_object(edit))
		return design_error(reader, pointer,
				    "an edit says \"from\" which step \"to\" which");
	if (!design_known_keys(reader, pointer, edit, "this edit", span_keys))
		return false;
	pointer_to_key(place, pointer, "from");
	if (!find_anchor(reader, place, flow, json_object_get(edit, "from"), 0, false, first))
		return false;
	last = *first;
	pointer_to_key(place, pointer, "to");
	if (to && !find_anchor(reader, place, flow, to, *first, true, &last))
		return false;
	*count = last - *first + 1;
	return true;
}

/* Where "before" and "after" insert. */
static bool find_place(const struct design_reader *reader, const char *pointer,
		       const struct forked_flow *flow, json_t *edit, size_t *at)
{
	char place[POINTER_MAX];

	if (!json_is_object(edit))
		return design_error(reader, pointer,
				    "an edit says at which \"step\" to \"insert\" steps");
	pointer_to_key(place, pointer, "step");
	return design_known_keys(reader, pointer, edit, "this edit", place_keys) &&
	       find_anchor(reader, place, flow, json_object_get(edit, "step"), 0, false, at);
}

static bool apply_edit(const struct design_reader *reader, const char *pointer,
		       struct forked_flow *flow, const char *verb, json_t *edit)
{
	bool removes = strcmp(verb, "remove") == 0, replaces = strcmp(verb, "replace") == 0;
	const char *list = replaces ? "by" : "insert";
	struct steps steps = { 0 };
	char place[POINTER_MAX];
	size_t at = 0, count = 0;
	bool ok = removes || replaces ? find_span(reader, pointer, flow, edit, &at, &count)
				      : find_place(reader, pointer, flow, edit, &at);

	at += strcmp(verb, "after") == 0;
	pointer_to_key(place, pointer, list);
	ok = ok && (removes || read_steps(reader, place, json_object_get(edit, list), &steps)) &&
	     fork_splice(flow, at, count, steps.steps, steps.sources, steps.count, reader->error);
	steps_fini(&steps);
	return ok;
}

static bool is_edit(const char *key)
{
	for (int i = 0; edit_verbs[i]; i++)
		if (strcmp(edit_verbs[i], key) == 0)
			return true;
	return false;
}

/* Edits in their order: the keys of an object. */
static bool apply_edits(const struct design_reader *reader, const char *pointer,
			struct forked_flow *flow, json_t *edits)
{
	const char *key;
	json_t *edit;

	json_object_foreach(edits, key, edit)
	{
		char place[POINTER_MAX];

		if (strncmp(key, "//", 2) == 0)
			continue;
		if (!is_edit(key))
			return design_unknown_key(reader, pointer, "an edit of a flow", key,
						  edit_verbs);
		pointer_to_key(place, pointer, key);
		if (!apply_edit(reader, place, flow, key, edit))
			return false;
	}
	return true;
}

/* A list of edits is told from one of steps by its first entry. */
static bool is_list_of_edits(json_t *list)
{
	const char *key;
	json_t *value, *first = json_array_get(list, 0);

	json_object_foreach(first, key, value) if (is_edit(key)) return true;
	return false;
}

/* Edits of a flow that the strategy does not have. */
static bool no_flow(const struct design_reader *reader, const char *pointer, const char *name)
{
	const char **names =
		memory_array(reader->fork->count + 1, sizeof(*names), "names", reader->error);
	char hint[HINT_MAX];
	size_t count = 0;

	for (size_t i = 0; names && i < reader->fork->count; i++)
		if (reader->fork->flows[i]->original)
			names[count++] = reader->fork->flows[i]->flow.name;
	if (names)
		document_key_error(
			reader->document, pointer, reader->error,
			"there is no flow \"%.60s\" to edit%s (a new one is a list of steps)", name,
			did_you_mean(hint, name, names));
	free(names);
	return false;
}

static bool read_flow(const struct design_reader *reader, const char *pointer,
		      struct forked_flow *flow, json_t *value)
{
	size_t index;
	json_t *item;

	if (json_is_array(value) && !is_list_of_edits(value)) {
		struct steps steps;
		bool ok = read_steps(reader, pointer, value, &steps) &&
			  fork_splice(flow, 0, flow->flow.step_count, steps.steps, steps.sources,
				      steps.count, reader->error);

		steps_fini(&steps);
		return ok;
	}
	if (!flow->original)
		return no_flow(reader, pointer, flow->flow.name);
	if (json_is_object(value))
		return apply_edits(reader, pointer, flow, value);
	if (!json_is_array(value))
		return design_error(reader, pointer,
				    "a flow is a list of steps, or edits: {\"replace\": ...}");
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

bool design_read_flows(struct design_reader *reader, json_t *flows)
{
	const char *name;
	json_t *value;
	char pointer[POINTER_MAX], place[POINTER_MAX];

	pointer_to_key(pointer, reader->base, "flows");
	if (flows && !json_is_object(flows))
		return design_error(reader, pointer, "an object of flows by their names is needed");
	/* All names first: flows call one another. */
	json_object_foreach(flows, name, value)
	{
		if (strncmp(name, "//", 2) == 0 || fork_named(reader->fork, name))
			continue;
		pointer_to_key(place, pointer, name);
		if (!*name || strlen(name) > 60)
			return design_error(reader, place, "a flow's name has 1 to 60 bytes");
		if (!fork_new_flow(reader->fork, name, "new in this design", reader->error))
			return false;
	}
	json_object_foreach(flows, name, value)
	{
		if (strncmp(name, "//", 2) == 0)
			continue;
		pointer_to_key(place, pointer, name);
		if (!read_flow(reader, place, fork_named(reader->fork, name), value))
			return false;
	}
	return true;
}
