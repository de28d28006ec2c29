/* `sim schema` and the reference pages, from the field tables. */

#include <stdlib.h>
#include <string.h>

#include "document/record.h"
#include "flow/model.h"
#include "scenario/costs.h"
#include "scenario/metric_reference.h"
#include "scenario/published.h"
#include "scenario/scenario.h"
#include "scenario/tables.h"

/* The object, or NULL and nothing owned when something could not be put into it. */
static json_t *whole_or_none(json_t *object, bool whole)
{
	if (whole)
		return object;
	json_decref(object);
	return NULL;
}

/* Only the default model may stay unsaid, or a guest would fit several alternatives. */
static bool is_default(const struct model *model)
{
	const char *standard = record_field(&guest_record, "model")->fallback;
	size_t length = strlen(model->name);

	/* the fallback is JSON: the name in quotes */
	return strncmp(standard + 1, model->name, length) == 0 && standard[length + 1] == '"';
}

static json_t *strategies_schema(const struct model *model)
{
	json_t *names = json_array();
	bool ok = names != NULL;

	for (size_t i = 0; ok && i < model->strategy_count; i++)
		ok = json_array_append_new(names, json_string(model->strategies[i].name)) == 0;
	return whole_or_none(json_pack("{s:o*}", "enum", names), ok);
}

/* A guest of one model: the common keys and the model's own, nothing else. */
static json_t *guest_schema(const struct model *model)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema = NULL;
	bool ok = properties && required && record_schema(&guest_record, properties, required) &&
		  record_schema(model->parameters, properties, required);

	/* any name may be that of a design; the model's own are there to be completed */
	ok = ok && json_object_set_new(json_object_get(properties, "strategy"), "anyOf",
				       json_pack("[o, {s:s}]", strategies_schema(model), "type",
						 "string")) == 0;
	ok = ok && json_object_set_new(json_object_get(properties, "model"), "const",
				       json_string(model->name)) == 0;
	if (ok && !is_default(model)) {
		json_object_del(json_object_get(properties, "model"), "default");
		ok = json_array_append_new(required, json_string("model")) == 0;
	}
	if (ok)
		schema = json_pack("{s:s, s:s, s:O, s:O, s:b, s:{s:{}}}", "type", "object",
				   "description", model->summary, "properties", properties,
				   "required", required, "additionalProperties", 0,
				   "patternProperties", "^//");
	json_decref(properties);
	json_decref(required);
	return schema;
}

/* The same guest in a scenario without designs: its strategy is one of the model's. */
static json_t *shipped_guest_schema(const struct model *model)
{
	json_t *required = json_array();

	if (required && !is_default(model))
		json_array_append_new(required, json_string("model"));
	return json_pack("{s:{s:{s:s}, s:o}, s:o}", "properties", "model", "const", model->name,
			 "strategy", strategies_schema(model), "required", required);
}

/* A list of cost profiles: paths, or objects of terms. */
static json_t *profiles_schema(void)
{
	return json_pack("{s:s, s:s, s:{s:[{s:s}, {s:s, s:o*, s:{s:{}}}]}}", "type", "array",
			 "description", "cost profiles: paths, or objects of terms", "items",
			 "anyOf", "type", "string", "type", "object", "additionalProperties",
			 record_object_schema(&cost_record), "patternProperties", "^//");
}

bool scenario_print_schema(FILE *out, struct error *error)
{
	json_t *object = record_object_schema(&scenario_record), *guests = json_array();
	json_t *properties = json_object_get(object, "properties"), *shipped = json_array();
	bool ok = properties && guests && shipped;

	for (size_t i = 0; ok && i < model_table_count; i++)
		ok = json_array_append_new(guests, guest_schema(model_table[i])) == 0 &&
		     json_array_append_new(shipped, shipped_guest_schema(model_table[i])) == 0;
	ok = ok && json_object_set_new(properties, "guests",
				       json_pack("{s:s, s:s, s:i, s:{s:O}}", "type", "array",
						 "description", "list of guests", "minItems", 1,
						 "items", "anyOf", guests)) == 0;
	ok = ok && json_object_set_new(properties, "costs", profiles_schema()) == 0 &&
	     json_object_set_new(object, "if", json_pack("{s:[s]}", "required", "designs")) == 0 &&
	     json_object_set_new(object, "else",
				 json_pack("{s:{s:{s:{s:O}}}}", "properties", "guests", "items",
					   "anyOf", shipped)) == 0;
	json_decref(guests);
	json_decref(shipped);
	return schema_print(whole_or_none(object, ok), "sim scenario", 2, out, error);
}

