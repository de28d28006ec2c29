#ifndef SIM_BASE_DISTRIBUTION_H
#define SIM_BASE_DISTRIBUTION_H

/*
 * Whole numbers and how often each was observed: exact, as sorted values with counts,
 * or counted into a histogram when there are too many to keep.
 *
 * The histogram is log-linear: 1024 buckets of equal width to each power of two, so a
 * value is off by less than 0.05 %; values below 2048 are exact. It spans all of
 * 0 .. INT64_MAX, nothing is clamped, and merging is addition of whole numbers: the
 * result does not depend on the order. (As G. Tene's HdrHistogram, http://hdrhistogram.org.)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct distribution {
	int64_t *values;  /* ascending; owned */
	uint64_t *counts; /* how often each was observed; NULL: once each, some are equal; owned */
	size_t item_count, capacity;
	uint64_t count; /* of all items */
	bool rounded;   /* values are the middles of histogram buckets */
};

/* From `count` values in any order (a copy is sorted). False when memory runs out. */
bool distribution_from_values(struct distribution *distribution, const int64_t *values,
			      size_t count, struct error *error);
/* Of one value that was observed `count` times (0: of none). */
bool distribution_from_one(struct distribution *distribution, int64_t value, uint64_t count,
			   struct error *error);
void distribution_fini(struct distribution *distribution);

struct value_count {
	int64_t value;
	uint64_t count; /* at least 1 */
};

/* The distinct values, ascending, with their counts: *at is 0 at first; false behind the last. */
bool distribution_next(const struct distribution *distribution, size_t *at,
		       struct value_count *item);

/* The value of this rank, from 1; there must be so many. */
int64_t distribution_value(const struct distribution *distribution, uint64_t rank);

/* Smallest value that at least p of all do not exceed: that of rank ceil(n p). */
int64_t distribution_quantile(const struct distribution *distribution, double p);

enum { HISTOGRAM_OCTAVES = 54, HISTOGRAM_BUCKETS = 1024 };

/* Zero is an empty one. */
struct histogram {
	uint64_t count;                       /* of all values */
	uint64_t *octaves[HISTOGRAM_OCTAVES]; /* of so many buckets; NULL: all zero; owned */
};

/* Count one value from 0 on; a negative one is an ERROR_INTERNAL. */
bool histogram_add(struct histogram *histogram, int64_t value, struct error *error);
void histogram_fini(struct histogram *histogram);

/* All that was counted in `many` histograms. */
bool distribution_from_histograms(struct distribution *distribution,
				  const struct histogram *histograms, size_t many,
				  struct error *error);

#endif
