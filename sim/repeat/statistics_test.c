#include "repeat/statistics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

#include "engine/variate.h"

static void assert_near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, wanted);
}

static void add(struct observations *observations, size_t count, const int64_t *values)
{
	struct error error = { 0 };

	assert_true(observations_add(observations, values, count, &error));
}

static struct interval interval_of(const struct observations *observations, double p)
{
	struct error error = { 0 };
	struct interval interval;
	struct distribution distribution;

	assert_true(observations_distribution(observations, &distribution, &error));
	assert_true(quantile_interval(observations, &distribution, p, &interval, &error));
	distribution_fini(&distribution);
	return interval;
}

/* t(0.975; 4) = 2.776445: 3 +- 2.776445 * sqrt(2.5 / 5). */
static void test_mean_of_five(void **state)
{
	struct observations five = { 0 };
	struct interval interval;

	(void)state;
	for (int64_t i = 1; i <= 5; i++)
		add(&five, 1, &i);
	interval = mean_interval(&five);
	assert_true(interval.exists);
	assert_near(mean_of(&five), 3, 0);
	assert_near(interval.low, 3 - 1.963243, 1e-6);
	assert_near(interval.high, 3 + 1.963243, 1e-6);
	observations_fini(&five);
}

/* Sums 30 of 2 and 30 of 1: mean 20, residuals -10 and 10, t(0.975; 1) = 12.706205. */
static void test_mean_is_a_ratio(void **state)
{
	struct observations observations = { 0 };
	struct interval interval;

	(void)state;
	add(&observations, 2, (const int64_t[]){ 10, 20 });
	add(&observations, 1, (const int64_t[]){ 30 });
	interval = mean_interval(&observations);
	assert_true(interval.exists);
	assert_near(interval.high - 20, 12.706205 * sqrt(200.0 / 2) / 1.5, 1e-4);
	observations_fini(&observations);
}

static void test_mean_needs_two_replications(void **state)
{
	struct observations observations = { 0 };

	(void)state;
	assert_false(mean_interval(&observations).exists);
	add(&observations, 3, (const int64_t[]){ 1, 2, 3 });
	assert_false(mean_interval(&observations).exists);
	/* a replication without an observation says nothing about the spread */
	add(&observations, 0, NULL);
	assert_false(mean_interval(&observations).exists);
	add(&observations, 1, (const int64_t[]){ 7 });
	assert_true(mean_interval(&observations).exists);
	observations_fini(&observations);
}

static void test_sums_beyond_64_bits(void **state)
{
	struct observations observations = { 0 };

	(void)state;
	add(&observations, 2, (const int64_t[]){ INT64_MAX, INT64_MAX });
	add(&observations, 1, (const int64_t[]){ INT64_MAX });
	assert_near(mean_of(&observations), 0x1p63, 0);
	observations_fini(&observations);
}

/* Against whole-number arithmetic: ceil(n * permille / 1000). */
static void test_sample_quantile(void **state)
{
	enum { MOST = 4000 };
	static int64_t values[MOST];

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		values[i] = (int64_t)i + 1;
	for (size_t n = 1; n <= MOST; n += n < 100 ? 1 : 97) {
		struct distribution distribution;
		struct error error = { 0 };

		assert_true(distribution_from_values(&distribution, values, n, &error));
		for (size_t permille = 1; permille <= 1000; permille += 111) {
			size_t rank = (n * permille + 999) / 1000;

			assert_int_equal(
				distribution_quantile(&distribution, (double)permille / 1000),
				rank);
		}
		assert_int_equal(distribution_quantile(&distribution, 0.99), (n * 99 + 99) / 100);
		distribution_fini(&distribution);
	}
}

static void test_least_count(void **state)
{
	(void)state;
	assert_int_equal(quantile_least_count(0.5), 6);
	assert_int_equal(quantile_least_count(0.1), 36);
	assert_int_equal(quantile_least_count(0.9), 36);
	assert_int_equal(quantile_least_count(0.95), 72);
	assert_int_equal(quantile_least_count(0.99), 368);
	assert_int_equal(quantile_least_count(0.999), 3688);
	assert_true(quantile_least_count(1) == SIZE_MAX);
}

