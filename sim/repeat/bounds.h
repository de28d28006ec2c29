#ifndef SIM_REPEAT_BOUNDS_H
#define SIM_REPEAT_BOUNDS_H

/*
 * Bounds that hold at all looks at once, however often and whenever one looks (confidence
 * sequences): a search may look as soon as there is a little more to see and stop by what it sees,
 * and alpha needs no split over looks.
 */

#include <stddef.h>
#include <stdint.h>

/*
 * Bounds of a probability from k of n, exact: both hold at all n with 1 - alpha. Method of mixtures
 * (H. Robbins, "Statistical methods related to the law of the iterated logarithm", Ann. Math.
 * Statist. 41, 1970): likelihoods of k of n under a beta law, over that under p; the ratio
 * exceeds 1 / alpha with at most alpha (Ville). The law, Beta(1/2, 1/(2 near) - 1/2), has its mean
 * at `near`, where p is to be told from it.
 */
void binomial_bounds(double k, double n, double alpha, double near, double *low, double *high);

/*
 * Half-width around a mean of n replications with a standard error: either bound holds at all n with
 * 1 - alpha. Sums stay below a line a + slope n with 1 - exp(-2 a slope / variance) (Robbins, as above);
 * that is the continuation region of fully sequential procedures, whose allowance for a
 * variance that is estimated is taken: (n - 1) (alpha^(-2 / (n - 1)) - 1) / 2 for log(1 / alpha)
 * (S.-H. Kim, B. L. Nelson, "A fully sequential procedure for indifference-zone selection in
 * simulation", ACM TOMACS 11, 2001; of limits: D. Batur, S.-H. Kim, "Finding feasible systems
 * in the presence of constraints on multiple performance measures", ACM TOMACS 20, 2010).
 * It is narrowest where it is 2 slope; `slope` is raised to be so at `most` replications at the latest.
 */
double line_half_width(double standard_error, double n, double alpha, double slope, double most);

#endif
