#include "experiment/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"

static const double confidence = 0.95;

/* Sections of a sample: more than 20 gain little, fewer than 5 give a wild t quantile. */
enum { SECTIONS_LEAST = 5, SECTIONS_MOST = 20 };

bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error)
{
	if (!memory_grow(&observations->values, &observations->capacity,
			 observations->count + count, sizeof(*values), "observations", error) ||
	    !memory_grow(&observations->first, &observations->first_capacity,
			 observations->replications + 2, sizeof(*observations->first),
			 "replications", error))
		return false;
	if (count)
		memcpy(observations->values + observations->count, values, count * sizeof(*values));
	observations->first[observations->replications++] = observations->count;
	observations->count += count;
	observations->first[observations->replications] = observations->count;
	return true;
}

void observations_fini(struct observations *observations)
{
	free(observations->values);
	free(observations->first);
	*observations = (struct observations){ 0 };
}

static __int128 sum_of(const int64_t *values, size_t count)
{
	__int128 sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum;
}

double mean_of(const struct observations *observations)
{
	return (double)sum_of(observations->values, observations->count) /
	       (double)observations->count;
}

struct interval mean_interval(const struct observations *observations)
{
	size_t replications = observations->replications;
	double mean, spread = 0, half, per_replication;
	size_t observed = 0;

	if (replications < 2 || !observations->count)
		return (struct interval){ 0 };
	mean = mean_of(observations);
	per_replication = (double)observations->count / (double)replications;
	for (size_t r = 0; r < replications; r++) {
		size_t first = observations->first[r], count = observations->first[r + 1] - first;
		double off =
			(double)sum_of(observations->values + first, count) - mean * (double)count;

		spread += off * off;
		observed += count > 0;
	}
	if (observed < 2)
		return (struct interval){ 0 };
	half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, (double)(replications - 1)) *
	       sqrt(spread / (double)(replications - 1) / (double)replications) / per_replication;
	return (struct interval){ isfinite(half), mean - half, mean + half };
}

int64_t quantile_of_sorted(const int64_t *sorted, size_t count, double p)
{
	/* a product that is whole but for rounding must not be rounded up */
	double rank = ceil(p * (double)count - 1e-6);

	if (rank < 1)
		return sorted[0];
	return rank > (double)count ? sorted[count - 1] : sorted[(size_t)rank - 1];
}

size_t quantile_least_count(double p)
{
	/* All n lie on one side of the quantile with p^n or (1 - p)^n: each at most 2.5 %. */
	double tail = (1 - confidence) / 2, larger = p > 0.5 ? p : 1 - p;

	return larger < 1 ? (size_t)ceil(log(tail) / log(larger)) : SIZE_MAX;
}

/* P(at most k of n observations lie below the p-quantile). */
static double at_most(size_t k, size_t n, double p)
{
	return gsl_cdf_binomial_P((unsigned int)k, p, (unsigned int)n);
}

bool quantile_ranks(size_t n, double p, size_t *low, size_t *high)
{
	double tail = (1 - confidence) / 2;
	size_t below = 0, above = n;

	if (n > UINT32_MAX / 2 || n < quantile_least_count(p))
		return false;
	/* Largest `low` with P(X <= low - 1) <= 2.5 %: it holds for 1, fails for n + 1. */
	*low = 1;
	while (above - *low > 0) {
		size_t middle = *low + (above - *low + 1) / 2;

		if (at_most(middle - 1, n, p) <= tail)
			*low = middle;
		else
			above = middle - 1;
	}
	/* Smallest `high` with P(X <= high - 1) >= 97.5 %: it fails for 0, holds for n. */
	*high = n;
	while (*high - below > 1) {
		size_t middle = below + (*high - below) / 2;

		if (at_most(middle - 1, n, p) >= 1 - tail)
			*high = middle;
		else
			below = middle;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* How many groups of whole replications hold enough observations each; 0: none do. */
static size_t count_sections(const struct observations *observations, double p)
{
	size_t replications = observations->replications;
	size_t sections = replications < SECTIONS_MOST ? replications : SECTIONS_MOST;

	for (; sections >= SECTIONS_LEAST; sections--) {
		bool enough = true;

		for (size_t s = 0; enough && s < sections; s++) {
			size_t first = observations->first[s * replications / sections];
			size_t end = observations->first[(s + 1) * replications / sections];

			/* fewer make the quantile of a section too biased */
			enough = (double)(end - first) * (1 - p) >= 10 - 1e-6;
		}
		if (enough)
			return sections;
	}
	return 0;
}

/* Quantiles of groups of replications around the quantile of all. */
static bool sectioning(const struct observations *observations, const int64_t *sorted, double p,
		       struct interval *interval, struct error *error)
{
	size_t replications = observations->replications,
	       sections = count_sections(observations, p);
	double all = (double)quantile_of_sorted(sorted, observations->count, p), spread = 0, half;
	int64_t *values;

	if (!sections)
		return true;
	values = memory_array(observations->count, sizeof(*values), "sections", error);
	if (!values)
		return false;
	memcpy(values, observations->values, observations->count * sizeof(*values));
	for (size_t s = 0; s < sections; s++) {
		size_t first = observations->first[s * replications / sections];
		size_t end = observations->first[(s + 1) * replications / sections];
		double off;

		qsort(values + first, end - first, sizeof(*values), compare);
		off = (double)quantile_of_sorted(values + first, end - first, p) - all;
		spread += off * off;
	}
	free(values);
	half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, (double)(sections - 1)) *
	       sqrt(spread / (double)(sections - 1) / (double)sections);
	/* what is observed here (times, bytes, counts) is never negative */
	*interval = (struct interval){ isfinite(half), fmax(all - half, fmin(all, 0)), all + half };
	return true;
}

bool quantile_interval(const struct observations *observations, const int64_t *sorted, double p,
		       struct interval *interval, struct error *error)
{
	size_t low, high;

	*interval = (struct interval){ 0 };
	if (!observations->count)
		return true;
	for (size_t r = 0; r < observations->replications; r++)
		if (observations->first[r + 1] - observations->first[r] > 1)
			return sectioning(observations, sorted, p, interval, error);
	if (quantile_ranks(observations->count, p, &low, &high))
		*interval = (struct interval){ true, (double)sorted[low - 1],
					       (double)sorted[high - 1] };
	return true;
}
