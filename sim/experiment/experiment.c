#include "experiment/experiment.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiment/assumptions.h"
#include "flow/model.h"

enum { FIRST_LOOK = 32, MOST_REPLICATIONS = 65536 };

/* All observations are kept, 8 bytes each. */
static const size_t most_observations = (size_t)1 << 26;

static const char *const answer_names[] = { "reboot.latency", "start.latency", "shutdown.latency",
					    "update.latency", NULL };

size_t experiment_answer(const struct replications *replications)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (int i = 0; answer_names[i]; i++)
		for (size_t m = 0; m < count; m++)
			if (strcmp(metrics[m].name, answer_names[i]) == 0 &&
			    replications->metrics[m].count)
				return m;
	return SIZE_MAX;
}

/* --- how many replications ------------------------------------------------- */

static double relative_half_width(const struct observations *observations)
{
	struct interval interval = mean_interval(observations);
	double mean = mean_of(observations);

	if (!interval.exists || mean == 0)
		return interval.exists && interval.high == interval.low ? 0 : INFINITY;
	return (interval.high - interval.low) / 2 / fabs(mean);
}

/* True when every quantile that an objective asks for has the observations it needs. */
static bool objectives_judgeable(const struct scenario *scenario,
				 const struct replications *replications)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (size_t i = 0; i < scenario->objective_count; i++) {
		const struct objective *objective = &scenario->objectives[i];
		size_t needed;

		if (objective->quantile < 0 || objective->quantile >= 1)
			continue; /* no number of observations is enough for the largest possible */
		needed = quantile_least_count(objective->quantile);
		for (size_t m = 0; m < count; m++)
			if (strcmp(metrics[m].name, objective->metric) == 0 &&
			    (!objective->group ||
			     strcmp(metrics[m].group, objective->group) == 0) &&
			    replications->metrics[m].count &&
			    replications->metrics[m].count < needed)
				return false;
	}
	return true;
}

/*
 * The precision is of the truth: stop when half-width / |mean| <= g / (1 + g) (Law,
 * section 9.4.1). Looking at 32, 64, 128 ... costs a little coverage, not much.
 */
static bool sure_enough(const struct scenario *scenario, const struct replications *replications,
			double *reached)
{
	double precision = scenario->experiment.precision;
	size_t answer = experiment_answer(replications);

	if (answer == SIZE_MAX)
		return true;
	*reached = relative_half_width(&replications->metrics[answer]);
	return *reached <= precision / (1 + precision) &&
	       replications->metrics[answer].count >= quantile_least_count(0.99) &&
	       objectives_judgeable(scenario, replications);
}

static size_t observations_kept(const struct replications *replications)
{
	size_t count = 0;

	for (size_t m = 0; m < replications->metric_count; m++)
		count += replications->metrics[m].count;
	return count;
}

static void report_progress(const struct experiment_options *options,
			    const struct replications *replications, double reached)
{
	if (options->progress)
		options->progress(replications->count, reached, options->progress_data);
}

static bool replicate_fixed(const struct scenario *scenario,
			    const struct experiment_options *options,
			    struct replications *replications, struct error *error)
{
	uint64_t wanted = (uint64_t)scenario->experiment.replications;

	while (replications->count < wanted) {
		uint64_t done = replications->count, left = wanted - done;
		uint64_t chunk = done / 4 < 256 ? 256 : done / 4;
		size_t answer;

		if (!replications_run(replications, &scenario->simulation,
				      done + (left < chunk ? left : chunk), &options->replicate,
				      error))
			return false;
		answer = experiment_answer(replications);
		if (options->progress)
			report_progress(
				options, replications,
				answer == SIZE_MAX
					? INFINITY
					: relative_half_width(&replications->metrics[answer]));
	}
	return true;
}

static bool replicate_until_sure(const struct scenario *scenario,
				 const struct experiment_options *options,
				 struct replications *replications, char *text, size_t size,
				 struct error *error)
{
	double precision = scenario->experiment.precision, reached = INFINITY;
	uint64_t look = FIRST_LOOK;
	bool sure;

