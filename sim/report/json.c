/*
 * The result as one JSON document, format "sim-result", version 1. Keys are fixed
 * and ordered; a value that does not exist is null. Observed values are whole
 * numbers, means have 15 digits. (Numbers beyond 2^53 ns, 104 days, are exact here,
 * but some readers of JSON round them.)
 */

#include <string.h>

#include <jansson.h>

#include "report/account.h"
#include "report/json_tools.h"
#include "report/result.h"
#include "report/shapes.h"

static json_t *whole(uint64_t value)
{
	return value <= INT64_MAX ? json_integer((json_int_t)value) : NULL;
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
			 "name", json_text(metric->name), "group", json_text(metric->group), "unit",
			 unit_names[metric->unit], "n", whole(metric->n), "mean",
			 json_maybe(metric->mean), "ci95",
			 json_interval(metric->ci_low, metric->ci_high), "min",
			 json_observed(metric->min), "p50", json_observed(metric->p50), "p90",
			 json_observed(metric->p90), "p99", json_observed(metric->p99), "p999",
			 json_observed(metric->p999), "max", json_observed(metric->max), "reason",
			 reason(metric));
}

static json_t *part_to_json(const struct result *result, size_t index)
{
	const struct result_part *part = &result->parts[index];

	const struct result_metric *metric =
		result->answer < result->metric_count ? &result->metrics[result->answer] : NULL;
	bool tail = result->tail_from.exists && metric && result_part_is_of(part, metric);

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "metric",
			 json_text(part->metric), "group", json_text(part->group), "flow",
			 json_text(part->flow), "step", json_text(part->step), "where",
			 json_text(part->where), "mean", json_number(part->mean), "share",
			 json_number(part->share), "slow_mean",
			 tail ? json_number(part->tail_mean) : json_null(), "slow_share",
			 tail ? json_number(part->tail_share) : json_null(), "if_free",
			 json_maybe(part->if_free), "band95",
			 json_interval(part->band_low, part->band_high));
}

static json_t *capacity_to_json(const struct result *result, size_t index)
{
	const struct result_capacity *item = &result->capacities[index];
	bool has = item->unit != NULL;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "name", json_text(item->name), "unit",
			 has ? json_text(item->unit) : json_null(), "amount",
			 has ? json_number(item->amount) : json_null(), "used",
			 has ? json_number(item->used) : json_null(), "lost_ns",
			 json_number(item->lost_ns), "if_twice", json_maybe(item->answer_twice));
}

static json_t *counter_to_json(const struct result *result, size_t index)
{
	const struct result_counter *counter = &result->counters[index];

	return json_pack("{s:o, s:o, s:o, s:o}", "name", json_text(counter->name), "group",
			 json_text(counter->group), "value", whole(counter->value), "mean",
			 json_number(counter->mean));
}

static json_t *price_to_json(const struct result *result, size_t index)
{
	const struct result_assumption *item = &result->assumptions[index];

	return json_pack("{s:o, s:o, s:s, s:s, s:o, s:[o, o], s:o, s:b, s:[o, o], s:o, s:b}",
			 "term", json_text(item->term), "group", json_text(item->group), "status",
			 item->status, "unit", "ns", "mean", json_number(item->mean_ns), "range",
			 json_number(item->low_ns), json_number(item->high_ns), "at_stake",
			 json_number(item->at_stake), "moved", item->moved, "answer",
			 json_number(item->answer_low), json_number(item->answer_high), "source",
			 json_text(item->source), "mattered", item->mattered);
}

static json_t *objective_to_json(const struct result *result, size_t index)
{
	const struct result_objective *item = &result->objectives[index];
	const struct limit *limit = &item->limit;
	const char *why = item->value.reason ? item->value.reason : "unknown";

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:s, s:o, s:o}", "metric",
			 json_text(limit->metric), "group", json_text(limit->group), "unit",
			 unit_names[limit->unit], "quantile",
			 limit->quantile < 0 ? json_null() : json_number(limit->quantile),
			 "at_most", json_number(limit->at_most), "value", json_maybe(item->value),
			 "met", item->judgement == LIMIT_MET, "verdict",
			 judgement_names[item->judgement], "bounds", json_bounds(&item->bounds),
			 "reason", item->value.exists ? json_null() : json_string(why));
}

/* Those of `count` items that `wanted` takes (NULL: all). */
static json_t *list(const struct result *result, size_t count,
		    bool (*wanted)(const struct result *result, size_t index),
		    json_t *(*to_json)(const struct result *result, size_t index))
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		if (!wanted || wanted(result, i))
			json_add(&array, to_json(result, i));
	return array;
}

static bool is_assumed(const struct result *result, size_t index)
{
	return strcmp(result->assumptions[index].status, term_status_names[TERM_ASSUMED]) == 0;
}

