/*
 * The result as one JSON document, format "sim-result", version 1. Keys are fixed
 * and ordered; a value that does not exist is null. Observed values are whole
 * numbers, means have 15 digits. (Numbers beyond 2^53 ns, 104 days, are exact here,
 * but some readers of JSON round them.)
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "report/formats.h"
#include "report/text_tools.h"

/* Every function here returns NULL when memory runs out; json_pack and the appending
 * functions take that for an error of their own, so checks at the end are enough. */

/* A path may be no UTF-8, which JSON cannot hold: then its bytes are shown as \xNN. */
static json_t *text(const char *value)
{
	json_t *string = json_string(value);
	char *copy;

	if (string)
		return string;
	copy = printable_text(value);
	string = copy ? json_string(copy) : NULL;
	free(copy);
	return string;
}

static json_t *whole(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value) : NULL;
}

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

static json_t *interval(struct maybe low, struct maybe high)
{
	if (!low.exists || !high.exists)
		return json_null();
	return json_pack("[o, o]", real(low.value), real(high.value));
}

static json_t *reason(const struct result_metric *metric)
{
	char reasons[REASONS_SIZE];

	return metric_reasons(metric, reasons) ? json_string(reasons) : json_null();
}

static json_t *metric_to_json(const struct result *result, size_t index)
{
	const struct result_metric *metric = &result->metrics[index];

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "name", text(metric->name), "group", text(metric->group), "unit",
			 unit_names[metric->unit], "n", whole(metric->n), "mean",
			 maybe_real(metric->mean), "ci95",
			 interval(metric->ci_low, metric->ci_high), "min", observed(metric->min),
			 "p50", observed(metric->p50), "p90", observed(metric->p90), "p99",
			 observed(metric->p99), "p999", observed(metric->p999), "max",
			 observed(metric->max), "reason", reason(metric));
}

static json_t *part_to_json(const struct result *result, size_t index)
{
	const struct result_part *part = &result->parts[index];

	const struct result_metric *metric =
		result->answer < result->metric_count ? &result->metrics[result->answer] : NULL;
	bool tail = result->tail_from.exists && metric && strcmp(metric->name, part->metric) == 0 &&
		    strcmp(metric->group, part->group) == 0;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "metric", text(part->metric),
		"group", text(part->group), "flow", text(part->flow), "step", text(part->step),
		"where", text(part->where), "mean", real(part->mean), "share", real(part->share),
		"slow_mean", tail ? real(part->tail_mean) : json_null(), "slow_share",
		tail ? real(part->tail_share) : json_null(), "if_free", maybe_real(part->if_free));
}

static json_t *counter_to_json(const struct result *result, size_t index)
{
	const struct result_counter *counter = &result->counters[index];

	return json_pack("{s:o, s:o, s:o, s:o}", "name", text(counter->name), "group",
			 text(counter->group), "value", whole(counter->value), "mean",
			 real(counter->mean));
}

static json_t *assumption_to_json(const struct result *result, size_t index)
{
	const struct result_assumption *item = &result->assumptions[index];

	return json_pack("{s:o, s:o, s:s, s:o, s:[o, o], s:[o, o], s:o, s:b}", "term",
			 text(item->term), "group", text(item->group), "unit", "ns", "mean",
			 real(item->mean_ns), "range", real(item->low_ns), real(item->high_ns),
			 "answer", real(item->answer_low), real(item->answer_high), "source",
			 text(item->source), "mattered", item->mattered);
}

static json_t *objective_to_json(const struct result *result, size_t index)
{
	const struct result_objective *item = &result->objectives[index];
	const char *why = item->value.reason ? item->value.reason : "unknown";

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o}", "metric", text(item->metric),
			 "group", text(item->group), "unit", unit_names[item->unit], "quantile",
			 item->quantile < 0 ? json_null() : real(item->quantile), "at_most",
			 real(item->at_most), "value", maybe_real(item->value), "met", item->met,
			 "reason", item->value.exists ? json_null() : json_string(why));
}

static json_t *list(const struct result *result, size_t count,
		    json_t *(*to_json)(const struct result *result, size_t index))
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < count; i++) {
		if (json_array_append_new(array, to_json(result, i)) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Names of the assumed terms that mattered, each once. */
static json_t *assumed(const struct result *result)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < result->assumption_count; i++) {
		json_t *name = text(result->assumptions[i].term);
		bool known = !result->assumptions[i].mattered;

		for (size_t k = 0; name && !known && k < json_array_size(array); k++)
			known = json_equal(json_array_get(array, k), name);
		if (known && name) {
			json_decref(name);
		} else if (json_array_append_new(array, name) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *provenance(const struct result *result)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o}", "version",
			 text(result->version), "seed", whole(result->seed), "scenario_sha256",
			 text(result->scenario_sha256), "costs_sha256", text(result->costs_sha256),
			 "replications", whole(result->replications), "deterministic",
			 result->deterministic, "exact_pages", result->exact_pages, "warm_up_ns",
			 json_integer(result->warm_up_ns), "stopping", text(result->stopping),
			 "events", whole(result->events), "assumed", assumed(result));
}

static json_t *answer(const struct result *result)
{
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return json_null();
	metric = &result->metrics[result->answer];
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o]}", "metric",
		text(metric->name), "group", text(metric->group), "unit", unit_names[metric->unit],
		"mean", maybe_real(metric->mean), "ci95", interval(metric->ci_low, metric->ci_high),
		"p50", observed(metric->p50), "p50_ci95",
		interval(metric->p50_low, metric->p50_high), "p99", observed(metric->p99),
		"p99_ci95", interval(metric->p99_low, metric->p99_high), "slow_from",
		observed(result->tail_from), "slow_n", whole(result->tail_count), "assumptions",
		maybe_real(result->answer_low), maybe_real(result->answer_high));
}

static json_t *document(const struct result *result)
{
	return json_pack("{s:s, s:i, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "format", "sim-result", "version", 1, "scenario", "name",
			 text(result->scenario), "file", text(result->file), "sha256",
			 text(result->scenario_sha256), "provenance", provenance(result), "answer",
			 answer(result), "metrics",
			 list(result, result->metric_count, metric_to_json), "breakdown",
			 list(result, result->part_count, part_to_json), "counters",
			 list(result, result->counter_count, counter_to_json), "assumptions",
			 list(result, result->assumption_count, assumption_to_json), "objectives",
			 list(result, result->objective_count, objective_to_json));
}

static bool write_json(const struct result *result, FILE *out, struct error *error)
{
	json_t *root = document(result);
	bool ok;

	if (!root)
		return error_memory(error, "JSON result");
	/* ASCII only: no mark in a name can turn the direction of a terminal's text */
	ok = json_dumpf(root, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII) ==
		     0 &&
	     fputc('\n', out) != EOF;
	json_decref(root);
	return report_check(out, error) && (ok || error_memory(error, "JSON result"));
}

const struct report_format format_json = { "json", "one JSON document with everything",
					   write_json };
