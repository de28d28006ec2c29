/* The schema of designs, for editors that complete names, and the tables of the language. */

#include <stdlib.h>
#include <string.h>

#include "design/parts.h"
#include "document/json.h"

/* --- names of one model ------------------------------------------------------------ */

/* Text that is one of these, or another: a design brings names of its own, too. */
static json_t *any_of(json_t *names)
{
	return json_pack("{s:[{s:o}, {s:s}]}", "anyOf", "enum", names, "type", "string");
}

static bool has_name(json_t *list, const char *name)
{
	size_t index;
	json_t *item;

	json_array_foreach(list, index, item)
	{
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

static json_t *names_of(const struct model *model, const struct names *names, enum operand operand)
{
	json_t *list = json_array();

	for (size_t t = FIRST_TERM; operand == OPERAND_TERM && t < model->term_count; t++)
		json_array_append_new(list, json_string(model->terms[t].name));
	for (size_t i = 0; i < names->count; i++)
		if (names->items[i].operand == operand && !has_name(list, names->items[i].name))
			json_array_append_new(list, json_string(names->items[i].name));
	return list;
}

/* Of the model that is being described: `of_model` says which. */
static json_t *reference(const char *what)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", what));
}

static json_t *operand_schema(enum operand operand)
{
	const char *errnos[32] = { NULL };

	switch (operand) {
	case OPERAND_NONE:
		return json_pack("{s:b}", "const", 1);
	case OPERAND_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case OPERAND_NAME:
	case OPERAND_LABEL:
		return json_pack("{s:s}", "type", "string");
	case OPERAND_ERROR:
		for (size_t i = 0; i < step_errno_count; i++)
			errnos[i] = step_errno_name(step_errnos[i]);
		return json_pack("{s:o}", "enum", list_of_names(errnos));
	case OPERAND_MILESTONE:
		return json_pack("{s:o}", "enum", list_of_names(milestone_names));
	default:
		return reference(operand_kinds[operand].what);
	}
}

/* What steps work on has its names once, for all verbs. */
static const enum operand listed[] = { OPERAND_LOCK,  OPERAND_TERM,   OPERAND_SERVER,
				       OPERAND_LOOP,  OPERAND_MEMORY, OPERAND_HOOK,
				       OPERAND_FLOW,  OPERAND_CHANCE, OPERAND_CONDITION,
				       OPERAND_COUNT, OPERAND_RATIO };

/* --- steps, edits, flows, page loops of one model --------------------------------------- */

static json_t *described(json_t *schema, const char *help)
{
	json_object_set_new(schema, "description", json_string(help));
	return schema;
}

static json_t *step_schema(void)
{
	json_t *properties = json_object(), *verbs = json_array();

	for (int kind = 0; kind < STEP_KINDS; kind++) {
		const struct step_form *form = &step_forms[kind];

		if (!form->verb)
			continue;
		json_object_set_new(properties, form->verb,
				    described(operand_schema(form->operand), form->help));
		json_array_append_new(verbs, json_pack("{s:[s]}", "required", form->verb));
	}
	for (int m = 0; m < STEP_MEMBERS; m++)
		json_object_set_new(
			properties, step_members[m].key,
			described(operand_schema(step_members[m].operand), step_members[m].help));
	return json_pack("{s:s, s:o, s:b, s:{s:{}}, s:o}", "type", "object", "properties",
			 properties, "additionalProperties", 0, "patternProperties", "^//", "anyOf",
			 verbs);
}

/* The names that `sim flows` prints of all steps of the model. */
static json_t *anchors(const struct model *model, const struct names *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->count; i++) {
		const struct flow *flow = names->items[i].thing;

		if (names->items[i].operand != OPERAND_FLOW)
			continue;
		for (size_t k = 0; k < flow->step_count; k++) {
			char name[64];

			step_name(model, &flow->steps[k], name, sizeof(name));
			if (!has_name(list, name))
				json_array_append_new(list, json_string(name));
		}
	}
	return list;
}

/* What the names of a model leave open: a number, or an object in their place. */
static json_t *or_else(json_t *names, json_t *other)
{
	json_array_append_new(json_object_get(names, "anyOf"), other);
	return names;
}

static json_t *states_schema(const struct model *model)
{
	json_t *states = json_object();

	for (size_t i = 0; i < model->page_state_count; i++)
		states = object_with(states, model->page_states[i], reference("act"));
	return json_pack("{s:s, s:o, s:b, s:{s:{}}}", "type", "object", "properties", states,
			 "additionalProperties", 0, "patternProperties", "^//");
}

