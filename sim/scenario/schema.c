/* `sim schema` and the reference pages, from the field tables. */

#include <stdlib.h>
#include <string.h>

#include "document/json.h"
#include "document/record.h"
#include "flow/metric_kind.h"
#include "flow/model.h"
#include "scenario/costs.h"
#include "scenario/profile.h"
#include "scenario/published.h"
#include "scenario/scenario.h"
#include "scenario/tables.h"

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

	for (size_t i = 0; i < model->strategy_count; i++)
		names = list_with(names, json_string(model->strategies[i].name));
	return json_pack("{s:o}", "enum", names);
}

/* A guest of one model: the common keys and the model's own, nothing else. */
static json_t *guest_schema(const struct model *model)
{
	json_t *properties = json_object(), *required = json_array();
	bool ok = properties && required && record_schema(&guest_record, properties, required) &&
		  record_schema(model->parameters, properties, required);

	/* any name may be that of a design; the model's own are there to be completed */
	ok = ok && json_object_set_new(json_object_get(properties, "strategy"), "anyOf",
				       json_pack("[o, {s:s}]", strategies_schema(model), "type",
						 "string")) == 0;
	ok = ok && json_object_set_new(json_object_get(properties, "model"), "const",
				       json_string(model->name)) == 0;
	if (!is_default(model)) {
		json_object_del(json_object_get(properties, "model"), "default");
		required = list_with(required, json_string("model"));
	}
	if (ok)
		return json_pack("{s:s, s:s, s:o, s:o, s:b, s:{s:{}}}", "type", "object",
				 "description", model->summary, "properties", properties,
				 "required", required, "additionalProperties", 0,
				 "patternProperties", "^//");
	json_decref(properties);
	json_decref(required);
	return NULL;
}

/* The same guest in a scenario without designs: its strategy is one of the model's. */
static json_t *shipped_guest_schema(const struct model *model)
{
	json_t *required = json_array();

	if (!is_default(model))
		required = list_with(required, json_string("model"));
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
	json_t *object = record_object_schema(&scenario_record);
	json_t *guests = json_array(), *shipped = json_array(), *list;

	for (size_t i = 0; i < model_table_count; i++) {
		guests = list_with(guests, guest_schema(model_table[i]));
		shipped = list_with(shipped, shipped_guest_schema(model_table[i]));
	}
	list = json_pack("{s:s, s:s, s:i, s:{s:o}}", "type", "array", "description",
			 "list of guests", "minItems", 1, "items", "anyOf", guests);
	object = object_with_in(object, "properties", "guests", list);
	object = object_with_in(object, "properties", "costs", profiles_schema());
	object = object_with(object, "if", json_pack("{s:[s]}", "required", "designs"));
	object = object_with(
		object, "else",
		json_pack("{s:{s:{s:{s:o}}}}", "properties", "guests", "items", "anyOf", shipped));
	return schema_print(object, "sim scenario", 2, out, error);
}

/* The terms of all models by name, so that editors complete them; designs bring more. */
bool profile_print_schema(FILE *out, struct error *error)
{
	json_t *object = record_object_schema(&profile_record), *terms = json_object();
	json_t *correlations, *costs;

	for (size_t m = 0; m < model_table_count; m++)
		for (size_t t = FIRST_TERM; t < model_table[m]->term_count; t++)
			terms = object_with(terms, model_table[m]->terms[t].name,
					    json_pack("{s:s}", "$ref", "#/definitions/cost"));
	correlations = json_pack(
		"{s:s, s:s, s:{s:s, s:i, s:i, s:[{s:s}, {s:s}, {s:s, s:i, s:i}]}}", "type", "array",
		"description", record_field(&profile_record, "correlations")->help, "items", "type",
		"array", "minItems", 3, "maxItems", 3, "items", "type", "string", "type", "string",
		"type", "number", "minimum", -1, "maximum", 1);
	object = object_with_in(object, "properties", "correlations", correlations);
	costs = json_pack("{s:s, s:s, s:o, s:{s:s}, s:{s:{}}}", "type", "object", "description",
			  record_field(&profile_record, "costs")->help, "properties", terms,
			  "additionalProperties", "$ref", "#/definitions/cost", "patternProperties",
			  "^//");
	object = object_with_in(object, "properties", "costs", costs);
	object = object_with(object, "definitions",
			     json_pack("{s:o}", "cost", record_object_schema(&cost_record)));
	return schema_print(object, "sim cost profile", 2, out, error);
}

bool published_print_schema(FILE *out, struct error *error)
{
	json_t *object = record_object_schema(&published_record);
	json_t *properties = json_object_get(object, "properties");
	json_t *row = json_object_get(json_object_get(properties, "rows"), "items");
	json_t *set = json_object_get(json_object_get(row, "properties"), "set");

	object = object_with(object, "anyOf",
			     json_pack("[{s:[s]}, {s:[s]}]", "required", "tolerance", "required",
				       "tolerance_absolute"));
	if (object &&
	    json_object_update_new(set, json_pack("{s:s, s:{s:s}}", "type", "object",
						  "propertyNames", "pattern", "^/[^=]*$")) != 0) {
		json_decref(object);
		object = NULL;
	}
	return schema_print(object, "sim published table", 2, out, error);
}

/* --- Markdown ---------------------------------------------------------------------- */

static const char *const observed[METRIC_OBSERVED] = {
	[EACH_REQUEST] = "of each request",  [EACH_TIME] = "each time",
	[SUM] = "sum of a replication",      [HIGHEST] = "highest of a replication",
	[MEAN_OVER_TIME] = "mean over time",
};
static const char *const needed[] = {
	[NEEDS_NOTHING] = "",
	[NEEDS_OPERATION] = "; of strategies that offer it",
	[NEEDS_STALLS] = "; of models with such exits",
	[NEEDS_NODES] = "; of hosts with NUMA nodes",
	[NEEDS_FLEET] = "; of fleets",
	[NEEDS_WAVES] = "; where an event has `concurrency`",
	[NEEDS_EVACUATIONS] = "; of fleets with evacuations",
};

static void print_counters(FILE *out)
{
	fputs("## Counters\n\nWhole numbers over all replications. Each cost term has one, too: "
	      "how often it was charged.\n\n| counter | unit | meaning |\n|---|---|---|\n",
	      out);
	for (size_t i = 0; i < COUNTER_KINDS; i++)
		fprintf(out, "| `%s` | %s | %s |\n", counter_kinds[i].name,
			unit_names[counter_kinds[i].unit], counter_kinds[i].help);
	fputc('\n', out);
}

static void print_metrics(FILE *out)
{
	fputs("## Metrics\n\nWhat `experiment.metrics`, `objectives[]` and `plan` may name. Words "
	      "in capitals stand for the names of locks and errnos. Each guest has metrics of its "
	      "own, or the host has one.\n\n| metric | unit | of | observed | meaning |\n"
	      "|---|---|---|---|---|\n",
	      out);
	for (size_t i = 0; i < METRIC_KINDS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];

		fprintf(out, "| `%s` | %s | %s | %s | %s%s |\n", kind->name, unit_names[kind->unit],
			kind->of == OF_HOST ? "host" : "guest", observed[kind->observed],
			kind->help, needed[kind->needs]);
	}
	fputc('\n', out);
	print_counters(out);
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
	print_metrics(out);
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