	for (;; look *= 2) {
		if (!replications_run(replications, &scenario->simulation, look,
				      &options->replicate, error))
			return false;
		sure = sure_enough(scenario, replications, &reached);
		report_progress(options, replications, reached);
		if (sure) {
			if (isfinite(reached))
				snprintf(text, size,
					 "automatic: the answer's mean is known to %g, "
					 "and its p99 has an interval",
					 precision);
			else
				snprintf(text, size,
					 "automatic: nothing to be sure of was observed");
			return true;
		}
		if (look >= MOST_REPLICATIONS ||
		    observations_kept(replications) > most_observations / 2)
			break;
	}
	snprintf(text, size,
		 "automatic: stopped at the cap of %s; relative half-width of the "
		 "answer's mean %.3g, wanted %.3g",
		 look >= MOST_REPLICATIONS ? "65536 replications" : "observations kept in memory",
		 reached, precision / (1 + precision));
	return true;
}

static bool replicate(const struct scenario *scenario, const struct experiment_options *options,
		      struct replications *replications, char **stopping, struct error *error)
{
	char text[256];

	if (!replications_run(replications, &scenario->simulation, 1, &options->replicate, error))
		return false;
	if (!replications->random) {
		snprintf(text, sizeof(text),
			 "deterministic: no random number was drawn, one replication is exact");
	} else if (scenario->experiment.replications) {
		snprintf(text, sizeof(text), "as many replications as asked for");
		if (!replicate_fixed(scenario, options, replications, error))
			return false;
	} else if (!replicate_until_sure(scenario, options, replications, text, sizeof(text),
					 error)) {
		return false;
	}
	*stopping = memory_text(text, error);
	return *stopping != NULL;
}

/* --- from replications to a result ----------------------------------------- */

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static struct maybe some(double value)
{
	return (struct maybe){ true, value, NULL };
}

static struct maybe none(const char *reason)
{
	return (struct maybe){ false, 0, reason };
}

static struct maybe quantile(const struct result_metric *metric, bool deterministic, double p,
			     const char *reason)
{
	if (!metric->n)
		return none("no observation");
	if (!deterministic && metric->n < quantile_least_count(p))
		return none(reason);
	return some((double)quantile_of_sorted(metric->samples, metric->n, p));
}

static void set_interval(const struct interval *interval, struct maybe *low, struct maybe *high)
{
	*low = *high = none("too few observations or replications for an interval");
	if (interval->exists) {
		*low = some(interval->low);
		*high = some(interval->high);
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
			none(metric->n ? "deterministic" : "no observation");
		return true;
	}
	if (!quantile_interval(observations, metric->samples, 0.5, &p50, error) ||
	    !quantile_interval(observations, metric->samples, 0.99, &p99, error))
		return false;
	set_interval(&p50, &metric->p50_low, &metric->p50_high);
	set_interval(&p99, &metric->p99_low, &metric->p99_high);
	return true;
}

static bool fill_metric(struct result_metric *out, const struct metric *metric,
			const struct observations *observations, bool deterministic,
			struct error *error)
{
	static const enum unit units[] = {
		[METRIC_NANOSECONDS] = UNIT_NANOSECONDS,
		[METRIC_BYTES] = UNIT_BYTES,
		[METRIC_PAGES] = UNIT_PAGES,
		[METRIC_COUNT] = UNIT_COUNT,
	};
	struct interval interval = mean_interval(observations);

	out->name = memory_text(metric->name, error);
	out->group = memory_text(metric->group, error);
	out->unit = units[metric->unit];
	out->n = observations->count;
	out->samples = memory_array(observations->count, sizeof(*out->samples), "samples", error);
	if (!out->name || !out->group || !out->samples)
		return false;
	if (!observations->count) {
		out->mean = out->min = out->max = none("no observation");
		out->ci_low = out->ci_high = none("no observation");
		return fill_quantiles(out, observations, deterministic, error);
	}
	memcpy(out->samples, observations->values, observations->count * sizeof(*out->samples));
	qsort(out->samples, out->n, sizeof(*out->samples), compare);
	out->mean = some(mean_of(observations));
	out->min = some((double)out->samples[0]);
	out->max = some((double)out->samples[out->n - 1]);
	if (deterministic)
		out->ci_low = out->ci_high = none("deterministic: the value is exact");
	else if (interval.exists && interval.low == interval.high) /* not: known for sure */
		out->ci_low = out->ci_high = none("all observations are equal");
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

static bool same_part(const struct result_part *part, const struct part *other)
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
			if (strcmp(result->parts[i].metric, metric->name) == 0 &&
			    strcmp(result->parts[i].group, metric->group) == 0 &&
			    same_part(&result->parts[i], &parts[p]))
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
		out->total += (int64_t)replications->part_ns[p];
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
		__int128 parts = 0, whole = 0;
		bool any = false;

