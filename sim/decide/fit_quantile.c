#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "base/memory.h"
#include "decide/fit_parts.h"

enum { MEASUREMENTS_MAX = 100000, ROUNDS = 64 };

/* Measurements of which a line is sought, and room for what is left of them. */
struct sought {
	double *x, *y, *rest;
	size_t count;
	double quantile;
};

/* The quantile of `rest`, which is sorted by it. */
static double rest_quantile(struct sought *sought)
{
	gsl_sort(sought->rest, 1, sought->count);
	return gsl_stats_quantile_from_sorted_data(sought->rest, 1, sought->count,
						   sought->quantile);
}

/* What is paid for a slope, its best intercept found: q above the line, 1 - q below it. */
static double loss(struct sought *sought, double slope, double *intercept)
{
	double sum = 0;

	for (size_t i = 0; i < sought->count; i++)
		sought->rest[i] = sought->y[i] - slope * sought->x[i];
	*intercept = rest_quantile(sought);
	for (size_t i = 0; i < sought->count; i++) {
		double rest = sought->rest[i] - *intercept;

		sum += rest > 0 ? sought->quantile * rest : (sought->quantile - 1) * rest;
	}
	return sum;
}

/* The loss is convex in the slope: golden section. */
static double best_line(struct sought *sought, double highest, double *intercept)
{
	const double ratio = (sqrt(5) - 1) / 2;
	double low = -highest, high = highest, a = high - ratio * (high - low),
	       b = low + ratio * (high - low), ignored;
	double at_a = loss(sought, a, &ignored), at_b = loss(sought, b, &ignored);

	for (int i = 0; i < ROUNDS; i++) {
		if (at_a <= at_b) {
			high = b;
			b = a;
			at_b = at_a;
			a = high - ratio * (high - low);
			at_a = loss(sought, a, &ignored);
		} else {
			low = a;
			a = b;
			at_a = at_b;
			b = low + ratio * (high - low);
			at_b = loss(sought, b, &ignored);
		}
	}
	loss(sought, (low + high) / 2, intercept);
	return (low + high) / 2;
}

/* Through zero: the quantile of the ratios y / x, each counted x times. */
static double best_ratio(struct sought *sought, size_t *order)
{
	double total = 0, sum = 0;
	size_t last = 0;

	for (size_t i = 0; i < sought->count; i++) {
		sought->rest[i] = sought->x[i] > 0 ? sought->y[i] / sought->x[i] : 0;
		total += sought->x[i];
	}
	gsl_sort_index(order, sought->rest, 1, sought->count);
	for (size_t i = 0; i < sought->count; i++) {
		if (!(sought->x[order[i]] > 0))
			continue;
		last = order[i];
		sum += sought->x[last];
		if (sum >= sought->quantile * total)
			break;
	}
	return sought->rest[last];
}

/* No slope is steeper than this one. */
static double steepest(const struct fit_data *data, size_t *order)
{
	double least = INFINITY, low, high;

	gsl_sort_index(order, data->x, 1, data->count);
	for (size_t i = 1; i < data->count; i++)
		if (data->x[order[i]] > data->x[order[i - 1]])
			least = fmin(least, data->x[order[i]] - data->x[order[i - 1]]);
	gsl_stats_minmax(&low, &high, data->y, 1, data->count);
	return (high - low) / least;
}

static double solve(struct sought *sought, bool through_zero, double highest, size_t *order,
		    double *intercept)
{
	*intercept = 0;
	return through_zero ? best_ratio(sought, order) : best_line(sought, highest, intercept);
}

