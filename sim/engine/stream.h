#ifndef SIM_ENGINE_STREAM_H
#define SIM_ENGINE_STREAM_H

/*
 * Counter-based random streams: Philox4x32-10 behind a gsl_rng.
 *
 * A stream is a pure function of (seed, replication, entity, occurrence, use,
 * purpose); nothing is stored between uses, and two designs that draw the same
 * quantity for the same guest get the same number (common random numbers).
 *   key     = seed
 *   c[0]    = block within the stream
 *   c[1]    = occurrence (20 bits: n-th operation of the entity) | use (12 bits)
 *   c[2]    = entity
 *   c[3]    = purpose (8 bits) | replication (24 bits)
 * Generator: J. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3",
 * SC 2011 (package librandom123-dev).
 */

#include <stdbool.h>
#include <stdint.h>

#include <gsl/gsl_rng.h>

enum {
	STREAM_OCCURRENCES_MAX = 1 << 20,
	STREAM_USES_MAX = 1 << 12,
	STREAM_PURPOSES_MAX = 1 << 8,
	STREAM_REPLICATIONS_MAX = 1 << 24,
};

struct stream_name {
	uint64_t seed;
	uint32_t replication, entity, occurrence, use, purpose;
};

struct stream {
	uint32_t counter[4];
	uint32_t key[2];
	uint32_t output[4];
	uint32_t left; /* unused words in output */
};

/* The gsl_rng_type ("philox4x32-10"); get_double has 53 random bits. */
extern const gsl_rng_type *const stream_type;

/* Begin the stream called `name`; false when a part is out of range. */
bool stream_begin(struct stream *stream, const struct stream_name *name);

/* A gsl_rng that draws from `stream` (borrowed); for GSL's samplers. */
static inline gsl_rng stream_rng(struct stream *stream)
{
	return (gsl_rng){ .type = stream_type, .state = stream };
}

/* Uniform on [0, 1) with 53 random bits. */
double stream_uniform(struct stream *stream);

/* One uniform draw in each of `count` equal strata of [0, 1), in random order. */
void stream_strata(struct stream *stream, double *u, size_t count);

/* Exponential of the given mean by inversion (monotone in the uniform). */
double stream_exponential(struct stream *stream, double mean);

#endif
