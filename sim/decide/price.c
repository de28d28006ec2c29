#include "decide/price.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_fit.h>

#include "base/memory.h"
#include "base/special_functions.h"

/* A unit's cv above this is no spread of units: it is one of runs, which all units share. */
static const double CV_OF_UNITS = 1;

static bool is_single(const struct price_point *point)
{
	return point->count == 1 && point->low_ns == point->high_ns;
}

static bool all_single(const struct price_data *data)
{
	for (size_t i = 0; i < data->count; i++)
		if (!is_single(&data->points[i]))
			return false;
	return true;
}

static bool amounts_differ(const struct price_data *data)
{
	for (size_t i = 1; i < data->count; i++)
		if (data->points[i].amount != data->points[0].amount)
			return true;
	return false;
}

static void scale(struct fit_value *value, double factor)
{
	value->value *= factor;
	value->low *= factor;
	value->high *= factor;
}

/* Amounts and durations of points as arrays; weights by calls. */
static bool take_arrays(const struct price_data *data, struct price *price, struct error *error)
{
	price->count = data->count;
	price->x = memory_array(data->count, sizeof(*price->x), "measurements", error);
	price->y = memory_array(data->count, sizeof(*price->y), "measurements", error);
	for (size_t i = 0; price->x && price->y && i < data->count; i++) {
		price->x[i] = data->points[i].amount;
		price->y[i] = data->points[i].mean_ns;
	}
	return price->x && price->y;
}

/* The spread of calls of one amount, and what it says of one unit. */
static void set_spread(struct price *price, double spread, double amount)
{
	double cv = spread * sqrt(amount);

	price->spread = spread;
	price->spread_at = amount;
	price->cv = amount <= 1 || cv <= CV_OF_UNITS ? cv : NAN;
}

/* --- single calls --------------------------------------------------------------------------- */

static bool same_amount(const struct price_data *data, struct price *price, struct error *error)
{
	const struct fit_data durations = { data->path, NULL, price->y, price->count };
	double amount = data->points[0].amount;

	if (price->count == 1) {
		price->unit = (struct fit_value){ price->y[0], price->y[0], price->y[0] };
		price->known = false;
	} else {
		if (!fit_law(&durations, &price->law, error))
			return false;
		price->has_law = true;
		price->unit = price->law.mean;
		set_spread(price, price->law.cv, amount);
		if (!isnan(data->quantile) &&
		    !fit_quantile(&durations, data->quantile, &price->unit, error))
			return false;
	}
	scale(&price->unit, 1 / amount);
	return true;
}

static double median_amount(const struct price *price)
{
	double low = price->x[0], high = price->x[0];

	for (size_t i = 1; i < price->count; i++) {
		low = fmin(low, price->x[i]);
		high = fmax(high, price->x[i]);
	}
	return sqrt(fmax(low, 1) * high);
}

static bool different_amounts(const struct price_data *data, struct price *price,
			      struct error *error)
{
	const struct fit_data points = { data->path, price->x, price->y, price->count };
	double amount, mean;

	if (isnan(data->quantile) ? !fit_line(&points, data->through_zero, &price->shape, error)
				  : !fit_quantile_line(&points, data->through_zero, data->quantile,
						       &price->shape, error))
		return false;
	price->has_shape = true;
	price->unit = price->shape.slope;
	price->fixed = price->shape.intercept;
	price->known = price->shape.known;
	amount = median_amount(price);
	mean = price->fixed.value + price->unit.value * amount;
	if (mean > 0 && isfinite(price->shape.residual_ns))
		set_spread(price, price->shape.residual_ns / mean, amount);
	return true;
}

/* --- sums and bins --------------------------------------------------------------------------- */

/* All points as one: of the same amount. */
static void pool(const struct price_data *data, struct price *price)
{
	double calls = 0, mean = 0, low = 0, high = 0, inner = 0, outer = 0, between = 0, half = 0;
	double amount = data->points[0].amount, n = (double)data->count;
	bool told = true; /* the deviation within each point */

	for (size_t i = 0; i < data->count; i++) {
		const struct price_point *point = &data->points[i];

		calls += point->count;
		mean += point->count * point->mean_ns;
		low += point->count * point->low_ns;
		high += point->count * point->high_ns;
		told = told && (point->count == 1 || !isnan(point->deviation_ns));
	}
	mean /= calls;
	for (size_t i = 0; i < data->count; i++) {
		const struct price_point *point = &data->points[i];
		double off = point->mean_ns - mean;

		if (point->count > 1 && told)
			inner += (point->count - 1) * point->deviation_ns * point->deviation_ns;
		outer += point->count * off * off;
		between += point->count * point->count * off * off;
	}
	price->known = told ? calls > 1 : data->count > 1;
	if (told && calls > 1) {
		double deviation = sqrt((inner + outer) / (calls - 1));

		half = special_student_quantile(0.975, calls - 1) * deviation / sqrt(calls);
		set_spread(price, deviation / mean, amount);
	} else if (data->count > 1) {
		half = special_student_quantile(0.975, n - 1) * sqrt(between * n / (n - 1)) / calls;
	}
	price->unit = (struct fit_value){ mean, fmax(0, low / calls - half), high / calls + half };
	scale(&price->unit, 1 / amount);
}