/* The terms of all models by name, so that editors complete them; designs bring more. */
bool profile_print_schema(FILE *out, struct error *error)
{
	json_t *object = record_object_schema(&profile_record), *terms = json_object();
	json_t *cost = record_object_schema(&cost_record), *costs = NULL;
	bool ok = object && terms && cost;

	for (size_t m = 0; ok && m < model_table_count; m++)
		for (size_t t = FIRST_TERM; ok && t < model_table[m]->term_count; t++)
			ok = json_object_set_new(
				     terms, model_table[m]->terms[t].name,
				     json_pack("{s:s}", "$ref", "#/definitions/cost")) == 0;
	if (ok)
		costs = json_pack("{s:s, s:s, s:O, s:{s:s}, s:{s:{}}}", "type", "object",
				  "description", record_field(&profile_record, "costs")->help,
				  "properties", terms, "additionalProperties", "$ref",
				  "#/definitions/cost", "patternProperties", "^//");
	ok = ok &&
	     json_object_set_new(json_object_get(object, "properties"), "costs", costs) == 0 &&
	     json_object_set_new(object, "definitions", json_pack("{s:O}", "cost", cost)) == 0;
	json_decref(terms);
	json_decref(cost);
	return schema_print(whole_or_none(object, ok), "sim cost profile", 2, out, error);
}

bool published_print_schema(FILE *out, struct error *error)
{
	json_t *object = record_object_schema(&published_record);
	json_t *properties = json_object_get(object, "properties");
	json_t *row = json_object_get(json_object_get(properties, "rows"), "items");
	bool ok = object &&
		  json_object_set_new(object, "anyOf",
				      json_pack("[{s:[s]}, {s:[s]}]", "required", "tolerance",
						"required", "tolerance_absolute")) == 0 &&
		  json_object_update_new(json_object_get(json_object_get(row, "properties"), "set"),
					 json_pack("{s:s, s:{s:s}}", "type", "object",
						   "propertyNames", "pattern", "^/[^=]*$")) == 0;

	return schema_print(whole_or_none(object, ok), "sim published table", 2, out, error);
}

bool scenario_print_reference(FILE *out, struct error *error)
{
	fputs("# Scenario reference\n\n"
	      "Generated by `sim schema --format md`. A scenario is strict JSON; keys that begin "
	      "with `//` are remarks. Quantities carry their unit: sizes B KiB MiB GiB TiB PiB (kB "
	      "MB GB TB are powers of 1000), durations ns us ms s min h d, bandwidths a size per "
	      "second (`250MB/s`), rates `/s /min /h /d`.\n\n",
	      out);
	if (!record_print_sections(&scenario_record, "The scenario", "", out, error) ||
	    !record_print_sections(&guest_record, "guests[]", "guests[]", out, error))
		return false;
	metrics_print_reference(out);
	for (size_t i = 0; i < model_table_count; i++) {
		fprintf(out, "## guests[] of model %s\n\n%s\n\n", model_table[i]->name,
			model_table[i]->parameters->help);
		if (!record_print_reference(model_table[i]->parameters, out, error))
			return false;
	}
	return true;
}

bool profile_print_reference(FILE *out, struct error *error)
{
	fputs("# Cost profile reference\n\nGenerated by `sim schema profile --format md`. The "
	      "terms are those that `sim costs` lists; what a profile does not say of one stays as "
	      "it was.\n\n",
	      out);
	return record_print_sections(&profile_record, "The profile", "", out, error) &&
	       record_print_sections(&cost_record, "costs.NAME", "costs.NAME", out, error);
}

bool published_print_reference(FILE *out, struct error *error)
{
	fputs("# Published table reference\n\nGenerated by `sim schema published --format md`. "
	      "`sim validate` predicts its figures.\n\n",
	      out);
	return record_print_sections(&published_record, "The table", "", out, error);
}
