#include "repeat/summary.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/step_kind.h"
#include "repeat/answer.h"
#include "repeat/capacities.h"
#include "repeat/limit.h"
#include "repeat/stopping.h"

static struct maybe quantile(const struct result_metric *metric, bool deterministic, double p,
			     const char *reason)
{
	if (!metric->n)
		return maybe_none("no observation");
	if (!deterministic && metric->n < quantile_least_count(p))
		return maybe_none(reason);
	return maybe_some((double)distribution_quantile(&metric->values, p));
}

static void set_interval(const struct interval *interval, struct maybe *low, struct maybe *high)
{
	*low = *high = maybe_none("too few observations or replications for an interval");
	if (interval->exists) {
		*low = maybe_some(interval->low);
		*high = maybe_some(interval->high);
	}
}

static bool fill_quantiles(struct result_metric *metric, const struct observations *observations,
			   bool deterministic, struct error *error)
{
	struct interval p50, p99;

	metric->p50 = quantile(metric, deterministic, 0.5, "n too small for p50 (at least 6)");
	metric->p90 = quantile(metric, deterministic, 0.9, "n too small for p90 (at least 36)");
	metric->p99 = quantile(metric, deterministic, 0.99, "n too small for p99 (at least 368)");
	metric->p999 =
		quantile(metric, deterministic, 0.999, "n too small for p999 (at least 3688)");
	if (!metric->n || deterministic) {
		metric->p50_low = metric->p50_high = metric->p99_low = metric->p99_high =
			maybe_none(metric->n ? "deterministic" : "no observation");
		return true;
	}
	if (!quantile_interval(observations, &metric->values, 0.5, &p50, error) ||
	    !quantile_interval(observations, &metric->values, 0.99, &p99, error))
		return false;
	set_interval(&p50, &metric->p50_low, &metric->p50_high);
	set_interval(&p99, &metric->p99_low, &metric->p99_high);
	return true;
}

static bool fill_metric(struct result_metric *out, const struct metric *metric,
			const struct observations *observations, bool deterministic,
			struct error *error)
{
	struct interval interval = mean_interval(observations);

	out->name = memory_text(metric->name, error);
	out->group = memory_text(metric->group, error);
	out->unit = metric->kind->unit;
	out->n = observations->count;
	if (!out->name || !out->group ||
	    !observations_distribution(observations, &out->values, error))
		return false;
	if (!observations->count) {
		out->mean = out->min = out->max = maybe_none("no observation");
		out->ci_low = out->ci_high = maybe_none("no observation");
		return fill_quantiles(out, observations, deterministic, error);
	}
	out->mean = maybe_some(mean_of(observations));
	out->min = maybe_some((double)observations->smallest);
	out->max = maybe_some((double)observations->largest);
	out->worst = observations->worst;
	if (deterministic)
		out->ci_low = out->ci_high = maybe_none("deterministic: the value is exact");
	else if (interval.exists && interval.low == interval.high) /* not: known for sure */
		out->ci_low = out->ci_high = maybe_none("all observations are equal");
	else
		set_interval(&interval, &out->ci_low, &out->ci_high);
	return fill_quantiles(out, observations, deterministic, error);
}

static int compare_parts(const void *a, const void *b)
{
	const struct result_part *left = a, *right = b;
	int order = strcmp(left->metric, right->metric);

	if (!order)
		order = strcmp(left->group, right->group);
	if (!order)
		order = (left->total < right->total) - (left->total > right->total);
	if (!order)
		order = strcmp(left->flow, right->flow);
	if (!order)
		order = strcmp(left->step, right->step);
	return order ? order : strcmp(left->where, right->where);
}

bool part_is(const struct result_part *part, const struct part *other)
{
	return strcmp(part->flow, other->flow) == 0 && strcmp(part->step, other->step) == 0 &&
	       strcmp(part->where, other->where) == 0;
}

/* Parts that took time; steps of one name in one flow and function are one part. */
static bool fill_parts(struct result *result, const struct replications *replications,
		       struct error *error)
{
	size_t count;
	const struct part *parts = simulation_parts(replications->names, &count);