static json_t *list_schema(const char *what)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", reference(what));
}

/* The definitions of one model, which refer to one another by these names. */
static json_t *definitions_of(const struct model *model, const struct names *names)
{
	json_t *all = json_object(), *count, *states = json_array();

	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		all = object_with(all, operand_kinds[listed[i]].what,
				  any_of(names_of(model, names, listed[i])));
	count = json_object_get(all, operand_kinds[OPERAND_COUNT].what);
	or_else(count, json_pack("{s:s, s:i}", "type", "integer", "minimum", 0));
	or_else(count, record_object_schema(&count_record));
	or_else(json_object_get(all, operand_kinds[OPERAND_RATIO].what),
		json_pack("{s:s}", "type", "number"));
	for (int i = PAGE_GONE; i < PAGE_FIRST + (int)model->page_state_count; i++)
		states = list_with(states, json_string(model_page_state(model, i)));
	all = object_with(all, "page state", any_of(states));
	all = object_with(all, "step", step_schema());
	all = object_with(all, "list of steps", list_schema("step"));
	all = object_with(all, "name of a step", any_of(anchors(model, names)));
	all = object_with(all, "edit", record_object_schema(&edit_record));
	all = object_with(all, "change of a flow",
			  json_pack("{s:[o, o, o]}", "anyOf", reference("list of steps"),
				    list_schema("edit"), reference("edit")));
	all = object_with(all, "price",
			  json_pack("{s:[o, o]}", "anyOf", reference("term"),
				    record_object_schema(&price_record)));
	all = object_with(all, "list of prices", list_schema("price"));
	all = object_with(all, "act",
			  json_pack("{s:[{s:s}, o]}", "anyOf", "const", "pass",
				    record_object_schema(&act_record)));
	all = object_with(all, "page states", states_schema(model));
	all = object_with(all, "size or share",
			  json_pack("{s:[s, s]}", "type", "string", "number"));
	return object_with(all, "change of a page loop", record_object_schema(&loop_record));
}

/* "... of MODEL": what the definitions of a model refer to. */
static void of_model(json_t *value, const char *model)
{
	const char *key;
	json_t *inner;
	size_t index;

	json_array_foreach(value, index, inner) of_model(inner, model);
	json_object_foreach(value, key, inner)
	{
		if (strcmp(key, "$ref") == 0)
			json_object_set_new(
				value, key,
				json_sprintf("%s of %s", json_string_value(inner), model));
		else
			of_model(inner, model);
	}
}

/* An object of things by names: these names are completed, others are possible. */
static json_t *named(json_t *names, const char *what)
{
	json_t *properties = json_object(), *name;
	size_t index;

	json_array_foreach(names, index, name) properties =
		object_with(properties, json_string_value(name), reference(what));
	json_decref(names);
	return json_pack("{s:s, s:o, s:o}", "type", "object", "properties", properties,
			 "additionalProperties", reference(what));
}

static bool add_model(const struct model *model, json_t *definitions, json_t *cases,
		      struct error *error)
{
	struct names names = { 0 };
	json_t *own, *flows, *loops, *one, *definition;
	const char *what;
	char key[128];

	if (!names_collect(&names, model, error)) {
		names_fini(&names);
		return false;
	}
	own = definitions_of(model, &names);
	flows = named(names_of(model, &names, OPERAND_FLOW), "change of a flow");
	loops = named(names_of(model, &names, OPERAND_LOOP), "change of a page loop");
	snprintf(key, sizeof(key), "^%s/", model->name);
	one = json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:o, s:o}}}", "if", "properties", "extends",
			"pattern", key, "then", "properties", "flows", flows, "loops", loops);
	of_model(own, model->name);
	of_model(one, model->name);
	json_object_foreach(own, what, definition)
	{
		snprintf(key, sizeof(key), "%s of %s", what, model->name);
		json_object_set(definitions, key, definition);
	}
	json_decref(own);
	names_fini(&names);
	return json_array_append_new(cases, one) == 0 || error_memory(error, "schema");
}

static json_t *extended_schema(void)
{
	json_t *list = json_array();

	for (size_t m = 0; m < model_table_count; m++)
		for (size_t s = 0; s < model_table[m]->strategy_count; s++)
			json_array_append_new(list,
					      json_sprintf("%s/%s", model_table[m]->name,
							   model_table[m]->strategies[s].name));
	return any_of(list);
}

