#include "repeat/replicate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repeat/parallel.h"

/*
 * Replications are run and merged in blocks, so that what is not merged yet stays small: of
 * BLOCK_LEAST at first, then as many as fill BLOCK_BYTES, so that threads seldom wait for each other.
 */
enum { BLOCK_LEAST = 256, BLOCK_MOST = 1 << 14, BLOCK_BYTES = 1 << 24 };

/*
 * What a thread's replications of a block gave: of each, in the order in which they were run,
 * and of each metric its count and its values; and sums of what only sums are kept of.
 */
struct outcomes {
	int64_t *words;
	size_t word_count, capacity;
	__int128 *part_ns;
	uint64_t *counters;
	uint64_t events;
};

/* Where a replication's words are. */
struct place {
	size_t first;
	unsigned int thread;
};

struct block {
	const struct replications *shape;
	struct outcomes outcomes[THREADS_MOST]; /* by thread */
	struct place *places;                   /* by replication of the block */
	size_t place_capacity;
	uint64_t size;
};

static bool begin_sums(const struct replications *shape, struct outcomes *outcomes,
		       struct error *error)
{
	outcomes->part_ns =
		memory_array(shape->part_count, sizeof(*outcomes->part_ns), "parts", error);
	outcomes->counters =
		memory_array(shape->counter_count, sizeof(*outcomes->counters), "counters", error);
	return outcomes->part_ns && outcomes->counters;
}

static bool keep_outcome(void *data, unsigned int thread, uint64_t index,
			 struct simulation *simulation, struct error *error)
{
	struct block *block = data;
	struct outcomes *outcomes = &block->outcomes[thread];
	size_t count, words = 0, spent;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	const struct counter *counters;
	const struct part *parts;
	const size_t *spent_parts;
	int64_t *word;

	if (!outcomes->part_ns && !begin_sums(block->shape, outcomes, error))
		return false;
	for (size_t m = 0; m < count; m++)
		words += 1 + metrics[m].count;
	if (!memory_reserve(&outcomes->words, &outcomes->capacity, outcomes->word_count + words,
			    sizeof(*outcomes->words), "observations", error))
		return false;
	block->places[index] = (struct place){ outcomes->word_count, thread };
	word = outcomes->words + outcomes->word_count;
	outcomes->word_count += words;
	for (size_t m = 0; m < count; m++) {
		*word++ = (int64_t)metrics[m].count;
		for (size_t i = 0; i < metrics[m].count; i++)
			*word++ = metrics[m].samples[i];
	}
	parts = simulation_parts(simulation, &count);
	spent_parts = simulation_spent_parts(simulation, &spent);
	for (size_t i = 0; i < spent; i++)
		outcomes->part_ns[spent_parts[i]] += parts[spent_parts[i]].total_ns;
	counters = simulation_counters(simulation, &count);
	for (size_t c = 0; c < count; c++)
		outcomes->counters[c] += counters[c].value;
	outcomes->events += simulation_events(simulation);
	return true;
}

/* Observations in the order of replications; sums of whole numbers are the same in any. */
static bool merge(struct replications *replications, struct block *block, uint64_t count,
		  struct error *error)
{
	for (uint64_t i = 0; i < count; i++) {
		const struct place *place = &block->places[i];
		const int64_t *word = block->outcomes[place->thread].words + place->first;

		for (size_t m = 0; m < replications->metric_count; m++) {
			size_t values = (size_t)*word++;

			if (!observations_add(&replications->metrics[m], word, values, error))
				return false;
			word += values;
		}
	}
	replications->count += count;
	for (unsigned int t = 0; t < THREADS_MOST; t++) {
		struct outcomes *outcomes = &block->outcomes[t];

		if (!outcomes->part_ns)
			continue;
		for (size_t p = 0; p < replications->part_count; p++)
			replications->part_ns[p] += outcomes->part_ns[p];
		for (size_t c = 0; c < replications->counter_count; c++)
			replications->counters[c] += outcomes->counters[c];
		replications->events += outcomes->events;
		memset(outcomes->part_ns, 0, replications->part_count * sizeof(*outcomes->part_ns));
		memset(outcomes->counters, 0,
		       replications->counter_count * sizeof(*outcomes->counters));
		outcomes->events = outcomes->word_count = 0;
	}
	return true;
}

/* As many replications as fill the memory of a block, by those of the one before. */
static void grow(struct block *block, uint64_t count)
{
	size_t words = 1;

	for (unsigned int t = 0; t < THREADS_MOST; t++)
		words += block->outcomes[t].word_count;
	if (count < block->size || words * sizeof(int64_t) > BLOCK_BYTES / 2)
		return;
	block->size = block->size < BLOCK_MOST ? 2 * block->size : BLOCK_MOST;
}

static void block_free(struct block *block)
{
	for (unsigned int t = 0; block && t < THREADS_MOST; t++) {
		free(block->outcomes[t].words);
		free(block->outcomes[t].part_ns);
		free(block->outcomes[t].counters);
	}
	if (block)
		free(block->places);
	free(block);
}

bool replications_init(struct replications *replications, const struct simulation_config *config,
		       struct crew *crew, struct error *error)
{
	*replications = (struct replications){ .crew = crew, .own_crew = !crew };
	if (!crew)
		replications->crew = crew_new(error);
	if (replications->crew)
		replications->names = crew_first(replications->crew, config, error);
	if (!replications->names)
		goto fail;
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
fail:
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
	if (replications->own_crew)
		crew_free(replications->crew);
	*replications = (struct replications){ 0 };
}

bool replications_run(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error)
{
	struct block *block = memory_array(1, sizeof(*block), "replications", error);
	bool ok = block != NULL;

	if (ok) {
		block->shape = replications;
		block->size = BLOCK_LEAST;
	}
	while (ok && replications->count < count) {
		bool first = !replications->count; /* tells whether there is anything to repeat */
		uint64_t left = count - replications->count;
		struct parallel_job job = { .config = config,
					    .crew = replications->crew,
					    .count = left < block->size ? left : block->size,
					    .first = replications->count,
					    .threads = options->threads,
					    .stop = options->stop,
					    .data = block,
					    .keep = keep_outcome };

		if (first)
			job.count = job.threads = 1;
		ok = memory_reserve(&block->places, &block->place_capacity, job.count,
				    sizeof(*block->places), "replications", error) &&
		     parallel_run(&job, error);
		if (ok) {
			grow(block, job.count);
			ok = merge(replications, block, job.count, error);
		}
		if (ok && first)
			replications->random = simulation_is_random(replications->names);
	}
	block_free(block);
	return ok;
}
