/* Upper quantiles of gamma variables against GSL's. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#include "engine/gamma_tail.h"

static const double tails[] = { 0x1p-83, 1e-20, 1e-10, 1e-6, 1e-3, 0.01,  0.1,     0.3,
				0.499,   0.501, 0.6,   0.9,  0.99, 0.999, 1 - 1e-6 };
static const double shapes[] = { 0.01, 0.05, 0.1, 0.3, 0.5, 0.9, 0.999999, 1,   1.0000001, 1.5,
				 2,    3,    5,   9.9, 10,  25,  100,      400, 999.9 };

/* The value's tail must be the wanted one; an error of the value shows in it by its slope. */
static void test_exact(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
		for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
			double tail = tails[t], shape = shapes[s];
			double value = gamma_upper_quantile(tail, shape), error;
			double density = gsl_ran_gamma_pdf(value, shape, 1) * value;

			assert_true(isfinite(value));
			if (value < 1e-290) /* and GSL has no density for it */
				continue;
			error = tail < 0.5 ? gsl_cdf_gamma_Q(value, shape, 1) - tail
					   : gsl_cdf_gamma_P(value, shape, 1) - (1 - tail);
			assert_true(fabs(error) < 1e-9 * density);
		}
}

/* GSL's own inversion, for shapes where it is right. */
static void test_inversion(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++)
		for (size_t t = 2; t < sizeof(tails) / sizeof(tails[0]); t++) {
			double ours = gamma_upper_quantile(tails[t], shapes[s]);
			double theirs = gsl_cdf_gamma_Qinv(tails[t], shapes[s], 1);

			if (shapes[s] >= 0.3 && shapes[s] <= 100)
				assert_true(fabs(ours / theirs - 1) < 1e-9);
		}
}

static void test_large(void **state)
{
	(void)state;
	for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++)
		for (int power = 3; power < 12; power++) {
			double shape = gsl_pow_int(10, power);
			double root = 1 - 1 / (9 * shape) +
				      gsl_cdf_ugaussian_Qinv(tails[t]) / (3 * sqrt(shape));
			double value = gamma_upper_quantile(tails[t], shape);

			assert_true(fabs(value / (shape * root * root * root) - 1) < 1e-12);
		}
	for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) /* and where they meet */
		assert_true(fabs(gamma_upper_quantile(tails[t], 999.9999999) /
					 gamma_upper_quantile(tails[t], 1000) -
				 1) < (tails[t] < 1e-6 ? 3e-4 : 3.5e-5));
}

static void test_ends(void **state)
{
	double before = INFINITY;

	(void)state;
	assert_true(gamma_upper_quantile(0, 2) == INFINITY && gamma_upper_quantile(1, 2) == 0);
	assert_true(gamma_upper_quantile(1 - 0x1p-53, 2) > 0);
	assert_true(fabs(gamma_upper_quantile(0.5, 1e6) - 1e6) < 1);
	for (int thousandths = 1; thousandths < 1000; thousandths++) {
		double value = gamma_upper_quantile(thousandths / 1e3, 0.7);

		assert_true(value < before);
		before = value;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_inversion),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
