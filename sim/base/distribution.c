#include "base/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A value with its count, larger than those before. */
static bool append(struct distribution *distribution, int64_t value, uint64_t count,
		   struct error *error)
{
	size_t items = distribution->item_count, capacity = distribution->capacity;

	if (!memory_reserve(&distribution->values, &capacity, items + 1,
			    sizeof(*distribution->values), "values", error) ||
	    !memory_reserve(&distribution->counts, &distribution->capacity, items + 1,
			    sizeof(*distribution->counts), "values", error))
		return false;
	distribution->values[items] = value;
	distribution->counts[items] = count;
	distribution->item_count++;
	distribution->count += count;
	return true;
}

/*
 * By their distance from the smallest, one byte after another from the lowest (radix sort):
 * times of one metric differ in four or five bytes, so a value is moved as often, and no
 * comparison calls back. Of `values` and `other` it returns the one that is sorted.
 */
static int64_t *sort(int64_t *values, int64_t *other, size_t count)
{
	int64_t smallest = INT64_MAX, largest = INT64_MIN;
	uint64_t range;

	for (size_t i = 0; i < count; i++) {
		smallest = values[i] < smallest ? values[i] : smallest;
		largest = values[i] > largest ? values[i] : largest;
	}
	range = (uint64_t)largest - (uint64_t)smallest;
	for (unsigned int shift = 0; count && shift < 64 && range >> shift; shift += 8) {
		size_t places[257] = { 0 };
		int64_t *sorted = other;

		for (size_t i = 0; i < count; i++)
			places[(((uint64_t)values[i] - (uint64_t)smallest) >> shift & 255) + 1]++;
		for (int digit = 0; digit < 255; digit++)
			places[digit + 1] += places[digit];
		for (size_t i = 0; i < count; i++)
			sorted[places[((uint64_t)values[i] - (uint64_t)smallest) >> shift &
				      255]++] = values[i];
		other = values;
		values = sorted;
	}
	return values;
}

bool distribution_from_values(struct distribution *distribution, const int64_t *values,
			      size_t count, struct error *error)
{
	int64_t *copy = memory_array(count, sizeof(*copy), "values", error);
	int64_t *other = memory_array(count, sizeof(*other), "values", error);
	bool ok = copy && other;

	*distribution = (struct distribution){ 0 };
	if (ok) {
		if (count)
			memcpy(copy, values, count * sizeof(*copy));
		distribution->values = sort(copy, other, count);
		distribution->item_count = distribution->count = count;
	}
	if (distribution->values != copy)
		free(copy);
	if (distribution->values != other)
		free(other);
	return ok;
}

bool distribution_from_one(struct distribution *distribution, int64_t value, uint64_t count,
			   struct error *error)
{
	*distribution = (struct distribution){ 0 };
	return !count || append(distribution, value, count, error);
}

void distribution_fini(struct distribution *distribution)
{
	free(distribution->values);
	free(distribution->counts);
	*distribution = (struct distribution){ 0 };
}

bool distribution_next(const struct distribution *distribution, size_t *at,
		       struct value_count *item)
{
	if (*at == distribution->item_count)
		return false;
	*item = (struct value_count){ .value = distribution->values[*at] };
	do
		item->count += distribution->counts ? distribution->counts[*at] : 1;
	while (++*at < distribution->item_count && distribution->values[*at] == item->value);
	return true;
}

int64_t distribution_value(const struct distribution *distribution, uint64_t rank)
{
	size_t i = 0;

	if (!distribution->counts)
		i = (size_t)(rank < distribution->count ? rank : distribution->count) - 1;
	while (distribution->counts && i + 1 < distribution->item_count &&
	       rank > distribution->counts[i])
		rank -= distribution->counts[i++];
	return distribution->values[i];
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
	histogram->count++;
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
