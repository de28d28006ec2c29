#include "explain/attribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/variant.h"
#include "repeat/parallel.h"
#include "repeat/summary.h"

enum { SLOW_LEAST = 100, FREE_MOST = 8, FREE_REPLICATIONS = 8 };

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

static bool fill_tail(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct replicate_options *options, struct error *error)
{
	const struct observations *observations = &replications->metrics[result->answer];
	struct tail tail = { .metric = result->answer };
	struct parallel_job job = { .config = &scenario->simulation,
				    .crew = replications->crew,
				    .threads = options->threads,
				    .stop = options->stop,
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

/* It waits until others have done something: no work of its own. */
static bool is_retry(const struct replications *replications, size_t answer,
		     const struct result_part *part)
{
	size_t count;
	const struct part *parts = simulation_parts(replications->names, &count);

	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == answer && parts[p].retries && part_is(part, &parts[p]))
			return true;
	return false;
}

/* The mean of a part over the variant's replications, with nothing free. */
static double part_mean(const struct replications *base, const struct result_metric *metric,
			size_t answer, const struct result_part *part)
{
	size_t count;
	const struct part *parts = simulation_parts(base->names, &count);
	double sum = 0;

	for (size_t p = 0; p < count; p++)
		if (parts[p].metric == answer && result_part_is_of(part, metric) &&
		    part_is(part, &parts[p]))
			sum += (double)base->part_ns[p];
	return sum / (double)base->metrics[answer].count;
}

/*
 * What is saved for each ns of the step, in the few replications, times its mean in all:
 * 1 where nobody else waits for it. (A plain difference would carry over how often a rare
 * step happened in the few.)
 */
static bool free_one(struct result *result, struct variant *variant,
		     const struct replications *base, struct result_part *part, struct error *error)
{
	const struct result_metric *metric = &result->metrics[result->answer];
	const struct step_name name = { part->group, part->flow, part->step, part->where };
	double spent_ns = part_mean(base, metric, result->answer, part);
	struct maybe mean;
	bool ok;

	variant->config.free_step = &name;
	ok = variant_answer(variant, &mean, error);
	variant_restore(variant);
	if (!ok || !mean.exists || spent_ns <= 0) {
		part->if_free.reason = "it took no time in the replications that were tried";
		return ok;
	}
	part->if_free = maybe_some(
		fmax(0, variant->full - (variant->full - mean.value) / spent_ns * part->mean));
	return true;
}

static bool fill_free(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct replicate_options *options, struct error *error)
{
	const struct result_metric *metric = &result->metrics[result->answer];
	struct variant variant;
	struct replications base = { 0 };
	int made_free = 0;
	bool ok = variant_init(&variant, &scenario->simulation, result->answer, FREE_REPLICATIONS,
			       replications, options, error) &&
		  replications_init(&base, &variant.config, NULL, error) &&
		  replications_run(&base, &variant.config, variant.count, options, error);

	for (size_t i = 0; ok && i < result->part_count && made_free < FREE_MOST; i++) {
		struct result_part *part = &result->parts[i];

		part->if_free.reason = "not tried: a small step, or time that waits for others";
		if (!result_part_is_of(part, metric) || part->share < least_share ||
		    is_waiting(part) || is_retry(replications, result->answer, part))
			continue;
		ok = free_one(result, &variant, &base, part, error);
		made_free++;
	}
	ok = ok && variant_note_failures(&variant, result, error);
	if (base.names)
		replications_fini(&base);
	variant_fini(&variant);
	return ok;
}

bool attribution_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct replicate_options *options, struct error *error)
{
	if (result->answer == SIZE_MAX)
		return true;
	return fill_tail(result, scenario, replications, options, error) &&
	       fill_free(result, scenario, replications, options, error);
}
