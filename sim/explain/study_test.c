/* What a study may cost, and what is left out of it then. */

#include "explain/fixture.h"

#include <gsl/gsl_errno.h>

/* One replication, of so many events; both steps are large. */
static struct result study_of(uint64_t events, enum study study)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	fake_case_init(&fake_case, 2e9, 0);
	fake.events = events;
	scenario = fake_scenario(&fake_case, 0);
	run_study(&scenario, 1, study, &result);
	assert_int_equal(result.assumption_count, 2);
	return result;
}

static size_t free_steps(const struct result *result)
{
	size_t count = 0;

	for (size_t i = 0; i < result->part_count; i++)
		count += result->parts[i].if_free.exists;
	return count;
}

/* Nine runs: the base, all at both ends, two steps made free, two terms at both ends. */
static void test_what_fits_is_done(void **state)
{
	struct result result = study_of(4000000 / 9, STUDY_BOUNDED);

	(void)state;
	assert_int_equal(result.study.events, 9 * (4000000 / 9));
	assert_int_equal(result.study.terms_left + result.study.steps_left, 0);
	assert_int_equal(free_steps(&result), 2);
	result_fini(&result);
}

/* The term with less between its ends is left out first, though it is the first by name. */
static void test_least_at_stake_is_left_out(void **state)
{
	struct result result = study_of(4000000 / 9 + 1, STUDY_BOUNDED);

	(void)state;
	assert_int_equal(result.study.terms_left, 1);
	assert_true(assumption(&result, "fake.work")->moved);
	assert_false(assumption(&result, "fake.rest")->moved);
	assert_false(assumption(&result, "fake.rest")->mattered);
	assert_near(assumption(&result, "fake.work")->at_stake, 3e9, 0);
	assert_near(assumption(&result, "fake.rest")->at_stake, 1.5e9, 0);
	assert_true(isnan(assumption(&result, "fake.rest")->answer_low));
	assert_near(result.answer_low.value, 1.5e9, 0);
	assert_int_equal(free_steps(&result), 2);
	assert_true(result.study.events <= result.study.budget);
	result_fini(&result);
}

/* Four runs: the ends of all, and one of two steps. */
static void test_ends_come_before_steps(void **state)
{
	struct result result = study_of(1000000, STUDY_BOUNDED);

	(void)state;
	assert_near(result.answer_high.value, 6e9, 0);
	assert_int_equal(free_steps(&result), 1);
	assert_int_equal(result.study.steps_left, 1);
	assert_int_equal(result.study.terms_left, 2);
	assert_int_equal(result.study.events, 4000000);
	result_fini(&result);
}

/* Not even the ends of all: then nothing is run. */
static void test_too_large(void **state)
{
	struct result result = study_of(1400000, STUDY_BOUNDED);

	(void)state;
	assert_false(result.answer_low.exists);
	assert_int_equal(result.study.events, 0);
	assert_int_equal(result.study.replications, 0);
	assert_int_equal(result.study.terms_left, 2);
	assert_int_equal(result.study.steps_left, 2);
	result_fini(&result);
}

static void test_full_and_none(void **state)
{
	struct result full = study_of(1400000, STUDY_FULL), none = study_of(1, STUDY_NONE);

	(void)state;
	assert_int_equal(full.study.terms_left + full.study.steps_left, 0);
	assert_int_equal(full.study.events, (9 + 200) * 1400000);
	assert_int_equal(none.study.terms_left, 2);
	assert_int_equal(none.study.events, 0);
	result_fini(&full);
	result_fini(&none);
}

/* A mean that a few replications tell is studied with fewer; the experiment is the budget. */
static void test_fewer_replications(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.01);
	fake.events = 1000000;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 2, &result);
	assert_int_equal(result.study.budget, 40000000);
	assert_int_equal(result.study.replications, 4);
	assert_int_equal(result.study.usual, 8);
	assert_int_equal(result.study.terms_left, 0);
	assert_true(result.study.events <= result.study.budget);
	result_fini(&result);
}

