/* The schema of designs, for editors that complete names, and the tables of the language. */

#include <stdlib.h>
#include <string.h>

#include "design/parts.h"

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

	json_array_foreach(list, index,
			   item) if (strcmp(json_string_value(item), name) == 0) return true;
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

static json_t *texts(const char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count && names[i]; i++)
		json_array_append_new(list, json_string(names[i]));
	return list;
}

static json_t *reference(const char *kind, const struct model *model)
{
	return json_pack("{s:o}", "$ref",
			 json_sprintf("#/definitions/%s of %s", kind, model->name));
}

static json_t *operand_schema(const struct model *model, enum operand operand)
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
		return json_pack("{s:o}", "enum", texts(errnos, step_errno_count));
	case OPERAND_MILESTONE:
		return json_pack("{s:o}", "enum", texts(milestone_names, SIZE_MAX));
	case OPERAND_COUNT:
		return json_pack("{s:[o, {s:s, s:i}, {s:s, s:[s, s]}]}", "anyOf",
				 reference(operand_kinds[operand].what, model), "type", "integer",
				 "minimum", 0, "type", "object", "required", "of", "times");
	default:
		return reference(operand_kinds[operand].what, model);
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

static json_t *step_schema(const struct model *model)
{
	json_t *properties = json_object(), *verbs = json_array();

	for (int kind = 0; kind < STEP_KINDS; kind++) {
		const struct step_form *form = &step_forms[kind];

		if (!form->verb)
			continue;
		json_object_set_new(properties, form->verb,
				    described(operand_schema(model, form->operand), form->help));
		json_array_append_new(verbs, json_pack("{s:[s]}", "required", form->verb));
	}
	for (int m = 0; m < STEP_MEMBERS; m++)
		json_object_set_new(properties, step_members[m].key,
				    described(operand_schema(model, step_members[m].operand),
					      step_members[m].help));
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

static json_t *edit_schema(const struct model *model)
{
	json_t *steps = json_pack("{s:s, s:o}", "type", "array", "items", reference("step", model));
	json_t *anchor = reference("anchor", model);
	json_t *place = json_pack("{s:s, s:{s:O, s:O}, s:[s, s], s:b}", "type", "object",
				  "properties", "step", anchor, "insert", steps, "required", "step",
				  "insert", "additionalProperties", 0);
	json_t *span =
		json_pack("{s:s, s:{s:O, s:O}, s:[s], s:b}", "type", "object", "properties", "from",
			  anchor, "to", anchor, "required", "from", "additionalProperties", 0);

	return json_pack("{s:s, s:{s:{s:s, s:{s:O, s:O, s:o}, s:[s, s], s:b}, s:O, s:o, s:{s:[o, "
			 "o]}}, s:b, s:{s:{}}}",
			 "type", "object", "properties", "replace", "type", "object", "properties",
			 "from", anchor, "to", anchor, "by", steps, "required", "from", "by",
			 "additionalProperties", 0, "before", place, "after", place, "remove",
			 "anyOf", anchor, span, "additionalProperties", 0, "patternProperties",
			 "^//");
}

static json_t *flow_schema(const struct model *model)
{
	return json_pack("{s:[{s:s, s:o}, {s:s, s:o}, o]}", "anyOf", "type", "array", "items",
			 reference("step", model), "type", "array", "items",
			 reference("edit", model), reference("edit", model));
}

static json_t *loop_schema(const struct model *model)
{
	json_t *properties = json_object(), *required = json_array(), *states = json_object();
	json_t *price, *prices;

	record_schema(&loop_record, properties, required);
	price = json_pack("{s:[o, {s:s, s:{s:o, s:o, s:{s:[o, {s:s}]}}, s:[s], s:b}]}", "anyOf",
			  operand_schema(model, OPERAND_TERM), "type", "object", "properties",
			  "term", operand_schema(model, OPERAND_TERM), "when",
			  operand_schema(model, OPERAND_CONDITION), "calls", "anyOf",
			  operand_schema(model, OPERAND_RATIO), "type", "number", "required",
			  "term", "additionalProperties", 0);
	prices = json_pack("{s:s, s:o}", "type", "array", "items", price);
	for (size_t i = 0; i < model->page_state_count; i++)
		json_object_set_new(states, model->page_states[i],
				    json_pack("{s:[{s:s}, {s:s, s:{s:O, s:{s:s}, s:{s:s}}, s:b}]}",
					      "anyOf", "const", "pass", "type", "object",
					      "properties", "prices", prices, "becomes", "type",
					      "string", "handled", "type", "boolean",
					      "additionalProperties", 0));
	json_object_set(properties, "prices", prices);
	json_object_set_new(properties, "states",
			    json_pack("{s:s, s:o, s:b}", "type", "object", "properties", states,
				      "additionalProperties", 0));
	json_object_set_new(properties, "extends", operand_schema(model, OPERAND_LOOP));
	json_object_set_new(properties, "lock", operand_schema(model, OPERAND_LOCK));
	json_object_set_new(properties, "gather", operand_schema(model, OPERAND_TERM));
	json_decref(prices);
	json_decref(required);
	return json_pack("{s:s, s:o, s:b, s:{s:{}}}", "type", "object", "properties", properties,
			 "additionalProperties", 0, "patternProperties", "^//");
}

/* An object of things by names: these names are completed, others are possible. */
static json_t *named(json_t *names, json_t *schema)
{
	json_t *properties = json_object(), *item;
	size_t index;

	json_array_foreach(names, index, item)
		json_object_set(properties, json_string_value(item), schema);
	json_decref(names);
	return json_pack("{s:s, s:o, s:o}", "type", "object", "properties", properties,
			 "additionalProperties", schema);
}

static bool add_model(const struct model *model, json_t *definitions, json_t *cases,
		      struct error *error)
{
	struct names names = { 0 };
	bool ok = names_collect(&names, model, error);
	char key[128];

	for (size_t i = 0; ok && i < sizeof(listed) / sizeof(listed[0]); i++) {
		snprintf(key, sizeof(key), "%s of %s", operand_kinds[listed[i]].what, model->name);
		json_object_set_new(definitions, key, any_of(names_of(model, &names, listed[i])));
	}
	if (ok) {
		snprintf(key, sizeof(key), "step of %s", model->name);
		json_object_set_new(definitions, key, step_schema(model));
		snprintf(key, sizeof(key), "anchor of %s", model->name);
		json_object_set_new(definitions, key, any_of(anchors(model, &names)));
		snprintf(key, sizeof(key), "edit of %s", model->name);
		json_object_set_new(definitions, key, edit_schema(model));
		snprintf(key, sizeof(key), "change of a flow of %s", model->name);
		json_object_set_new(definitions, key, flow_schema(model));
		snprintf(key, sizeof(key), "change of a page loop of %s", model->name);
		json_object_set_new(definitions, key, loop_schema(model));
		snprintf(key, sizeof(key), "^%s/", model->name);
		ok = json_array_append_new(
			     cases,
			     json_pack("{s:{s:{s:{s:s}}}, s:{s:{s:o, s:o}}}", "if", "properties",
				       "extends", "pattern", key, "then", "properties", "flows",
				       named(names_of(model, &names, OPERAND_FLOW),
					     reference("change of a flow", model)),
				       "loops",
				       named(names_of(model, &names, OPERAND_LOOP),
					     reference("change of a page loop", model)))) == 0 ||
		     error_memory(error, "schema");
	}
	names_fini(&names);
	return ok;
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

static json_t *of_record(const struct record *record)
{
	json_t *properties = json_object(), *required = json_array();

	record_schema(record, properties, required);
	return json_pack("{s:s, s:{s:s, s:s, s:o, s:o, s:b}}", "type", "object",
			 "additionalProperties", "type", "object", "description", record->help,
			 "properties", properties, "required", required, "additionalProperties", 0);
}

bool design_print_schema(FILE *out, struct error *error)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *definitions = json_object(), *cases = json_array(), *schema;
	bool ok = properties && required && definitions && cases &&
		  record_schema(&design_record, properties, required);

	for (size_t m = 0; ok && m < model_table_count; m++)
		ok = add_model(model_table[m], definitions, cases, error);
	if (ok) {
		json_object_set_new(properties, "extends", extended_schema());
		json_object_set_new(properties, "costs", of_record(&new_term_record));
	}
	schema = !ok ? NULL
		     : json_pack("{s:s, s:s, s:s, s:O, s:O, s:b, s:{s:{}}, s:O, s:O}", "$schema",
				 "http://json-schema.org/draft-07/schema#", "title", "sim design",
				 "type", "object", "properties", properties, "required", required,
				 "additionalProperties", 0, "patternProperties", "^//", "allOf",
				 cases, "definitions", definitions);
	if (!schema)
		error_memory(error, "schema");
	else if (json_dumpf(schema, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) != 0 ||
		 fputc('\n', out) == EOF)
		error_set(error, ERROR_OUTPUT, "cannot write the schema");
	json_decref(schema);
	json_decref(properties);
	json_decref(required);
	json_decref(definitions);
	json_decref(cases);
	return error->kind == ERROR_NONE;
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
	      "prints.\n\n## A design\n\n",
	      out);
	if (!record_print_reference(&design_record, out, error))
		return false;
	fputs("## costs: new prices\n\n", out);
	if (!record_print_reference(&new_term_record, out, error))
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
	fputs("\n## Edits\n\nAn edit is an object with one of these keys; a flow has one, or a "
	      "list. Several keys of one object are applied in their order.\n\n"
	      "| key | its value | meaning |\n|---|---|---|\n"
	      "| `replace` | `from`, `to`, `by` | the steps from one to another (without `to`: "
	      "that one) give way to the list `by` |\n"
	      "| `before`, `after` | `step`, `insert` | the list `insert` goes before or behind a "
	      "step |\n"
	      "| `remove` | a step, or `from` and `to` | they go |\n\n"
	      "A step is called as `sim flows` prints it; `\"unlock kvm->lock #2\"` is the second "
	      "of that name in the flow. `to` is the first of its name from `from` on.\n\n"
	      "## Counts\n\nA count is a name, a whole number, or `{\"of\": COUNT, \"times\": "
	      "0.5}`, rounded up.\n\n## Page loops\n\nWhat is not said stays as it is. A range is "
	      "counted from where the loop's own begins when it starts: `{\"from\": \"2GiB\", "
	      "\"to\": \"4GiB\"}`, or shares between 0 and 1. A page's price is a term, or "
	      "`{\"term\": TERM, \"when\": CONDITION, \"calls\": NUMBER}`: paid when the condition "
	      "holds, so many times. `handled` pages are counted as done (`pages.foreground`, "
	      "`pages.background`); `becomes` is a state of the model or `gone`.\n\n",
	      out);
	if (!record_print_reference(&loop_record, out, error))
		return false;
	for (size_t m = 0; m < model_table_count; m++)
		if (!print_names(model_table[m], out, error))
			return false;
	return true;
}
