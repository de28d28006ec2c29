#include "engine/law.h"

#include <math.h>

#include "engine/variate.h"

/* So many splits of a bridge in succession may leave more than half: then it is halved. */
enum { SLOW_SPLITS = 3 };

static double variance_of(struct law law)
{
	return law.mean_ns * law.mean_ns * law.cv_squared;
}

struct law law_add(struct law a, struct law b)
{
	double mean_ns = a.mean_ns + b.mean_ns;

	if (!(a.mean_ns > 0)) /* most sums have one part: nothing is reckoned */
		return b;
	if (!(b.mean_ns > 0))
		return a;
	return (struct law){ mean_ns, (variance_of(a) + variance_of(b)) / (mean_ns * mean_ns) };
}

struct law law_times(struct law law, double times)
{
	if (!(times > 0))
		return (struct law){ 0 };
	return (struct law){ law.mean_ns * times, law.cv_squared / times };
}

double law_sum_mean_ns(struct law law, uint64_t n)
{
	return law.mean_ns * (double)n;
}

double law_sum_variance(struct law law, uint64_t n)
{
	return variance_of(law) * (double)n;
}

/* Halves go up, as by llround, which is a call. */
int64_t law_round_ns(double ns)
{
	int64_t whole;

	if (!(ns < (double)LAW_LONGEST_NS))
		return LAW_LONGEST_NS;
	whole = (int64_t)ns;
	return whole + (ns - (double)whole >= 0.5);
}

static double draw_sum(struct law law, uint64_t n, struct stream *stream)
{
	if (law_is_constant(law) || !n)
		return law_sum_mean_ns(law, n);
	return stream_gamma(stream, (double)n / law.cv_squared) * (law.mean_ns * law.cv_squared);
}

int64_t law_sum(struct law law, uint64_t n, struct stream *stream)
{
	return law_round_ns(draw_sum(law, n, stream));
}

int64_t law_sum_on(struct law law, uint64_t n, double *left_ns, struct stream *stream)
{
	double sum_ns = draw_sum(law, n, stream) + *left_ns;
	int64_t whole_ns = law_round_ns(sum_ns);

	*left_ns = whole_ns < LAW_LONGEST_NS ? sum_ns - (double)whole_ns : 0;
	return whole_ns;
}

/* total * k / n without overflow, rounded down. */
static int64_t proportion(int64_t total_ns, uint64_t k, uint64_t n)
{
	return (int64_t)((unsigned __int128)total_ns * k / n);
}

int64_t law_split(struct law law, uint64_t n, int64_t total_ns, uint64_t k, struct stream *stream)
{
	double shape = 1 / law.cv_squared;
	int64_t first_ns;

	if (k == 0 || k == n)
		return k ? total_ns : 0;
	if (law_is_constant(law))
		return proportion(total_ns, k, n);
	first_ns = law_round_ns((double)total_ns *
				stream_beta(stream, shape * (double)k, shape * (double)(n - k)));
	return first_ns < total_ns ? first_ns : total_ns; /* beyond 2^53 the product is rounded */
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

/*
 * Where to split n draws to find the place at that share of their sum: half a standard deviation
 * beyond where it is expected, away from the nearer end, so that the place is likely between
 * that end and the split and close to the split, which is the nearer end of what is left.
 */
static uint64_t near_place(struct law law, uint64_t n, double share)
{
	double all = (double)n, expected = share * all;
	double deviation = sqrt(expected * (all - expected) / (all / law.cv_squared + 1));
	double k = share <= 0.5 ? ceil(expected + deviation / 2) : floor(expected - deviation / 2);

	return k < 1 ? 1 : k > all - 1 ? n - 1 : (uint64_t)k;
}

struct law_place law_bridge(struct law law, uint64_t n, int64_t total_ns, int64_t at_ns,
			    struct stream *stream)
{
	struct law_place place = { 0, 0, total_ns };
	int slow = 0; /* splits in succession that left more than half */

	if (at_ns >= total_ns)
		return (struct law_place){ n, total_ns, total_ns };
	if (law_is_constant(law))
		return constant_place(n, total_ns, at_ns);
	while (n > 1) { /* the draw in progress is one of n, between done_ns and through_ns */
		int64_t bracket_ns = place.through_ns - place.done_ns, middle_ns;
		uint64_t before = n, k = n / 2;

		if (slow < SLOW_SPLITS)
			k = near_place(law, n,
				       (double)(at_ns - place.done_ns) / (double)bracket_ns);
		middle_ns = place.done_ns + law_split(law, n, bracket_ns, k, stream);
		if (middle_ns <= at_ns) {
			place.done += k;
			place.done_ns = middle_ns;
			n -= k;
		} else {
			place.through_ns = middle_ns;
			n = k;
		}
		slow = n > before / 2 ? slow + 1 : 0;
	}
	return place;
}
