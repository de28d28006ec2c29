#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/explain_parts.h"
#include "repeat/parallel.h"
#include "repeat/summary.h"

enum { SLOW_LEAST = 100, FREE_MOST = 8 };

static const double slow_share = 0.01, least_share = 0.05;

/* --- the slowest hundredth -------------------------------------------------- */

struct tail {
	size_t metric;
	int64_t at_least;
	uint64_t slow;     /* observations of at_least and more */
	uint64_t events;   /* of the replications that were run again */
	__int128 *part_ns; /* sums of whole numbers: any order gives the same */
};

static void watch(void *data, struct simulation *simulation)
{
	const struct tail *tail = data;

	simulation_watch_tail(simulation, tail->metric, tail->at_least);
}

static void add_parts(void *data, struct simulation *simulation)
{
	struct tail *tail = data;
	size_t count;
	const struct metric *metric = &simulation_metrics(simulation, &count)[tail->metric];
	const struct part *parts = simulation_parts(simulation, &count);

	tail->events += simulation_events(simulation);
	for (size_t i = 0; i < metric->count; i++)
		tail->slow += metric->samples[i] >= tail->at_least;
	for (size_t p = 0; p < count; p++)
		tail->part_ns[p] += parts[p].tail_ns;
}

static struct result_part *result_part_of(struct result *result, const struct result_metric *metric,
					  const struct part *part)
{
	for (size_t i = 0; i < result->part_count; i++) {
		struct result_part *out = &result->parts[i];

		if (result_part_is_of(out, metric) && part_is(out, part))
			return out;
	}
	return NULL;
}

static void share_out(struct result *result, const struct replications *replications,
		      const struct tail *tail)
{
	const struct result_metric *metric = &result->metrics[result->answer];
	size_t count;
	const struct part *parts = simulation_parts(replications->names, &count);
	double whole = 0;

	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == tail->metric)
			whole += (double)tail->part_ns[p];
	for (size_t p = 0; p < count; p++) {
		struct result_part *out;

		if (parts[p].metric != tail->metric || !tail->part_ns[p])
			continue;
		out = result_part_of(result, metric, &parts[p]);
		if (!out)
			continue;
		out->tail_mean += (double)tail->part_ns[p] / (double)tail->slow;
		out->tail_share += (double)tail->part_ns[p] / whole;
	}
	result->tail_count = tail->slow;
	result->tail_from = maybe_some((double)tail->at_least);
}

/* Of all operations, those that belong to the slowest hundredth. */
static uint64_t slow_count(const struct distribution *values, int64_t at_least)
{
	struct value_count item;
	uint64_t count = 0;

	for (size_t at = 0; distribution_next(values, &at, &item);)
		if (item.value >= at_least)
			count += item.count;
	return count;
}

static bool fill_tail(struct result *result, struct variant *variant, struct error *error)
{
	const struct replications *replications = variant->replications;
	const struct observations *observations = &replications->metrics[result->answer];
	const struct distribution *values = &result->metrics[result->answer].values;
	struct tail tail = { .metric = result->answer };
	struct parallel_job job = { .config = variant->original,
				    .crew = replications->crew,
				    .threads = variant->options->threads,
				    .stop = variant->options->stop,
				    .data = &tail,
				    .prepare = watch,
				    .add = add_parts };
	uint32_t *numbers;
	uint64_t all, slow;
	bool ok = false;

	result->tail_from.reason = "fewer than 100 observations have no slowest hundredth";
	if (observations->count < SLOW_LEAST)
		return true;
	if (!variant_affords(variant, 1)) {
		result->tail_from.reason = "the scenario is too large to be run again";
		return true;
	}
	tail.at_least = distribution_quantile(values, 1 - slow_share);
	tail.part_ns =
		memory_array(replications->part_count, sizeof(*tail.part_ns), "parts", error);
	numbers = memory_array(observations->kept, sizeof(*numbers), "replications", error);
	if (!tail.part_ns || !numbers)
		goto out;
	for (size_t r = 0; r < observations->kept; r++) {
		struct replication_sum sum = observations_sum(observations, r);

		if (sum.count && sum.largest >= tail.at_least)
			numbers[job.count++] = (uint32_t)r;
	}
	job.numbers = numbers;
	all = job.count;
	if (all > variant->count &&
	    all * (replications->events / replications->count) > variant_spare(variant))
		job.count = variant->count;
	ok = parallel_run(&job, error);
	variant->spent += tail.events;
	if (!ok)
		goto out;
	share_out(result, replications, &tail);
	if (job.count < all && (slow = slow_count(values, tail.at_least)) > tail.slow)
		result->study.slow_left = slow - tail.slow;
out:
	free(tail.part_ns);
	free(numbers);
	return ok;
}

