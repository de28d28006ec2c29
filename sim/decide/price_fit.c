#include "decide/price_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_multifit_nlinear.h>

#include "base/memory.h"

enum { STEPS_MOST = 40, ROUNDS_MOST = 5 };

static const double log_reach = 9.210340371976184; /* ln 10000 */
static const double log_step = 0.02;               /* of differences, each way */
static const double log_close = 1e-5; /* prices that stay within this have been found */

/* --- predictions -------------------------------------------------------------------- */

/* What GSL's callbacks need; a failure of the simulation waits here. */
struct search {
	struct price_fit *fit;
	struct prediction *predicted; /* at `at`, when that is known */
	double at[FITTED_MOST];
	bool known;
	struct error *error;
};

static double price_of(const struct price_fit *fit, size_t i, double x)
{
	return fit->start_ns[i] * exp(fmax(-log_reach, fmin(log_reach, x)));
}

static bool predict_at(struct price_fit *fit, const double *x, struct prediction *out,
		       struct error *error)
{
	struct moved_price prices[FITTED_MOST];

	for (size_t i = 0; i < fit->count; i++)
		prices[i] = (struct moved_price){ fit->names[i], price_of(fit, i, x[i]) };
	return testbed_predict(fit->bed, prices, fit->count, out, error);
}

static bool search_predict(struct search *search, const gsl_vector *x)
{
	bool known = search->known;

	for (size_t i = 0; i < search->fit->count; i++) {
		known = known && search->at[i] == gsl_vector_get(x, i);
		search->at[i] = gsl_vector_get(x, i);
	}
	if (known)
		return true;
	search->known = predict_at(search->fit, search->at, search->predicted, search->error);
	return search->known;
}

void price_fit_whiten(const struct price_fit *fit, gsl_vector *vector)
{
	gsl_blas_dtrsv(CblasLower, CblasNoTrans, CblasNonUnit, fit->factor, vector);
}

/* --- least squares ------------------------------------------------------------------- */

/*
 * Behind the measurements a row for each price holds it where it was, so weakly that only what
 * the measurements do not tell is held.
 */
static int residuals(const gsl_vector *x, void *data, gsl_vector *f)
{
	struct search *search = data;
	const struct price_fit *fit = search->fit;
	const struct measurements *measurements = fit->bed->measurements;
	gsl_vector_view head = gsl_vector_subvector(f, 0, measurements->count);

	if (!search_predict(search, x))
		return GSL_EBADFUNC;
	for (size_t m = 0; m < measurements->count; m++)
		gsl_vector_set(f, m, search->predicted[m].value - measurements->items[m].value);
	price_fit_whiten(fit, &head.vector);
	for (size_t i = 0; i < fit->count; i++)
		gsl_vector_set(f, measurements->count + i, gsl_vector_get(x, i) / log_reach);
	return GSL_SUCCESS;
}

/*
 * Common random numbers leave no noise in differences. On the way to the prices they are taken
 * to one side of what is known already (`here`), at the end (NULL) to both.
 */
static bool find_slopes(struct price_fit *fit, const double *x, const struct prediction *here,
			gsl_matrix *slopes, struct error *error)
{
	size_t count = fit->bed->measurements->count;
	struct prediction *up = memory_array(2 * count, sizeof(*up), "slopes", error);
	struct prediction *down = up + count;
	bool ok = up != NULL;

	if (ok && here)
		memcpy(down, here, count * sizeof(*down));
	for (size_t i = 0; ok && i < fit->count; i++) {
		gsl_vector_view column = gsl_matrix_subcolumn(slopes, i, 0, count);
		double moved[FITTED_MOST];

		memcpy(moved, x, fit->count * sizeof(*moved));
		moved[i] = x[i] + log_step;
		ok = predict_at(fit, moved, up, error);
		moved[i] = x[i] - log_step;
		ok = ok && (here || predict_at(fit, moved, down, error));
		for (size_t m = 0; ok && m < count; m++)
			gsl_vector_set(&column.vector, m,
				       (up[m].value - down[m].value) /
					       (here ? log_step : 2 * log_step));
		if (ok)
			price_fit_whiten(fit, &column.vector);
	}
	free(up);
	return ok;
}

