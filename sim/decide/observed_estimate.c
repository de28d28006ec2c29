/* A joint estimate of prices: which, how sure, and what is not known. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "decide/observed_parts.h"
#include "decide/price_fit.h"
#include "document/value.h"

enum { PULLS_MOST = 3 };

static const double z95 = 1.959963984540054;
static const double told_share = 0.5; /* of the spread that its range allows a price */
static const double poor_fit = 0.01;

/* --- which prices the measurements tell ---------------------------------------------- */

/*
 * What a price does to the measurements when it moves by one standard deviation of where it lies
 * in its range, in units of the measurements' noise.
 */
static void effect_of(const struct testbed *bed, const struct bed_price *price, gsl_vector *effect)
{
	size_t count = bed->measurements->count;
	double low = sqrt(price_square(price->cost, price->cost->low_ns));
	double high = sqrt(price_square(price->cost, price->cost->high_ns));

	for (size_t m = 0; m < count; m++)
		gsl_vector_set(effect, m,
			       (high * (price->ends[count + m].value - bed->base[m].value) -
				low * (price->ends[m].value - bed->base[m].value)) /
				       2);
}

static void add_told(const struct testbed *bed, const gsl_matrix *posterior, struct price_fit *fit)
{
	for (size_t p = 0; p < bed->price_count && fit->count < FITTED_MOST; p++)
		if (sqrt(gsl_matrix_get(posterior, p, p)) < told_share &&
		    !host_price_is_crowd(bed->prices[p].name))
			fit->names[fit->count++] = bed->prices[p].name;
}

/*
 * Prices of which the measurements tell more than their ranges, all the others being anywhere in
 * theirs: with a spread of 1 each before, (1 + E' E)^-1 is what is left of them.
 */
static bool choose_told(const struct testbed *bed, struct price_fit *fit, struct error *error)
{
	size_t rows = bed->measurements->count, count = bed->price_count;
	gsl_matrix *effects = gsl_matrix_alloc(rows, count);
	gsl_matrix *posterior = gsl_matrix_alloc(count, count);
	bool ok = effects && posterior;

	for (size_t p = 0; ok && p < count; p++) {
		gsl_vector_view column = gsl_matrix_column(effects, p);

		effect_of(bed, &bed->prices[p], &column.vector);
	}
	for (size_t m = 0; ok && m < rows; m++) {
		gsl_vector_view row = gsl_matrix_row(effects, m);

		gsl_vector_scale(&row.vector, 1 / testbed_noise(bed, m, &bed->base[m]));
	}
	if (ok) {
		gsl_matrix_set_identity(posterior);
		gsl_blas_dgemm(CblasTrans, CblasNoTrans, 1, effects, effects, 1, posterior);
		ok = gsl_linalg_cholesky_decomp1(posterior) == GSL_SUCCESS &&
		     gsl_linalg_cholesky_invert(posterior) == GSL_SUCCESS;
		if (ok)
			add_told(bed, posterior, fit);
		else
			error_set(error, ERROR_INTERNAL, "no inverse of what prices do");
	} else {
		error_memory(error, "effects");
	}
	gsl_matrix_free(effects);
	gsl_matrix_free(posterior);
	return ok;
}

static bool unknown_term(const struct testbed *bed, const char *name, struct error *error)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (size_t p = 0; p < bed->price_count; p++)
		candidates_add(&known, bed->prices[p].name);
	return error_set(error, ERROR_INPUT,
			 "--estimate %.60s: error: the scenario charges no such term%s (`sim "
			 "sensitivity` lists what it charges)",
			 name, did_you_mean(hint, name, known.names));
}

