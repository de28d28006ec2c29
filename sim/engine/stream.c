#include "engine/stream.h"

#include <math.h>
#include <string.h>

#include <Random123/philox.h>

static void refill(struct stream *stream)
{
	philox4x32_ctr_t counter;
	philox4x32_key_t key = { { stream->key[0], stream->key[1] } };

	memcpy(counter.v, stream->counter, sizeof(stream->counter));
	counter = philox4x32(counter, key);
	memcpy(stream->output, counter.v, sizeof(stream->output));
	stream->counter[0]++;
	stream->left = 4;
}

static inline uint32_t next_word(struct stream *stream)
{
	if (!stream->left)
		refill(stream);
	return stream->output[4 - stream->left--];
}

bool stream_begin(struct stream *stream, const struct stream_name *name)
{
	if (name->replication >= STREAM_REPLICATIONS_MAX ||
	    name->occurrence >= STREAM_OCCURRENCES_MAX || name->use >= STREAM_USES_MAX ||
	    name->purpose >= STREAM_PURPOSES_MAX)
		return false;
	*stream = (struct stream){
		.counter = { 0, name->occurrence << 12 | name->use, name->entity,
			     name->purpose << 24 | name->replication },
		.key = { (uint32_t)name->seed, (uint32_t)(name->seed >> 32) },
	};
	return true;
}

double stream_uniform(struct stream *stream)
{
	uint32_t high = next_word(stream) >> 5, low = next_word(stream) >> 6;

	return ((double)high * 0x1p26 + (double)low) * 0x1p-53;
}

void stream_strata(struct stream *stream, double *u, size_t count)
{
	for (size_t i = 0; i < count; i++)
		u[i] = ((double)i + stream_uniform(stream)) / (double)count;
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)(stream_uniform(stream) * (double)i);
		double kept = u[i - 1];

		u[i - 1] = u[other];
		u[other] = kept;
	}
}

double stream_exponential(struct stream *stream, double mean)
{
	return -mean * log1p(-stream_uniform(stream));
}

/* A stream is begun by its name; GSL's way of seeding has nothing to add. */
static void ignore_seed(void *state, unsigned long seed)
{
	(void)state;
	(void)seed;
}

static unsigned long get_word(void *state)
{
	return next_word(state);
}

static double get_uniform(void *state)
{
	return stream_uniform(state);
}

static const gsl_rng_type philox = {
	.name = "philox4x32-10",
	.max = UINT32_MAX,
	.min = 0,
	.size = sizeof(struct stream),
	.set = ignore_seed,
	.get = get_word,
	.get_double = get_uniform,
};
const gsl_rng_type *const stream_type = &philox;
