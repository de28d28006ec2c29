/* One step of a design, from JSON and to it, by the table of step kinds. */

#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "design/parts.h"
#include "document/json.h"

static void *member_of(struct step *step, size_t offset)
{
	return (char *)step + offset;
}

static enum step_member member_called(const char *key)
{
	int member = 0;

	while (member < STEP_MEMBERS && strcmp(step_members[member].key, key) != 0)
		member++;
	return (enum step_member)member;
}

/* The members that a kind of step may have, as text and as bits. */
static unsigned int members_of(enum step_kind kind, char list[256])
{
	unsigned int members = step_forms[kind].needs | step_forms[kind].takes | 1u << MEMBER_WHERE;

	list[0] = '\0';
	for (int m = 0; m < STEP_MEMBERS; m++)
		if (members >> m & 1)
			snprintf(list + strlen(list), 256 - strlen(list), "%s\"%s\"",
				 *list ? ", " : "", step_members[m].key);
	return members;
}

static bool unknown_key(const struct design_reader *reader, const char *pointer, const char *key)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (int kind = 0; kind < STEP_KINDS; kind++)
		if (step_forms[kind].verb)
			candidates_add(&known, step_forms[kind].verb);
	for (int m = 0; m < STEP_MEMBERS; m++)
		candidates_add(&known, step_members[m].key);
	return document_key_error(reader->document, pointer, key, reader->error,
				  "a step has no key \"%.60s\"%s", key,
				  did_you_mean(hint, key, known.names));
}

/* The one key of the object that is a verb. */
static bool find_verb(const struct design_reader *reader, const char *pointer, json_t *object,
		      enum step_kind *kind)
{
	const char *key;
	json_t *value;

	*kind = STEP_KINDS;
	json_object_foreach(object, key, value)
	{
		enum step_kind one = step_kind_of(key);

		if (one < STEP_KINDS && *kind < STEP_KINDS)
			return design_error_at(reader, pointer, key,
					       "a step has one verb: \"%s\" is there already",
					       step_forms[*kind].verb);
		if (one < STEP_KINDS)
			*kind = one;
		else if (member_called(key) == STEP_MEMBERS && strncmp(key, "//", 2) != 0)
			return unknown_key(reader, pointer, key);
	}
	return *kind < STEP_KINDS ||
	       design_error(reader, pointer, "a step needs a verb: lock, spend, pages, call ...");
}

/* `sim flows` prints marks and labels as they are; a design says what they are. */
static bool no_object(const struct design_reader *reader, const char *pointer, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	for (size_t i = 0; text && milestone_names[i]; i++)
		if (strcmp(text, milestone_names[i]) == 0)
			return design_error(reader, pointer,
					    "a step is an object: {\"mark\": \"%s\"}", text);
	if (length > 1 && length < 60 && text[length - 1] == ':')
		return design_error(reader, pointer, "a step is an object: {\"label\": \"%.*s\"}",
				    (int)length - 1, text);
	return design_error(reader, pointer, "a step is an object, {\"lock\": \"kvm->lock\"}");
}

bool design_read_step(const struct design_reader *reader, const char *pointer, json_t *object,
		      struct step *step)
{
	char place[POINTER_MAX], list[256];
	enum step_kind kind;
	const char *key, *missing;
	json_t *value;
	unsigned int members;

	*step = (struct step){ 0 };
	if (!json_is_object(object))
		return no_object(reader, pointer, json_string_value(object));
	if (!find_verb(reader, pointer, object, &kind))
		return false;
	step->kind = kind;
	members = members_of(kind, list);
	json_object_foreach(object, key, value)
	{
		enum step_member member = member_called(key);
		const struct step_member_kind *form = &step_members[member % STEP_MEMBERS];

		pointer_to_key(place, pointer, key);
		if (strcmp(key, step_forms[kind].verb) == 0) {
			enum operand operand = step_forms[kind].operand;

			if (!design_read_operand(reader, place, operand, value,
						 member_of(step, operand_kinds[operand].offset)))
				return false;
			continue;
		}
		if (member == STEP_MEMBERS)
			continue; /* a remark */
		if (!(members >> member & 1))
			return document_key_error(reader->document, pointer, key, reader->error,
						  "a %s step has no \"%s\"; it may have %s",
						  step_forms[kind].verb, key, list);
		if (!design_read_operand(reader, place, form->operand, value,
					 member_of(step, form->offset)))
			return false;
	}
	if (kind == STEP_ALLOCATE)
		step->error = ENOMEM;
	missing = step_missing(step);
	return !missing || design_error(reader, pointer, "a %s step needs a %s; it may have %s",
					step_forms[kind].verb, missing, list);
}

/* --- to JSON ---------------------------------------------------------------- */

static json_t *operand_to_json(const struct model *model, const struct step *step,
			       enum operand operand, size_t offset)
{
	const void *member = (const char *)step + offset;

	switch (operand) {
	case OPERAND_NONE:
		return json_true();
	case OPERAND_FLAG:
		return *(const bool *)member ? json_true() : NULL;
	case OPERAND_TERM:
		return step->term == NO_TERM ? NULL : json_string(model->terms[step->term].name);
	case OPERAND_NAME:
	case OPERAND_LABEL:
		return *(const char *const *)member ? json_string(*(const char *const *)member)
						    : NULL;
	case OPERAND_ERROR:
		return step->error ? json_string(step_errno_name(step->error)) : NULL;
	case OPERAND_MILESTONE:
		return json_string(milestone_names[step->milestone]);
	case OPERAND_COUNT:
		return step->count ? design_count_to_json(step->count) : NULL;
	default:
		return step_operand(step, operand)
			       ? json_string(operand_name(step_operand(step, operand)))
			       : NULL;
	}
}

json_t *design_step_to_json(const struct model *model, const struct step *step)
{
	const struct step_form *form = &step_forms[step->kind];
	json_t *verb =
		operand_to_json(model, step, form->operand, operand_kinds[form->operand].offset);
	json_t *object = object_with(json_object(), form->verb, verb), *value;
	unsigned int members = form->needs | form->takes | 1u << MEMBER_WHERE;

	for (int m = 0; m < STEP_MEMBERS; m++) {
		if (!(members >> m & 1))
			continue;
		value = operand_to_json(model, step, step_members[m].operand,
					step_members[m].offset);
		if (value)
			object = object_with(object, step_members[m].key, value);
	}
	return object;
}