/* Things by names of their own. */
static json_t *map_of(const struct record *record)
{
	return json_pack("{s:s, s:o, s:{s:{}}}", "type", "object", "additionalProperties",
			 record_object_schema(record), "patternProperties", "^//");
}

bool design_print_schema(FILE *out, struct error *error)
{
	json_t *definitions = json_object(), *cases = json_array();
	json_t *schema = record_object_schema(&design_record);
	bool ok = definitions && cases;

	for (size_t m = 0; ok && m < model_table_count; m++)
		ok = add_model(model_table[m], definitions, cases, error);
	if (!ok) {
		json_decref(schema);
		schema = NULL;
	}
	schema = object_with_in(schema, "properties", "extends", extended_schema());
	schema = object_with_in(schema, "properties", "costs", map_of(&new_term_record));
	schema = object_with_in(schema, "properties", "locks", map_of(&lock_record));
	schema = object_with(schema, "allOf", cases);
	schema = object_with(schema, "definitions", definitions);
	return schema_print(schema, "sim design", 1, out, error);
}

/* --- Markdown ----------------------------------------------------------------------------- */

static void print_members(const struct step_form *form, FILE *out)
{
	const char *separator = "";

	for (int m = 0; m < STEP_MEMBERS; m++)
		if ((form->needs | form->takes) >> m & 1) {
			fprintf(out, "%s%s`%s`", separator,
				form->needs >> m & 1 ? "**needs** " : "", step_members[m].key);
			separator = ", ";
		}
}

/* What there is to name, by kinds. */
static bool print_names(const struct model *model, FILE *out, struct error *error)
{
	struct names names = { 0 };
	bool ok = names_collect(&names, model, error);

	fprintf(out, "\n## Names of %s\n\n| kind | names |\n|---|---|\n", model->name);
	for (size_t i = 0; ok && i < sizeof(listed) / sizeof(listed[0]); i++) {
		json_t *list = names_of(model, &names, listed[i]), *item;
		size_t index;

		if (json_array_size(list))
			fprintf(out, "| %s |", operand_kinds[listed[i]].what);
		json_array_foreach(list, index, item)
			fprintf(out, "%s `%s`", index ? "," : "", json_string_value(item));
		if (json_array_size(list))
			fputs(" |\n", out);
		json_decref(list);
	}
	fputs("| page state | `gone`", out);
	for (size_t i = 0; ok && i < model->page_state_count; i++)
		fprintf(out, ", `%s`", model->page_states[i]);
	fputs(" |\n", out);
	names_fini(&names);
	return ok;
}

bool design_print_reference(FILE *out, struct error *error)
{
	fputs("# The language of designs\n\nGenerated by `sim schema design --format md`; "
	      "[designs.md](designs.md) shows how to use it. Names are those that `sim flows` "
	      "prints.\n\n",
	      out);
	if (!record_print_sections(&design_record, "A design", "", out, error) ||
	    !record_print_sections(&new_term_record, "costs.NAME", "", out, error) ||
	    !record_print_sections(&lock_record, "locks.NAME", "", out, error))
		return false;
	fputs("## Steps\n\nA step is an object with one verb. Each may also say `where`.\n\n"
	      "| verb | its value | may also say | meaning |\n|---|---|---|---|\n",
	      out);
	for (int kind = 0; kind < STEP_KINDS; kind++) {
		const struct step_form *form = &step_forms[kind];

		if (!form->verb)
			continue;
		fprintf(out, "| `%s` | %s | ", form->verb,
			form->operand == OPERAND_NONE ? "true" : operand_kinds[form->operand].what);
		print_members(form, out);
		fprintf(out, " | %s |\n", form->help);
	}
	fputs("\n| member | value | meaning |\n|---|---|---|\n", out);
	for (int m = 0; m < STEP_MEMBERS; m++)
		fprintf(out, "| `%s` | %s | %s |\n", step_members[m].key,
			step_members[m].operand == OPERAND_FLAG
				? "true or false"
				: operand_kinds[step_members[m].operand].what,
			step_members[m].help);
	fputc('\n', out);
	if (!record_print_sections(&edit_record, "Edits", "", out, error) ||
	    !record_print_sections(&count_record, "Counts", "", out, error) ||
	    !record_print_sections(&loop_record, "Page loops", "", out, error) ||
	    !record_print_sections(&act_record, "states.STATE", "", out, error) ||
	    !record_print_sections(&price_record, "prices[]", "", out, error))
		return false;
	for (size_t m = 0; m < model_table_count; m++)
		if (!print_names(model_table[m], out, error))
			return false;
	return true;
}
