#include "repeat/replicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repeat/parallel.h"

/* Replications are run and merged in blocks, so that memory does not grow with their number. */
enum { BLOCK = 256 };

/* What one replication gave, until it is merged. */
struct outcome {
	int64_t **samples; /* by metric */
	size_t *counts;
	int64_t *part_ns;
	uint64_t *counters;
	uint64_t events;
};

struct block {
	const struct replications *replications;
	struct outcome *outcomes;
};

static bool keep(const struct replications *shape, struct simulation *simulation,
		 struct outcome *outcome, struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	const struct part *parts;
	const struct counter *counters;

	outcome->samples =
		memory_array(shape->metric_count, sizeof(*outcome->samples), "samples", error);
	outcome->counts =
		memory_array(shape->metric_count, sizeof(*outcome->counts), "samples", error);
	outcome->part_ns =
		memory_array(shape->part_count, sizeof(*outcome->part_ns), "parts", error);
	outcome->counters =
		memory_array(shape->counter_count, sizeof(*outcome->counters), "counters", error);
	if (!outcome->samples || !outcome->counts || !outcome->part_ns || !outcome->counters)
		return false;
	for (size_t m = 0; m < shape->metric_count; m++) {
		size_t bytes = metrics[m].count * sizeof(int64_t);

		outcome->counts[m] = metrics[m].count;
		outcome->samples[m] =
			memory_array(metrics[m].count, sizeof(int64_t), "samples", error);
		if (!outcome->samples[m])
			return false;
		if (bytes)
			memcpy(outcome->samples[m], metrics[m].samples, bytes);
	}
	parts = simulation_parts(simulation, &count);
	for (size_t p = 0; p < count; p++)
		outcome->part_ns[p] = parts[p].total_ns;
	counters = simulation_counters(simulation, &count);
	for (size_t c = 0; c < count; c++)
		outcome->counters[c] = counters[c].value;
	outcome->events = simulation_events(simulation);
	return true;
}

static void drop(const struct replications *shape, struct outcome *outcome)
{
	for (size_t m = 0; outcome->samples && m < shape->metric_count; m++)
		free(outcome->samples[m]);
	free(outcome->samples);
	free(outcome->counts);
	free(outcome->part_ns);
	free(outcome->counters);
}

static bool keep_outcome(void *data, uint64_t index, struct simulation *simulation,
			 struct error *error)
{
	struct block *block = data;

	return keep(block->replications, simulation, &block->outcomes[index], error);
}

static bool merge(struct replications *replications, const struct outcome *outcome,
		  struct error *error)
{
	for (size_t m = 0; m < replications->metric_count; m++)
		if (!observations_add(&replications->metrics[m], outcome->samples[m],
				      outcome->counts[m], error))
			return false;
	for (size_t p = 0; p < replications->part_count; p++)
		replications->part_ns[p] += outcome->part_ns[p];
	for (size_t c = 0; c < replications->counter_count; c++)
		replications->counters[c] += outcome->counters[c];
	replications->events += outcome->events;
	replications->count++;
	return true;
}

static bool run_block(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error)
{
	struct block block = { .replications = replications };
	const struct parallel_job job = { .config = config,
					  .count = count,
					  .first = replications->count,
					  .threads = options->threads,
					  .stop = options->stop,
					  .data = &block,
					  .keep = keep_outcome };
	bool ok;

	block.outcomes = memory_array(count, sizeof(*block.outcomes), "replications", error);
	if (!block.outcomes)
		return false;
	ok = parallel_run(&job, error);
	for (uint64_t i = 0; i < count; i++) {
		ok = ok && merge(replications, &block.outcomes[i], error);
		drop(replications, &block.outcomes[i]);
	}
	free(block.outcomes);
	return ok;
}

bool replications_init(struct replications *replications, const struct simulation_config *config,
		       struct error *error)
{
	*replications = (struct replications){ 0 };
	replications->names = simulation_new(config, error);
	if (!replications->names)
		return false;
	simulation_metrics(replications->names, &replications->metric_count);
	simulation_parts(replications->names, &replications->part_count);
	simulation_counters(replications->names, &replications->counter_count);
	replications->metrics = memory_array(replications->metric_count,
					     sizeof(*replications->metrics), "metrics", error);
	replications->part_ns = memory_array(replications->part_count,
					     sizeof(*replications->part_ns), "parts", error);
	replications->counters = memory_array(replications->counter_count,
					      sizeof(*replications->counters), "counters", error);
	if (replications->metrics && replications->part_ns && replications->counters)
		return true;
	replications_fini(replications);
	return false;
}

void replications_fini(struct replications *replications)
{
	for (size_t m = 0; replications->metrics && m < replications->metric_count; m++)
		observations_fini(&replications->metrics[m]);
	free(replications->metrics);
	free(replications->part_ns);
	free(replications->counters);
	simulation_free(replications->names);
	*replications = (struct replications){ 0 };
}

bool replications_run(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error)
{
	if (!replications->count) { /* the first tells whether there is anything to repeat */
		struct outcome outcome = { 0 };
		bool ok = simulation_run(replications->names, 0, error) &&
			  keep(replications, replications->names, &outcome, error) &&
			  merge(replications, &outcome, error);

		drop(replications, &outcome);
		if (!ok)
			return false;
		replications->random = simulation_is_random(replications->names);
	}
	while (replications->count < count) {
		uint64_t left = count - replications->count;

		if (!run_block(replications, config, left < BLOCK ? left : BLOCK, options, error))
			return false;
	}
	return true;
}