static void test_known_ranks(void **state)
{
	static const struct {
		size_t n;
		double p;
		size_t low, high;
	} rows[] = {
		{ 1000, 0.99, 983, 997 },    { 5000, 0.99, 4936, 4964 },
		{ 10000, 0.99, 9880, 9920 }, { 6, 0.5, 1, 6 },
		{ 36, 0.9, 29, 36 },         { 368, 0.99, 360, 368 },
		{ 3688, 0.999, 3680, 3688 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t low = 0, high = 0;

		assert_true(quantile_ranks(rows[i].n, rows[i].p, &low, &high));
		assert_int_equal(low, rows[i].low);
		assert_int_equal(high, rows[i].high);
		assert_int_equal(quantile_least_count(rows[i].p) > rows[i].n, 0);
	}
	assert_false(quantile_ranks(367, 0.99, &(size_t){ 0 }, &(size_t){ 0 }));
}

/* At most 2.5 % on either side, and no narrower pair of ranks would do. */
static void test_ranks_are_tight(void **state)
{
	static const double levels[] = { 0.5, 0.9, 0.99 };

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		double p = levels[k];

		for (unsigned int n = (unsigned int)quantile_least_count(p); n < 3000; n += 37) {
			size_t low, high;

			assert_true(quantile_ranks(n, p, &low, &high));
			assert_true(low >= 1 && low < high && high <= n);
			assert_true(gsl_cdf_binomial_P((unsigned int)low - 1, p, n) <= 0.025);
			assert_true(gsl_cdf_binomial_P((unsigned int)low, p, n) > 0.025);
			assert_true(gsl_cdf_binomial_P((unsigned int)high - 1, p, n) >= 0.975);
			assert_true(gsl_cdf_binomial_P((unsigned int)high - 2, p, n) < 0.975);
		}
	}
}

static void test_sections_need_observations(void **state)
{
	struct observations observations = { 0 };
	int64_t values[2000];

	(void)state;
	assert_false(interval_of(&observations, 0.5).exists);
	for (int64_t i = 0; i < 2000; i++)
		values[i] = i;
	/* p99 needs 2000 in each of at least five sections; one of them is empty */
	for (int r = 0; r < 4; r++)
		add(&observations, 2000, values);
	add(&observations, 0, NULL);
	assert_false(interval_of(&observations, 0.99).exists);
	/* the empty one joins its neighbour: five sections of 2000 */
	add(&observations, 2000, values);
	assert_true(interval_of(&observations, 0.99).exists);
	observations_fini(&observations);
}

/* --- do they cover? --------------------------------------------------------- */

enum { TRIALS = 2000 };

static struct stream new_stream(uint32_t trial, uint32_t replication)
{
	const struct stream_name name = { .seed = 7, .replication = trial, .entity = replication };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	return stream;
}

/* 60 exponential latencies of mean 1 s: the t interval should cover in about 95 %. */
static void test_mean_covers(void **state)
{
	unsigned int covered = 0;

	(void)state;
	for (uint32_t trial = 0; trial < TRIALS; trial++) {
		struct observations observations = { 0 };
		struct interval interval;

		for (uint32_t r = 0; r < 60; r++) {
			struct stream stream = new_stream(trial, r);
			int64_t value = (int64_t)stream_exponential(&stream, 1e9);

			add(&observations, 1, &value);
		}
		interval = mean_interval(&observations);
		covered += interval.low <= 1e9 && 1e9 <= interval.high;
		observations_fini(&observations);
	}
	assert_in_range(covered, TRIALS * 93 / 100, TRIALS * 97 / 100);
}

static void test_p90_covers(void **state)
{
	double truth = -1e9 * log(0.1);
	unsigned int covered = 0;

	(void)state;
	for (uint32_t trial = 0; trial < TRIALS; trial++) {
		struct observations observations = { 0 };
		struct interval interval;

		for (uint32_t r = 0; r < 100; r++) {
			struct stream stream = new_stream(trial, r);
			int64_t value = (int64_t)stream_exponential(&stream, 1e9);

			add(&observations, 1, &value);
		}
		interval = interval_of(&observations, 0.9);
		assert_true(interval.exists);
		covered += interval.low <= truth && truth <= interval.high;
		observations_fini(&observations);
	}
	assert_in_range(covered, TRIALS * 94 / 100, TRIALS * 99 / 100);
}