/* Draw the measurements anew, again and again; where 95 % of slopes and intercepts lie. */
static bool bootstrap(const struct fit_data *data, struct sought *sought, bool through_zero,
		      double highest, size_t *order, struct fit_line *line, struct error *error)
{
	size_t rounds = (size_t)fmin(400, fmax(60, 2e6 / (double)data->count));
	double *slopes = memory_array(rounds, sizeof(*slopes), "bootstrap", error);
	double *intercepts = memory_array(rounds, sizeof(*intercepts), "bootstrap", error);
	gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
	bool ok = slopes && intercepts && random;

	for (size_t r = 0; ok && r < rounds; r++) {
		for (size_t i = 0; i < data->count; i++) {
			size_t drawn = gsl_rng_uniform_int(random, data->count);

			sought->x[i] = data->x[drawn];
			sought->y[i] = data->y[drawn];
		}
		slopes[r] = solve(sought, through_zero, highest, order, &intercepts[r]);
	}
	if (ok) {
		gsl_sort(slopes, 1, rounds);
		gsl_sort(intercepts, 1, rounds);
		line->slope.low =
			fmin(line->slope.value,
			     gsl_stats_quantile_from_sorted_data(slopes, 1, rounds, 0.025));
		line->slope.high =
			fmax(line->slope.value,
			     gsl_stats_quantile_from_sorted_data(slopes, 1, rounds, 0.975));
		line->intercept.low =
			gsl_stats_quantile_from_sorted_data(intercepts, 1, rounds, 0.025);
		line->intercept.high =
			gsl_stats_quantile_from_sorted_data(intercepts, 1, rounds, 0.975);
	}
	if (random)
		gsl_rng_free(random);
	free(slopes);
	free(intercepts);
	return ok || error_memory(error, "bootstrap");
}

bool fit_quantile_line(const struct fit_data *data, bool through_zero, double quantile,
		       struct fit_line *line, struct error *error)
{
	struct sought sought = { .count = data->count, .quantile = quantile };
	size_t *order = NULL;
	double highest = 0;
	bool ok = false;

	if (data->count > MEASUREMENTS_MAX)
		return error_set(error, ERROR_INPUT,
				 "%s: a line by a quantile is sought of %d measurements at most",
				 data->path, MEASUREMENTS_MAX);
	if (!fit_line_begin(data, through_zero, line, error))
		goto out;
	sought.x = memory_array(3 * data->count, sizeof(double), "fit", error);
	order = memory_array(data->count, sizeof(*order), "fit", error);
	if (!sought.x || !order)
		goto out;
	highest = through_zero ? 0 : steepest(data, order);
	sought.y = sought.x + data->count;
	sought.rest = sought.y + data->count;
	memcpy(sought.x, data->x, data->count * sizeof(double));
	memcpy(sought.y, data->y, data->count * sizeof(double));
	line->slope.value = solve(&sought, through_zero, highest, order, &line->intercept.value);
	line->slope.low = line->slope.high = line->slope.value;
	line->intercept.low = line->intercept.high = line->intercept.value;
	line->r_squared = line->residual_ns = NAN;
	line->known = data->count >= 6;
	ok = !line->known || bootstrap(data, &sought, through_zero, highest, order, line, error);
	if (ok)
		fit_line_end(data, line);
out:
	free(sought.x);
	free(order);
	if (!ok)
		fit_line_fini(line);
	return ok;
}

bool fit_quantile(const struct fit_data *data, double quantile, struct fit_value *value,
		  struct error *error)
{
	unsigned int n = (unsigned int)data->count;
	double *sorted;
	size_t low = 0, high = data->count - 1;

	if (data->count < 2)
		return error_set(error, ERROR_INPUT, "%s: a quantile needs at least 2 durations",
				 data->path);
	sorted = memory_array(data->count, sizeof(*sorted), "durations", error);
	if (!sorted)
		return false;
	memcpy(sorted, data->y, data->count * sizeof(*sorted));
	gsl_sort(sorted, 1, data->count);
	/* So many of n lie below the quantile with 2.5 % at most, and with 97.5 % at least. */
	while (low + 1 < data->count && gsl_cdf_binomial_P((unsigned int)low, quantile, n) <= 0.025)
		low++;
	while (high > 0 && gsl_cdf_binomial_P((unsigned int)high - 1, quantile, n) >= 0.975)
		high--;
	value->value = gsl_stats_quantile_from_sorted_data(sorted, 1, data->count, quantile);
	value->low = fmin(sorted[low ? low - 1 : 0], value->value);
	value->high = fmax(sorted[high], value->value);
	free(sorted);
	return true;
}
