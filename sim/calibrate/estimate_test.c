#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "calibrate/estimate.h"

/* Times of a measurement at its own sizes: fixed + slope for each unit, and what `noise` adds. */
static void fill(struct points *points, enum measurement_id id, double slope, double fixed,
		 unsigned int rounds, double (*noise)(unsigned int round, size_t i))
{
	const struct measurement *measurement = &measurements[id];
	struct error error = { 0 };

	for (unsigned int round = 0; round < rounds; round++) {
		for (size_t i = 0; i < measurement_sizes(measurement); i++) {
			double units =
				(double)measurement->sizes[i] / (double)measurement->unit_size;
			double ns = fixed + slope * units;

			assert_true(points_add(points, units, ns * (noise ? noise(round, i) : 1),
					       round, &error));
		}
	}
}

static struct estimate estimate_of(enum measurement_id id, double slope, double fixed,
				   double (*noise)(unsigned int round, size_t i))
{
	struct points points = { 0 };
	struct estimate estimate;
	struct error error = { 0 };

	fill(&points, id, slope, fixed, 5, noise);
	assert_true(estimate_make(&estimate, &measurements[id], &points, &error));
	points_fini(&points);
	return estimate;
}

static void assert_near(double got, double wanted, double relative)
{
	if (fabs(got - wanted) > relative * fabs(wanted))
		fail_msg("%g is not within %g of %g", got, relative, wanted);
}

static const struct price_rule *rule_of(const char *term)
{
	for (size_t p = 0; p < price_rule_count; p++)
		if (strcmp(price_rules[p].term, term) == 0)
			return &price_rules[p];
	fail_msg("no rule for %s", term);
	return NULL;
}

static double one_percent(unsigned int round, size_t i)
{
	return 1 + 0.01 * ((double)((round + i) % 3) - 1);
}

/* --- one measurement --------------------------------------------------------------- */

static void a_line_gives_slope_and_fixed_part(void **state)
{
	struct estimate estimate = estimate_of(UNMAP_4K, 120, 5000, NULL);

	(void)state;
	assert_true(estimate.exists);
	assert_int_equal(estimate.rounds, 5);
	assert_near(estimate.part[PART_SLOPE].value, 120, 1e-6);
	assert_near(estimate.part[PART_FIXED].value, 5000, 1e-3);
	for (unsigned int round = 0; round < 5; round++)
		assert_near(estimate.per_round[PART_SLOPE][round], 120, 1e-6);
}

static double one_round_is_disturbed(unsigned int round, size_t i)
{
	return (round == 2 && i == 2 ? 3 : 1) * (1 + 0.002 * (double)((round * 3 + i) % 3));
}

static void what_all_grows_has_no_fixed_part(void **state)
{
	struct estimate estimate = estimate_of(TOUCH_4K, 1000, 0, one_percent);

	(void)state;
	assert_near(estimate.part[PART_SLOPE].value, 1000, 0.011);
	assert_true(estimate.part[PART_FIXED].value == 0);
	assert_true(estimate.cv == 0); /* a size is no single call */
}

static void an_outlier_does_not_move_the_line_but_is_in_the_spread(void **state)
{
	struct estimate estimate = estimate_of(UNMAP_4K, 120, 0, one_round_is_disturbed);
	struct estimate estimates[MEASUREMENTS] = { [END_4K] = estimate };
	struct price_estimate price;

	(void)state;
	assert_near(estimate.part[PART_SLOPE].value, 120, 0.02);
	price_make(&price, rule_of("mm.free_4k"), estimates, 0);
	assert_near(price.value, 120, 0.02);
	assert_true(price.high > 300);
	assert_int_equal(price.speed_count, 0); /* nobody has measured two */
}

static void calls_give_a_median_and_their_variation(void **state)
{
	struct points points = { 0 };
	struct estimate estimate;
	struct error error = { 0 };
	static const double us[] = { 90, 100, 110, 95, 105, 100, 98, 102, 101, 5000 };

	(void)state;
	for (unsigned int i = 0; i < 10; i++)
		assert_true(points_add(&points, 1, us[i] * 1e3, i / 5, &error));
	assert_true(estimate_make(&estimate, &measurements[KVM_CREATE_VM], &points, &error));
	assert_near(estimate.part[PART_SLOPE].value, 100.5e3, 1e-9);
	assert_true(estimate.cv > 0.01 && estimate.cv < 0.1); /* not that of 5 ms */
	assert_true(estimate.part[PART_SLOPE].low >= 90e3);
	assert_near(estimate.per_round[PART_SLOPE][0], 100e3, 1e-9);
	points_fini(&points);
}

