/* Values with counts, and the histogram that stands for them: range, error, order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/distribution.h"

/* The ends of the range may come first. */
static void test_ends_first(void **state)
{
	static const int64_t values[][3] = { { -300, 5, 70000 }, { 70000, 5, -300 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct distribution distribution;
		struct error error = { 0 };

		assert_true(distribution_from_values(&distribution, values[i], 3, &error));
		assert_int_equal(distribution_value(&distribution, 1), -300);
		assert_int_equal(distribution_value(&distribution, 2), 5);
		assert_int_equal(distribution_value(&distribution, 3), 70000);
		distribution_fini(&distribution);
	}
}

static void test_values(void **state)
{
	static const int64_t values[] = { 5, 1, 3, 3, 9, 3 };
	static const struct value_count items[] = { { 1, 1 }, { 3, 3 }, { 5, 1 }, { 9, 1 } };
	struct distribution distribution;
	struct value_count item;
	struct error error = { 0 };
	size_t at = 0;

	(void)state;
	assert_true(distribution_from_values(&distribution, values, 6, &error));
	for (int i = 0; i < 4; i++) {
		assert_true(distribution_next(&distribution, &at, &item));
		assert_int_equal(item.value, items[i].value);
		assert_int_equal(item.count, items[i].count);
	}
	assert_false(distribution_next(&distribution, &at, &item));
	assert_int_equal(distribution.count, 6);
	assert_false(distribution.rounded);
	assert_int_equal(distribution_value(&distribution, 1), 1);
	assert_int_equal(distribution_value(&distribution, 2), 3);
	assert_int_equal(distribution_value(&distribution, 4), 3);
	assert_int_equal(distribution_value(&distribution, 5), 5);
	assert_int_equal(distribution_value(&distribution, 6), 9);
	assert_int_equal(distribution_quantile(&distribution, 0.5), 3);
	assert_int_equal(distribution_quantile(&distribution, 0), 1);
	assert_int_equal(distribution_quantile(&distribution, 1), 9);
	distribution_fini(&distribution);
	assert_true(distribution_from_values(&distribution, NULL, 0, &error));
	assert_int_equal(distribution.count, 0);
	distribution_fini(&distribution);
}

/* Any range of values, negative ones too, in any order: as qsort has them. */
static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

static void test_order(void **state)
{
	uint64_t random = 88172645463325252;
	struct error error = { 0 };
	int64_t values[300];

	(void)state;
	for (int bits = 1; bits <= 64; bits++) {
		size_t count = (size_t)bits * 4 + 44;
		struct distribution distribution;

		for (size_t i = 0; i < count; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			values[i] = (int64_t)(random >> (64 - bits)) - (bits < 60 ? 1000 : 0);
		}
		assert_true(distribution_from_values(&distribution, values, count, &error));
		qsort(values, count, sizeof(*values), compare);
		assert_memory_equal(distribution.values, values, count * sizeof(*values));
		assert_int_equal(distribution.count, count);
		distribution_fini(&distribution);
	}
}

static void test_one_value(void **state)
{
	struct distribution distribution;
	struct value_count item;
	struct error error = { 0 };
	size_t at = 0;

	(void)state;
	assert_true(distribution_from_one(&distribution, 7, 1000, &error));
	assert_int_equal(distribution_value(&distribution, 1), 7);
	assert_int_equal(distribution_quantile(&distribution, 0.999), 7);
	assert_true(distribution_next(&distribution, &at, &item));
	assert_int_equal(item.count, 1000);
	distribution_fini(&distribution);
	assert_true(distribution_from_one(&distribution, 7, 0, &error));
	assert_int_equal(distribution.count, 0);
	distribution_fini(&distribution);
}

/* Every power of two and its neighbours, to the end of int64: less than 0.1 % off, in order. */
static void test_whole_range(void **state)
{
	struct error error = { 0 };

	(void)state;
	for (int bit = 0; bit < 63; bit++) {
		for (int64_t off = -1; off <= 1; off++) {
			int64_t value = ((int64_t)1 << bit) + off;
			struct histogram histogram = { 0 };
			struct distribution distribution;
			int64_t found;

			assert_true(histogram_add(&histogram, value, &error));
			assert_true(
				distribution_from_histograms(&distribution, &histogram, 1, &error));
			assert_int_equal(distribution.count, 1);
			found = distribution_value(&distribution, 1);
			assert_true(value < 2048 ? found == value
						 : llabs(found - value) <= value / 2000);
			distribution_fini(&distribution);
			histogram_fini(&histogram);
		}
	}
}

static void test_ends(void **state)
{
	struct histogram histogram = { 0 };
	struct distribution distribution;
	struct error error = { 0 };

	(void)state;
	assert_true(histogram_add(&histogram, INT64_MAX, &error));
	assert_true(histogram_add(&histogram, 0, &error));
	assert_true(distribution_from_histograms(&distribution, &histogram, 1, &error));
	assert_int_equal(distribution_value(&distribution, 1), 0);
	assert_true(INT64_MAX - distribution_value(&distribution, 2) <= INT64_MAX / 2000);
	distribution_fini(&distribution);
	assert_false(histogram_add(&histogram, -1, &error));
	histogram_fini(&histogram);
}

/* Quantiles of a histogram are those of the values, within a bucket; parts add up. */
static void test_quantiles(void **state)
{
	enum { COUNT = 20000 };
	static int64_t values[COUNT];
	struct histogram histograms[3] = { 0 };
	struct distribution exact, counted;
	struct error error = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		values[i] = (int64_t)((seed >> 33) * (seed >> 50));
		assert_true(histogram_add(&histograms[i % 3], values[i], &error));
	}
	assert_true(distribution_from_values(&exact, values, COUNT, &error));
	assert_true(distribution_from_histograms(&counted, histograms, 3, &error));
	assert_true(counted.rounded);
	assert_int_equal(counted.count, COUNT);
	for (int permille = 1; permille < 1000; permille += 13) {
		double p = permille / 1000.0;
		int64_t wanted = distribution_quantile(&exact, p);

		assert_true(llabs(distribution_quantile(&counted, p) - wanted) <=
			    wanted / 1000 + 1);
	}
	distribution_fini(&exact);
	distribution_fini(&counted);
	for (int i = 0; i < 3; i++)
		histogram_fini(&histograms[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_first),  cmocka_unit_test(test_values),
		cmocka_unit_test(test_order),       cmocka_unit_test(test_one_value),
		cmocka_unit_test(test_whole_range), cmocka_unit_test(test_ends),
		cmocka_unit_test(test_quantiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
