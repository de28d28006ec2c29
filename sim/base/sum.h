#ifndef SIM_BASE_SUM_H
#define SIM_BASE_SUM_H

/*
 * Sums of the times of many threads over many years: they end at 292 years, the last that fits
 * in 63 bits and in a double, as which observations are read.
 */

#include <stdint.h>

#define SUM_MOST (INT64_MAX - 1023)

/* Add ns, which is not negative. */
static inline void sum_add(int64_t *sum, int64_t ns)
{
	if (__builtin_add_overflow(*sum, ns, sum) || *sum > SUM_MOST)
		*sum = SUM_MOST;
}

#endif