static void too_few_times_give_nothing(void **state)
{
	struct points points = { 0 };
	struct estimate estimate;
	struct error error = { 0 };

	(void)state;
	assert_true(points_add(&points, 100, 1, 0, &error));
	assert_true(points_add(&points, 200, 2, 0, &error));
	assert_true(estimate_make(&estimate, &measurements[UNMAP_4K], &points, &error));
	assert_false(estimate.exists);
	assert_true(points_add(&points, 200, 2, 0, &error));
	assert_true(estimate_make(&estimate, &measurements[UNMAP_4K], &points, &error));
	assert_true(estimate.exists);
	points_fini(&points);

	for (unsigned int i = 0; i < 4; i++) /* one size is no line */
		assert_true(points_add(&points, 100, 1, i, &error));
	assert_true(estimate_make(&estimate, &measurements[UNMAP_4K], &points, &error));
	assert_false(estimate.exists);
	points_fini(&points);
}

/* --- prices ---------------------------------------------------------------------------- */

static void a_price_is_a_sum_of_slopes(void **state)
{
	struct estimate estimates[MEASUREMENTS] = {
		[TOUCH_2M] = estimate_of(TOUCH_2M, 130e3, 0, one_percent),
		[TOUCH_4K] = estimate_of(TOUCH_4K, 1000, 0, one_percent),
		[CLEAR] = estimate_of(CLEAR, 200, 0, one_percent),
	};
	struct price_estimate price;

	(void)state;
	price_make(&price, rule_of("mm.fault"), estimates, 0);
	assert_true(price.exists && price.told_from_zero);
	assert_near(price.value, 800, 0.02);
	assert_true(price.low < 800 && price.high > 800);
	assert_true(price.low > 600 && price.high < 1000);
	price_make(&price, rule_of("mm.zero_2m"), estimates, 0);
	assert_near(price.value, 130e3 - 1000 + 200, 0.02);
	price_make(&price, rule_of("mm.populate"), estimates, 0);
	assert_false(price.exists); /* populate-4k was left out */
}

static void a_difference_may_not_be_told_from_zero(void **state)
{
	struct estimate estimates[MEASUREMENTS] = {
		[TOUCH_4K] = estimate_of(TOUCH_4K, 1000, 0, one_percent),
		[TOUCH_4K_TWO] = estimate_of(TOUCH_4K_TWO, 499, 0, one_percent),
	};
	struct price_estimate price;

	(void)state;
	price_make(&price, rule_of("mm.fault_shared_4k"), estimates, 0);
	assert_true(price.exists);
	assert_false(price.told_from_zero);
	assert_true(price.value == 0 && price.low == 0 && price.high > 0);
}

static void drift_widens_both_ends(void **state)
{
	struct estimate estimates[MEASUREMENTS] = { [END_4K] = estimate_of(END_4K, 100, 0, NULL) };
	struct price_estimate still, moved;

	(void)state;
	price_make(&still, rule_of("mm.free_4k"), estimates, 0);
	price_make(&moved, rule_of("mm.free_4k"), estimates, 0.25);
	assert_near(still.low, 100, 0.011);
	assert_near(still.high, 100, 0.011);
	assert_near(moved.value, 100, 1e-9);
	assert_near(moved.low, 80, 0.011);
	assert_near(moved.high, 125, 0.011);
}

static double slower_later(unsigned int round, size_t i)
{
	(void)i;
	return 1 + 0.1 * round;
}

