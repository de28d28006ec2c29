/* Draws against the distribution functions of GSL, and the tables of the ziggurats. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>

#include "engine/variate.h"
#include "engine/ziggurat_tables.h"

enum { DRAWS = 400000 };

static double values[DRAWS];

static struct stream a_stream(uint64_t seed)
{
	const struct stream_name name = { .seed = seed };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	return stream;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* A law to test against: P(X <= x) with two parameters. */
typedef double cdf(double x, double a, double b);

/*
 * The greatest distance of the values from the law (Kolmogorov and Smirnov), scaled; beyond 1.95
 * once in 1000. For whole numbers the bound holds the more. What is too near to an end of a
 * law heaps up at it: the law below a value is that of the double before it.
 */
static double distance(cdf *law, double a, double b, bool whole)
{
	double worst = 0;

	qsort(values, DRAWS, sizeof(*values), compare);
	for (int i = 0; i < DRAWS;) {
		double below = whole ? values[i] - 1 : nextafter(values[i], -INFINITY);
		int end = i;

		while (end < DRAWS && values[end] == values[i])
			end++;
		worst = fmax(worst, fabs(law(values[i], a, b) - (double)end / DRAWS));
		worst = fmax(worst, fabs(law(below, a, b) - (double)i / DRAWS));
		i = end;
	}
	return worst * sqrt(DRAWS);
}

/* Mean and variance, each within five standard errors. */
static void assert_moments(double mean, double variance, double excess_kurtosis)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < DRAWS; i++)
		sum += values[i] - mean;
	for (int i = 0; i < DRAWS; i++)
		squares += (values[i] - mean) * (values[i] - mean);
	assert_true(fabs(sum / DRAWS) < 5 * sqrt(variance / DRAWS));
	assert_true(fabs(squares / DRAWS / variance - 1) < 5 * sqrt((excess_kurtosis + 2) / DRAWS));
}

static double exponential_cdf(double x, double mean, double unused)
{
	(void)unused;
	return gsl_cdf_exponential_P(x, mean);
}

static void test_exponential(void **state)
{
	struct stream stream = a_stream(1);
	int far = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++)
		values[i] = stream_exponential(&stream, 3);
	assert_true(distance(exponential_cdf, 3, 0, false) < 1.95);
	assert_moments(3, 9, 6);
	for (int i = 0; i < 40 * DRAWS; i++) /* in the tail: 7265 in 16 million, once in 1e8 */
		far += stream_exponential(&stream, 1) > ziggurat_exponential.edge[1];
	assert_in_range(far, 7265 - 4 * 85, 7265 + 4 * 85);
}

static double normal_cdf(double x, double unused, double neither)
{
	(void)unused;
	(void)neither;
	return gsl_cdf_ugaussian_P(x);
}

/* The values beyond so many standard deviations, against their expected number. */
static void assert_tail(struct stream *stream, double from)
{
	double expected = 2 * gsl_cdf_ugaussian_Q(from) * 40 * DRAWS, sum = 0;
	int count = 0;

	for (int i = 0; i < 40 * DRAWS; i++) {
		double z = fabs(stream_normal(stream));

		if (z > from) {
			count++;
			sum += gsl_cdf_ugaussian_Q(z) / gsl_cdf_ugaussian_Q(from);
		}
	}
	assert_true(fabs(count - expected) < 4 * sqrt(expected));
	/* given that, uniform */
	assert_true(fabs(sum / count - 0.5) < 4 * sqrt(1.0 / 12 / count));
}

static void test_normal(void **state)
{
	struct stream stream = a_stream(2);

	(void)state;
	for (int i = 0; i < DRAWS; i++)
		values[i] = stream_normal(&stream);
	assert_true(distance(normal_cdf, 0, 0, false) < 1.95);
	assert_moments(0, 1, 0);
	assert_tail(&stream, ziggurat_normal.edge[1]);
	assert_tail(&stream, 3);
}

