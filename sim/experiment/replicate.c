#include "experiment/replicate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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
	const struct simulation_config *config;
	const struct replications *replications;
	const volatile bool *stop;
	uint64_t first, count;
	uint64_t next; /* atomic */
	struct outcome *outcomes;
	pthread_mutex_t mutex; /* guards error */
	struct error error;
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

static void block_failed(struct block *block, const struct error *error)
{
	pthread_mutex_lock(&block->mutex);
	error_set(&block->error, error->kind, "%s", error->message);
	pthread_mutex_unlock(&block->mutex);
	__atomic_store_n(&block->next, block->count, __ATOMIC_RELAXED);
}

static void *work(void *argument)
{
	struct block *block = argument;
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(block->config, &error);

	while (simulation && error.kind == ERROR_NONE) {
		uint64_t index = __atomic_fetch_add(&block->next, 1, __ATOMIC_RELAXED);

		if (index >= block->count)
			break;
		if (block->stop && *block->stop)
			error_set(&error, ERROR_INTERRUPTED, "interrupted");
		else if (simulation_run(simulation, (uint32_t)(block->first + index), &error))
			keep(block->replications, simulation, &block->outcomes[index], &error);
	}
	simulation_free(simulation);
	if (error.kind != ERROR_NONE)
		block_failed(block, &error);
	return NULL;
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

static void run_threads(struct block *block, unsigned int threads)
{
	pthread_t handles[256];
	unsigned int started = 0;

	if (threads > sizeof(handles) / sizeof(handles[0]))
		threads = sizeof(handles) / sizeof(handles[0]);
	if (threads > block->count)
		threads = (unsigned int)block->count;
	while (started + 1 < threads && pthread_create(&handles[started], NULL, work, block) == 0)
		started++; /* fewer threads than wanted is slower, not wrong */
	work(block);
	while (started)
		pthread_join(handles[--started], NULL);
}

static bool run_block(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error)
{
	struct block block = { .config = config,
			       .replications = replications,
			       .stop = options->stop,
			       .first = replications->count,
			       .count = count };
	bool ok = false;

	block.outcomes = memory_array(count, sizeof(*block.outcomes), "replications", error);
	if (!block.outcomes)
		return false;
	if (pthread_mutex_init(&block.mutex, NULL) != 0) {
		free(block.outcomes);
		return error_memory(error, "mutex");
	}
	run_threads(&block, options->threads);
	if (block.error.kind != ERROR_NONE)
		error_set(error, block.error.kind, "%s", block.error.message);
	else
		ok = true;
	for (uint64_t i = 0; i < count; i++) {
		ok = ok && merge(replications, &block.outcomes[i], error);
		drop(replications, &block.outcomes[i]);
	}
	pthread_mutex_destroy(&block.mutex);
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
