#include "calibrate/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "base/memory.h"

/* --- times ------------------------------------------------------------------ */

bool points_add(struct points *points, double units, double wall_ns, unsigned int round,
		struct error *error)
{
	size_t count = points->count + 1;

	if (!memory_grow(&points->units, &points->units_capacity, count, sizeof(*points->units),
			 "times", error) ||
	    !memory_grow(&points->wall_ns, &points->wall_capacity, count, sizeof(*points->wall_ns),
			 "times", error) ||
	    !memory_grow(&points->round, &points->round_capacity, count, sizeof(*points->round),
			 "times", error))
		return false;
	points->units[points->count] = units;
	points->wall_ns[points->count] = wall_ns;
	points->round[points->count++] = round;
	return true;
}

void points_fini(struct points *points)
{
	free(points->units);
	free(points->wall_ns);
	free(points->round);
	*points = (struct points){ 0 };
}

static double sorted_median(const double *values, size_t count, double spread[2])
{
	double *sorted = malloc((count ? count : 1) * sizeof(*sorted)), median = NAN;

	if (spread)
		spread[0] = spread[1] = NAN;

	if (sorted && count) {
		/* 95 % of a median lie between these order statistics (normal approximation). */
		double reach = 0.98 * sqrt((double)count);
		size_t below = (size_t)fmax(0, floor((double)(count - 1) / 2 - reach));

		memcpy(sorted, values, count * sizeof(*sorted));
		gsl_sort(sorted, 1, count);
		median = gsl_stats_median_from_sorted_data(sorted, 1, count);
		if (spread) {
			spread[0] = sorted[below];
			spread[1] = sorted[count - 1 - below];
		}
	}
	free(sorted);
	return median;
}

double median_of(const double *values, size_t count)
{
	return sorted_median(values, count, NULL);
}

double drift_between(const double *before, size_t before_count, const double *after,
		     size_t after_count)
{
	double first = median_of(before, before_count), last = median_of(after, after_count);

	return first > 0 && last > 0 ? fmax(first, last) / fmin(first, last) - 1 : 0;
}

double rounded(double value, int digits, double (*towards)(double))
{
	double scale, scaled;

	if (value == 0 || !isfinite(value))
		return value;
	scale = pow(10, digits - 1 - (int)floor(log10(fabs(value))));
	scaled = value * scale;
	/* What is a whole number but for its last bits stays that. */
	if (fabs(scaled - nearbyint(scaled)) < 1e-9 * fabs(scaled))
		scaled = nearbyint(scaled);
	return towards(scaled) / scale;
}

/* --- one measurement ----------------------------------------------------------- */

/* The times of one round: a line of its own, or the median of times per unit. */
static void take_round(struct estimate *estimate, const struct points *points, bool line,
		       unsigned int round)
{
	double units[64], wall_ns[64], slope = NAN, fixed = NAN;
	size_t count = 0;

	for (size_t i = 0; i < points->count && count < 64; i++) {
		if (points->round[i] != round)
			continue;
		units[count] = points->units[i];
		wall_ns[count++] = points->wall_ns[i];
	}
	if (line && count >= 2 && gsl_stats_max(units, 1, count) > gsl_stats_min(units, 1, count)) {
		double a, b, c, squares;

		gsl_fit_linear(units, 1, wall_ns, 1, count, &fixed, &slope, &a, &b, &c, &squares);
	} else if (!line && count) {
		for (size_t i = 0; i < count; i++)
			wall_ns[i] /= units[i];
		slope = median_of(wall_ns, count);
		fixed = 0;
	}
	estimate->per_round[PART_SLOPE][round] = slope;
	estimate->per_round[PART_FIXED][round] = fixed;
}

/* Of single calls: as robust as the median is. */
static double variation_of(const double *values, size_t count, double median)
{
	double *work = malloc(count * sizeof(*work)), deviation = 0;

	if (work && count >= 5 && median > 0)
		deviation = gsl_stats_mad(values, 1, count, work) / median;
	free(work);
	return deviation;
}

static bool take_calls(struct estimate *estimate, const struct points *points, struct error *error)
{
	double *each = memory_array(points->count, sizeof(*each), "times", error), spread[2];
	struct fit_value *slope = &estimate->part[PART_SLOPE];

	if (!each)
		return false;
	for (size_t i = 0; i < points->count; i++)
		each[i] = points->wall_ns[i] / points->units[i];
	slope->value = sorted_median(each, points->count, spread);
	slope->low = spread[0];
	slope->high = spread[1];
	if (points->units[0] == 1)
		estimate->cv = variation_of(each, points->count, slope->value);
	free(each);
	return true;
}

static bool take_line(struct estimate *estimate, const struct measurement *measurement,
		      const struct points *points, struct error *error)
{
	const struct fit_data data = { measurement->name, points->units, points->wall_ns,
				       points->count };
	struct fit_line line;

	if (!fit_line(&data, false, &line, error))
		return false;
	estimate->part[PART_SLOPE] = line.slope;
	estimate->part[PART_FIXED] = line.intercept;
	fit_line_fini(&line);
	return true;
}

bool estimate_make(struct estimate *estimate, const struct measurement *measurement,
		   const struct points *points, struct error *error)
{
	bool line = measurement_is_line(measurement);

	*estimate = (struct estimate){ 0 };
	if (points->count < 3)
		return true;
	if (line && gsl_stats_max(points->units, 1, points->count) ==
			    gsl_stats_min(points->units, 1, points->count))
		return true;
	for (size_t i = 0; i < points->count; i++)
		if (points->round[i] >= estimate->rounds)
			estimate->rounds = points->round[i] + 1;
	if (!(line ? take_line(estimate, measurement, points, error)
		   : take_calls(estimate, points, error)))
		return false;
	for (unsigned int round = 0; round < estimate->rounds; round++)
		take_round(estimate, points, line, round);
	estimate->exists = true;
	return true;
}

