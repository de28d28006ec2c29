#include "repeat/replicate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repeat/parallel.h"

/*
 * Replications are run in blocks, so that what is not merged yet stays small: of BLOCK_LEAST at
 * first, then as many as fill BLOCK_BYTES, so that threads seldom wait for each other. A block is
 * cut into pieces of at most PIECE_MOST neighbours, each run by one thread; who completes a piece
 * merges those that are next, unless somebody is at it, so that merging goes on beside running.
 */
enum { BLOCK_LEAST = 256, BLOCK_MOST = 1 << 14, BLOCK_BYTES = 1 << 24, PIECE_MOST = 32 };

/*
 * What replications of a piece gave. Neighbours that gave as many values of each metric, as most
 * do, are a stretch: how many replications, of each metric how many values of each of them, and
 * then the values, replication by replication.
 */
struct piece {
	int64_t *words;
	size_t word_count, capacity;
	size_t last; /* where its last stretch begins */
	bool done;   /* atomic */
};

/* What a thread's replications of a block gave in sum, of what only sums are kept of. */
struct outcomes {
	__int128 *part_ns;
	uint64_t *counters;
	uint64_t events;
	struct failures failures;
};

struct block {
	struct replications *replications;
	struct outcomes outcomes[THREADS_MOST]; /* by thread */
	struct piece *pieces;
	size_t piece_count, piece_capacity;
	uint64_t size, piece_size;
	pthread_mutex_t mutex; /* guards the metrics of *replications, and: */
	size_t merged;         /* pieces */
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

/* Metric by metric. Returns the end of the stretch that begins there; NULL: no memory. */
static const int64_t *merge_stretch(struct replications *replications, const int64_t *word,
				    struct error *error)
{
	size_t rows = (size_t)*word++, step = 0;
	const int64_t *counts = word, *values = word + replications->metric_count;

	for (size_t m = 0; m < replications->metric_count; m++)
		step += (size_t)counts[m];
	word = values + rows * step;
	for (size_t m = 0; m < replications->metric_count; values += counts[m++])
		if (!observations_add_rows(&replications->metrics[m], values, (size_t)counts[m],
					   step, rows, error))
			return NULL;
	return word;
}

static bool merge_piece(struct replications *replications, const struct piece *piece,
			struct error *error)
{
	const int64_t *word = piece->words, *end = word + piece->word_count;

	while (word && word < end)
		word = merge_stretch(replications, word, error);
	return word != NULL;
}

/* Observations in the order of replications, as far as all before are there. */
static bool merge_ready(struct block *block, struct error *error)
{
	bool ok = true;

	if (pthread_mutex_trylock(&block->mutex) != 0)
		return true;
	while (ok && block->merged < block->piece_count &&
	       __atomic_load_n(&block->pieces[block->merged].done, __ATOMIC_ACQUIRE))
		ok = merge_piece(block->replications, &block->pieces[block->merged++], error);
	pthread_mutex_unlock(&block->mutex);
	return ok;
}

static bool keep_words(struct piece *piece, const struct simulation *simulation,
		       struct error *error)
{
	size_t count, values = 0;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	bool goes_on = piece->word_count > 0;
	int64_t *word;

	for (size_t m = 0; m < count; m++) {
		values += metrics[m].count;
		goes_on = goes_on && piece->words[piece->last + 1 + m] == (int64_t)metrics[m].count;
	}
	if (!memory_reserve(&piece->words, &piece->capacity, piece->word_count + 1 + count + values,
			    sizeof(*piece->words), "observations", error))
		return false;
	word = piece->words + piece->word_count;
	if (!goes_on) {
		piece->last = piece->word_count;
		*word++ = 0;
		for (size_t m = 0; m < count; m++)
			*word++ = (int64_t)metrics[m].count;
	}
	piece->words[piece->last]++;
	for (size_t m = 0; m < count; m++)
		for (size_t i = 0; i < metrics[m].count; i++)
			*word++ = metrics[m].samples[i];
	piece->word_count = (size_t)(word - piece->words);
	return true;
}

static bool keep_sums(const struct replications *shape, struct outcomes *outcomes,
		      const struct simulation *simulation, struct error *error)
{
	size_t count, spent;
	const struct counter *counters;
	const struct part *parts;
	const size_t *spent_parts;
	const struct failure *failures;

	if (!outcomes->part_ns && !begin_sums(shape, outcomes, error))
		return false;
	parts = simulation_parts(simulation, &count);
	spent_parts = simulation_spent_parts(simulation, &spent);
	for (size_t i = 0; i < spent; i++)
		outcomes->part_ns[spent_parts[i]] += parts[spent_parts[i]].total_ns;
	counters = simulation_counters(simulation, &count);
	for (size_t c = 0; c < count; c++)
		outcomes->counters[c] += counters[c].value;
	outcomes->events += simulation_events(simulation);
	failures = simulation_failures(simulation, &count);
	for (size_t i = 0; i < count; i++)
		if (!failures_add(&outcomes->failures, &failures[i], error))
			return false;
	return true;
}

static bool keep_outcome(void *data, unsigned int thread, uint64_t index,
			 struct simulation *simulation, struct error *error)
{
	struct block *block = data;
	struct piece *piece = &block->pieces[index / block->piece_size];