static void a_crowd_is_measured_against_one_alone(void **state)
{
	struct estimate estimates[MEASUREMENTS] = {
		[END_4K] = estimate_of(END_4K, 90, 0, slower_later),
		[END_4K_TWO] = estimate_of(END_4K_TWO, 120, 0, slower_later),
	};
	struct price_estimate price;

	(void)state;
	price_make(&price, rule_of("mm.free_4k"), estimates, 0);
	assert_int_equal(price.speed_count, 1);
	assert_near(price.speeds[0], 0.75, 1e-9); /* round by round: both are slower later */
	assert_near(price.slowest, 0.75, 1e-9);
	assert_near(price.fastest, 0.75, 1e-9);
	price_make(&price, rule_of("mm.free_4k"), estimates, 0.25); /* the host drifted */
	assert_near(price.slowest, 0.6, 1e-9);
	assert_near(price.fastest, 0.938, 1e-9);
	estimates[END_4K_FOUR] = estimate_of(END_4K_FOUR, 180, 0, slower_later);
	price_make(&price, rule_of("mm.free_4k"), estimates, 0);
	assert_int_equal(price.speed_count, 3);
	assert_near(price.speeds[2], 0.5, 1e-9);
	assert_near(price.speeds[1], 0.625, 1e-9);
	/* Faster than alone is as fast as alone. */
	estimates[END_4K_TWO] = estimate_of(END_4K_TWO, 80, 0, slower_later);
	price_make(&price, rule_of("mm.free_4k"), estimates, 0);
	assert_near(price.speeds[0], 1, 1e-9);
}

static void bandwidth_is_what_all_clear_together(void **state)
{
	struct estimate estimates[MEASUREMENTS] = {
		[CLEAR_ALL] = estimate_of(CLEAR_ALL, 409.6, 0, one_percent),
		[CLEAR] = estimate_of(CLEAR, 300, 0, one_percent),
	};
	struct bandwidth_estimate bandwidth;

	(void)state;
	bandwidth_make(&bandwidth, 2, estimates, 0.1);
	assert_true(bandwidth.exists && bandwidth.bound);
	assert_near(bandwidth.value, 20e9, 0.02);
	assert_true(bandwidth.low < 20e9 / 1.09 && bandwidth.high > 20e9 * 1.09);
	estimates[CLEAR] = estimate_of(CLEAR, 400, 0, one_percent);
	bandwidth_make(&bandwidth, 2, estimates, 0.1);
	assert_true(bandwidth.exists && !bandwidth.bound); /* the CPUs are slow, not the bus */
	estimates[CLEAR_ALL].exists = false;
	bandwidth_make(&bandwidth, 2, estimates, 0.1);
	assert_false(bandwidth.exists);
}

/* --- numbers ------------------------------------------------------------------------------ */

static void drift_is_of_medians_and_has_no_sign(void **state)
{
	static const double before[] = { 100, 101, 99, 500, 100 }, after[] = { 80, 81, 79, 80, 2 };

	(void)state;
	assert_near(drift_between(before, 5, after, 5), 0.25, 1e-9);
	assert_near(drift_between(after, 5, before, 5), 0.25, 1e-9);
	assert_true(drift_between(before, 5, before, 5) == 0);
	assert_true(drift_between(before, 0, before, 5) == 0);
	assert_true(isnan(median_of(before, 0)));
}

static void values_have_three_digits(void **state)
{
	(void)state;
	assert_true(rounded(1234.5, 3, nearbyint) == 1230);
	assert_true(rounded(1234.5, 3, floor) == 1230);
	assert_true(rounded(1234.5, 3, ceil) == 1240);
	assert_true(rounded(0.0012345, 3, nearbyint) == 0.00123);
	assert_true(rounded(120, 3, ceil) == 120);
	assert_true(rounded(0.3, 3, floor) == 0.3);
	assert_true(rounded(-1.2345, 3, floor) == -1.24);
	assert_true(rounded(0, 3, floor) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_gives_slope_and_fixed_part),
		cmocka_unit_test(what_all_grows_has_no_fixed_part),
		cmocka_unit_test(an_outlier_does_not_move_the_line_but_is_in_the_spread),
		cmocka_unit_test(calls_give_a_median_and_their_variation),
		cmocka_unit_test(too_few_times_give_nothing),
		cmocka_unit_test(a_price_is_a_sum_of_slopes),
		cmocka_unit_test(a_difference_may_not_be_told_from_zero),
		cmocka_unit_test(drift_widens_both_ends),
		cmocka_unit_test(a_crowd_is_measured_against_one_alone),
		cmocka_unit_test(bandwidth_is_what_all_clear_together),
		cmocka_unit_test(drift_is_of_medians_and_has_no_sign),
		cmocka_unit_test(values_have_three_digits),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
