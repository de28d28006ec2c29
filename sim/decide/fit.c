#include "decide/fit.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>

#include "base/memory.h"
#include "base/special_functions.h"
#include "decide/fit_parts.h"

/* --- a line ---------------------------------------------------------------------- */

/* y as a sum of powers of x / scale from 0 on, and what is found: their factors. */
struct polynomial {
	gsl_matrix *powers, *covariance;
	gsl_vector *found;
	gsl_vector_view y;
};

/* `terms` powers from `first` on. */
static bool polynomial_init(struct polynomial *polynomial, const struct fit_data *data, int first,
			    size_t terms, double scale)
{
	polynomial->powers = gsl_matrix_alloc(data->count, terms);
	polynomial->covariance = gsl_matrix_alloc(terms, terms);
	polynomial->found = gsl_vector_alloc(terms);
	polynomial->y = gsl_vector_view_array(data->y, data->count);
	if (!polynomial->powers || !polynomial->covariance || !polynomial->found)
		return false;
	for (size_t i = 0; i < data->count; i++) {
		double power = first ? data->x[i] / scale : 1;

		for (size_t t = 0; t < terms; t++) {
			gsl_matrix_set(polynomial->powers, i, t, power);
			power *= data->x[i] / scale;
		}
	}
	return true;
}

static void polynomial_fini(struct polynomial *polynomial)
{
	gsl_matrix_free(polynomial->powers);
	gsl_matrix_free(polynomial->covariance);
	gsl_vector_free(polynomial->found);
}

/* t of the square term when one is added: a straight line has none. */
static bool curvature(const struct fit_data *data, double *t, struct error *error)
{
	gsl_multifit_linear_workspace *work;
	struct polynomial square;
	double squares, variance, scale = 0;
	bool ok;

	*t = 0;
	if (data->count < 5)
		return true;
	for (size_t i = 0; i < data->count; i++)
		scale = fmax(scale, fabs(data->x[i]));
	work = gsl_multifit_linear_alloc(data->count, 3);
	ok = polynomial_init(&square, data, 0, 3, scale) && work;
	if (ok && gsl_multifit_linear(square.powers, &square.y.vector, square.found,
				      square.covariance, &squares, work) == GSL_SUCCESS) {
		variance = gsl_matrix_get(square.covariance, 2, 2);
		if (variance > 0)
			*t = gsl_vector_get(square.found, 2) / sqrt(variance);
	}
	gsl_multifit_linear_free(work);
	polynomial_fini(&square);
	return ok || error_memory(error, "fit");
}

static struct fit_value value_of(const struct polynomial *line, size_t i, double quantile)
{
	double value = gsl_vector_get(line->found, i);
	double half = quantile * sqrt(gsl_matrix_get(line->covariance, i, i));

	if (!isfinite(half)) /* every measurement lies on the line */
		half = 0;

	return (struct fit_value){ value, value - half, value + half };
}

/* Measurements that a line of so many terms needs; false and an error when these are fewer. */
static bool check_points(const struct fit_data *data, bool through_zero, struct error *error)
{
	bool differ = false, above = false;

	for (size_t i = 0; i < data->count; i++) {
		differ = differ || data->x[i] != data->x[0];
		above = above || data->x[i] != 0;
	}
	return (through_zero ? above : differ) ||
	       error_set(error, ERROR_INPUT, "%s: a line needs measurements at 2 different sizes%s",
			 data->path,
			 through_zero ? " or one above 0"
				      : " (one is enough through zero: --through-zero)");
}

/* Few measurements: none of them can be an outlier. */
static bool few(const struct fit_data *data, bool through_zero, struct fit_line *line)
{
	double cov[3], squares, freedom = (double)data->count - (through_zero ? 1 : 2), quantile;

	if (through_zero)
		gsl_fit_mul(data->x, 1, data->y, 1, data->count, &line->slope.value, &cov[2],
			    &squares);
	else
		gsl_fit_linear(data->x, 1, data->y, 1, data->count, &line->intercept.value,
			       &line->slope.value, &cov[0], &cov[1], &cov[2], &squares);
	line->known = freedom > 0;
	line->residual_ns = line->known ? sqrt(squares / freedom) : NAN;
	line->r_squared = NAN;
	quantile = line->known ? special_student_quantile(0.975, freedom) * sqrt(cov[2]) : 0;
	line->slope.low = line->slope.value - quantile;
	line->slope.high = line->slope.value + quantile;
	line->intercept.low = line->intercept.high = line->intercept.value;
	return true;
}

static bool many(const struct fit_data *data, bool through_zero, struct fit_line *line,
		 struct error *error)
{
	size_t terms = through_zero ? 1 : 2;
	gsl_multifit_robust_workspace *work =
		gsl_multifit_robust_alloc(gsl_multifit_robust_bisquare, data->count, terms);
	struct polynomial straight;
	gsl_multifit_robust_stats statistics;
	double quantile;
	bool ok = false;
	int status;