static double gamma_cdf(double x, double shape, double scale)
{
	return gsl_cdf_gamma_P(x, shape, scale);
}

static double normal_of_gamma_cdf(double x, double shape, double unused)
{
	double root = cbrt(x / shape); /* Wilson and Hilferty: right to 1e-6 for such shapes */

	(void)unused;
	return gsl_cdf_ugaussian_P(3 * sqrt(shape) * (root - 1 + 1 / (9 * shape)));
}

static void test_gamma(void **state)
{
	static const double shapes[] = {
		0.01, 0.1, 0.5, 0.99, 1, 1.01, 2, 25, 1e3, 1e6, 1e8, 1e11
	};

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		struct stream stream = a_stream(3 + s);
		double shape = shapes[s];

		for (int i = 0; i < DRAWS; i++)
			values[i] = stream_gamma(&stream, shape);
		assert_true(distance(shape < 1e4 ? gamma_cdf : normal_of_gamma_cdf, shape, 1,
				     false) < 1.95);
		assert_moments(shape, shape, 6 / shape);
	}
}

static double beta_cdf(double x, double shape, double other)
{
	return x <= 0 ? 0 : gsl_cdf_beta_P(x, shape, other);
}

static void test_beta(void **state)
{
	static const double shapes[][2] = { { 0.01, 0.02 }, { 0.1, 0.9 }, { 0.5, 0.5 },
					    { 0.3, 4 },     { 20, 0.05 }, { 1, 1 },
					    { 2, 3 },       { 25, 1000 }, { 1e4, 1e4 } };

	(void)state;
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		struct stream stream = a_stream(20 + s);
		double a = shapes[s][0], b = shapes[s][1], mean = a / (a + b);
		double variance = mean * (1 - mean) / (a + b + 1), sum = 0;

		for (int i = 0; i < DRAWS; i++) {
			values[i] = stream_beta(&stream, a, b);
			assert_true(values[i] >= 0 && values[i] <= 1);
			sum += values[i] - mean;
		}
		assert_true(fabs(sum / DRAWS) < 5 * sqrt(variance / DRAWS));
		assert_true(distance(beta_cdf, a, b, false) < 1.95);
	}
}

/* The larger share of two tiny shapes is 1, or nearly: both ends have their probability. */
static void test_beta_of_tiny_shapes(void **state)
{
	struct stream stream = a_stream(30);
	int high = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		double share = stream_beta(&stream, 1e-5, 3e-5);

		assert_true(share >= 0 && share <= 1);
		high += share > 0.5;
	}
	assert_in_range(high, DRAWS / 4 - 5 * 274, DRAWS / 4 + 5 * 274);
}

static double binomial_cdf(double k, double success, double trials)
{
	return k < 0 ? 0 : gsl_cdf_binomial_P((unsigned)k, success, (unsigned)trials);
}

static void test_binomial(void **state)
{
	static const struct {
		unsigned trials;
		double success;
	} cases[] = { { 1, 0.3 },        { 10, 0.5 },      { 40, 0.97 },      { 33, 0.5 },
		      { 1000, 0.001 },   { 1000, 0.3 },    { 1000000, 1e-6 }, { 100000, 0.002 },
		      { 1000000, 0.25 }, { 100000, 0.999 } };
	struct stream stream;

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		double n = cases[c].trials, p = cases[c].success, variance = n * p * (1 - p);

		stream = a_stream(40 + c);
		for (int i = 0; i < DRAWS; i++)
			values[i] = (double)stream_binomial(&stream, cases[c].trials, p);
		assert_moments(n * p, variance, (1 - 6 * p * (1 - p)) / variance);
		assert_true(distance(binomial_cdf, p, n, true) < 1.95);
	}
	assert_int_equal(stream_binomial(&stream, 7, 0), 0);
	assert_int_equal(stream_binomial(&stream, 7, 1), 7);
	assert_int_equal(stream_binomial(&stream, 0, 0.5), 0);
	for (int i = 0; i < DRAWS; i++) /* more trials than doubles are exact for */
		values[i] = ldexp((double)stream_binomial(&stream, UINT64_C(1) << 60, 0.25), -58);
	assert_moments(1, 0x1p60 * 3 / 16 * 0x1p-116, 0);
}