static int jacobian(const gsl_vector *x, void *data, gsl_matrix *j)
{
	struct search *search = data;
	const struct price_fit *fit = search->fit;

	gsl_matrix_set_zero(j);
	if (!search_predict(search, x) ||
	    !find_slopes(search->fit, search->at, search->predicted, j, search->error))
		return GSL_EBADFUNC;
	for (size_t i = 0; i < fit->count; i++)
		gsl_matrix_set(j, fit->bed->measurements->count + i, i, 1 / log_reach);
	return GSL_SUCCESS;
}

/* The spread around these predictions, and its factor. */
static bool find_covariance(struct price_fit *fit, const struct prediction *predicted,
			    struct error *error)
{
	size_t count = fit->bed->measurements->count;

	if (fit->others)
		gsl_matrix_memcpy(fit->covariance, fit->others);
	else
		gsl_matrix_set_zero(fit->covariance);
	for (size_t m = 0; m < count; m++) {
		double noise = testbed_noise(fit->bed, m, &predicted[m]);

		*gsl_matrix_ptr(fit->covariance, m, m) += noise * noise;
	}
	gsl_matrix_memcpy(fit->factor, fit->covariance);
	if (gsl_linalg_cholesky_decomp1(fit->factor) == GSL_SUCCESS)
		return true;
	return error_set(error, ERROR_INTERNAL, "the covariance of the measurements is singular");
}

static bool minimize(struct search *search, double *x, struct error *error)
{
	struct price_fit *fit = search->fit;
	size_t rows = fit->bed->measurements->count + fit->count;
	gsl_multifit_nlinear_parameters parameters = gsl_multifit_nlinear_default_parameters();
	gsl_multifit_nlinear_fdf problem = {
		.f = residuals, .df = jacobian, .n = rows, .p = fit->count, .params = search
	};
	gsl_vector_view start = gsl_vector_view_array(x, fit->count);
	gsl_multifit_nlinear_workspace *work;
	int why, status;

	parameters.solver = gsl_multifit_nlinear_solver_svd;
	work = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &parameters, rows,
					  fit->count);
	if (!work)
		return error_memory(error, "fit");
	status = gsl_multifit_nlinear_init(&start.vector, &problem, work);
	if (status == GSL_SUCCESS)
		status = gsl_multifit_nlinear_driver(STEPS_MOST, log_close, 1e-9, 0, NULL, NULL,
						     &why, work);
	for (size_t i = 0; i < fit->count; i++)
		x[i] = gsl_vector_get(gsl_multifit_nlinear_position(work), i);
	gsl_multifit_nlinear_free(work);
	/* No step that makes it better, or none left: it is as good as it gets. */
	if (search->error->kind == ERROR_NONE)
		return true;
	(void)status;
	return false;
}

static double largest_move(const double *x, const double *before, size_t count)
{
	double largest = 0;

	for (size_t i = 0; i < count; i++)
		largest = fmax(largest, fabs(x[i] - before[i]));
	return largest;
}

/* Until the weights stay with what they give. */
static bool iterate(struct search *search, double *x, struct error *error)
{
	struct price_fit *fit = search->fit;

	for (int round = 0; round < ROUNDS_MOST; round++) {
		double before[FITTED_MOST] = { 0 };

		memcpy(before, x, fit->count * sizeof(*before));
		if (!find_covariance(fit, search->predicted, error) || !minimize(search, x, error))
			return false;
		search->known = false;
		if (!predict_at(fit, x, search->predicted, error))
			return false;
		if (largest_move(x, before, fit->count) < 10 * log_close)
			break;
	}
	return find_covariance(fit, search->predicted, error);
}

