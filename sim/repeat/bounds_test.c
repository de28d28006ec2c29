/* How often a bound is wrong at any of many looks: at most alpha, and not far less. */

#include "repeat/bounds.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "engine/variate.h"

enum { PATHS = 2000, LAST = 4096 };

static const double alpha = 0.1;

static struct stream stream_of(uint32_t path)
{
	const struct stream_name name = { .seed = 1, .replication = path };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	return stream;
}

/* A bound is wrong on at most alpha of the paths; 3 standard deviations for chance. */
static void assert_rare(int wrong, int least)
{
	double most = alpha * PATHS + 3 * sqrt(alpha * (1 - alpha) * PATHS);

	print_message("%d of %d paths\n", wrong, PATHS);
	assert_in_range(wrong, least, (int)most);
}

static void test_binomial_paths(void **state)
{
	const double p = 0.01;
	int wrong = 0;

	(void)state;
	for (uint32_t path = 0; path < PATHS; path++) {
		struct stream stream = stream_of(path);
		uint64_t n = 0, k = 0;
		bool holds = true;

		for (uint64_t to = 32; to <= LAST; to += to / 4) {
			double low, high;

			k += stream_binomial(&stream, to - n, p);
			n = to;
			binomial_bounds((double)k, (double)n, alpha, 0.01, &low, &high);
			assert_true(low <= (double)k / (double)n && high >= (double)k / (double)n);
			holds = holds && low <= p && p <= high;
		}
		wrong += !holds;
	}
	assert_rare(wrong, PATHS / 100);
}

/* Wider than of one look alone: 0 of 299 and 3 of 773 show 1 % at 95 % there, not here. */
static void test_binomial_values(void **state)
{
	double low, high;

	(void)state;
	binomial_bounds(0, 299, 0.05, 0.01, &low, &high);
	assert_true(low == 0 && high > 0.01 && high < 0.015);
	binomial_bounds(0, 450, 0.05, 0.01, &low, &high);
	assert_true(low == 0 && high < 0.01);
	binomial_bounds(3, 773, 0.05, 0.01, &low, &high);
	assert_true(low > 0 && high > 0.01);
	binomial_bounds(5, 5, 0.05, 0.01, &low, &high);
	assert_true(high == 1 && low > 0 && low < pow(0.05, 0.2));
	/* Beta(1/2, 1/2) and 1 of 1: 1/2 over p is 1 / alpha */
	binomial_bounds(1, 1, 0.05, 0.5, &low, &high);
	assert_true(fabs(low - 0.025) < 1e-9);
}

/* Means of normal numbers, of whose variance no more is known than they say. */
static void test_line_paths(void **state)
{
	const double slope = 0.05;
	int above = 0, below = 0;

	(void)state;
	for (uint32_t path = 0; path < PATHS; path++) {
		struct stream stream = stream_of(path);
		double sum = 0, squares = 0;
		bool high = true, low = true;

		for (size_t n = 1; n <= LAST; n++) {
			double value = stream_normal(&stream), mean, error, half;

			sum += value;
			squares += value * value;
			if (n < 8)
				continue;
			mean = sum / (double)n;
			error = sqrt((squares / (double)n - mean * mean) / (double)(n - 1));
			half = line_half_width(error, (double)n, alpha, slope, LAST);
			high = high && mean + half >= 0;
			low = low && mean - half <= 0;
		}
		above += !high;
		below += !low;
	}
	assert_rare(above, PATHS / 20);
	assert_rare(below, PATHS / 20);
}

/* Twice the slope where it is narrowest; with no slope, at the last look. */
static void test_line_widths(void **state)
{
	const double many = 100000;
	double height = log(1 / alpha), slope = 0.01, error = slope * sqrt(2 / height);

	(void)state;
	assert_true(fabs(line_half_width(error, many, alpha, slope, many) / (2 * slope) - 1) <
		    1e-3);
	assert_true(line_half_width(error * 2, many / 4, alpha, slope, many) >
		    line_half_width(error, many, alpha, slope, many));
	assert_true(fabs(line_half_width(error, many, alpha, 0, many) / (2 * slope) - 1) < 1e-3);
	assert_true(line_half_width(error, 4, alpha, slope, many) >
		    1.5 * line_half_width(error, many, alpha, slope, many)); /* of 4 */
	assert_true(line_half_width(0, 10, alpha, slope, many) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binomial_paths),
		cmocka_unit_test(test_binomial_values),
		cmocka_unit_test(test_line_paths),
		cmocka_unit_test(test_line_widths),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
