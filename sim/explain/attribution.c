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

static bool fill_tail(struct result *result, const struct variant *variant, struct error *error)
{
	const struct replications *replications = variant->replications;
	const struct observations *observations = &replications->metrics[result->answer];
	struct tail tail = { .metric = result->answer };
	struct parallel_job job = { .config = variant->original,
				    .crew = replications->crew,
				    .threads = variant->options->threads,
				    .stop = variant->options->stop,
				    .data = &tail,
				    .prepare = watch,
				    .add = add_parts };
	uint32_t *numbers;
	bool ok = false;

	result->tail_from.reason = "fewer than 100 observations have no slowest hundredth";
	if (observations->count < SLOW_LEAST)
		return true;
	tail.at_least =
		distribution_quantile(&result->metrics[result->answer].values, 1 - slow_share);
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
	ok = parallel_run(&job, error);
	if (ok)
		share_out(result, replications, &tail);
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

/* The mean of a part over the variant's replications, with nothing free, of all its kinds; a
 * retry waits until others have done something: no work of its own. */
static double part_mean(const struct variant *variant, const struct result_part *part, bool *retry)
{
	size_t count;
	const struct part *parts = simulation_parts(variant->few.names, &count);
	double sum = 0;

	*retry = false;
	for (size_t p = 0; p < count; p++) {
		if (parts[p].metric != variant->metric || !part_is(part, &parts[p]))
			continue;
		*retry = *retry || parts[p].retries;
		sum += (double)variant->few.part_ns[p];
	}
	return sum / (double)variant->few.metrics[variant->metric].count;
}

/*
 * What is saved for each ns of the step, in the few replications, times its mean in all:
 * 1 where nobody else waits for it. (A plain difference would carry over how often a rare
 * step happened in the few.)
 */
static bool free_one(struct variant *variant, struct result_part *part, double spent_ns,
		     struct error *error)
{
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

static bool fill_free(struct result *result, struct variant *variant, struct error *error)
{
	const struct result_metric *metric = &result->metrics[result->answer];
	int made_free = 0;

	for (size_t i = 0; i < result->part_count && made_free < FREE_MOST; i++) {
		struct result_part *part = &result->parts[i];
		double spent_ns;
		bool retry;

		part->if_free.reason = "not tried: a small step, or time that waits for others";
		if (!result_part_is_of(part, metric) || part->share < least_share ||
		    is_waiting(part))
			continue;
		spent_ns = part_mean(variant, part, &retry);
		if (retry)
			continue;
		if (!free_one(variant, part, spent_ns, error))
			return false;
		made_free++;
	}
	return variant_note_failures(variant, result, error);
}

bool attribution_fill(struct result *result, struct variant *variant, struct error *error)
{
	return fill_tail(result, variant, error) && fill_free(result, variant, error);
}
