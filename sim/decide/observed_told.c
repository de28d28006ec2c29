/* Which prices measurements tell, and what those that are not estimated would explain. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "decide/observed_parts.h"
#include "document/value.h"

enum { PULLS_MOST = 3 };

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
		if (sqrt(gsl_matrix_get(posterior, p, p)) < observed_told_share &&
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

bool observed_choose(const struct observed *observed, struct price_fit *fit, struct error *error)
{
	for (size_t i = 0; i < observed->options->term_count; i++)
		fit->names[fit->count++] = observed->options->terms[i];
	return fit->count || choose_told(&observed->own, fit, error);
}

static int compare_pulls(const void *a, const void *b)
{
	const struct explanation_pull *left = a, *right = b;

	if (fabs(left->deviations) != fabs(right->deviations))
		return fabs(left->deviations) < fabs(right->deviations) ? 1 : -1;
	return strcmp(left->term, right->term);
}

/* Where the best linear predictor has the others, given what is left: c' Sigma^-1 (y - f). */
bool observed_fill_pulls(struct explanation *out, const struct price_fit *fit, struct error *error)
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
