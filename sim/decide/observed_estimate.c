/* A joint estimate of prices: how sure, and what is not known. */

#include <math.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>

#include "base/memory.h"
#include "decide/observed_parts.h"

static const double z95 = 1.959963984540054;
static const double poor_fit = 0.01;

/* --- how sure ---------------------------------------------------------------------------- */

/* What was found, in logarithms of prices in units of half their ranges. */
struct resolution {
	const struct price_fit *fit;
	double half[FITTED_MOST];
	gsl_matrix *rows, *directions; /* U and V of the slopes */
	gsl_vector *singular;
};

static double half_range(const struct cost *cost)
{
	double reach = cost->low_ns > 0 ? log(cost->high_ns / cost->low_ns) / 2 : log(10);

	return reach > 0 ? reach : 1;
}

static bool resolve(struct resolution *resolution, const struct price_fit *fit, struct error *error)
{
	size_t rows = fit->slopes->size1, count = fit->count;
	gsl_vector *work = gsl_vector_alloc(count);
	bool ok;

	*resolution = (struct resolution){ .fit = fit };
	resolution->rows = gsl_matrix_calloc(rows + count, count); /* at least as many as columns */
	resolution->directions = gsl_matrix_alloc(count, count);
	resolution->singular = gsl_vector_alloc(count);
	ok = (work && resolution->rows && resolution->directions && resolution->singular) ||
	     error_memory(error, "singular values");
	for (size_t i = 0; ok && i < count; i++) {
		resolution->half[i] = half_range(testbed_price(fit->bed, fit->names[i])->cost);
		for (size_t m = 0; m < rows; m++)
			gsl_matrix_set(resolution->rows, m, i,
				       gsl_matrix_get(fit->slopes, m, i) * resolution->half[i]);
		gsl_matrix_set(resolution->rows, rows + i, i,
			       1e-4); /* nothing is known: not 0 / 0 */
	}
	ok = ok && gsl_linalg_SV_decomp(resolution->rows, resolution->directions,
					resolution->singular, work) == GSL_SUCCESS;
	gsl_vector_free(work);
	return ok || error_set(error, ERROR_INTERNAL, "no singular values of the slopes");
}

static void resolution_fini(struct resolution *resolution)
{
	gsl_matrix_free(resolution->rows);
	gsl_matrix_free(resolution->directions);
	gsl_vector_free(resolution->singular);
}

/* Along this direction prices could go from one end of their ranges to the other. */
static bool is_unknown(const struct resolution *resolution, size_t j)
{
	return z95 / gsl_vector_get(resolution->singular, j) > 1;
}

/* Covariance of a' x and b' x, of logarithms in units of half ranges; only of what is known, or all. */
static double covariance_of(const struct resolution *resolution, const double *a, const double *b,
			    bool known)
{
	double sum = 0;

	for (size_t j = 0; j < resolution->fit->count; j++) {
		double s = gsl_vector_get(resolution->singular, j), along_a = 0, along_b = 0;

		if (known && is_unknown(resolution, j))
			continue;
		for (size_t i = 0; i < resolution->fit->count; i++) {
			double v = gsl_matrix_get(resolution->directions, i, j);

			along_a += v * a[i];
			along_b += v * b[i];
		}
		sum += along_a * along_b / (s * s);
	}
	return sum;
}

/* The interval is even in the price, not in its logarithm: predictions mostly are sums of prices. */
static bool fill_estimates(struct explanation *out, const struct resolution *resolution,
			   struct error *error)
{
	const struct price_fit *fit = resolution->fit;

