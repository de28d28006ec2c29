#ifndef SIM_REPEAT_STATISTICS_H
#define SIM_REPEAT_STATISTICS_H

/*
 * Means and quantiles with 95 % confidence intervals.
 *
 * Formulas: A. M. Law, "Simulation Modeling and Analysis", 5th ed.,
 * 2015, chapters 4 and 9; order statistics: H. A. David, H. N. Nagaraja, "Order
 * Statistics", 3rd ed., 2003, section 7.1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "repeat/observations.h"

struct interval {
	bool exists;
	double low, high;
};

/*
 * Standard error of the mean over replications; NAN without two replications with observations.
 * When replications hold different numbers of observations the mean is a ratio of sums, and
 * its variance is that of the ratio estimator (delta method; W. G. Cochran, "Sampling
 * Techniques", 3rd ed., 1977, section 2.11): sum (y_r - mean n_r)^2 / (R - 1) / (R nbar^2).
 */
double mean_error(const struct observations *observations);

/* Student-t interval of the mean, from that error. */
struct interval mean_interval(const struct observations *observations);
struct interval mean_interval_at(const struct observations *observations, double level);

/*
 * Interval of the mean of `a` less that of `b`, replication against replication: the spread of the
 * differences of residuals of the two ratios. It does not exist when one has more replications.
 * *saved: 1 - var(a - b) / (var a + var b), the share of the variance that pairing removed
 * (negative when it harmed); NAN when there is no variance.
 */
struct interval difference_interval(const struct observations *a, const struct observations *b,
				    double *saved);

/* Interval of the mean of `a` divided by that of `b`, paired likewise (delta method). */
struct interval ratio_interval(const struct observations *a, const struct observations *b);

/*
 * Observations needed for a two-sided 95 % interval of the p-quantile by order
 * statistics with equal tails: the least n with max(p, 1 - p)^n <= 2.5 %
 * (p50 6, p90 36, p99 368, p99.9 3688).
 */
size_t quantile_least_count(double p);

/*
 * Ranks (from 1) of the order statistics that enclose the p-quantile of n
 * independent observations with at least 95 %, at most 2.5 % on either side, by
 * bisection on the binomial distribution; false when n is too small.
 */
bool quantile_ranks(size_t n, double p, size_t *low, size_t *high);

/*
 * 95 % interval of the p-quantile: order statistics when no replication gave more
 * than one observation; else sectioning: quantiles q_j of m groups of whole
 * replications (5 <= m <= 20, each with at least 20 / (1 - p) observations; with 10 only
 * 92.8 % of the intervals of an M/M/1 queue's p99 held it), spread around the quantile
 * q of all, q +- t(m - 1) sqrt(sum (q_j - q)^2 / (m - 1) / m).
 * (Order statistics of pooled, correlated observations cover far too rarely.)
 * No interval when there is too little; false only when memory runs out.
 */
bool quantile_interval(const struct observations *observations,
		       const struct distribution *distribution, double p, struct interval *interval,
		       struct error *error);

#endif