static double geometric_cdf(double k, double success, double unused)
{
	(void)unused;
	return k < 0 ? 0 : gsl_cdf_geometric_P((unsigned)k + 1, success);
}

static void test_geometric(void **state)
{
	static const double successes[] = { 1e-6, 0.01, 0.5, 0.99 };
	struct stream stream;

	(void)state;
	for (size_t s = 0; s < sizeof(successes) / sizeof(successes[0]); s++) {
		stream = a_stream(60 + s);
		for (int i = 0; i < DRAWS; i++)
			values[i] = (double)stream_geometric(&stream, successes[s]);
		assert_true(distance(geometric_cdf, successes[s], 0, true) < 1.95);
	}
	assert_int_equal(stream_geometric(&stream, 1), 0);
	assert_true(stream_geometric(&stream, 0) == UINT64_MAX);
	assert_true(stream_geometric(&stream, 1e-300) == UINT64_MAX);
}

/* The same stream with another shape bends the same deviate: few pairs are out of order. */
static void test_coupling(void **state)
{
	int out_of_order = 0;

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		struct stream_name name = { .seed = 70, .entity = i };
		struct stream one, other;

		assert_true(stream_begin(&one, &name) && stream_begin(&other, &name));
		out_of_order += stream_gamma(&one, 50) > stream_gamma(&other, 55);
	}
	assert_in_range(out_of_order, 0, 100);
}

typedef long double height_function(long double x);

static long double exponential_height(long double x)
{
	return expl(-x);
}

static long double exponential_edge(long double height)
{
	return -logl(height);
}

static long double normal_height(long double x)
{
	return expl(-x * x / 2);
}

static long double normal_edge(long double height)
{
	return sqrtl(-2 * logl(height));
}

static bool is_near(double value, long double exact)
{
	return fabsl(value - exact) <= 0x1p-50L * fabsl(exact);
}

/* Layer on layer from edge[1]: all have one area, and the last one ends at the top. */
static void assert_ziggurat(const struct ziggurat *ziggurat, height_function *height,
			    height_function *edge, long double first, long double tail)
{
	long double x = first, y = height(x), area = x * y + tail;

	assert_true(ziggurat->edge[0] == (double)(area / y) && ziggurat->height[0] == 0);
	for (int i = 1; i < ZIGGURAT_LAYERS; i++) {
		assert_true(is_near(ziggurat->edge[i], x) && is_near(ziggurat->height[i], y));
		y += area / x;
		if (i + 1 < ZIGGURAT_LAYERS)
			x = edge(y);
	}
	assert_true(is_near(1, y));
	assert_true(ziggurat->edge[ZIGGURAT_LAYERS] == 0 && ziggurat->height[ZIGGURAT_LAYERS] == 1);
}

static void test_tables(void **state)
{
	long double exponential = 7.69711747013104971405L, normal = 3.65415288536100877165L;

	(void)state;
	assert_ziggurat(&ziggurat_exponential, exponential_height, exponential_edge, exponential,
			expl(-exponential));
	assert_ziggurat(&ziggurat_normal, normal_height, normal_edge, normal,
			sqrtl(acosl(-1) / 2) * erfcl(normal / sqrtl(2)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),   cmocka_unit_test(test_exponential),
		cmocka_unit_test(test_normal),   cmocka_unit_test(test_gamma),
		cmocka_unit_test(test_beta),     cmocka_unit_test(test_beta_of_tiny_shapes),
		cmocka_unit_test(test_binomial), cmocka_unit_test(test_geometric),
		cmocka_unit_test(test_coupling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
