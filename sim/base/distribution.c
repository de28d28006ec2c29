#include "base/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static bool append(struct distribution *distribution, int64_t value, uint64_t count,
		   struct error *error)
{
	if (!memory_grow(&distribution->items, &distribution->capacity,
			 distribution->item_count + 1, sizeof(*distribution->items), "values",
			 error))
		return false;
	distribution->items[distribution->item_count++] = (struct value_count){ value, count };
	distribution->count += count;
	return true;
}

bool distribution_from_values(struct distribution *distribution, const int64_t *values,
			      size_t count, struct error *error)
{
	int64_t *sorted = memory_array(count, sizeof(*sorted), "values", error);
	bool ok = sorted != NULL;

	*distribution = (struct distribution){ 0 };
	if (!ok)
		return false;
	if (count)
		memcpy(sorted, values, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0, next; ok && i < count; i = next) {
		for (next = i + 1; next < count && sorted[next] == sorted[i];)
			next++;
		ok = append(distribution, sorted[i], next - i, error);
	}
	free(sorted);
	if (!ok)
		distribution_fini(distribution);
	return ok;
}

void distribution_fini(struct distribution *distribution)
{
	free(distribution->items);
	*distribution = (struct distribution){ 0 };
}

int64_t distribution_value(const struct distribution *distribution, uint64_t rank)
{
	size_t i = 0;

	while (i + 1 < distribution->item_count && rank > distribution->items[i].count)
		rank -= distribution->items[i++].count;
	return distribution->items[i].value;
}

int64_t distribution_quantile(const struct distribution *distribution, double p)
{
	/* a product that is whole but for rounding must not be rounded up */
	double rank = ceil(p * (double)distribution->count - 1e-6);

	if (rank < 1)
		return distribution_value(distribution, 1);
	return distribution_value(distribution, rank > (double)distribution->count
							? distribution->count
							: (uint64_t)rank);
}

/* --- the histogram ------------------------------------------------------------ */

/* Octave 0 holds 0 .. 1023, octave k (from 1) 1024 buckets of width 2^(k - 1) from 1024 * 2^(k - 1). */
static unsigned int octave_of(int64_t value)
{
	return value < HISTOGRAM_BUCKETS
		       ? 0
		       : (unsigned int)(64 - __builtin_clzll((unsigned long long)value) - 10);
}

static int64_t middle_of(unsigned int octave, unsigned int bucket)
{
	int64_t width = octave ? (int64_t)1 << (octave - 1) : 1;
	int64_t first = octave ? (HISTOGRAM_BUCKETS + (int64_t)bucket) * width : (int64_t)bucket;

	return first + (width - 1) / 2;
}

bool histogram_add(struct histogram *histogram, int64_t value, struct error *error)
{
	unsigned int octave;
	uint64_t bucket = (uint64_t)value;

	if (value < 0)
		return error_set(error, ERROR_INTERNAL, "a negative value cannot be counted");
	octave = octave_of(value);
	if (octave)
		bucket = ((uint64_t)value >> (octave - 1)) - HISTOGRAM_BUCKETS;
	if (!histogram->octaves[octave])
		histogram->octaves[octave] = memory_array(
			HISTOGRAM_BUCKETS, sizeof(*histogram->octaves[octave]), "histogram", error);
	if (!histogram->octaves[octave])
		return false;
	histogram->octaves[octave][bucket]++;
	return true;
}

void histogram_fini(struct histogram *histogram)
{
	for (int i = 0; i < HISTOGRAM_OCTAVES; i++)
		free(histogram->octaves[i]);
	*histogram = (struct histogram){ 0 };
}

bool distribution_from_histograms(struct distribution *distribution,
				  const struct histogram *histograms, size_t many,
				  struct error *error)
{
	*distribution = (struct distribution){ .rounded = true };
	for (unsigned int octave = 0; octave < HISTOGRAM_OCTAVES; octave++) {
		for (unsigned int bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
			uint64_t count = 0;

			for (size_t h = 0; h < many; h++)
				if (histograms[h].octaves[octave])
					count += histograms[h].octaves[octave][bucket];
			if (count &&
			    !append(distribution, middle_of(octave, bucket), count, error)) {
				distribution_fini(distribution);
				return false;
			}
		}
	}
	return true;
}