		for (size_t p = 0; p < result->part_count; p++) {
			if (strcmp(result->parts[p].metric, metric->name) == 0 &&
			    strcmp(result->parts[p].group, metric->group) == 0) {
				parts += result->parts[p].total;
				any = true;
			}
		}
		for (size_t i = 0; i < replications->metrics[m].count; i++)
			whole += replications->metrics[m].values[i];
		if (any && parts != whole)
			return error_set(error, ERROR_INTERNAL,
					 "the parts of %s of %s do not add up to it", metric->name,
					 metric->group);
	}
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
	return quantile(metric, deterministic, quantile_wanted, "n too small for this quantile");
}

static bool fill_objective(struct result_objective *out, const struct objective *objective,
			   const struct result_metric *metric, bool deterministic,
			   struct error *error)
{
	out->metric = memory_text(objective->metric, error);
	out->group = memory_text(metric             ? metric->group
				 : objective->group ? objective->group
						    : "-",
				 error);
	if (!out->metric || !out->group)
		return false;
	out->unit = metric ? metric->unit : UNIT_COUNT;
	out->quantile = objective->quantile;
	out->at_most = objective->at_most;
	out->value = metric ? objective_value(metric, objective->quantile, deterministic)
			    : none("this scenario has no such metric");
	out->met = out->value.exists && out->value.value <= out->at_most;
	return true;
}

/* One line of judgement for each group that has the metric; none at all is a miss. */
static bool fill_objectives(struct result *result, const struct scenario *scenario,
			    struct error *error)
{
	result->objectives = memory_array(scenario->objective_count * (result->metric_count + 1),
					  sizeof(*result->objectives), "objectives", error);
	if (!result->objectives)
		return false;
	for (size_t i = 0; i < scenario->objective_count; i++) {
		const struct objective *objective = &scenario->objectives[i];
		bool any = false;

		for (size_t m = 0; m < result->metric_count; m++) {
			const struct result_metric *metric = &result->metrics[m];

			if (strcmp(metric->name, objective->metric) != 0 ||
			    (objective->group && strcmp(metric->group, objective->group) != 0))
				continue;
			any = true;
			if (!fill_objective(&result->objectives[result->objective_count++],
					    objective, metric, result->deterministic, error))
				return false;
		}
		if (!any && !fill_objective(&result->objectives[result->objective_count++],
					    objective, NULL, result->deterministic, error))
			return false;
	}
	return true;
}

static bool fill_provenance(struct result *result, const struct scenario *scenario,
			    const struct experiment_options *options, struct error *error)
{
	result->scenario = memory_text(scenario->name, error);
	result->file = memory_text(scenario->file, error);
	result->version = memory_text(options->version, error);
	result->scenario_sha256 = memory_text(scenario->sha256, error);
	result->costs_sha256 = memory_text(scenario->costs_sha256, error);
	result->seed = scenario->simulation.seed;
	result->exact_pages = scenario->simulation.exact_pages;
	return result->scenario && result->file && result->version && result->scenario_sha256 &&
	       result->costs_sha256;
}

static bool fill(struct result *result, const struct scenario *scenario,
		 const struct replications *replications, struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	result->replications = replications->count;
	result->deterministic = !replications->random;
	result->events = replications->events;
	result->answer = experiment_answer(replications);
	result->metrics = memory_array(count, sizeof(*result->metrics), "metrics", error);
	if (!result->metrics)
		return false;
	for (size_t m = 0; m < count; m++) {
		result->metric_count++;
		if (!fill_metric(&result->metrics[m], &metrics[m], &replications->metrics[m],
				 result->deterministic, error))
			return false;
	}
	return fill_parts(result, replications, error) &&
	       check_parts(result, replications, error) &&
	       fill_counters(result, replications, error) &&
	       fill_objectives(result, scenario, error);
}

bool experiment_run(const struct scenario *scenario, const struct experiment_options *options,
		    struct result *result, struct error *error)
{
	struct replications replications;
	bool ok;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!replications_init(&replications, &scenario->simulation, error))
		return false;
	ok = fill_provenance(result, scenario, options, error) &&
	     replicate(scenario, options, &replications, &result->stopping, error) &&
	     fill(result, scenario, &replications, error) &&
	     assumptions_fill(result, scenario, &replications, options, error);
	replications_fini(&replications);
	if (!ok)
		result_fini(result);
	return ok;
}