	out->estimates = memory_keep_array(&out->keeper, fit->count, sizeof(*out->estimates),
					   "estimates", error);
	if (!out->estimates)
		return false;
	for (size_t i = 0; i < fit->count; i++) {
		const struct cost *cost = testbed_price(fit->bed, fit->names[i])->cost;
		struct explanation_estimate *row = &out->estimates[out->estimate_count++];
		double unit[FITTED_MOST] = { 0 }, relative;

		unit[i] = resolution->half[i];
		relative = z95 * out->widened * sqrt(covariance_of(resolution, unit, unit, false));
		*row = (struct explanation_estimate){
			.term = memory_keep_text(&out->keeper, fit->names[i], error),
			.unit = testbed_unit(fit->bed, fit->names[i]),
			.value = cost->law.mean_ns,
			.low = cost->low_ns,
			.high = cost->high_ns,
			.estimate = fit->mean_ns[i],
			.ci_low = fit->mean_ns[i] * fmax(0, 1 - relative),
			.ci_high = fit->mean_ns[i] * (1 + relative),
		};
		row->told = cost->high_ns > cost->low_ns
				    ? row->ci_high - row->ci_low < cost->high_ns - cost->low_ns
				    : relative < observed_told_share;
		row->outside = row->estimate < row->low || row->estimate > row->high;
		if (!row->term)
			return false;
	}
	return true;
}

static bool fill_correlations(struct explanation *out, const struct resolution *resolution,
			      struct error *error)
{
	size_t count = out->estimate_count;

	out->correlations = memory_keep_array(&out->keeper, count * count,
					      sizeof(*out->correlations), "correlations", error);
	for (size_t a = 0; out->correlations && a < count; a++) {
		for (size_t b = a + 1; b < count; b++) {
			double first[FITTED_MOST] = { 0 }, second[FITTED_MOST] = { 0 };

			if (!out->estimates[a].told || !out->estimates[b].told)
				continue;
			first[a] = second[b] = 1;
			out->correlations[out->correlation_count++] =
				(struct explanation_correlation){
					.a = out->estimates[a].term,
					.b = out->estimates[b].term,
					.value = covariance_of(resolution, first, second, false) /
						 sqrt(covariance_of(resolution, first, first,
								    false) *
						      covariance_of(resolution, second, second,
								    false)),
				};
		}
	}
	return out->correlations != NULL;
}

/* --- what is not known ---------------------------------------------------------------------- */

static double slope_product(const struct price_fit *fit, size_t a, size_t b)
{
	gsl_vector_const_view first = gsl_matrix_const_column(fit->slopes, a);
	gsl_vector_const_view second = gsl_matrix_const_column(fit->slopes, b);
	double product;

	gsl_blas_ddot(&first.vector, &second.vector, &product);
	return product / (fit->mean_ns[a] * fit->mean_ns[b]); /* by prices, not by logarithms */
}

/* What it does to the measurements when it moves by half its range, in their standard deviations. */
static double effect_of_half(const struct resolution *resolution, size_t i)
{
	return sqrt(slope_product(resolution->fit, i, i)) * resolution->fit->mean_ns[i] *
	       resolution->half[i];
}

/* Even from one end of its range to the other it does nothing that could be seen. */
static bool is_unseen(const struct resolution *resolution, size_t i)
{
	return effect_of_half(resolution, i) < z95;
}

/* Along a direction that is not known what some prices do is undone by others: how much of it. */
static double part_in(const struct resolution *resolution, size_t i, size_t direction)
{
	return fabs(gsl_matrix_get(resolution->directions, i, direction)) *
	       effect_of_half(resolution, i);
}

/* Prices that take part in a direction which is not known; in one group when they share one. */
static void group_unknown(const struct resolution *resolution, size_t groups[FITTED_MOST])
{
	size_t count = resolution->fit->count;

	for (size_t i = 0; i < count; i++)
		groups[i] = SIZE_MAX;
	for (size_t j = 0; j < count; j++) {
		size_t group = j;
		double most = 0;

		if (!is_unknown(resolution, j))
			continue;
		for (size_t i = 0; i < count; i++)
			most = fmax(most, part_in(resolution, i, j));
		for (size_t i = 0; i < count; i++) {
			if (part_in(resolution, i, j) < 0.2 * most || is_unseen(resolution, i))
				continue;
			for (size_t k = 0; groups[i] != SIZE_MAX && groups[i] != group && k < count;
			     k++)
				if (k != i && groups[k] == groups[i])
					groups[k] = group;
			groups[i] = group;
		}
	}
}

