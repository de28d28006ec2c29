#include "repeat/limit.h"

#include <math.h>

#include "repeat/bounds.h"

enum { FEW = 20 };

static const double never_share = 0.01, most_replications = 1e7;

/* What observations say of a limit but for how many replications they are of. */
struct sample {
	double allowed;         /* of the mean, or of the probability to exceed the limit */
	double mean, deviation; /* of that: over units, of one (NAN: not known) */
	double unit;            /* replications that are one for the deviation */
	/* Of a probability alone: */
	bool binomial; /* decided by with_one */
	double with_one,
		beyond; /* replications with one beyond the limit, and all of those; each */
};

/* --- bounds ----------------------------------------------------------------------------- */

static void take_line(const struct sample *sample, double n, const struct limit_look *look,
		      struct limit_bounds *bounds)
{
	double alpha = look->most ? look->alpha : look->alpha / (double)look->looks, half;
	double units = n / sample->unit, most = fmax((double)look->most / sample->unit, units);

	bounds->low = -INFINITY;
	bounds->high = INFINITY;
	if (!isfinite(sample->deviation))
		return;
	half = line_half_width(sample->deviation / sqrt(units), units, alpha,
			       look->tolerance * fabs(sample->allowed) / 4, most);
	bounds->low = sample->mean - half;
	bounds->high = sample->mean + half;
}

/* As they would be in n replications. */
static struct limit_bounds bounds_of(const struct sample *sample, double n,
				     const struct limit_look *look)
{
	struct limit_bounds bounds = { .estimate = sample->mean, .limit = sample->allowed };
	double low, high;

	if (!sample->binomial)
		take_line(sample, n, look, &bounds);
	if (isnan(sample->with_one))
		return bounds;
	binomial_bounds(sample->with_one * n, n, look->alpha, sample->allowed, &low, &high);
	if (sample->binomial) {
		bounds.low = low;
		bounds.high = high;
		return bounds;
	}
	/* a replication with one may hold many: only the ratio bounds from below */
	bounds.low = fmax(bounds.low, 0);
	if (sample->beyond * n < FEW)
		bounds.high = fmax(bounds.high, high);
	return bounds;
}

/* Replications that decide, up to 2 digits; INFINITY: none that can be run. */
static double needed_of(const struct sample *sample, double n, const struct limit_look *look)
{
	double too_few = n, enough = 2 * n, unit;
	struct limit_bounds bounds = bounds_of(sample, n, look);

	if (limit_judgement(&bounds) != LIMIT_UNDECIDED)
		return 0;
	if (!sample->binomial && !isfinite(sample->deviation))
		return NAN;
	bounds = bounds_of(sample, enough, look);
	while (limit_judgement(&bounds) == LIMIT_UNDECIDED) {
		if (enough > most_replications)
			return INFINITY;
		too_few = enough;
		enough *= 2;
		bounds = bounds_of(sample, enough, look);
	}
	while (enough - too_few > 1 && enough > 1.01 * too_few) {
		double middle = (too_few + enough) / 2;

		bounds = bounds_of(sample, middle, look);
		if (limit_judgement(&bounds) == LIMIT_UNDECIDED)
			too_few = middle;
		else
			enough = middle;
	}
	unit = fmax(pow(10, floor(log10(enough)) - 1), 1);
	return ceil(enough / unit) * unit;
}

/* --- what is observed ---------------------------------------------------------------------- */

/* Sums over units (replications, or sections of them) of observations and of those beyond. */
struct sums {
	double units, all, beyond, squares, products, beyond_squares;
};

static void add_unit(struct sums *sums, double all, double beyond)
{
	sums->units++;
	sums->all += all;
	sums->beyond += beyond;
	sums->squares += all * all;
	sums->products += all * beyond;
	sums->beyond_squares += beyond * beyond;
}

static void add_replications(struct sums *sums, const struct observations *observations,
			     double limit)
{
	for (size_t r = 0; r < observations->kept; r++) {
		size_t count, beyond = 0;
		const int64_t *values = observations_of(observations, r, &count);

		for (size_t i = 0; i < count; i++)
			beyond += (double)values[i] > limit;
		add_unit(sums, (double)count, (double)beyond);
	}
}

