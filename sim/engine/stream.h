#ifndef SIM_ENGINE_STREAM_H
#define SIM_ENGINE_STREAM_H

/*
 * Counter-based random streams: Philox4x32-10.
 *
 * A stream is a pure function of (seed, replication, entity, occurrence, use,
 * purpose); nothing is stored between uses, and two designs that draw the same
 * quantity for the same guest get the same number (common random numbers).
 *   key     = seed
 *   c[0]    = block within the stream
 *   c[1]    = occurrence (20 bits: n-th operation of the entity) | use (12 bits)
 *   c[2]    = entity
 *   c[3]    = purpose (8 bits) | replication (24 bits)
 * A block is two words of 64 bits. What words are made into: engine/variate.h.
 * Generator: J. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STREAM_OCCURRENCES_MAX = 1 << 20,
	STREAM_USES_MAX = 1 << 12,
	STREAM_PURPOSES_MAX = 1 << 8,
	STREAM_REPLICATIONS_MAX = 1 << 24,
	/* blocks at once of a stream that goes on, where the CPU has vectors for them */
	STREAM_BATCH = 8,
};

struct stream_name {
	uint64_t seed;
	uint32_t replication, entity, occurrence, use, purpose;
};

struct stream {
	uint32_t counter[4]; /* of the next block */
	uint32_t key[2];
	uint32_t next, end; /* words[next] to words[end - 1] are not used yet */
	uint64_t words[2 * STREAM_BATCH];
};

/* Begin the stream called `name`; false when a part is out of range. Computes nothing yet. */
static inline bool stream_begin(struct stream *stream, const struct stream_name *name)
{
	if (name->replication >= STREAM_REPLICATIONS_MAX ||
	    name->occurrence >= STREAM_OCCURRENCES_MAX || name->use >= STREAM_USES_MAX ||
	    name->purpose >= STREAM_PURPOSES_MAX)
		return false;
	stream->counter[0] = 0;
	stream->counter[1] = name->occurrence << 12 | name->use;
	stream->counter[2] = name->entity;
	stream->counter[3] = name->purpose << 24 | name->replication;
	stream->key[0] = (uint32_t)name->seed;
	stream->key[1] = (uint32_t)(name->seed >> 32);
	stream->next = stream->end = 0;
	return true;
}

/* Compute the next words: the first time one block, then batches. For stream_word(). */
void stream_refill(struct stream *stream);

/* The next 64 random bits. */
static inline uint64_t stream_word(struct stream *stream)
{
	if (stream->next == stream->end)
		stream_refill(stream);
	return stream->words[stream->next++];
}

/* Uniform on [0, 1) with 53 random bits: the high 27 and 26 of the two halves of a word. */
static inline double stream_uniform(struct stream *stream)
{
	uint64_t word = stream_word(stream);

	return (double)(int64_t)(word >> 37 << 26 | (uint32_t)word >> 6) * 0x1p-53;
}

/* One uniform draw in each of `count` equal strata of [0, 1), in random order. */
void stream_strata(struct stream *stream, double *u, size_t count);

#endif