/*
 * The measurement that tells most along the direction of the group that is least known: the
 * prices moved along it, either way.
 */
static bool find_remedy(struct observed *observed, const struct resolution *resolution,
			size_t direction, const char **remedy, struct error *error)
{
	const struct price_fit *fit = resolution->fit;
	struct moved_price up[FITTED_MOST], down[FITTED_MOST];
	struct experiment_choice choices[EXPERIMENTS_MOST];
	struct prediction above[EXPERIMENTS_MOST], below[EXPERIMENTS_MOST];
	const double step = 0.1;
	double best = z95; /* less leaves it unknown */
	size_t count;

	for (size_t i = 0; i < fit->count; i++) {
		double moved = step * resolution->half[i] *
			       gsl_matrix_get(resolution->directions, i, direction);

		up[i] = (struct moved_price){ fit->names[i], fit->mean_ns[i] * exp(moved) };
		down[i] = (struct moved_price){ fit->names[i], fit->mean_ns[i] * exp(-moved) };
	}
	if (!observed_experiments(observed, choices, &count, error) ||
	    !observed_experiments_run(observed, choices, count, NULL, up, fit->count, above,
				      error) ||
	    !observed_experiments_run(observed, choices, count, NULL, down, fit->count, below,
				      error))
		return false;
	for (size_t e = 0; e < count; e++) {
		double noise = hypot(above[e].sampling, observed->options->error * above[e].value);
		double seen = fabs(above[e].value - below[e].value) / (2 * step * noise);

		if (isfinite(seen) && seen > best) {
			best = seen;
			*remedy = choices[e].what;
		}
	}
	return true;
}

static bool add_confusion(struct observed *observed, const struct resolution *resolution,
			  const size_t *members, size_t count, size_t direction,
			  struct error *error)
{
	struct explanation *out = observed->out;
	struct explanation_confusion *row = &out->confusions[out->confusion_count++];
	const struct price_fit *fit = resolution->fit;
	double weights[FITTED_MOST] = { 0 }, sum = 0, error_of_sum;
	size_t first = members[0];

	row->terms = memory_keep_array(&out->keeper, count, sizeof(*row->terms), "terms", error);
	row->factors =
		memory_keep_array(&out->keeper, count, sizeof(*row->factors), "terms", error);
	row->sum = row->sum_low = row->sum_high = maybe_none("nothing is known of it");
	if (!row->terms || !row->factors)
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t own = members[i];

		row->terms[row->count] = out->estimates[own].term;
		row->factors[row->count] = slope_product(fit, first, own) /
					   fmax(slope_product(fit, first, first), 1e-300);
		weights[own] = row->factors[row->count] * fit->mean_ns[own] * resolution->half[own];
		sum += row->factors[row->count++] * fit->mean_ns[own];
	}
	error_of_sum = z95 * out->widened * sqrt(covariance_of(resolution, weights, weights, true));
	if (count > 1 && error_of_sum > 0 && error_of_sum < sum) {
		row->sum = maybe_some(sum);
		row->sum_low = maybe_some(sum - error_of_sum);
		row->sum_high = maybe_some(sum + error_of_sum);
	}
	return find_remedy(observed, resolution, direction, &row->remedy, error);
}

/* The direction that is least known and in which the price has a part. */
static size_t direction_of(const struct resolution *resolution, size_t i)
{
	size_t count = resolution->fit->count, best = count - 1;

	for (size_t j = 0; j < count; j++)
		if (is_unknown(resolution, j) &&
		    fabs(gsl_matrix_get(resolution->directions, i, j)) >
			    fabs(gsl_matrix_get(resolution->directions, i, best)))
			best = j;
	return best;
}