/* One that needs all of 40 to be known to 2 % is not: terms are left out instead. */
static void test_not_too_few_replications(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.5);
	fake.events = 30000;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 2, &result);
	assert_int_equal(result.study.replications, 40);
	assert_int_equal(result.study.usual, 40);
	assert_int_equal(result.study.terms_left, 2);
	assert_true(result.answer_low.exists);
	assert_true(result.study.events <= result.study.budget);
	result_fini(&result);
}

/* Some of the slowest hundredth stand for all of them; none is counted twice. */
static void test_some_of_the_slowest(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result all, some;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.01);
	fake_case.event.times = 64;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 2, &all);
	fake.events = 1000000;
	run(&scenario, 2, &some);
	assert_int_equal(all.study.slow_left, 0);
	assert_int_equal(all.tail_count, 26); /* ranks 2535 .. 2560 */
	assert_true(some.tail_count > 0 && some.tail_count < 26);
	assert_int_equal(some.tail_count + some.study.slow_left, 26);
	assert_true(some.study.events <= some.study.budget);
	result_fini(&all);
	result_fini(&some);
}

/* With more work a run fires a thousand times as many events: it is not gone through with. */
static void test_costs_that_make_it_large(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.01);
	fake.events = 1000;
	fake.grows_above_ns = 3e9;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 1, &result);
	assert_int_equal(result.study.replications, 8);
	assert_true(result.answer_low.exists);
	assert_false(result.answer_high.exists);
	assert_false(assumption(&result, "fake.work")->moved);
	/* each dear draw costs a replication: the band ends with the budget */
	assert_true(result.uncertainty.draws < 100);
	assert_true(result.study.events <= result.study.budget + 1000 * fake.events);
	result_fini(&result);
}

/* Nor does one replication of it go far beyond what was left. */
static void test_bound_is_passed_by_one_replication(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.01);
	fake.events = 10000;
	fake.grows_above_ns = 3e9;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 1, &result);
	assert_int_equal(result.study.terms_left, 2);
	assert_true(result.study.events <= result.study.budget + 1000 * fake.events);
	result_fini(&result);
}

/* Page by page the experiment does not tell what a run will cost. */
static void test_exact_pages(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake_case.config.exact_pages = true;
	fake.events = 4000000 / 9;
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 1, &result);
	assert_int_equal(result.study.terms_left, 0);
	result_fini(&result);
	run_study(&scenario, 1, STUDY_NONE, &result);
	assert_int_equal(result.study.events, 0);
	result_fini(&result);
}

/* Only formats that show nothing of the study are the same without it. */
static void test_formats_that_show_it(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.3);
	fake_case.event.times = 3;
	fake.fails_above_ns = 3e9;
	scenario = fake_scenario(&fake_case, 40);
	for (size_t i = 0; result_format_names[i]; i++) {
		size_t size, other_size;
		char *bytes = bytes_of(&scenario, 1, STUDY_FULL, result_writers[i], &size);
		char *other = bytes_of(&scenario, 1, STUDY_NONE, result_writers[i], &other_size);

		assert_int_equal(size != other_size || memcmp(bytes, other, size) != 0,
				 result_format_study[i] != STUDY_NONE);
		free(bytes);
		free(other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_fits_is_done),
		cmocka_unit_test(test_least_at_stake_is_left_out),
		cmocka_unit_test(test_ends_come_before_steps),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_full_and_none),
		cmocka_unit_test(test_fewer_replications),
		cmocka_unit_test(test_not_too_few_replications),
		cmocka_unit_test(test_some_of_the_slowest),
		cmocka_unit_test(test_costs_that_make_it_large),
		cmocka_unit_test(test_bound_is_passed_by_one_replication),
		cmocka_unit_test(test_exact_pages),
		cmocka_unit_test(test_formats_that_show_it),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