/* The same where values were counted: each section is of whole replications. */
static bool add_sections(struct sums *sums, const struct observations *observations, double limit,
			 struct error *error)
{
	for (size_t s = 0; s < SECTIONS_MOST; s++) {
		struct distribution values;
		struct value_count item;
		uint64_t beyond = 0;

		if (!observations_section(observations, s, SECTIONS_MOST, &values, error))
			return false;
		for (size_t at = 0; distribution_next(&values, &at, &item);)
			if ((double)item.value > limit)
				beyond += item.count;
		add_unit(sums, (double)values.count, (double)beyond);
		distribution_fini(&values);
	}
	return true;
}

/* Deviation of the ratio beyond / all over units (W. G. Cochran, as in repeat/statistics.h). */
static double ratio_deviation(const struct sums *sums, double ratio)
{
	double spread =
		sums->beyond_squares - 2 * ratio * sums->products + ratio * ratio * sums->squares;

	if (sums->units < 2)
		return NAN;
	return sqrt(fmax(spread, 0) / (sums->units - 1)) / (sums->all / sums->units);
}

static bool sample_share(struct sample *sample, const struct observations *observations,
			 const struct objective *limit, bool random, struct error *error)
{
	bool never = limit->quantile >= 1;
	struct sums sums = { 0 };
	size_t with_one = 0;

	if (!observations->sections || !observations->several)
		add_replications(&sums, observations, limit->at_most);
	else if (!add_sections(&sums, observations, limit->at_most, error))
		return false;
	for (size_t r = 0; r < observations->kept; r++) {
		struct replication_sum sum = observations_sum(observations, r);

		with_one += sum.count && (double)sum.largest > limit->at_most;
	}
	sample->allowed = never ? never_share : round(1e12 * (1 - limit->quantile)) / 1e12;
	sample->with_one = (double)with_one / (double)observations->kept;
	sample->unit = (double)observations->kept / sums.units;
	sample->beyond = sums.beyond / sums.units / sample->unit;
	sample->binomial = never || (random && !observations->several);
	sample->mean = sample->binomial ? sample->with_one : sums.beyond / sums.all;
	sample->deviation = ratio_deviation(&sums, sums.beyond / sums.all);
	return true;
}

bool limit_judge(const struct objective *limit, const struct observations *observations,
		 bool random, const struct limit_look *look, struct limit_bounds *bounds,
		 struct error *error)
{
	/* what is said of shares is said of the first 2^20, which are known one by one */
	double n = (double)(limit->quantile < 0 ? observations->replications : observations->kept);
	struct sample sample = { .allowed = limit->at_most, .with_one = NAN, .unit = 1 };

	*bounds = (struct limit_bounds){ INFINITY, INFINITY, INFINITY, limit->at_most, NAN, 0 };
	if (!observations->count)
		return true;
	if (limit->quantile < 0) {
		sample.mean = mean_of(observations);
		sample.deviation = mean_error(observations) * sqrt(n);
	} else if (!sample_share(&sample, observations, limit, random, error)) {
		return false;
	}
	if (!random) {
		*bounds = (struct limit_bounds){ sample.mean,    sample.mean, sample.mean,
						 sample.allowed, NAN,         0 };
		return true;
	}
	*bounds = bounds_of(&sample, n, look);
	bounds->observed = NAN;
	bounds->needed = needed_of(&sample, n, look);
	return true;
}

static bool is_worse(const struct limit_bounds *one, const struct limit_bounds *other)
{
	enum judgement verdict = limit_judgement(one), known = limit_judgement(other);

	return verdict == known ? one->high > other->high
				: judgement_worse(verdict, known) == verdict;
}

bool limit_judge_all(const struct objective *limit, const struct replications *replications,
		     const struct limit_look *look, struct limit_bounds *out, struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);
	bool any = false;

	*out = (struct limit_bounds){ INFINITY, INFINITY, INFINITY, limit->at_most, NAN, 0 };
	for (size_t m = 0; m < count; m++) {
		const struct observations *observations = &replications->metrics[m];
		struct limit_bounds bounds;

		if (!metric_is(metrics[m].name, metrics[m].group, limit->metric, limit->group) ||
		    !observations->count)
			continue;
		if (!limit_judge(limit, observations, replications->random, look, &bounds, error))
			return false;
		if (!any || is_worse(&bounds, out))
			*out = bounds;
		any = true;
	}
	return true;
}