bool observed_check_terms(const struct observed *observed, struct error *error)
{
	const struct observed_options *options = observed->options;

	if (options->term_count > FITTED_MOST)
		return error_set(error, ERROR_INPUT, "--estimate: error: at most %d terms",
				 FITTED_MOST);
	for (size_t i = 0; i < options->term_count; i++) {
		if (!testbed_price(&observed->own, options->terms[i]))
			return unknown_term(&observed->own, options->terms[i], error);
		if (host_price_is_crowd(options->terms[i]))
			return error_set(
				error, ERROR_INPUT,
				"--estimate %s: error: a profile says it as speeds of each "
				"price: `sim calibrate` measures them",
				options->terms[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(options->terms[i], options->terms[j]) == 0)
				return error_set(error, ERROR_INPUT,
						 "--estimate %s: error: the same term twice",
						 options->terms[i]);
	}
	return true;
}

static void choose_named(const struct observed *observed, struct price_fit *fit)
{
	for (size_t i = 0; i < observed->options->term_count; i++)
		fit->names[fit->count++] = observed->options->terms[i];
}

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
	ok = work && resolution->rows && resolution->directions && resolution->singular;
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
				    : relative < told_share;
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

/* --- what other prices would explain -------------------------------------------------------- */

static int compare_pulls(const void *a, const void *b)
{
	const struct explanation_pull *left = a, *right = b;

	if (fabs(left->deviations) != fabs(right->deviations))
		return fabs(left->deviations) < fabs(right->deviations) ? 1 : -1;
	return strcmp(left->term, right->term);
}

/* Where the best linear predictor has the others, given what is left: c' Sigma^-1 (y - f). */
static bool fill_pulls(struct explanation *out, const struct price_fit *fit, struct error *error)
{
	const struct testbed *bed = fit->bed;
	size_t count = bed->measurements->count;
	gsl_vector *rest = gsl_vector_alloc(count), *effect = gsl_vector_alloc(count);
	bool ok = rest && effect;

	out->pulls = memory_keep_array(&out->keeper, bed->price_count, sizeof(*out->pulls), "pulls",
				       error);
	for (size_t m = 0; ok && m < count; m++)
		gsl_vector_set(rest, m,
			       bed->measurements->items[m].value - fit->predicted[m].value);
	ok = ok && out->pulls && gsl_linalg_cholesky_svx(fit->factor, rest) == GSL_SUCCESS;
	for (size_t p = 0; ok && p < bed->price_count; p++) {
		struct explanation_pull *pull = &out->pulls[out->pull_count];
		bool fitted = false;

		for (size_t i = 0; i < fit->count; i++)
			fitted = fitted || strcmp(fit->names[i], bed->prices[p].name) == 0;
		effect_of(bed, &bed->prices[p], effect);
		gsl_blas_ddot(effect, rest, &pull->deviations);
		if (fitted || fabs(pull->deviations) < 1)
			continue;
		pull->term = memory_keep_text(&out->keeper, bed->prices[p].name, error);
		ok = pull->term != NULL;
		out->pull_count++;
	}
	if (ok) {
		qsort(out->pulls, out->pull_count, sizeof(*out->pulls), compare_pulls);
		out->pull_count = out->pull_count < PULLS_MOST ? out->pull_count : PULLS_MOST;
	}
	gsl_vector_free(rest);
	gsl_vector_free(effect);
	return ok || error_memory(error, "pulls");
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
	     (out->others_fixed || fill_pulls(out, fit, error));
	resolution_fini(&resolution);
	return ok;
}

bool observed_estimate(struct observed *observed, struct error *error)
{
	struct explanation *out = observed->out;
	struct price_fit fit = { .bed = &observed->own };
	gsl_matrix *others = NULL;
	bool ok;

	out->others_fixed = observed->options->others_fixed;
	out->widened = 1;
	if (!observed->options->term_count && observed->measurements.count < 2) {
		out->no_estimate = "one measurement; --estimate TERM gives the price that it needs";
		return true;
	}
	if ((!out->others_fixed || !observed->options->term_count) &&
	    !testbed_move_each(&observed->own, error))
		return false;
	choose_named(observed, &fit);
	if (!fit.count && !choose_told(&observed->own, &fit, error))
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
