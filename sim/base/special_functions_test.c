#include "base/special_functions.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>

static void assert_near(double value, double reference, double error)
{
	if (!(fabs(value - reference) <= error * fmax(fabs(reference), 1e-300)))
		fail_msg("%.17g, and %.17g is right", value, reference);
}

static const double tails[] = {
	1e-12, 1e-8, 1e-5, 0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 0.4, 0.499
};
enum { TAILS = sizeof(tails) / sizeof(*tails) };

static void test_log_gamma(void **state)
{
	(void)state;
	for (int i = -22; i < 66; i++) {
		double a = pow(1.37, i);

		if (fabs(special_log_gamma(a) - gsl_sf_lngamma(a)) >
		    1e-14 * fmax(fabs(gsl_sf_lngamma(a)), 1))
			fail_msg("log Gamma(%g) is %.17g, not %.17g", a, special_log_gamma(a),
				 gsl_sf_lngamma(a));
	}
	assert_near(special_log_gamma(5), log(24), 1e-15);
}

static void test_normal(void **state)
{
	(void)state;
	assert_true(special_normal_quantile(0.5) == 0);
	/* Wichura's own check values */
	assert_near(special_normal_quantile(0.25), -0.6744897501960817, 1e-15);
	assert_near(special_normal_quantile(0.001), -3.090232306167814, 1e-15);
	assert_near(special_normal_quantile(1e-20), -9.262340089798408, 1e-15);
	for (size_t i = 0; i < TAILS; i++) {
		assert_near(special_normal_quantile(tails[i]), gsl_cdf_ugaussian_Pinv(tails[i]),
			    2e-14);
		/* the nearest double to 1 - tail is another probability */
		assert_near(special_normal_quantile(1 - tails[i]),
			    gsl_cdf_ugaussian_Pinv(1 - tails[i]), 2e-14);
	}
	assert_true(special_normal_quantile(0) == -INFINITY);
	assert_true(special_normal_quantile(1) == INFINITY);
}

/* The probability of the quantile is the one asked for: by GSL's other side of it. */
static void test_student(void **state)
{
	static const double freedoms[] = { 0.5, 1,   1.5,    2,    3,   4.7, 9,  19,
					   99,  511, 4095.5, 9999, 1e4, 1e6, 1e9 };

	(void)state;
	for (size_t f = 0; f < sizeof(freedoms) / sizeof(*freedoms); f++)
		for (size_t i = 0; i < TAILS; i++) {
			double t = special_student_quantile(tails[i], freedoms[f]);
			/* what an error of the quantile makes of the tail */
			double slope = fabs(t) * gsl_ran_tdist_pdf(t, freedoms[f]) / tails[i];

			assert_near(gsl_cdf_tdist_P(t, freedoms[f]), tails[i],
				    1e-12 * fmax(slope, 1));
			assert_true(special_student_quantile(1 - tails[i], freedoms[f]) > 0);
		}
	/* closed forms */
	assert_near(special_student_quantile(0.975, 1), tan(0.475 * 3.14159265358979323846), 1e-13);
	assert_near(special_student_quantile(0.975, 2), 0.95 * sqrt(2 / (1 - 0.95 * 0.95)), 1e-13);
	/* percentage points of the tables: 4.303, 2.776, 2.045, 1.960 */
	assert_near(special_student_quantile(0.975, 4), 2.7764451051977987, 1e-13);
	assert_near(special_student_quantile(0.975, 29), 2.0452296421327034, 1e-13);
	assert_near(special_student_quantile(0.975, 1e12), 1.9599639845424, 1e-13);
	assert_true(fabs(special_student_quantile(0.5, 7)) < 1e-15);
	assert_true(special_student_quantile(1, 7) == INFINITY);
	assert_true(special_student_quantile(0, 7) == -INFINITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_log_gamma),
		cmocka_unit_test(test_normal),
		cmocka_unit_test(test_student),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