static bool fill_confusions(struct observed *observed, const struct resolution *resolution,
			    struct error *error)
{
	struct explanation *out = observed->out;
	size_t count = resolution->fit->count, groups[FITTED_MOST];

	out->confusions = memory_keep_array(&out->keeper, count, sizeof(*out->confusions),
					    "confusions", error);
	if (!out->confusions)
		return false;
	group_unknown(resolution, groups);
	for (size_t i = 0; i < count; i++) {
		size_t members[FITTED_MOST], member_count = 0;
		bool taken = false;

		if (is_unseen(resolution, i)) {
			if (!add_confusion(observed, resolution, &i, 1, direction_of(resolution, i),
					   error))
				return false;
			continue;
		}
		for (size_t k = 0; groups[i] != SIZE_MAX && k < count; k++) {
			if (groups[k] != groups[i])
				continue;
			taken = taken || k < i;
			members[member_count++] = k;
		}
		if (member_count > 1 && !taken &&
		    !add_confusion(observed, resolution, members, member_count,
				   direction_of(resolution, i), error))
			return false;
	}
	return true;
}

/* --- the whole --------------------------------------------------------------------------------- */

static void judge_fit(struct explanation *out, const struct price_fit *fit)
{
	size_t count = fit->bed->measurements->count;

	out->misfit = fit->misfit;
	out->freedom = count > fit->count ? count - fit->count : 0;
	out->probability = out->freedom ? gsl_cdf_chisq_Q(fit->misfit, (double)out->freedom) : 1;
	out->widened = out->probability < poor_fit ? sqrt(fit->misfit / (double)out->freedom) : 1;
	for (size_t m = 0; m < count; m++) {
		out->measurements[m].after = fit->predicted[m].value;
		out->measurements[m].apart =
			(out->measurements[m].value - fit->predicted[m].value) /
			sqrt(gsl_matrix_get(fit->covariance, m, m));
	}
}

static bool analyse(struct observed *observed, struct price_fit *fit, struct error *error)
{
	struct explanation *out = observed->out;
	struct resolution resolution;
	bool ok;

	judge_fit(out, fit);
	ok = resolve(&resolution, fit, error) && fill_estimates(out, &resolution, error) &&
	     fill_correlations(out, &resolution, error) &&
	     fill_confusions(observed, &resolution, error) &&
	     (out->others_fixed || observed_fill_pulls(out, fit, error));
	resolution_fini(&resolution);
	return ok;
}

bool observed_estimate(struct observed *observed, struct error *error)
{
	struct explanation *out = observed->out;
	struct price_fit fit = { .bed = &observed->own };
	gsl_matrix *others = NULL;
	bool ok;

	out->widened = 1;
	if (!observed->options->term_count && observed->measurements.count < 2) {
		out->no_estimate = "one measurement; --estimate TERM gives the price that it needs";
		return true;
	}
	if ((!out->others_fixed || !observed->options->term_count) &&
	    !testbed_move_each(&observed->own, error))
		return false;
	if (!observed_choose(observed, &fit, error))
		return false;
	if (!fit.count) {
		out->no_estimate = "the measurements tell of no price more than half of what its "
				   "range does; --estimate TERM,TERM names some all the same";
		return true;
	}
	for (size_t i = 0; i < fit.count; i++)
		fit.start_ns[i] = testbed_price(&observed->own, fit.names[i])->cost->law.mean_ns;
	if (!out->others_fixed) {
		others = price_others(&observed->own, fit.names, fit.count, error);
		if (!others)
			return false;
		fit.others = others;
	}
	ok = price_fit_run(&fit, error) && analyse(observed, &fit, error);
	price_fit_fini(&fit);
	gsl_matrix_free(others);
	return ok;
}
