#include "experiment/statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"

static const double confidence = 0.95;

bool observations_add(struct observations *observations, const int64_t *values, size_t count,
		      struct error *error)
{
	if (!memory_grow(&observations->values, &observations->capacity,
			 observations->count + count, sizeof(*values), "observations", error) ||
	    !memory_grow(&observations->first, &observations->first_capacity,
			 observations->replications + 2, sizeof(*observations->first), "replications",
			 error))
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

	if (replications < 2 || !observations->count)
		return (struct interval){ 0 };
	mean = mean_of(observations);
	per_replication = (double)observations->count / (double)replications;
	for (size_t r = 0; r < replications; r++) {
		size_t first = observations->first[r], count = observations->first[r + 1] - first;
		double off = (double)sum_of(observations->values + first, count) - mean * (double)count;

		spread += off * off;
	}
	half = gsl_cdf_tdist_Pinv((1 + confidence) / 2, (double)(replications - 1)) *
	       sqrt(spread / (double)(replications - 1) / (double)replications) / per_replication;
	return (struct interval){ isfinite(half), mean - half, mean + half };
}

int64_t quantile_of_sorted(const int64_t *sorted, size_t count, double p)
{
	/* 1e-9: p * n that is whole but for rounding must not be rounded up */
	size_t rank = (size_t)ceil(p * (double)count - 1e-9);

	return sorted[rank < 1 ? 0 : rank > count ? count - 1 : rank - 1];
}

size_t quantile_least_count(double p)
{
	/* the whole sample encloses the quantile with 1 - p^n - (1 - p)^n */
	size_t n = 1;

	while (1 - pow(p, (double)n) - pow(1 - p, (double)n) < confidence)
		n++;
	return n;
}

/* The largest rank whose order statistic exceeds the quantile with at most `tail`; 0: none. */
static size_t lower_rank(size_t n, double p, double tail)
{
	size_t low = 0, high = n; /* P(X < k) = P(X <= k - 1) <= tail holds at low, fails at high */

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (gsl_cdf_binomial_P((unsigned int)(middle - 1), p, (unsigned int)n) <= tail)
			low = middle;
		else
			high = middle;
	}
	return low;
}

bool quantile_ranks(size_t n, double p, size_t *low, size_t *high)
{
	double tail = (1 - confidence) / 2, outside;
	size_t below;

	if (n > UINT32_MAX / 2 || n < quantile_least_count(p))
		return false;
	below = lower_rank(n, p, tail);
	*low = below ? below : 1;
	outside = below ? gsl_cdf_binomial_P((unsigned int)(*low - 1), p, (unsigned int)n) :
			  pow(1 - p, (double)n);
	/* the smallest upper rank that leaves enough confidence */
	*high = *low + 1;
	while (*high < n &&
	       gsl_cdf_binomial_P((unsigned int)(*high - 1), p, (unsigned int)n) - outside < confidence)
		(*high)++;
	return gsl_cdf_binomial_P((unsigned int)(*high - 1), p, (unsigned int)n) - outside >=
	       confidence;
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* Quantiles of groups of replications around the quantile of all. */
static struct interval sectioning(const struct observations *observations, const int64_t *sorted,
				  double p)
{
	enum { SECTIONS = 20 };
	size_t replications = observations->replications;
	size_t sections = replications < SECTIONS ? replications : SECTIONS;
	double all = (double)quantile_of_sorted(sorted, observations->count, p), spread = 0, half;
	struct error error = { 0 };
	int64_t *values;

	if (sections < 2 || (double)observations->count / (double)sections < 10 / (1 - p))
		return (struct interval){ 0 };
	values = memory_array(observations->count, sizeof(*values), "sections", &error);
	if (!values)
		return (struct interval){ 0 };
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
	return (struct interval){ true, all - half, all + half };
}

struct interval quantile_interval(const struct observations *observations, const int64_t *sorted,
				  double p)
{
	size_t low, high;

	for (size_t r = 0; r < observations->replications; r++)
		if (observations->first[r + 1] - observations->first[r] > 1)
			return sectioning(observations, sorted, p);
	if (!quantile_ranks(observations->count, p, &low, &high))
		return (struct interval){ 0 };
	return (struct interval){ true, (double)sorted[low - 1], (double)sorted[high - 1] };
}
