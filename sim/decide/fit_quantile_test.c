/* Quantiles of durations and of lines, against values worked out by hand. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decide/fit.h"

enum { COUNT = 60 };

/*
 * The median of eleven lies between the 2nd and the 10th with 98.8 %, between the 3rd and the 9th
 * with 93.5 % only.
 */
static void test_median(void **state)
{
	double y[] = { 7, 3, 11, 1, 9, 5, 2, 10, 4, 8, 6 };
	const struct fit_data data = { "data", NULL, y, 11 };
	struct error error = { 0 };
	struct fit_value value;

	(void)state;
	assert_true(fit_quantile(&data, 0.5, &value, &error));
	assert_true(value.value == 6 && value.low == 2 && value.high == 10);
	assert_true(y[0] == 7); /* the caller's order stays */
}

/* So few say nothing of the tail: its interval is all of them. */
static void test_tail(void **state)
{
	double y[] = { 4, 2, 8 };
	struct fit_data data = { "data", NULL, y, 3 };
	struct error error = { 0 };
	struct fit_value value;

	(void)state;
	assert_true(fit_quantile(&data, 0.99, &value, &error));
	assert_true(fabs(value.value - (4 + 0.98 * 4)) < 1e-12 && value.high == 8);
	data.count = 1;
	assert_false(fit_quantile(&data, 0.5, &value, &error));
	assert_string_equal(error.message, "data: a quantile needs at least 2 durations");
}

/* y = 5 + 3 x, but for every fourth measurement, which was disturbed: the lower half does not see it. */
static void test_line(void **state)
{
	double x[COUNT], y[COUNT];
	const struct fit_data data = { "data", x, y, COUNT };
	struct error error = { 0 };
	struct fit_line line;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		x[i] = i + 1;
		y[i] = 5 + 3 * x[i] + (i % 4 == 3 ? 100 + i : 0);
	}
	if (!fit_quantile_line(&data, false, 0.5, &line, &error))
		fail_msg("%s", error.message);
	assert_true(fabs(line.slope.value - 3) < 1e-9 && fabs(line.intercept.value - 5) < 1e-6);
	assert_true(line.slope.low <= 3 + 1e-9 && line.slope.high >= 3 - 1e-9);
	fit_line_fini(&line);

	for (int i = 0; i < COUNT; i++)
		y[i] = 3 * x[i] * (i % 4 == 3 ? 2 : 1);
	if (!fit_quantile_line(&data, true, 0.5, &line, &error))
		fail_msg("%s", error.message);
	assert_true(fabs(line.slope.value - 3) < 1e-9 && line.intercept.value == 0);
	fit_line_fini(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_median),
					    cmocka_unit_test(test_tail),
					    cmocka_unit_test(test_line) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
