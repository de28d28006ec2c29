#ifndef SIM_ENGINE_LAW_H
#define SIM_ENGINE_LAW_H

/*
 * The law of a cost: gamma with a mean and a coefficient of variation, or a
 * constant (cv 0).
 *
 * n independent draws of a gamma law of shape a sum to one gamma draw of shape
 * n*a, so a loop over n pages is one draw whatever n. Given that n pages took
 * `total`, the time at which page k ended is total * Beta(k*a, (n-k)*a): the
 * gamma bridge. Splitting the range near where the page in progress at a given instant
 * is expected, again and again, walks to it in about log(log(n)) draws (5 for 2^24 pages
 * with cv 0.5; halving takes 24), exactly in law: where it splits is chosen by what is
 * known already.
 * (L. Devroye, "Non-Uniform Random Variate Generation", 1986, ch. IX;
 * gamma bridge: C. Ribeiro, N. Webber, "Valuing path-dependent options in the
 * variance-gamma model by Monte Carlo with a gamma bridge", 2004.)
 *
 * Draws are made in double and rounded once to ns.
 */

#include <stdbool.h>
#include <stdint.h>

#include "engine/stream.h"

struct law {
	double mean_ns;    /* >= 0 */
	double cv_squared; /* >= 0: variance / mean^2, so that sums need no square root */
};

/* Of a coefficient of variation, standard deviation / mean. */
static inline struct law law_of(double mean_ns, double cv)
{
	return (struct law){ mean_ns, cv * cv };
}

/* Every draw is the mean. */
static inline bool law_is_constant(struct law law)
{
	return law.cv_squared <= 0 || law.mean_ns <= 0;
}

/* The law of a sum of one draw of each, as the gamma law of the same mean and variance. */
struct law law_add(struct law a, struct law b);

/* The law of `times` draws of `law` together. */
struct law law_times(struct law law, double times);

/* Mean and variance of the sum of n draws, ns and ns^2. */
double law_sum_mean_ns(struct law law, uint64_t n);
double law_sum_variance(struct law law, uint64_t n);

/* A time that is longer than this, 36 years, is cut: nothing that is simulated ends behind it. */
#define LAW_LONGEST_NS (INT64_C(1) << 60)

/* Rounded to whole ns, at most LAW_LONGEST_NS. */
int64_t law_round_ns(double ns);

/* The sum of n independent draws, rounded to ns; n 0 gives 0. A constant law draws nothing. */
int64_t law_sum(struct law law, uint64_t n, struct stream *stream);

/*
 * The same for one of several sums that follow each other: what rounding leaves, at most half a ns
 * either way, is added to the next, so that together they are rounded once.
 */
int64_t law_sum_on(struct law law, uint64_t n, double *left_ns, struct stream *stream);

/* Given that n draws sum to total_ns: the sum of the first k of them (0 <= k <= n). */
int64_t law_split(struct law law, uint64_t n, int64_t total_ns, uint64_t k, struct stream *stream);

/* Where a loop of n draws stands. */
struct law_place {
	uint64_t done;      /* draws that ended at or before the instant */
	int64_t done_ns;    /* their sum */
	int64_t through_ns; /* the sum including the draw in progress; done_ns when done == n */
};

/*
 * Given that n draws sum to total_ns, which are done after at_ns (0..total_ns)?
 * For a constant law draw k ends at total_ns * k / n rounded down.
 */
struct law_place law_bridge(struct law law, uint64_t n, int64_t total_ns, int64_t at_ns,
			    struct stream *stream);

#endif
