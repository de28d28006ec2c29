#include "explain/explain.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "repeat/fake_simulation.h"

enum { REBOOT = 1 };

static void assert_near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, wanted);
}

static void run_study(const struct scenario *scenario, unsigned int threads, enum study study,
		      struct result *result)
{
	const struct experiment_options options = { .replicate = { .threads = threads },
						    .version = "test",
						    .study = study };
	struct error error = { 0 };

	if (!explain_run(scenario, &options, result, &error))
		fail_msg("%s", error.message);
}

static void run(const struct scenario *scenario, unsigned int threads, struct result *result)
{
	run_study(scenario, threads, STUDY_BOUNDED, result);
}

static const struct result_assumption *assumption(const struct result *result, const char *term)
{
	for (size_t i = 0; i < result->assumption_count; i++)
		if (strcmp(result->assumptions[i].term, term) == 0)
			return &result->assumptions[i];
	fail_msg("no assumption %s", term);
	return NULL;
}

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
	assert_non_null(strstr(result.notes[0], "2 of the runs with other costs failed"));
	assert_non_null(strstr(result.notes[0], "too much work"));
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

static char *bytes_of(const struct scenario *scenario, unsigned int threads, enum study study,
		      report_writer *write, size_t *size)
{
	struct error error = { 0 };
	struct result result;
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);

	assert_non_null(out);
	run_study(scenario, threads, study, &result);
	assert_true(write(&result, out, &error));
	assert_int_equal(fclose(out), 0);
	result_fini(&result);
	return bytes;
}

/* --- what a large scenario can afford ------------------------------------------- */

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
	assert_int_equal(full.study.events, 9 * 1400000);
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
	assert_int_equal(result.study.terms_left, 1);
	assert_false(assumption(&result, "fake.work")->moved);
	assert_true(assumption(&result, "fake.rest")->moved);
	assert_string_equal(result.assumptions[0].term, "fake.rest");
	assert_true(result.study.events <= result.study.budget);
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
				 result_format_studied[i]);
		free(bytes);
		free(other);
	}
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
		cmocka_unit_test(test_same_bytes_on_any_number_of_threads),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