	result->parts = memory_array(count, sizeof(*result->parts), "parts", error);
	if (!result->parts)
		return false;
	for (size_t p = 0; p < count; p++) {
		const struct result_metric *metric = &result->metrics[parts[p].metric];
		struct result_part *out = NULL;

		if (!replications->part_ns[p])
			continue;
		for (size_t i = 0; i < result->part_count && !out; i++)
			if (result_part_is_of(&result->parts[i], metric) &&
			    part_is(&result->parts[i], &parts[p]))
				out = &result->parts[i];
		if (!out) {
			out = &result->parts[result->part_count++];
			out->metric = memory_text(metric->name, error);
			out->group = memory_text(metric->group, error);
			out->flow = memory_text(parts[p].flow, error);
			out->step = memory_text(parts[p].step, error);
			out->where = memory_text(parts[p].where, error);
			if (!out->metric || !out->group || !out->flow || !out->step || !out->where)
				return false;
		}
		out->total += replications->part_ns[p];
		out->mean = (double)out->total / (double)metric->n;
		out->share = out->mean / metric->mean.value;
	}
	qsort(result->parts, result->part_count, sizeof(*result->parts), compare_parts);
	return true;
}

/* The parts of every latency must add up to it, to the nanosecond. */
static bool check_parts(const struct result *result, const struct replications *replications,
			struct error *error)
{
	for (size_t m = 0; m < result->metric_count; m++) {
		const struct result_metric *metric = &result->metrics[m];
		__int128 parts = 0;
		bool any = false;

		for (size_t p = 0; p < result->part_count; p++) {
			if (result_part_is_of(&result->parts[p], metric)) {
				parts += result->parts[p].total;
				any = true;
			}
		}
		if (any && parts != replications->metrics[m].sum)
			return error_set(error, ERROR_INTERNAL,
					 "the parts of %s of %s do not add up to it", metric->name,
					 metric->group);
	}
	return true;
}

static int compare_failures(const void *a, const void *b)
{
	const struct result_failure *left = a, *right = b;
	int order = (left->count < right->count) - (left->count > right->count);

	if (!order)
		order = strcmp(left->group, right->group);
	if (!order)
		order = strcmp(left->operation, right->operation);
	if (!order)
		order = strcmp(left->step, right->step);
	if (!order)
		order = strcmp(left->errno_name, right->errno_name);
	return order ? order : (int)left->recovered - (int)right->recovered;
}

static bool fill_failures(struct result *result, const struct replications *replications,
			  struct error *error)
{
	size_t count;
	const struct part *parts = simulation_parts(replications->names, &count);

	count = replications->failures.count;
	result->failures = memory_array(count, sizeof(*result->failures), "failures", error);
	if (!result->failures)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct failure *failure = &replications->failures.list[i];
		const struct part *part = &parts[failure->part];
		const struct result_metric *metric = &result->metrics[part->metric];
		struct result_failure *out = &result->failures[result->failure_count++];

		*out = (struct result_failure){
			.group = memory_text(metric->group, error),
			.operation = memory_text(metric->name, error),
			.flow = memory_text(part->flow, error),
			.step = memory_text(part->step, error),
			.where = memory_text(part->where, error),
			.errno_name = step_errno_name(failure->error),
			.recovered = failure->recovered,
			.count = failure->count,
			.short_of = failure->shortage.of,
			.unit = failure->shortage.unit,
			.wanted = failure->shortage.wanted,
			.there = failure->shortage.there,
			.oom_killer = oom_role_names[failure->shortage.oom],
		};
		if (!out->group || !out->operation || !out->flow || !out->step || !out->where)
			return false;
		out->operation[strcspn(out->operation, ".")] = '\0'; /* of "start.latency" */
	}
	qsort(result->failures, result->failure_count, sizeof(*result->failures), compare_failures);
	return true;
}

