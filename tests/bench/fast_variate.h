#ifndef BENCH_FAST_VARIATE_H
#define BENCH_FAST_VARIATE_H

/*
 * Exponential variates as fast as they come, from one stream without a name: what a bare loop
 * draws that has no need of common random numbers or of the same bits everywhere.
 *
 * Words: xoshiro256++ (D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators",
 * ACM Trans. Math. Software 47(4), 2021); its state is filled by SplitMix64 (G. L. Steele, D. Lea,
 * C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014). Exponential: a
 * ziggurat of 256 layers (G. Marsaglia, W. W. Tsang, "The Ziggurat Method for Generating Random
 * Variables", J. Stat. Software 5(8), 2000) whose usual case is one comparison of integers and
 * one multiplication.
 */

#include <stdint.h>

enum { FAST_LAYERS = 256 };

struct fast {
	uint64_t state[4];
};

/* Layer i reaches from height[i] up to height[i + 1]. A word's high 53 bits times width[i] are
 * the place in it; places of less than inside[i] lie below the curve all the way up. */
struct fast_layers {
	uint64_t inside[FAST_LAYERS];
	double width[FAST_LAYERS];
	double height[FAST_LAYERS + 1];
};

extern struct fast_layers fast_layers;

/* Fills the layers, too. */
void fast_begin(struct fast *fast, uint64_t seed);

static inline uint64_t fast_rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline uint64_t fast_word(struct fast *fast)
{
	uint64_t *s = fast->state;
	uint64_t word = fast_rotate(s[0] + s[3], 23) + s[0], shifted = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= shifted;
	s[3] = fast_rotate(s[3], 45);
	return word;
}

/* Mean 1, for a word that is not inside its layer: about one in a hundred. */
double fast_exponential_rest(struct fast *fast, uint64_t word);

static inline double fast_exponential(struct fast *fast, double mean)
{
	uint64_t word = fast_word(fast), layer = word % FAST_LAYERS, place = word >> 11;

	if (__builtin_expect(place < fast_layers.inside[layer], 1))
		return (double)(int64_t)place * fast_layers.width[layer] * mean;
	return fast_exponential_rest(fast, word) * mean;
}

#endif
