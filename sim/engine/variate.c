#include "engine/variate.h"

#include <math.h>

#include "base/elementary.h"

/* Binomial: fewer expected successes or failures than these are counted one by one. */
enum { COUNTED = 16 };

/* A height in that layer. */
static double height_in(const struct ziggurat *ziggurat, uint32_t layer, struct stream *stream)
{
	return ziggurat->height[layer] +
	       stream_uniform(stream) * (ziggurat->height[layer + 1] - ziggurat->height[layer]);
}

double stream_exponential_rest(struct stream *stream, double mean, uint64_t word)
{
	const struct ziggurat *ziggurat = &ziggurat_exponential;
	double from = 0;

	for (;; word = stream_word(stream)) {
		uint32_t layer = ziggurat_layer(word);
		double x = exponential_place(word) * 0x1p-53;

		if (x < ziggurat->edge[layer + 1])
			return (from + x) * mean;
		if (layer == 0) /* the tail is the whole again, further right */
			from += ziggurat->edge[1];
		else if (height_in(ziggurat, layer, stream) < elementary_exp(-x))
			return (from + x) * mean;
	}
}

/* Above `from` (G. Marsaglia, "Generating a variable from the tail of the normal distribution",
 * Technometrics 6, 1964). */
static double normal_tail(struct stream *stream, double from)
{
	double beyond, limit;

	do {
		beyond = stream_exponential(stream, 1 / from);
		limit = stream_exponential(stream, 2);
	} while (beyond * beyond > limit);
	return from + beyond;
}

double stream_normal(struct stream *stream)
{
	const struct ziggurat *ziggurat = &ziggurat_normal;

	for (;;) {
		uint64_t word = stream_word(stream);
		uint32_t layer = ziggurat_layer(word);
		/* the sign is one of the 53 bits */
		double x = (double)((int64_t)word >> 11) * 0x1p-52 * ziggurat->edge[layer];

		if (fabs(x) < ziggurat->edge[layer + 1])
			return x;
		if (layer == 0)
			return copysign(normal_tail(stream, ziggurat->edge[1]), x);
		if (height_in(ziggurat, layer, stream) < elementary_exp(-0.5 * x * x))
			return x;
	}
}

/*
 * Of a shape of at least 1. A deviate z is taken when log u < h, h = 3 d (log(1 + t) - t + t^2 / 2
 * - t^3 / 3), t = z / (3 sqrt(d)). The series of the logarithm gives h >= -1.5 d t^4 for |t| <= 1/2,
 * and log u <= u - 1: nearly all are taken by that.
 */
static double large_gamma(struct stream *stream, double shape)
{
	double d = shape - 1.0 / 3, c = 1 / (3 * sqrt(d));

	for (;;) {
		double z = stream_normal(stream), t = c * z, u;

		if (t <= -1)
			continue;
		u = stream_uniform(stream);
		if ((fabs(t) <= 0.5 && u < 1 - 1.5 * d * (t * t) * (t * t)) ||
		    /* 1 - (1 + t)^3 and its logarithm, without the digits that would cancel */
		    elementary_log(u) <
			    0.5 * z * z + d * (3 * elementary_log1p(t) - t * (3 + t * (3 + t))))
			return d * ((1 + t) * (1 + t) * (1 + t));
	}
}

double stream_gamma(struct stream *stream, double shape)
{
	double e;

	if (shape >= 1)
		return large_gamma(stream, shape);
	/* times a uniform variable to the power of 1 / shape: minus its logarithm is exponential */
	e = stream_exponential(stream, 1 / shape);
	return large_gamma(stream, shape + 1) * elementary_exp(-e);
}

/* The logarithm of a gamma variable of a shape below 1, which may itself be no double. */
static double log_small_gamma(struct stream *stream, double shape)
{
	double e = stream_exponential(stream, 1 / shape);

	return elementary_log(large_gamma(stream, shape + 1)) - e;
}

double stream_beta(struct stream *stream, double shape, double other)
{
	double x, y;

	if (shape >= 1 || other >= 1) { /* one of them is not 0 */
		x = stream_gamma(stream, shape);
		y = stream_gamma(stream, other);
		return x / (x + y);
	}
	x = log_small_gamma(stream, shape);
	y = log_small_gamma(stream, other);
	return 1 / (1 + elementary_exp(y - x));
}

uint64_t stream_geometric(struct stream *stream, double success)
{
	double failures;

	if (success >= 1)
		return 0;
	if (!(success > 0))
		return UINT64_MAX;
	failures = stream_exponential(stream, -1 / elementary_log1p(-success));
	return failures < 0x1p64 ? (uint64_t)failures : UINT64_MAX;
}

/* Of trials that are expected to succeed seldom. */
static uint64_t few_successes(struct stream *stream, uint64_t trials, double success)
{
	uint64_t count = 0;

	for (;; count++) {
		uint64_t failures = stream_geometric(stream, success);

		if (failures >= trials)
			return count;
		trials -= failures + 1;
	}
}

uint64_t stream_binomial(struct stream *stream, uint64_t trials, double success)
{
	uint64_t before = 0;

	if (!(success > 0))
		return 0;
	if (success >= 1)
		return trials;
	/* A trial succeeds when a uniform variable of its own is below `success`. */
	while ((double)trials * fmin(success, 1 - success) > COUNTED) {
		uint64_t rank = trials / 2 + 1;
		double value = stream_beta(stream, (double)rank, (double)(trials - rank + 1));

		if (value <= success) {
			before += rank;
			trials -= rank;
			success = (success - value) / (1 - value);
		} else {
			trials = rank - 1;
			success = success / value;
		}
	}
	if (success <= 0.5)
		return before + few_successes(stream, trials, success);
	return before + trials - few_successes(stream, trials, 1 - success);
}