/* --- if a step were free ------------------------------------------------------ */

/* Time in a queue belongs to no step of its own. */
static bool is_waiting(const struct result_part *part)
{
	size_t length = strlen(part->step);

	return strcmp(part->where, "-") == 0 || (length && part->step[length - 1] == ')');
}

/* A retry waits until others have done something: no work of its own. */
static bool is_retry(const struct variant *variant, const struct result_part *part)
{
	size_t count;
	const struct part *parts = simulation_parts(variant->replications->names, &count);

	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == variant->metric && part_is(part, &parts[p]) &&
		    parts[p].retries)
			return true;
	return false;
}

/* The mean of a part over the variant's replications, with nothing free, of all its kinds. */
static double part_mean(const struct variant *variant, const struct result_part *part)
{
	size_t count;
	const struct part *parts = simulation_parts(variant->few.names, &count);
	double sum = 0;

	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == variant->metric && part_is(part, &parts[p]))
			sum += (double)variant->few.part_ns[p];
	return sum / (double)variant->few.metrics[variant->metric].count;
}

/*
 * What is saved for each ns of the step, in the few replications, times its mean in all:
 * 1 where nobody else waits for it. (A plain difference would carry over how often a rare
 * step happened in the few.)
 */
static bool free_one(struct variant *variant, struct result_part *part, struct error *error)
{
	double spent_ns = part_mean(variant, part);
	const struct step_name name = { part->group, part->flow, part->step, part->where };
	struct maybe mean;
	bool ok;

	variant->config.free_step = &name;
	ok = variant_answer(variant, &mean, error);
	if (!ok || !mean.exists || spent_ns <= 0) {
		part->if_free.reason = "it took no time in the replications that were tried";
		return ok;
	}
	part->if_free = maybe_some(
		fmax(0, variant->full - (variant->full - mean.value) / spent_ns * part->mean));
	return true;
}

/* The step is a large one of the answer, and work. */
static bool is_worth_freeing(const struct result *result, const struct variant *variant,
			     const struct result_part *part)
{
	return part->share >= least_share && !is_waiting(part) &&
	       result_part_is_of(part, &result->metrics[result->answer]) &&
	       !is_retry(variant, part);
}

uint64_t attribution_runs(const struct result *result, const struct variant *variant)
{
	uint64_t runs = 0;

	for (size_t i = 0; i < result->part_count && runs < FREE_MOST; i++)
		runs += is_worth_freeing(result, variant, &result->parts[i]);
	return runs;
}

static bool fill_free(struct result *result, struct variant *variant, struct error *error)
{
	uint64_t left = attribution_runs(result, variant);

	for (size_t i = 0; i < result->part_count && left; i++) {
		struct result_part *part = &result->parts[i];

		part->if_free.reason = "not tried: a small step, or time that waits for others";
		if (!is_worth_freeing(result, variant, part))
			continue;
		left--;
		if (!variant_affords(variant, 1)) {
			part->if_free.reason = "not tried: the scenario is too large";
			result->study.steps_left++;
		} else if (!free_one(variant, part, error)) {
			return false;
		}
	}
	return true;
}

bool attribution_fill(struct result *result, struct variant *variant, struct error *error)
{
	return fill_tail(result, variant, error) && fill_free(result, variant, error);
}