static bool fill_counters(struct result *result, const struct replications *replications,
			  struct error *error)
{
	size_t count;
	const struct counter *counters = simulation_counters(replications->names, &count);

	result->counters = memory_array(count, sizeof(*result->counters), "counters", error);
	if (!result->counters)
		return false;
	for (size_t c = 0; c < count; c++) {
		struct result_counter *out = &result->counters[result->counter_count++];

		out->name = memory_text(counters[c].name, error);
		out->group = memory_text(counters[c].group, error);
		out->value = replications->counters[c];
		out->mean = (double)out->value / (double)replications->count;
		if (!out->name || !out->group)
			return false;
	}
	return true;
}

static struct maybe objective_value(const struct result_metric *metric, double quantile_wanted,
				    bool deterministic)
{
	if (quantile_wanted < 0)
		return metric->mean;
	if (quantile_wanted >= 1)
		return metric->max;
	return quantile(metric, deterministic, quantile_wanted, "n too small for this quantile");
}

/* Judge a metric (metric_count of the result: none) by an objective. */
static bool fill_objective(struct result *result, const struct objective *objective, size_t index,
			   const struct replications *replications, const struct limit_look *look,
			   struct error *error)
{
	static const struct observations none = { 0 };
	bool there = index < result->metric_count;
	const struct result_metric *metric = there ? &result->metrics[index] : NULL;
	struct result_objective *out = &result->objectives[result->objective_count++];
	const char *group = there ? metric->group : objective->group ? objective->group : "-";

	out->limit = (struct limit){ .metric = memory_text(objective->metric, error),
				     .group = memory_text(group, error),
				     .unit = objective->unit,
				     .quantile = objective->quantile,
				     .at_most = objective->at_most };
	if (!out->limit.metric || !out->limit.group ||
	    !limit_judge(objective, there ? &replications->metrics[index] : &none,
			 replications->random, look, &out->bounds, error))
		return false;
	out->value = there ? objective_value(metric, objective->quantile, result->deterministic)
			   : maybe_none("this scenario has no such metric");
	if (out->value.exists)
		out->bounds.observed = out->value.value;
	out->judgement = limit_judgement(&out->bounds);
	return true;
}

/* One line of judgement for each group that has the metric; none at all is a miss. */
static bool fill_objectives(struct result *result, const struct replications *replications,
			    const struct scenario *scenario, struct error *error)
{
	const struct limit_look look = stopping_look(scenario);

	result->objectives = memory_array(scenario->objective_count * (result->metric_count + 1),
					  sizeof(*result->objectives), "objectives", error);
	if (!result->objectives)
		return false;
	for (size_t i = 0; i < scenario->objective_count; i++) {
		const struct objective *objective = &scenario->objectives[i];
		bool any = false;

		for (size_t m = 0; m < result->metric_count; m++) {
			const struct result_metric *metric = &result->metrics[m];

			if (!metric_is(metric->name, metric->group, objective->metric,
				       objective->group))
				continue;
			any = true;
			if (!fill_objective(result, objective, m, replications, &look, error))
				return false;
		}
		if (!any && !fill_objective(result, objective, result->metric_count, replications,
					    &look, error))
			return false;
	}
	return true;
}

bool replications_summarize(const struct replications *replications,
			    const struct scenario *scenario, struct result *result,
			    struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	result->replications = replications->count;
	result->deterministic = !replications->random;
	result->events = replications->events;
	result->answer = answer_of(replications);
	result->metrics = memory_array(count, sizeof(*result->metrics), "metrics", error);
	if (!result->metrics)
		return false;
	for (size_t m = 0; m < count; m++) {
		result->metric_count++;
		if (!fill_metric(&result->metrics[m], &metrics[m], &replications->metrics[m],
				 result->deterministic, error))
			return false;
	}
	return capacities_summarize(result, &scenario->simulation, error) &&
	       fill_parts(result, replications, error) &&
	       check_parts(result, replications, error) &&
	       fill_counters(result, replications, error) &&
	       fill_failures(result, replications, error) &&
	       fill_objectives(result, replications, scenario, error);
}