/* A line through means of calls, each as sure as its calls make it. */
static bool weighted_line(const struct price_data *data, struct price *price, struct error *error)
{
	double *weights = memory_array(data->count, sizeof(*weights), "weights", error);
	double cov[3] = { 0 }, squares, half[2], sum = 0, low = 0, high = 0;
	double freedom = (double)data->count - (data->through_zero ? 1 : 2), quantile, factor;
	bool told = true;

	if (!weights)
		return false;
	for (size_t i = 0; i < data->count; i++)
		told = told && data->points[i].deviation_ns > 0;
	for (size_t i = 0; i < data->count; i++) {
		const struct price_point *point = &data->points[i];

		weights[i] = point->count;
		if (told)
			weights[i] /= point->deviation_ns * point->deviation_ns;
		sum += point->count * point->mean_ns;
		low += point->count * point->low_ns;
		high += point->count * point->high_ns;
	}
	if (data->through_zero)
		gsl_fit_wmul(price->x, 1, weights, 1, price->y, 1, data->count, &price->unit.value,
			     &cov[2], &squares);
	else
		gsl_fit_wlinear(price->x, 1, weights, 1, price->y, 1, data->count,
				&price->fixed.value, &price->unit.value, &cov[0], &cov[1], &cov[2],
				&squares);
	free(weights);
	price->known = freedom > 0 || told;
	factor = freedom > 0 ? squares / freedom : told ? 1 : 0;
	if (told) /* the calls scatter at least as much as they are told to */
		factor = fmax(1, factor);
	quantile = freedom > 0 ? special_student_quantile(0.975, freedom)
			       : special_normal_quantile(0.975);
	half[0] = quantile * sqrt(cov[0] * factor);
	half[1] = quantile * sqrt(cov[2] * factor);
	price->fixed.low = price->fixed.value - half[0];
	price->fixed.high = price->fixed.value + half[0];
	price->unit.low = price->unit.value * low / sum - half[1];
	price->unit.high = price->unit.value * high / sum + half[1];
	return true;
}

/* --- all of it -------------------------------------------------------------------------------- */

bool price_find(const struct price_data *data, struct price *price, struct error *error)
{
	*price = (struct price){ .known = true, .spread = NAN, .cv = NAN };
	if (!take_arrays(data, price, error))
		return false;
	for (size_t i = 0; i < data->count; i++) {
		price->calls += data->points[i].count;
		price->binned =
			price->binned || data->points[i].high_ns > data->points[i].low_ns * 1.01;
	}
	price->line = amounts_differ(data);
	if (all_single(data))
		return price->line ? different_amounts(data, price, error)
				   : same_amount(data, price, error);
	if (!isnan(data->quantile))
		return error_set(error, ERROR_INPUT,
				 "%s: a quantile needs single durations, not sums or bins",
				 data->path);
	if (price->line)
		return weighted_line(data, price, error);
	pool(data, price);
	return true;
}

bool price_less(struct price *price, const char *term, struct fit_value less, struct error *error)
{
	struct fit_value *unit = &price->unit;
	double value = unit->value - less.value;
	double down = hypot(unit->value - unit->low, less.high - less.value);
	double up = hypot(unit->high - unit->value, less.value - less.low);

	if (!(value > 0))
		return error_set(error, ERROR_INPUT,
				 "nothing is left: %.4g ns for each unit less %.4g ns of %.60s",
				 unit->value, less.value, term);
	*unit = (struct fit_value){ value, fmax(0, value - down), value + up };
	price->cv = NAN; /* it was that of the whole */
	return true;
}

void price_fini(struct price *price)
{
	if (price->has_shape)
		fit_line_fini(&price->shape);
	free(price->x);
	free(price->y);
	*price = (struct price){ 0 };
}