	if (!polynomial_init(&straight, data, through_zero ? 1 : 0, terms, 1) || !work) {
		error_memory(error, "fit");
		goto out;
	}
	status = gsl_multifit_robust(straight.powers, &straight.y.vector, straight.found,
				     straight.covariance, work);
	if (status != GSL_SUCCESS && status != GSL_EMAXITER) {
		error_set(error, ERROR_INPUT, "%s: no line fits: %s", data->path,
			  gsl_strerror(status));
		goto out;
	}
	statistics = gsl_multifit_robust_statistics(work);
	quantile = special_student_quantile(0.975, (double)(data->count - terms));
	if (!through_zero)
		line->intercept = value_of(&straight, 0, quantile);
	line->slope = value_of(&straight, terms - 1, quantile);
	line->known = true;
	line->r_squared = statistics.Rsq;
	line->residual_ns = statistics.sigma;
	for (size_t i = 0; i < data->count; i++) {
		line->weights[i] = gsl_vector_get(statistics.weights, i);
		line->outliers += line->weights[i] < 0.1;
	}
	ok = curvature(data, &line->curvature_t, error);
out:
	if (work) /* GSL does not look */
		gsl_multifit_robust_free(work);
	polynomial_fini(&straight);
	return ok;
}

bool fit_line_begin(const struct fit_data *data, bool through_zero, struct fit_line *line,
		    struct error *error)
{
	*line = (struct fit_line){ 0 };
	if (!check_points(data, through_zero, error))
		return false;
	line->fitted = memory_array(data->count, sizeof(*line->fitted), "fit", error);
	line->weights = memory_array(data->count, sizeof(*line->weights), "fit", error);
	for (size_t i = 0; line->weights && i < data->count; i++)
		line->weights[i] = 1;
	return line->fitted && line->weights;
}

void fit_line_end(const struct fit_data *data, struct fit_line *line)
{
	for (size_t i = 0; i < data->count; i++)
		line->fitted[i] = line->intercept.value + line->slope.value * data->x[i];
}

bool fit_line(const struct fit_data *data, bool through_zero, struct fit_line *line,
	      struct error *error)
{
	bool ok = fit_line_begin(data, through_zero, line, error) &&
		  (data->count < 3 ? few(data, through_zero, line)
				   : many(data, through_zero, line, error));

	if (ok)
		fit_line_end(data, line);
	else
		fit_line_fini(line);
	return ok;
}

void fit_line_fini(struct fit_line *line)
{
	free(line->fitted);
	free(line->weights);
	line->fitted = line->weights = NULL;
}

/* --- a law ------------------------------------------------------------------------ */

enum law_kind { LAW_GAMMA, LAW_LOGNORMAL };

/* Kolmogorov and Smirnov's D of sorted values. */
static double distance_of(const double *sorted, size_t count, enum law_kind kind, double first,
			  double second)
{
	double largest = 0;

	for (size_t i = 0; i < count; i++) {
		double p = kind == LAW_GAMMA ? gsl_cdf_gamma_P(sorted[i], first, second)
					     : gsl_cdf_lognormal_P(sorted[i], first, second);

		largest = fmax(largest, fmax((double)(i + 1) / (double)count - p,
					     p - (double)i / (double)count));
	}
	return largest;
}

/* P(D at least so large), M. A. Stephens' correction of Kolmogorov's series (1970). */
static double probability_of(double distance, size_t count)
{
	double root = sqrt((double)count), sum = 0;
	double lambda = (root + 0.12 + 0.11 / root) * distance;

	for (int k = 1; k <= 100; k++)
		sum += (k % 2 ? 2 : -2) * exp(-2.0 * k * k * lambda * lambda);
	return lambda < 0.2 ? 1 : fmin(1, fmax(0, sum));
}

bool fit_law(const struct fit_data *data, struct fit_law *law, struct error *error)
{
	size_t n = data->count;
	double *sorted = memory_array(n, sizeof(*sorted), "durations", error);
	double mean, deviation, half, log_mean = 0, log_square = 0;

	*law = (struct fit_law){ 0 };
	if (!sorted)
		return false;
	memcpy(sorted, data->y, n * sizeof(*sorted));
	gsl_sort(sorted, 1, n);
	if (n < 2 || sorted[0] <= 0) {
		free(sorted);
		return error_set(error, ERROR_INPUT,
				 "%s: at least 2 durations are needed, all above 0", data->path);
	}
	mean = gsl_stats_mean(sorted, 1, n);
	deviation = gsl_stats_sd_m(sorted, 1, n, mean);
	half = special_student_quantile(0.975, (double)(n - 1)) * deviation / sqrt((double)n);
	law->mean = (struct fit_value){ mean, fmax(0, mean - half), mean + half };
	law->cv = deviation / mean;
	law->least = sorted[0];
	law->most = sorted[n - 1];
	law->probability = 1;
	for (size_t i = 0; i < n; i++) {
		log_mean += log(sorted[i]) / (double)n;
		log_square += log(sorted[i]) * log(sorted[i]) / (double)n;
	}
	if (law->cv > 1e-6) {
		double shape = 1 / (law->cv * law->cv);

		law->distance = distance_of(sorted, n, LAW_GAMMA, shape, mean / shape);
		law->probability = probability_of(law->distance, n);
		law->lognormal_distance = distance_of(sorted, n, LAW_LOGNORMAL, log_mean,
						      sqrt(log_square - log_mean * log_mean));
	}
	free(sorted);
	return true;
}