/* --- prices ---------------------------------------------------------------------- */

/* The sum of a rule's addends in one round; NaN when one of them has none. */
static double round_sum(const struct price_rule *rule,
			const struct estimate estimates[MEASUREMENTS], unsigned int round)
{
	double sum = 0;

	for (size_t i = 0; i < ADDENDS_MOST && rule->addends[i].part; i++) {
		const struct addend *addend = &rule->addends[i];
		const struct estimate *of = &estimates[addend->of];

		sum += addend->times *
		       (round < of->rounds ? of->per_round[addend->part][round] : NAN);
	}
	return sum;
}

/* How fast each is when several are at work, by round; false: not measured. */
static bool take_speed(struct price_estimate *price, size_t at, const struct estimate *one,
		       const struct estimate *several)
{
	double speeds[ROUNDS_MOST];
	size_t count = 0;

	if (!one->exists || !several->exists)
		return false;
	for (unsigned int round = 0; round < one->rounds && round < several->rounds; round++) {
		double speed =
			one->per_round[PART_SLOPE][round] / several->per_round[PART_SLOPE][round];

		if (speed > 0)
			speeds[count++] = fmin(1, speed);
	}
	if (!count)
		return false;
	price->speeds[at] = rounded(median_of(speeds, count), 3, nearbyint);
	if (at == 0) {
		price->slowest = gsl_stats_min(speeds, 1, count);
		price->fastest = gsl_stats_max(speeds, 1, count);
	}
	return true;
}

static void take_crowd(struct price_estimate *price, const struct price_rule *rule,
		       const struct estimate estimates[MEASUREMENTS], double drift)
{
	if (!take_speed(price, 0, &estimates[rule->one], &estimates[rule->two]))
		return;
	price->slowest = rounded(price->slowest / (1 + drift), 3, floor);
	price->fastest = fmin(1, rounded(price->fastest * (1 + drift), 3, ceil));
	price->speed_count = 1;
	if (!take_speed(price, 2, &estimates[rule->one], &estimates[rule->four]))
		return;
	price->speed_count = 3; /* of three in the middle */
	price->speeds[1] = rounded((price->speeds[0] + price->speeds[2]) / 2, 3, nearbyint);
}

void price_make(struct price_estimate *price, const struct price_rule *rule,
		const struct estimate estimates[MEASUREMENTS], double drift)
{
	double squares = 0, half;
	unsigned int rounds = 0;

	*price = (struct price_estimate){ 0 };
	for (size_t i = 0; i < ADDENDS_MOST && rule->addends[i].part; i++) {
		const struct addend *addend = &rule->addends[i];
		const struct estimate *of = &estimates[addend->of];
		const struct fit_value *part = &of->part[addend->part];

		if (!of->exists)
			return;
		price->value += addend->times * part->value;
		half = addend->times * fmax(part->high - part->value, part->value - part->low);
		squares += half * half;
		rounds = of->rounds > rounds ? of->rounds : rounds;
		if (rule->addends[1].part == PART_NONE)
			price->cv = of->cv;
	}
	price->low = price->value - sqrt(squares);
	price->high = price->value + sqrt(squares);
	for (unsigned int round = 0; round < rounds; round++) {
		double sum = round_sum(rule, estimates, round);

		price->low = fmin(price->low, sum); /* NaN is passed over */
		price->high = fmax(price->high, sum);
	}
	price->told_from_zero = price->low > 0;
	price->value = fmax(0, rounded(price->value, 3, nearbyint));
	price->low = fmax(0, rounded(price->low / (1 + drift), 3, floor));
	price->high = fmax(price->value, rounded(price->high * (1 + drift), 3, ceil));
	price->low = fmin(price->low, price->value);
	price->exists = price->high > 0;
	if (rule->crowded)
		take_crowd(price, rule, estimates, drift);
}

/* Together they take so much longer for a page: else it is the CPUs that are slow, not the bus. */
static const double bound_ratio = 1.1;

void bandwidth_make(struct bandwidth_estimate *bandwidth, size_t processes,
		    const struct estimate estimates[MEASUREMENTS], double drift)
{
	const struct estimate *all = &estimates[CLEAR_ALL], *one = &estimates[CLEAR];
	double bytes = (double)processes * (double)measurements[CLEAR_ALL].unit_size * 1e9;
	double low, high;

	*bandwidth = (struct bandwidth_estimate){ 0 };
	if (!all->exists || !one->exists || all->part[PART_SLOPE].value <= 0)
		return;
	low = all->part[PART_SLOPE].high;
	high = fmax(all->part[PART_SLOPE].low, all->part[PART_SLOPE].value / 2);
	for (unsigned int round = 0; round < all->rounds; round++) {
		double slope = all->per_round[PART_SLOPE][round];

		low = fmax(low, slope);
		if (slope > 0)
			high = fmin(high, slope);
	}
	*bandwidth = (struct bandwidth_estimate){
		true,
		all->part[PART_SLOPE].value > bound_ratio * one->part[PART_SLOPE].value,
		rounded(bytes / all->part[PART_SLOPE].value, 3, nearbyint),
		rounded(bytes / low / (1 + drift), 3, floor),
		rounded(bytes / high * (1 + drift), 3, ceil),
	};
}
