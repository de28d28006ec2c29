#include "repeat/statistics.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/elementary.h"
#include "base/special_functions.h"

static const double confidence = 0.95;

/* Fewer sections of a sample give a wild t quantile; more than SECTIONS_MOST gain little. */
enum { SECTIONS_LEAST = 5 };

/*
 * Of a mean over replications, from the squares of the deviations of those that are kept:
 * of the first million, when there are more.
 */
static double standard_error(double spread, size_t kept, size_t replications)
{
	return sqrt(spread / (double)(kept - 1) / (double)replications);
}

/* Metrics of one run are many, and mostly of as many replications: the last answer is kept. */
static double half_width(double error, size_t kept, double level)
{
	static _Thread_local struct {
		size_t kept;
		double level, quantile;
	} last;

	if (last.kept != kept || last.level < level || last.level > level) {
		last.quantile = special_student_quantile((1 + level) / 2, (double)(kept - 1));
		last.kept = kept;
		last.level = level;
	}
	return last.quantile * error;
}

struct interval mean_interval(const struct observations *observations)
{
	return mean_interval_at(observations, confidence);
}

/* Squares of what kept replications give beyond the mean, in sum; *observed: how many give some. */
static double squares_beyond(const struct observations *observations, double mean, size_t *observed)
{
	size_t step;
	const int64_t *column = observations_column(observations, &step);
	double spread = 0;

	*observed = column ? observations->kept : 0;
	for (size_t r = 0; r < observations->kept; r++) {
		double off;

		if (column) {
			off = (double)column[r * step] - mean;
		} else {
			struct replication_sum sum = observations_sum(observations, r);

			off = (double)sum.sum - mean * (double)sum.count;
			*observed += sum.count > 0;
		}
		spread += off * off;
	}
	return spread;
}

/* Standard error of what a replication gives beyond the mean, in sum; NAN: too few. */
static double sum_error(const struct observations *observations)
{
	size_t observed;
	double spread;

	if (observations->kept < 2 || !observations->count)
		return NAN;
	spread = squares_beyond(observations, mean_of(observations), &observed);
	if (observed < 2)
		return NAN;
	return standard_error(spread, observations->kept, observations->replications);
}

static double per_replication(const struct observations *observations)
{
	return (double)observations->count / (double)observations->replications;
}

double mean_error(const struct observations *observations)
{
	return sum_error(observations) / per_replication(observations);
}

struct interval mean_interval_at(const struct observations *observations, double level)
{
	double error = sum_error(observations), mean, half;

	if (isnan(error))
		return (struct interval){ 0 };
	mean = mean_of(observations);
	half = half_width(error, observations->kept, level) / per_replication(observations);
	return (struct interval){ isfinite(half), mean - half, mean + half };
}

/* How far replication r is from the mean, per observation of an average replication. */
static double residual(const struct observations *observations, size_t r, double mean)
{
	struct replication_sum sum = observations_sum(observations, r);

	return ((double)sum.sum - mean * (double)sum.count) / per_replication(observations);
}

/* centre +- t s / sqrt(R), s the spread of residual(a) - factor * residual(b). */
static struct interval paired_interval(const struct observations *a, const struct observations *b,
				       double factor, double centre, double scale, double *saved)
{
	size_t kept = a->kept < b->kept ? a->kept : b->kept;
	double mean_a, mean_b, spread = 0, apart = 0, half;

	*saved = NAN;
	if (a->replications != b->replications || kept < 2 || !a->count || !b->count)
		return (struct interval){ 0 };
	mean_a = mean_of(a);
	mean_b = mean_of(b);
	for (size_t r = 0; r < kept; r++) {
		double left = residual(a, r, mean_a), right = factor * residual(b, r, mean_b);

		spread += (left - right) * (left - right);
		apart += left * left + right * right;
	}
	if (apart > 0)
		*saved = 1 - spread / apart;
	half = half_width(standard_error(spread, kept, a->replications), kept, confidence) / scale;
	return (struct interval){ isfinite(half), centre - half, centre + half };
}

struct interval difference_interval(const struct observations *a, const struct observations *b,
				    double *saved)
{
	double centre = a->count && b->count ? mean_of(a) - mean_of(b) : 0;

	return paired_interval(a, b, 1, centre, 1, saved);
}