/* Names of the terms without evidence that mattered, each once. */
static json_t *assumed(const struct result *result)
{
	json_t *array = json_array();

	for (size_t i = 0; i < result->assumption_count; i++) {
		const struct result_assumption *item = &result->assumptions[i];
		json_t *name = json_text(item->term);
		bool known = !item->mattered || !is_assumed(result, i);

		for (size_t k = 0; !known && k < json_array_size(array); k++)
			known = json_equal(json_array_get(array, k), name);
		if (known)
			json_decref(name);
		else
			json_add(&array, name);
	}
	return array;
}

json_t *json_study_options(const struct result *result)
{
	return json_pack("{s:s, s:o}", "study", study_names[result->study.asked], "uncertainty",
			 whole(result->study.draws_asked));
}

static json_t *provenance(const struct result *result)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "version",
		json_text(result->version), "commit", json_text(result->commit), "platform",
		result->platform ? json_text(result->platform) : json_null(), "seed",
		whole(result->seed), "scenario_sha256", json_text(result->scenario_sha256),
		"costs_sha256", json_text(result->costs_sha256), "replications",
		whole(result->replications), "deterministic", result->deterministic, "exact_pages",
		result->exact_pages, "warm_up_ns", json_integer(result->warm_up_ns), "stopping",
		json_text(result->stopping), "options", json_study_options(result), "events",
		whole(result->events), "assumed", assumed(result));
}

static json_t *answer(const struct result *result)
{
	const struct result_metric *metric;

	if (result->answer >= result->metric_count)
		return json_null();
	metric = &result->metrics[result->answer];
	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o, s:o, s:[o, o], s:[o, "
		"o]}",
		"metric", json_text(metric->name), "group", json_text(metric->group), "unit",
		unit_names[metric->unit], "mean", json_maybe(metric->mean), "ci95",
		json_interval(metric->ci_low, metric->ci_high), "band95",
		json_maybe(result->uncertainty.low), json_maybe(result->uncertainty.high), "p50",
		json_observed(metric->p50), "p50_ci95",
		json_interval(metric->p50_low, metric->p50_high), "p99", json_observed(metric->p99),
		"p99_ci95", json_interval(metric->p99_low, metric->p99_high), "slow_from",
		json_observed(result->tail_from), "slow_n", whole(result->tail_count), "prices",
		json_maybe(result->answer_low), json_maybe(result->answer_high), "assumptions",
		json_maybe(result->answer_low), json_maybe(result->answer_high));
}

static json_t *caveat(const struct result *result)
{
	if (!result->caveat)
		return json_null();
	return json_pack("{s:o, s:o, s:[o, o]}", "text", json_text(result->caveat), "terms",
			 json_text(result->caveat_terms), "answer", json_maybe(result->caveat_low),
			 json_maybe(result->caveat_high));
}

/* What was run again with other costs, and what was left out for what it would cost. */
static json_t *study(const struct result *result)
{
	const struct result_study *item = &result->study;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "asked",
			 study_names[item->asked], "budget_events",
			 item->budget == UINT64_MAX ? json_null() : whole(item->budget), "events",
			 whole(item->events), "replications", whole(item->replications),
			 "usual_replications", whole(item->usual), "terms_left",
			 (json_int_t)item->terms_left, "steps_left", (json_int_t)item->steps_left,
			 "slow_left", whole(item->slow_left));
}

static json_t *uncertainty(const struct result *result)
{
	const struct result_uncertainty *item = &result->uncertainty;

	if (item->by == BAND_OF_NOTHING)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:[o, o]}", "by", band_names[item->by], "draws",
			 whole(item->draws), "terms", whole(item->terms), "median",
			 json_maybe(item->median), "band95", json_maybe(item->low),
			 json_maybe(item->high));
}

static bool was_observed(const struct result *result, size_t index)
{
	return result->metrics[index].n > 0;
}

/* Where the largest observation came from, for `sim replay --worst`. */
static json_t *worst_to_json(const struct result *result, size_t index)
{
	const struct result_metric *metric = &result->metrics[index];

	return json_pack("{s:o, s:o, s:o, s:o}", "metric", json_text(metric->name), "group",
			 json_text(metric->group), "replication", whole(metric->worst), "value",
			 json_observed(metric->max));
}

/* The value at most which a share of the observations is: [share, value], in even steps and
 * then nearer and nearer to all of them; and where nothing was observed for a while behind a
 * value, the share that is at most that, exactly. */
