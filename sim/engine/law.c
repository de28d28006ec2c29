#include "engine/law.h"

#include <math.h>

#include <gsl/gsl_randist.h>

static double variance_of(struct law law)
{
	double deviation = law.mean_ns * law.cv;

	return deviation * deviation;
}

static bool is_constant(struct law law)
{
	return law.cv <= 0 || law.mean_ns <= 0;
}

static double shape_of(struct law law)
{
	return 1.0 / (law.cv * law.cv);
}

static struct law law_of(double mean_ns, double variance)
{
	return (struct law){ mean_ns, mean_ns > 0 ? sqrt(variance) / mean_ns : 0 };
}

struct law law_add(struct law a, struct law b)
{
	return law_of(a.mean_ns + b.mean_ns, variance_of(a) + variance_of(b));
}

struct law law_times(struct law law, double times)
{
	return law_of(law.mean_ns * times, variance_of(law) * times);
}

double law_sum_mean_ns(struct law law, uint64_t n)
{
	return law.mean_ns * (double)n;
}

double law_sum_variance(struct law law, uint64_t n)
{
	return variance_of(law) * (double)n;
}

int64_t law_round_ns(double ns)
{
	return ns < (double)LAW_LONGEST_NS ? llround(ns) : LAW_LONGEST_NS;
}

int64_t law_sum(struct law law, uint64_t n, struct stream *stream)
{
	gsl_rng rng;

	if (is_constant(law) || !n)
		return law_round_ns(law_sum_mean_ns(law, n));
	rng = stream_rng(stream);
	return law_round_ns(
		gsl_ran_gamma(&rng, shape_of(law) * (double)n, law.mean_ns / shape_of(law)));
}

/* total * k / n without overflow, rounded down. */
static int64_t proportion(int64_t total_ns, uint64_t k, uint64_t n)
{
	return (int64_t)((unsigned __int128)total_ns * k / n);
}

int64_t law_split(struct law law, uint64_t n, int64_t total_ns, uint64_t k, struct stream *stream)
{
	gsl_rng rng;
	double share;

	if (k == 0 || k == n)
		return k ? total_ns : 0;
	if (is_constant(law))
		return proportion(total_ns, k, n);
	rng = stream_rng(stream);
	share = gsl_ran_beta(&rng, shape_of(law) * (double)k, shape_of(law) * (double)(n - k));
	return (int64_t)((double)total_ns * share);
}

/* Draw k of a constant law ends at total * k / n: the first k that ends after at_ns, less one. */
static struct law_place constant_place(uint64_t n, int64_t total_ns, int64_t at_ns)
{
	uint64_t done = (uint64_t)((unsigned __int128)at_ns * n / (uint64_t)total_ns);

	while (done < n && proportion(total_ns, done + 1, n) <= at_ns)
		done++;
	return (struct law_place){ done, proportion(total_ns, done, n),
				   proportion(total_ns, done + 1, n) };
}

struct law_place law_bridge(struct law law, uint64_t n, int64_t total_ns, int64_t at_ns,
			    struct stream *stream)
{
	struct law_place place = { 0, 0, total_ns };

	if (at_ns >= total_ns)
		return (struct law_place){ n, total_ns, total_ns };
	if (is_constant(law))
		return constant_place(n, total_ns, at_ns);
	while (n > 1) { /* the draw in progress is one of n, between done_ns and through_ns */
		uint64_t half = n / 2;
		int64_t middle_ns =
			place.done_ns +
			law_split(law, n, place.through_ns - place.done_ns, half, stream);

		if (middle_ns <= at_ns) {
			place.done += half;
			place.done_ns = middle_ns;
			n -= half;
		} else {
			place.through_ns = middle_ns;
			n = half;
		}
	}
	return place;
}
