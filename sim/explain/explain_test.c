/* What is found by running again with other costs. */

#include "explain/fixture.h"

#include <gsl/gsl_errno.h>

enum { REBOOT = 1 };

/* 2 s of work and 1 s of rest, each between half and twice that. */
static void test_ranges(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 2, &result);
	assert_near(assumption(&result, "fake.work")->answer_low, 2e9, 0);
	assert_near(assumption(&result, "fake.work")->answer_high, 5e9, 0);
	assert_near(assumption(&result, "fake.rest")->answer_low, 2.5e9, 0);
	assert_near(assumption(&result, "fake.rest")->answer_high, 4e9, 0);
	assert_true(assumption(&result, "fake.rest")->mattered);
	assert_int_equal(result.assumption_count, 2); /* not of a term that was never charged */
	assert_string_equal(result.assumptions[0].term, "fake.work");
	assert_near(result.answer_low.value, 1.5e9, 0);
	assert_near(result.answer_high.value, 6e9, 0);
	/* the scenario's own costs stay as they are */
	assert_near(fake_case.costs[FAKE_WORK].law.mean_ns, 2e9, 0);
	result_fini(&result);
}

/* The range of an assumption encloses the headline. */
static void test_ranges_of_a_random_answer(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	double mean;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 2, &result);
	mean = result.metrics[REBOOT].mean.value;
	assert_true(assumption(&result, "fake.work")->answer_low < mean);
	assert_true(assumption(&result, "fake.work")->answer_high > mean);
	assert_near(assumption(&result, "fake.rest")->answer_low, mean - 0.5e9, 1e-3);
	result_fini(&result);
}

/* A variant of the costs whose run fails costs its own row, and the report says so. */
static void test_variant_that_fails(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake.fails_above_ns = 3e9;
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 1, &result);
	assert_near(result.metrics[REBOOT].mean.value, 3e9, 0);
	assert_near(assumption(&result, "fake.work")->answer_low, 2e9, 0);
	assert_true(isnan(assumption(&result, "fake.work")->answer_high));
	assert_near(assumption(&result, "fake.rest")->answer_high, 4e9, 0);
	assert_true(result.answer_low.exists);
	assert_false(result.answer_high.exists);
	assert_int_equal(result.note_count, 1);
	assert_non_null(strstr(result.notes[0], " of the runs with other costs failed"));
	assert_non_null(strstr(result.notes[0], "too much work"));
	/* a fifth of the draws fails: the band has no upper end */
	assert_int_equal(result.uncertainty.by, BAND_OF_DRAWS);
	assert_true(result.uncertainty.low.exists);
	assert_false(result.uncertainty.high.exists);
	result_fini(&result);
}

static void test_nothing_ends(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	fake_case.config.until_ns = 10;
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 2, &result);
	assert_true(result.answer == SIZE_MAX);
	assert_int_equal(result.assumption_count, 0);
	result_fini(&result);
}

/* Twice the work takes longer than the run: that matters more than any number. */
static void test_costs_without_an_end(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake_case.config.until_ns = 4500000000;
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 1, &result);
	assert_string_equal(result.assumptions[0].term, "fake.work");
	assert_true(result.assumptions[0].mattered);
	assert_true(!isfinite(result.assumptions[0].answer_high));
	assert_true(isfinite(result.assumptions[0].answer_low));
	assert_true(result.answer_low.exists);
	assert_false(result.answer_high.exists);
	result_fini(&result);
}

static void test_same_bytes_on_any_number_of_threads(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.3);
	fake_case.event.times = 3;
	scenario = fake_scenario(&fake_case, 0);
	for (size_t i = 0; result_format_names[i]; i++) {
		size_t size = 0, other_size = 0;
		char *bytes = bytes_of(&scenario, 1, STUDY_BOUNDED, result_writers[i], &size);

		for (unsigned int threads = 2; threads <= 7; threads += 5) {
			char *other = bytes_of(&scenario, threads, STUDY_BOUNDED, result_writers[i],
					       &other_size);

			assert_int_equal(size, other_size);
			assert_memory_equal(bytes, other, size);
			free(other);
		}
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_ranges_of_a_random_answer),
		cmocka_unit_test(test_variant_that_fails),
		cmocka_unit_test(test_nothing_ends),
		cmocka_unit_test(test_costs_without_an_end),
		cmocka_unit_test(test_same_bytes_on_any_number_of_threads),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