static double squares(const struct price_fit *fit, struct error *error)
{
	size_t count = fit->bed->measurements->count;
	double *values = memory_array(count, sizeof(*values), "residuals", error), sum = NAN;
	gsl_vector_view view;

	if (!values)
		return sum;
	for (size_t m = 0; m < count; m++)
		values[m] = fit->predicted[m].value - fit->bed->measurements->items[m].value;
	view = gsl_vector_view_array(values, count);
	price_fit_whiten(fit, &view.vector);
	gsl_blas_ddot(&view.vector, &view.vector, &sum);
	free(values);
	return sum;
}

bool price_fit_run(struct price_fit *fit, struct error *error)
{
	size_t count = fit->bed->measurements->count;
	struct search search = { .fit = fit, .error = error };
	double x[FITTED_MOST] = { 0 };

	fit->predicted = memory_array(count, sizeof(*fit->predicted), "predictions", error);
	fit->covariance = gsl_matrix_alloc(count, count);
	fit->factor = gsl_matrix_alloc(count, count);
	fit->slopes = gsl_matrix_alloc(count, fit->count);
	if (!fit->predicted || !fit->covariance || !fit->factor || !fit->slopes)
		return error_memory(error, "fit");
	search.predicted = fit->predicted;
	/* The first weights: as if each measurement were its prediction. */
	memcpy(fit->predicted, fit->bed->base, count * sizeof(*fit->predicted));
	for (size_t m = 0; m < count; m++)
		fit->predicted[m].value = fit->bed->measurements->items[m].value;
	if (!iterate(&search, x, error) || !find_slopes(fit, x, NULL, fit->slopes, error))
		return false;
	for (size_t i = 0; i < fit->count; i++)
		fit->mean_ns[i] = price_of(fit, i, x[i]);
	fit->misfit = squares(fit, error);
	return isfinite(fit->misfit) || error->kind == ERROR_NONE;
}

void price_fit_fini(struct price_fit *fit)
{
	free(fit->predicted);
	gsl_matrix_free(fit->covariance);
	gsl_matrix_free(fit->factor);
	gsl_matrix_free(fit->slopes);
	fit->predicted = NULL;
	fit->covariance = fit->factor = fit->slopes = NULL;
}

/* --- other prices -------------------------------------------------------------------- */

/* For p / value = r^t, t even in 0..1: mean of ((p / value - 1) / (r - 1))^2. */
double price_square(const struct cost *cost, double end_ns)
{
	double r = end_ns / cost->law.mean_ns, l = log(r);

	if (!(r > 0) || fabs(r - 1) < 1e-3)
		return 1.0 / 3;
	return ((r * r - 1) / (2 * l) - 2 * (r - 1) / l + 1) / ((r - 1) * (r - 1));
}

/* Half of the draws lie below the value, half above. */
static void add_end(gsl_matrix *sum, const struct testbed *bed, const struct prediction *end,
		    double square)
{
	for (size_t a = 0; a < sum->size1; a++)
		for (size_t b = 0; b < sum->size2; b++)
			*gsl_matrix_ptr(sum, a, b) += square / 2 *
						      (end[a].value - bed->base[a].value) *
						      (end[b].value - bed->base[b].value);
}

gsl_matrix *price_others(const struct testbed *bed, const char *const *names, size_t count,
			 struct error *error)
{
	size_t size = bed->measurements->count;
	gsl_matrix *sum = gsl_matrix_calloc(size, size);

	if (!sum)
		error_memory(error, "covariance");
	for (size_t p = 0; sum && p < bed->price_count; p++) {
		const struct bed_price *price = &bed->prices[p];
		bool named = false;

		for (size_t i = 0; i < count; i++)
			named = named || strcmp(names[i], price->name) == 0;
		if (named)
			continue;
		add_end(sum, bed, price->ends, price_square(price->cost, price->cost->low_ns));
		add_end(sum, bed, price->ends + size,
			price_square(price->cost, price->cost->high_ns));
	}
	return sum;
}
