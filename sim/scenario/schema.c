/* `sim schema` and the reference pages, from the field tables. */

#include <stdio.h>
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

/* What a guest says that names no model: the fallback is JSON, the name in quotes. */
static bool is_default(const struct model *model)
{
	const char *standard = record_field(&guest_record, "model")->fallback;
	size_t length = strlen(model->name);

	return strncmp(standard + 1, model->name, length) == 0 && standard[length + 1] == '"';
}

/* The model's name, alone or with a strategy behind it. */
static json_t *model_schema(const struct model *model)
{
	char pattern[80];

	snprintf(pattern, sizeof(pattern), "^%s/", model->name);
	return json_pack("[{s:s}, {s:s}]", "const", model->name, "pattern", pattern);
}

/*
 * Of guests of this model: `then` holds. So a validator says what is wrong of such a guest, and not
 * that it is none of all models.
 */
static json_t *of_model(const struct model *model, json_t *then)
{
	json_t *is =
		json_pack("{s:{s:{s:o}}}", "properties", "model", "anyOf", model_schema(model));

	if (!is_default(model))
		is = object_with(is, "required", json_pack("[s]", "model"));
	return json_pack("{s:o, s:o}", "if", is, "then", then);
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
	if (!is_default(model))
		json_object_del(json_object_get(properties, "model"), "default");
	if (ok)
		return of_model(model, json_pack("{s:s, s:o, s:o, s:b, s:{s:{}}}", "description",
						 model->summary, "properties", properties,
						 "required", required, "additionalProperties", 0,
						 "patternProperties", "^//"));
	json_decref(properties);
	json_decref(required);
	return NULL;
}

/* The same guest in a scenario without designs: its strategy is one of the model's. */
static json_t *shipped_guest_schema(const struct model *model)
{
	return of_model(model,
			json_pack("{s:{s:o}}", "properties", "strategy", strategies_schema(model)));
}

/* A name of a model, alone or with a strategy behind it. */
static json_t *models_schema(void)
{
	return json_pack("{s:s, s:[{s:o}, {s:s}]}", "type", "string", "anyOf", "enum",
			 list_of_names(model_names), "pattern", "^[^/]+/.");
}

/* "^lock\\..+\\.wait$" of lock.NAME.wait: what is in capitals stands for a name. */
static json_t *family_pattern(const char *name)
{
	char pattern[160] = "^";
	size_t used = 1;

	while (*name && used + 8 < sizeof(pattern)) {
		size_t capitals = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

		if (capitals > 1)
			used += (size_t)snprintf(pattern + used, sizeof(pattern) - used, ".+");
		else
			used += (size_t)snprintf(pattern + used, sizeof(pattern) - used,
						 *name == '.' ? "\\." : "%c", *name);
		name += capitals > 1 ? capitals : 1;
	}
	snprintf(pattern + used, sizeof(pattern) - used, "$");
	return json_string(pattern);
}

/* The name of a metric, or one of a family. */
static json_t *metric_schema(void)
{
	json_t *names = json_array(), *any;

	for (size_t i = 0; i < METRIC_KINDS; i++)
		if (!metric_is_family(&metric_kinds[i]))
			names = list_with(names, json_string(metric_kinds[i].name));
	any = json_pack("[{s:o}]", "enum", names);
	for (size_t i = 0; i < METRIC_KINDS; i++)
		if (metric_is_family(&metric_kinds[i]))
			any = list_with(any, json_pack("{s:o}", "pattern",
						       family_pattern(metric_kinds[i].name)));
	return any;
}

/* Every string of the schema that is called "metric" names one. */
static bool name_metrics(json_t *schema, const json_t *metric)
{
	const char *key;
	json_t *inner;
	size_t index;

	if (json_is_array(schema)) {
		json_array_foreach(schema, index, inner)
		{
			if (!name_metrics(inner, metric))
				return false;
		}
		return true;
	}
	json_object_foreach(schema, key, inner)
	{
		const char *type = json_string_value(json_object_get(inner, "type"));

		if (strcmp(key, "metric") == 0 && type && strcmp(type, "string") == 0) {
			if (json_object_set_new(inner, "anyOf", json_deep_copy(metric)) != 0)
				return false;
		} else if (!name_metrics(inner, metric)) {
			return false;
		}
	}
	return true;
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
	json_t *guests = json_array(), *shipped = json_array(), *metric = metric_schema(), *list;

	for (size_t i = 0; i < model_table_count; i++) {
		guests = list_with(guests, guest_schema(model_table[i]));
		shipped = list_with(shipped, shipped_guest_schema(model_table[i]));
	}
	list = json_pack("{s:s, s:s, s:i, s:{s:s, s:{s:o}, s:o}}", "type", "array", "description",
			 "list of guests", "minItems", 1, "items", "type", "object", "properties",
			 "model", models_schema(), "allOf", guests);
	object = object_with_in(object, "properties", "guests", list);
	object = object_with_in(object, "properties", "costs", profiles_schema());
	object = object_with(object, "if", json_pack("{s:[s]}", "required", "designs"));
	object = object_with(
		object, "else",
		json_pack("{s:{s:{s:{s:o}}}}", "properties", "guests", "items", "allOf", shipped));
	if (!metric || !name_metrics(object, metric)) {
		json_decref(object);
		object = NULL;
	}
	json_decref(metric);
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
	[NEEDS_FAULTS] = "; of guests with `faults`",
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
	      "second (`250MB/s`), rates `/s /min /h /d`. Pointers (`--set`, `--over`, `sweep`, "
	      "`plan`) "
	      "call items of a list by number or by name: `/guests/0/memory`, "
	      "`/guests/db/memory`.\n\n",
	      out);
	if (!record_print_sections(&scenario_record, "The scenario", "", out, error))
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