	if (!keep_words(piece, simulation, error) ||
	    !keep_sums(block->replications, &block->outcomes[thread], simulation, error))
		return false;
	if ((index + 1) % block->piece_size != 0)
		return true;
	__atomic_store_n(&piece->done, true, __ATOMIC_RELEASE);
	return merge_ready(block, error);
}

/* Sums of whole numbers are the same in any order. */
static bool add_sums(struct replications *replications, struct block *block, struct error *error)
{
	for (unsigned int t = 0; t < THREADS_MOST; t++) {
		struct outcomes *outcomes = &block->outcomes[t];

		if (!outcomes->part_ns)
			continue;
		for (size_t p = 0; p < replications->part_count; p++)
			replications->part_ns[p] += outcomes->part_ns[p];
		for (size_t c = 0; c < replications->counter_count; c++)
			replications->counters[c] += outcomes->counters[c];
		replications->events += outcomes->events;
		for (size_t i = 0; i < outcomes->failures.count; i++)
			if (!failures_add(&replications->failures, &outcomes->failures.list[i],
					  error))
				return false;
		outcomes->failures.count = 0;
		memset(outcomes->part_ns, 0, replications->part_count * sizeof(*outcomes->part_ns));
		memset(outcomes->counters, 0,
		       replications->counter_count * sizeof(*outcomes->counters));
		outcomes->events = 0;
	}
	return true;
}

/*
 * Cut the next `count` replications into pieces, so many for each thread that none waits long for
 * another at the end.
 */
static bool cut(struct block *block, uint64_t count, unsigned int threads, struct error *error)
{
	block->piece_size = count / (32 * (uint64_t)threads);
	if (block->piece_size > PIECE_MOST)
		block->piece_size = PIECE_MOST;
	if (block->piece_size < 1)
		block->piece_size = 1;
	block->piece_count = (size_t)((count + block->piece_size - 1) / block->piece_size);
	block->merged = 0;
	if (!memory_grow(&block->pieces, &block->piece_capacity, block->piece_count,
			 sizeof(*block->pieces), "replications", error))
		return false;
	for (size_t p = 0; p < block->piece_count; p++) {
		block->pieces[p].word_count = 0;
		block->pieces[p].done = false;
	}
	return true;
}

/* After all have run: what is not merged yet, and the sums. */
static bool finish(struct block *block, uint64_t count, struct error *error)
{
	block->pieces[block->piece_count - 1].done = true; /* it may be shorter */
	if (!merge_ready(block, error) || !add_sums(block->replications, block, error))
		return false;
	block->replications->count += count;
	return true;
}

/* As many replications as fill the memory of a block, by those of the one before. */
static void grow(struct block *block, uint64_t count)
{
	size_t words = 1;

	for (size_t p = 0; p < block->piece_count; p++)
		words += block->pieces[p].word_count;
	if (count < block->size || words * sizeof(int64_t) > BLOCK_BYTES / 2)
		return;
	block->size = block->size < BLOCK_MOST ? 2 * block->size : BLOCK_MOST;
}

static struct block *block_new(struct replications *replications, struct error *error)
{
	struct block *block = memory_array(1, sizeof(*block), "replications", error);

	if (!block)
		return NULL;
	block->replications = replications;
	block->size = BLOCK_LEAST;
	if (pthread_mutex_init(&block->mutex, NULL) == 0)
		return block;
	free(block);
	error_memory(error, "mutex");
	return NULL;
}

static void block_free(struct block *block)
{
	if (!block)
		return;
	for (unsigned int t = 0; t < THREADS_MOST; t++) {
		free(block->outcomes[t].part_ns);
		free(block->outcomes[t].counters);
		failures_fini(&block->outcomes[t].failures);
	}
	for (size_t p = 0; p < block->piece_capacity; p++)
		free(block->pieces[p].words);
	free(block->pieces);
	pthread_mutex_destroy(&block->mutex);
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
	failures_fini(&replications->failures);
	if (replications->own_crew)
		crew_free(replications->crew);
	*replications = (struct replications){ 0 };
}

bool replications_run(struct replications *replications, const struct simulation_config *config,
		      uint64_t count, const struct replicate_options *options, struct error *error)
{
	struct block *block = block_new(replications, error);
	bool ok = block != NULL;

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
		ok = cut(block, job.count, job.threads, error);
		job.batch = block->piece_size;
		ok = ok && parallel_run(&job, error) && finish(block, job.count, error);
		if (ok)
			grow(block, job.count);
		if (ok && first)
			replications->random = simulation_is_random(replications->names);
	}
	block_free(block);
	return ok;
}