static json_t *quantiles(const struct result_metric *metric)
{
	json_t *array = json_array();
	int share = 0, step = 10000; /* millionths */
	double n = (double)metric->values.count;
	double gap = (metric->max.value - metric->min.value) / 50;
	uint64_t count = 0;
	struct value_count item, last = { 0 };
	size_t at = 0;

	for (; distribution_next(&metric->values, &at, &item); last = item) {
		if (count && (double)(item.value - last.value) > gap)
			json_add(&array, json_pack("[o, I]", json_number((double)count / n),
						   (json_int_t)last.value));
		count += item.count;
		for (; share < 1000000 && 1e6 * (double)count >= share * n; share += step) {
			json_add(&array, json_pack("[o, I]", json_number(share / 1e6),
						   (json_int_t)item.value));
			if (1000000 - share == step)
				step /= 10;
			if (step * n < 5e5)
				share = 1000000;
		}
	}
	if (at)
		json_add(&array, json_pack("[i, I]", 1, (json_int_t)item.value));
	return array;
}

static bool has_several_values(const struct result *result, size_t index)
{
	const struct distribution *values = &result->metrics[index].values;

	return values->item_count && values->values[0] < values->values[values->item_count - 1];
}

static json_t *distribution_to_json(const struct result *result, size_t index)
{
	const struct result_metric *metric = &result->metrics[index];

	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "metric", json_text(metric->name), "group",
			 json_text(metric->group), "unit", unit_names[metric->unit], "n",
			 whole(metric->n), "quantiles", quantiles(metric));
}

static json_t *numbers(const int64_t *values, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_add(&array, json_integer((json_int_t)values[i]));
	return array;
}

/* Each replication by itself, of those metrics that were kept so: the answer first. */
static json_t *by_replication(const struct result *result)
{
	json_t *array = json_array();

	for (size_t i = 0; i <= result->metric_count; i++) {
		const struct result_metric *metric =
			&result->metrics[i ? i - 1 : result->answer % (result->metric_count + 1)];

		if ((!i && result->answer >= result->metric_count) ||
		    (i && i - 1 == result->answer) || !metric->sums)
			continue;
		json_add(&array,
			 json_pack("{s:o, s:o, s:s, s:o, s:o}", "metric", json_text(metric->name),
				   "group", json_text(metric->group), "unit",
				   unit_names[metric->unit], "sums",
				   numbers(metric->sums, result->replications), "counts",
				   metric->counts ? numbers(metric->counts, result->replications)
						  : json_null()));
	}
	return array;
}

static json_t *note_to_json(const struct result *result, size_t index)
{
	return json_text(result->notes[index]);
}

static json_t *failure_to_json(const struct result *result, size_t index)
{
	const struct result_failure *failure = &result->failures[index];
	json_t *short_of = json_null();

	if (failure->short_of)
		short_of =
			json_pack("{s:s, s:s, s:I, s:I}", "limit", failure->short_of, "unit",
				  unit_names[failure->unit], "asked", (json_int_t)failure->wanted,
				  "left", (json_int_t)failure->there);
	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:I, s:o, s:o}", "group",
			 json_text(failure->group), "operation", json_text(failure->operation),
			 "errno", failure->errno_name, "flow", json_text(failure->flow), "step",
			 json_text(failure->step), "where", json_text(failure->where), "recovered",
			 failure->recovered, "count", (json_int_t)failure->count, "short_of",
			 short_of, "oom_killer",
			 failure->oom_killer ? json_string(failure->oom_killer) : json_null());
}

static json_t *account_to_json(const struct result *result)
{
	struct account account;

	if (!account_of(result, &account))
		return json_null();
	return json_pack("{s:o, s:o}", "vms", json_text(account.vms), "details",
			 json_text(account.details));
}

static json_t *document(const struct result *result)
{
	return json_pack(
		"{s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o}",
		"format", "sim-result", "version", 1, "scenario",
		json_carried(result->scenario, result->carried), "provenance", provenance(result),
		"account", account_to_json(result), "answer", answer(result), "metrics",
		list(result, result->metric_count, NULL, metric_to_json), "breakdown",
		list(result, result->part_count, NULL, part_to_json), "capacities",
		list(result, result->capacity_count, NULL, capacity_to_json), "counters",
		list(result, result->counter_count, NULL, counter_to_json), "failures",
		list(result, result->failure_count, NULL, failure_to_json), "prices",
		list(result, result->assumption_count, NULL, price_to_json), "assumptions",
		list(result, result->assumption_count, NULL, price_to_json), "study", study(result),
		"caveat", caveat(result), "uncertainty", uncertainty(result), "notes",
		list(result, result->note_count, NULL, note_to_json), "objectives",
		list(result, result->objective_count, NULL, objective_to_json), "worst",
		list(result, result->metric_count, was_observed, worst_to_json), "distributions",
		list(result, result->metric_count, has_several_values, distribution_to_json),
		"by_replication", by_replication(result));
}

bool result_write_json(const void *result, FILE *out, struct error *error)
{
	return json_write(document(result), &result_shape, out, error);
}