/*
 * Observations of one replication share a normal shift as large as their own
 * spread. Order statistics of the pooled sample would cover in less than half of
 * the trials; sectioning has to stay near 95 %.
 */
static void test_sectioning_covers(void **state)
{
	double truth = 1e9 + 1e8 * sqrt(2) * gsl_cdf_ugaussian_Pinv(0.9);
	unsigned int covered = 0;

	(void)state;
	for (uint32_t trial = 0; trial < 2000; trial++) {
		struct observations observations = { 0 };
		struct interval interval;

		for (uint32_t r = 0; r < 200; r++) {
			struct stream stream = new_stream(trial, r);
			double shift = 1e8 * stream_normal(&stream);
			int64_t values[30];

			for (int i = 0; i < 30; i++)
				values[i] = (int64_t)(1e9 + shift + 1e8 * stream_normal(&stream));
			add(&observations, 30, values);
		}
		interval = interval_of(&observations, 0.9);
		assert_true(interval.exists);
		covered += interval.low <= truth && truth <= interval.high;
		observations_fini(&observations);
	}
	assert_in_range(covered, 1860, 1940);
}

/* Counted into histograms: the same mean and, within a bucket, the same quantile and interval. */
static void test_counted(void **state)
{
	struct observations kept = { 0 }, counted = { .limit = 5000 };
	struct interval exact, rounded;

	(void)state;
	for (uint32_t r = 0; r < 40; r++) {
		struct stream stream = new_stream(1, r);
		int64_t values[1000];

		for (int i = 0; i < 1000; i++)
			values[i] = llround(stream_exponential(&stream, 1e9));
		add(&kept, 1000, values);
		add(&counted, 1000, values);
	}
	assert_null(kept.sections);
	assert_non_null(counted.sections);
	assert_int_equal(counted.count, 40000);
	assert_near(mean_of(&counted), mean_of(&kept), 0);
	assert_near(mean_interval(&counted).low, mean_interval(&kept).low, 0);
	exact = interval_of(&kept, 0.99);
	rounded = interval_of(&counted, 0.99);
	assert_true(exact.exists && rounded.exists);
	assert_near(rounded.low + rounded.high, exact.low + exact.high, 2e-3 * exact.high);
	observations_fini(&kept);
	observations_fini(&counted);
}

/* a = b + noise of a tenth: nearly all variance is shared, and drops out. */
static void test_pairs(void **state)
{
	struct observations a = { 0 }, b = { 0 };
	struct interval difference, ratio;
	double saved;

	(void)state;
	for (uint32_t r = 0; r < 200; r++) {
		struct stream stream = new_stream(2, r);
		int64_t common = (int64_t)(5e9 + 1e9 * stream_normal(&stream));
		int64_t own = 2 * common + (int64_t)(1e7 * stream_normal(&stream));

		add(&b, 1, &common);
		add(&a, 1, &own);
	}
	difference = difference_interval(&a, &b, &saved);
	assert_true(difference.exists && difference.low < 5e9 && difference.high > 4.8e9);
	assert_near((difference.low + difference.high) / 2, mean_of(&a) - mean_of(&b), 1);
	/* sd 2, 1 and 1 of a, b and a - b: 1 - 1 / 5 */
	assert_near(saved, 0.8, 0.01);
	ratio = ratio_interval(&a, &b);
	assert_true(ratio.exists);
	assert_near((ratio.low + ratio.high) / 2, 2, ratio.high - ratio.low);
	assert_true(ratio.high - ratio.low < 0.002);
	difference = difference_interval(&b, &b, &saved);
	assert_near(difference.high - difference.low, 0, 0);
	assert_near(saved, 1, 0);
	observations_fini(&a);
	observations_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean_of_five),
		cmocka_unit_test(test_mean_is_a_ratio),
		cmocka_unit_test(test_mean_needs_two_replications),
		cmocka_unit_test(test_sums_beyond_64_bits),
		cmocka_unit_test(test_sample_quantile),
		cmocka_unit_test(test_least_count),
		cmocka_unit_test(test_known_ranks),
		cmocka_unit_test(test_ranks_are_tight),
		cmocka_unit_test(test_sections_need_observations),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_mean_covers),
		cmocka_unit_test(test_p90_covers),
		cmocka_unit_test(test_sectioning_covers),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
