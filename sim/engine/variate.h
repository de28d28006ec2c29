#ifndef SIM_ENGINE_VARIATE_H
#define SIM_ENGINE_VARIATE_H

/*
 * Draws from a stream. They are functions of the stream's words, made of additions and
 * multiplications of doubles, square roots and our own exp and log: the same to the last bit
 * everywhere. A design with another mean makes the same number longer; one with another shape
 * bends the same normal deviate (common random numbers).
 *
 * Exponential and normal: ziggurats of 256 layers. G. Marsaglia, W. W. Tsang, "The ziggurat
 * method for generating random variables", J. Stat. Software 5(8), 2000; the layer comes from
 * other bits than the place in it: J. A. Doornik, "An improved ziggurat method to generate
 * normal random samples", 2005.
 */

#include <stdint.h>

#include "engine/stream.h"
#include "engine/ziggurat_tables.h"

/* Where in its layer of the exponential ziggurat a word is, in 2^-53. */
static inline double exponential_place(uint64_t word)
{
	return (double)(int64_t)(word >> 11) * ziggurat_exponential.edge[ziggurat_layer(word)];
}

/* Of a word that is perhaps not below the curve. For stream_exponential(). */
double stream_exponential_rest(struct stream *stream, double mean, uint64_t word);

/* Exponential of the given mean. */
static inline double stream_exponential(struct stream *stream, double mean)
{
	uint64_t word = stream_word(stream);
	double place = exponential_place(word);

	if (__builtin_expect(place < ziggurat_exponential.edge[ziggurat_layer(word) + 1] * 0x1p53,
			     1))
		return place * (mean * 0x1p-53); /* the mean is known before the place is */
	return stream_exponential_rest(stream, mean, word);
}

/* Normal, mean 0 and variance 1. */
double stream_normal(struct stream *stream);

/*
 * Gamma of the given shape > 0 (up to 2^62) and scale 1: a cube of a normal deviate (G.
 * Marsaglia, W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26, 2000).
 * Of a small shape it may be too small for a double and 0.
 */
double stream_gamma(struct stream *stream, double shape);

/* Beta, 0..1: the share of one gamma variable in the sum of two. Both shapes > 0. */
double stream_beta(struct stream *stream, double shape, double other);

/*
 * How many of `trials` succeed, each with probability `success`. Cuts the trials at the median
 * of as many uniform variables (a beta) until few successes or failures are left, and counts
 * these from gap to gap (L. Devroye, "Non-Uniform Random Variate Generation", 1986, ch. X.4).
 */
uint64_t stream_binomial(struct stream *stream, uint64_t trials, double success);

/* Geometric: failures before the first success; UINT64_MAX when it is never. Monotone in one draw. */
uint64_t stream_geometric(struct stream *stream, double success);

#endif
