#ifndef SIM_ENGINE_TWO_SAMPLES_H
#define SIM_ENGINE_TWO_SAMPLES_H

/*
 * For tests: are two samples of one law? Their Kolmogorov-Smirnov distance, the largest difference
 * of their empirical distribution functions (W. J. Conover, "Practical Nonparametric Statistics",
 * 1999, ch. 6.3), exceeds TWO_SAMPLES_CRITICAL(n) with a probability of 1 % when they are.
 */

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define TWO_SAMPLES_CRITICAL(n) (1.628 * sqrt(2.0 / (double)(n)))

static inline int two_samples_compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Of `n` values each, which it sorts. */
static inline double two_samples_distance(double *a, double *b, size_t n)
{
	double worst = 0;
	size_t i = 0, k = 0;

	qsort(a, n, sizeof(*a), two_samples_compare);
	qsort(b, n, sizeof(*b), two_samples_compare);
	while (i < n && k < n) {
		double at = fmin(a[i], b[k]);

		while (i < n && a[i] <= at)
			i++;
		while (k < n && b[k] <= at)
			k++;
		worst = fmax(worst, fabs((double)i - (double)k) / (double)n);
	}
	return worst;
}

#endif