struct interval ratio_interval(const struct observations *a, const struct observations *b)
{
	double ratio, saved;

	if (!a->count || !b->count || mean_of(b) == 0)
		return (struct interval){ 0 };
	ratio = mean_of(a) / mean_of(b);
	return paired_interval(a, b, ratio, ratio, fabs(mean_of(b)), &saved);
}

size_t quantile_least_count(double p)
{
	/* All n lie on one side of the quantile with p^n or (1 - p)^n: each at most 2.5 %. */
	double tail = (1 - confidence) / 2, larger = p > 0.5 ? p : 1 - p;

	return larger < 1 ? (size_t)ceil(elementary_log(tail) / elementary_log(larger)) : SIZE_MAX;
}

/* P(at most k of n observations lie below the p-quantile). */
static double at_most(size_t k, size_t n, double p)
{
	return gsl_cdf_binomial_P((unsigned int)k, p, (unsigned int)n);
}

static bool has_ranks(size_t n, double p)
{
	return n <= UINT32_MAX / 2 && n >= quantile_least_count(p);
}

static void find_ranks(size_t n, double p, size_t *low, size_t *high)
{
	double tail = (1 - confidence) / 2;
	size_t below = 0, above = n;

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
}

/* As the width of an interval: the last two, of the median and of a tail, are kept. */
bool quantile_ranks(size_t n, double p, size_t *low, size_t *high)
{
	static _Thread_local struct {
		size_t n, low, high;
		double p;
	} last[2];
	const int which = p > 0.5;

	if (!has_ranks(n, p))
		return false;
	if (last[which].n != n || last[which].p < p || last[which].p > p) {
		find_ranks(n, p, &last[which].low, &last[which].high);
		last[which].n = n;
		last[which].p = p;
	}
	*low = last[which].low;
	*high = last[which].high;
	return true;
}

/* How many groups of whole replications hold enough observations each; 0: none do. */
static size_t count_sections(const struct observations *observations, double p)
{
	size_t replications = observations->replications;
	size_t most = replications < SECTIONS_MOST ? replications : SECTIONS_MOST;
	size_t least = observations->sections ? SECTIONS_MOST : SECTIONS_LEAST;

	for (size_t sections = most; sections >= least; sections--) {
		bool enough = true;

		for (size_t s = 0; enough && s < sections; s++) {
			size_t count = observations_section_count(observations, s, sections);

			/* fewer make the quantile of a section too biased */
			enough = (double)count * (1 - p) >= 20 - 1e-6;
		}
		if (enough)
			return sections;
	}
	return 0;
}

/* Quantiles of groups of replications around the quantile of all. */
static bool sectioning(const struct observations *observations,
		       const struct distribution *distribution, double p, struct interval *interval,
		       struct error *error)
{
	size_t sections = count_sections(observations, p);
	double all = (double)distribution_quantile(distribution, p), spread = 0, half;

	if (!sections)
		return true;
	for (size_t s = 0; s < sections; s++) {
		struct distribution section;
		double off;

		if (!observations_section(observations, s, sections, &section, error))
			return false;
		off = (double)distribution_quantile(&section, p) - all;
		spread += off * off;
		distribution_fini(&section);
	}
	half = special_student_quantile((1 + confidence) / 2, (double)(sections - 1)) *
	       sqrt(spread / (double)(sections - 1) / (double)sections);
	/* what is observed here (times, bytes, counts) is never negative */
	*interval = (struct interval){ isfinite(half), fmax(all - half, fmin(all, 0)), all + half };
	return true;
}

bool quantile_interval(const struct observations *observations,
		       const struct distribution *distribution, double p, struct interval *interval,
		       struct error *error)
{
	size_t low, high;

	*interval = (struct interval){ 0 };
	if (!observations->count)
		return true;
	if (observations->several)
		return sectioning(observations, distribution, p, interval, error);
	low = high = 1; /* whatever the ranks of equal values are */
	if (observations->smallest == observations->largest
		    ? has_ranks(observations->count, p)
		    : quantile_ranks(observations->count, p, &low, &high))
		*interval = (struct interval){ true, (double)distribution_value(distribution, low),
					       (double)distribution_value(distribution, high) };
	return true;
}
