/* Prices out of calls whose price is known. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/price.h"

enum { MOST = 400 };

static void near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance * fabs(wanted)))
		fail_msg("%.17g is not %.17g", value, wanted);
}

static struct price_point single(double amount, double ns)
{
	return (struct price_point){ amount, 1, ns, ns, ns, NAN };
}

static struct price found(const struct price_point *points, size_t count, bool zero,
			  double quantile)
{
	const struct price_data data = { "data", points, count, zero, quantile };
	struct error error = { 0 };
	struct price price;

	if (!price_find(&data, &price, &error))
		fail_msg("%s", error.message);
	return price;
}

/* Two thirds of the runs are not disturbed, one third takes three times as long. */
static void test_disturbed(void **state)
{
	struct price_point points[MOST];
	size_t count = 0;
	struct price price;

	(void)state;
	for (int size = 1; size <= 4; size++)
		for (int run = 0; run < 9; run++)
			points[count++] =
				single(1000 * size, 200 * 1000 * size * (run % 3 == 0 ? 3 : 1) *
							    (1 + 0.002 * run));
	price = found(points, count, true, 0.25);
	near(price.unit.value, 200, 0.02);
	assert_true(price.known && price.unit.low <= price.unit.value &&
		    price.unit.high < 3 * 200 && price.fixed.value == 0);
	price_fini(&price);
	price = found(points, count, false, 0.25);
	near(price.unit.value, 200, 0.05);
	price_fini(&price);
	price = found(points, count, true, NAN);
	assert_true(price.shape.outliers > 0);
	price_fini(&price);
}

/* The median of an exact line with a fixed part is that line. */
static void test_quantile_line(void **state)
{
	struct price_point points[40];
	struct price price;

	(void)state;
	for (int i = 0; i < 40; i++)
		points[i] = single(i + 1, 5000 + 70 * (i + 1));
	price = found(points, 40, false, 0.5);
	near(price.unit.value, 70, 1e-6);
	near(price.fixed.value, 5000, 1e-6);
	price_fini(&price);
}

static void test_few(void **state)
{
	const struct price_point points[] = { single(10, 1200), single(20, 2200) };
	const struct price_data same = { "data", points, 1, false, NAN };
	struct price price = found(points, 2, false, NAN);
	struct error error = { 0 };

	(void)state;
	near(price.unit.value, 100, 1e-9);
	near(price.fixed.value, 200, 1e-9);
	assert_false(price.known);
	price_fini(&price);
	price = found(points, 2, true, NAN); /* slope of x y / x x, one degree of freedom */
	near(price.unit.value, (10 * 1200 + 20 * 2200) / 500.0, 1e-9);
	assert_true(price.known && price.unit.high > price.unit.value * 1.1);
	price_fini(&price);
	price = found(points, 1, false, NAN);
	near(price.unit.value, 120, 1e-9);
	assert_false(price.known);
	price_fini(&price);
	assert_true(price_find(&same, &price, &error));
	price_fini(&price);
}

/* Calls of one amount: the spread is that of one unit when units could have made it. */
static void test_spread(void **state)
{
	struct price_point points[MOST];
	struct price price;

	(void)state;
	for (int i = 0; i < MOST; i++)
		points[i] = single(4, i % 2 ? 900 : 1100); /* 10 % of 4 units: 20 % of one */
	price = found(points, MOST, false, NAN);
	near(price.unit.value, 250, 1e-9);
	near(price.cv, 0.2, 0.01);
	price_fini(&price);
	for (int i = 0; i < MOST; i++)
		points[i].amount = 1e6;
	price = found(points, MOST, false, NAN);
	assert_true(isnan(price.cv));
	near(price.spread, 0.1, 0.01);
	price_fini(&price);
}

/* A histogram: 10 calls in [1000, 2000), 10 in [2000, 4000). */
static void test_bins(void **state)
{
	struct price_point bins = { 1, 20, 2164, 1500, 3000, 700 };
	struct price price = found(&bins, 1, false, NAN);

	(void)state;
	near(price.unit.value, 2164, 1e-9);
	assert_true(price.known && price.binned);
	/* the ends of the bins, and what 20 calls of that deviation leave open */
	near(price.unit.low, 1500 - 2.0930240544 * 700 / sqrt(20), 1e-6);
	near(price.unit.high, 3000 + 2.0930240544 * 700 / sqrt(20), 1e-6);
	price_fini(&price);
	bins.low_ns = bins.high_ns = bins.mean_ns; /* the mean is told exactly beside it */
	price = found(&bins, 1, false, NAN);
	near(price.unit.high, 2164 + 2.0930240544 * 700 / sqrt(20), 1e-6);
	assert_false(price.binned);
	price_fini(&price);
	bins.deviation_ns = NAN; /* sums alone tell no interval */
	price = found(&bins, 1, false, NAN);
	assert_false(price.known);
	price_fini(&price);
}

/* Sums of calls by size: each counts as many times as it has calls. */
static void test_sums_of_sizes(void **state)
{
	struct price_point points[4];
	struct price price;

	(void)state;
	for (int i = 0; i < 4; i++)
		points[i] = (struct price_point){ 100 << i,
						  50,
						  700 + 30 * (100 << i),
						  700 + 30 * (100 << i),
						  700 + 30 * (100 << i),
						  NAN };
	points[0].count = 1;
	points[0].mean_ns = points[0].low_ns = points[0].high_ns = 1e4; /* one call, disturbed */
	price = found(points, 4, false, NAN);
	near(price.unit.value, 30, 0.02);
	assert_true(price.known && price.unit.low < 30 && price.unit.high > 30);
	price_fini(&price);
}

static void test_less(void **state)
{
	struct price price = { .unit = { 500, 470, 540 }, .known = true, .cv = 0.1 };
	struct error error = { 0 };

	(void)state;
	assert_true(price_less(&price, "mm.zero_4k", (struct fit_value){ 200, 170, 230 }, &error));
	near(price.unit.value, 300, 1e-12);
	near(price.unit.low, 300 - hypot(30, 30), 1e-12);
	near(price.unit.high, 300 + hypot(40, 30), 1e-12);
	assert_true(isnan(price.cv));
	assert_false(price_less(&price, "mm.zero_4k", (struct fit_value){ 300, 300, 300 }, &error));
	assert_non_null(strstr(error.message, "nothing is left"));
}

/* What cannot be fitted says why. */
static void test_refused(void **state)
{
	const struct price_point zero[] = { single(1, 0), single(1, 5) };
	const struct price_point sums = { 1, 3, 5, 5, 5, NAN };
	const struct price_data law = { "data", zero, 2, false, NAN };
	const struct price_data quantile = { "data", &sums, 1, false, 0.5 };
	struct error error = { 0 };
	struct price price;

	(void)state;
	assert_false(price_find(&law, &price, &error));
	price_fini(&price);
	error = (struct error){ 0 };
	assert_false(price_find(&quantile, &price, &error));
	assert_non_null(strstr(error.message, "a quantile needs single durations"));
	price_fini(&price);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disturbed), cmocka_unit_test(test_quantile_line),
		cmocka_unit_test(test_few),       cmocka_unit_test(test_spread),
		cmocka_unit_test(test_bins),      cmocka_unit_test(test_sums_of_sizes),
		cmocka_unit_test(test_less),      cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
