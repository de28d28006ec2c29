/* The result as one JSON document. Observed values are whole numbers, means have 15 digits. */

#include <math.h>
#include <string.h>

#include <jansson.h>

#include "report/formats.h"

static json_t *observed(struct maybe value)
{
	return value.exists ? json_integer((json_int_t)value.value) : json_null();
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *maybe_real(struct maybe value)
{
	return value.exists ? real(value.value) : json_null();
}

/* Why a value of this metric is null; the first reason. */
static json_t *reason(const struct result_metric *metric)
{
	const struct maybe *const values[] = { &metric->mean, &metric->ci_low, &metric->p50,
					       &metric->p90,  &metric->p99,    &metric->p999 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!values[i]->exists && values[i]->reason)
			return json_string(values[i]->reason);
	return json_null();
}

static json_t *interval(const struct result_metric *metric)
{
	if (!metric->ci_low.exists || !metric->ci_high.exists)
		return json_null();
	return json_pack("[o, o]", real(metric->ci_low.value), real(metric->ci_high.value));
}

static json_t *metric_to_json(const struct result_metric *metric)
{
	return json_pack(
		"{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
		metric->name, "group", metric->group, "unit", unit_names[metric->unit], "n",
		(json_int_t)metric->n, "mean", maybe_real(metric->mean), "ci95", interval(metric),
		"min", observed(metric->min), "p50", observed(metric->p50), "p90",
		observed(metric->p90), "p99", observed(metric->p99), "p999", observed(metric->p999),
		"max", observed(metric->max), "reason", reason(metric));
}

static json_t *metrics_to_json(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < result->metric_count; i++)
		if (json_array_append_new(list, metric_to_json(&result->metrics[i])) != 0)
			goto fail;
	return list;
fail:
	json_decref(list);
	return NULL;
}

static json_t *breakdown_to_json(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < result->part_count; i++) {
		const struct result_part *part = &result->parts[i];

		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "metric",
					    part->metric, "group", part->group, "flow", part->flow,
					    "step", part->step, "where", part->where, "mean",
					    real(part->mean), "share", real(part->share))) != 0)
			goto fail;
	}
	return list;
fail:
	json_decref(list);
	return NULL;
}

static json_t *counters_to_json(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < result->counter_count; i++) {
		const struct result_counter *counter = &result->counters[i];

		if (json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:o}", "name",
							  counter->name, "group", counter->group,
							  "value", (json_int_t)counter->value,
							  "mean", real(counter->mean))) != 0)
			goto fail;
	}
	return list;
fail:
	json_decref(list);
	return NULL;
}

static json_t *assumptions_to_json(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];

		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s, s:o, s:[o, o], s:[o, o], s:s, s:b}",
					    "term", item->term, "group", item->group, "unit", "ns",
					    "mean", real(item->mean_ns), "range",
					    real(item->low_ns), real(item->high_ns), "answer",
					    real(item->answer_low), real(item->answer_high),
					    "source", item->source, "mattered", item->mattered)) !=
		    0)
			goto fail;
	}
	return list;
fail:
	json_decref(list);
	return NULL;
}

static json_t *objectives_to_json(const struct result *result)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < result->objective_count; i++) {
		const struct result_objective *item = &result->objectives[i];

		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:b}", "metric",
					    item->metric, "group", item->group, "unit",
					    unit_names[item->unit], "quantile",
					    item->quantile < 0 ? json_null() : real(item->quantile),
					    "at_most", real(item->at_most), "value",
					    maybe_real(item->value), "met", item->met)) != 0)
			goto fail;
	}
	return list;
fail:
	json_decref(list);
	return NULL;
}

static json_t *provenance(const struct result *result)
{
	json_t *assumed = json_array();

	for (size_t i = 0; assumed && i < result->assumption_count; i++)
		if (result->assumptions[i].mattered &&
		    json_array_append_new(assumed, json_string(result->assumptions[i].term)) != 0) {
			json_decref(assumed);
			return NULL;
		}
	return json_pack("{s:s, s:I, s:s, s:s, s:I, s:b, s:b, s:s, s:I, s:o*}", "version",
			 result->version, "seed", (json_int_t)result->seed, "scenario_sha256",
			 result->scenario_sha256, "costs_sha256", result->costs_sha256,
			 "replications", (json_int_t)result->replications, "deterministic",
			 result->deterministic, "exact_pages", result->exact_pages, "stopping",
			 result->stopping, "events", (json_int_t)result->events, "assumed",
			 assumed);
}

static json_t *answer(const struct result *result)
{
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return json_null();
	metric = &result->metrics[result->answer];
	return json_pack("{s:s, s:s, s:s, s:o, s:[o, o]}", "metric", metric->name, "group",
			 metric->group, "unit", unit_names[metric->unit], "mean",
			 maybe_real(metric->mean), "assumptions", maybe_real(result->answer_low),
			 maybe_real(result->answer_high));
}

static bool write_json(const struct result *result, FILE *out, struct error *error)
{
	json_t *document = json_pack(
		"{s:s, s:i, s:{s:s, s:s}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
		"sim-result", "version", 1, "scenario", "name", result->scenario, "file",
		result->file, "provenance", provenance(result), "answer", answer(result), "metrics",
		metrics_to_json(result), "breakdown", breakdown_to_json(result), "counters",
		counters_to_json(result), "assumptions", assumptions_to_json(result), "objectives",
		objectives_to_json(result));
	bool ok;

	if (!document)
		return error_memory(error, "JSON result");
	ok = json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) == 0 &&
	     fputc('\n', out) != EOF;
	json_decref(document);
	return ok ? report_check(out, error)
		  : error_set(error, ERROR_OUTPUT, "cannot write the report");
}

const struct report_format format_json = { "json", "one JSON document with everything",
					   write_json };
