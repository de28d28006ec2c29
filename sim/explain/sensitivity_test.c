/* Which price an answer hangs on: both ends of each, and elementary effects that are known. */

#include "explain/fixture.h"

#include <gsl/gsl_errno.h>

#include "explain/sensitivity.h"

/* 2 s of work and 1 s of rest, each between half and twice that; trajectories 0: no screening. */
static bool run_sensitivity(struct fake_case *fake_case, uint64_t trajectories,
			    struct sensitivity *out, struct error *error)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test",
						    .commit = "c0ffee" };
	struct scenario scenario = fake_scenario(fake_case, 0);

	scenario.platform.name = (char *)(uintptr_t) "a machine";
	return sensitivity_run(&scenario, trajectories, &options, out, error);
}

static struct sensitivity sensitivity_of(struct fake_case *fake_case, uint64_t trajectories)
{
	struct sensitivity out;
	struct error error = { 0 };

	if (!run_sensitivity(fake_case, trajectories, &out, &error))
		fail_msg("%s", error.message);
	assert_int_equal(out.row_count, 2); /* not of a term that was never charged */
	return out;
}

static void assert_ends(const struct sensitivity_row *row, const char *term, double low,
			double high)
{
	assert_string_equal(row->term, term);
	assert_true(row->at_low.exists && row->at_high.exists);
	assert_near(row->at_low.value, low, 0);
	assert_near(row->at_high.value, high, 0);
}

/* The larger swing first, whatever the order of the terms; and all that says where it comes from. */
static void test_ends(void **state)
{
	struct fake_case fake_case;
	struct sensitivity out;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	out = sensitivity_of(&fake_case, 0);
	assert_ends(&out.rows[0], "fake.work", 2e9, 5e9);
	assert_ends(&out.rows[1], "fake.rest", 2.5e9, 4e9);
	assert_near(out.rows[0].value, 2e9, 0);
	assert_near(out.rows[0].low, 1e9, 0);
	assert_near(out.rows[0].high, 4e9, 0);
	assert_string_equal(out.rows[0].group, "db");
	assert_string_equal(out.rows[0].source, "made up");
	assert_string_equal(out.rows[0].status, "assumed");
	assert_false(out.rows[0].morris_mean.exists);
	assert_string_equal(out.rows[0].morris_mean.reason, "no screening");
	assert_string_equal(out.scenario, "a test");
	assert_string_equal(out.metric, "reboot.latency");
	assert_string_equal(out.group, "db");
	assert_string_equal(out.version, "test");
	assert_string_equal(out.commit, "c0ffee");
	assert_string_equal(out.platform, "a machine");
	assert_near(out.mean, 3e9, 0);
	assert_int_equal(out.runs, 4);
	assert_int_equal(out.replications, 1);
	sensitivity_fini(&out);
	fake_case_init(&fake_case, 0.5e9, 0);
	out = sensitivity_of(&fake_case, 0);
	assert_ends(&out.rows[0], "fake.rest", 1e9, 2.5e9);
	assert_ends(&out.rows[1], "fake.work", 1.25e9, 2e9);
	sensitivity_fini(&out);
	/* equal ones by name */
	fake_case_init(&fake_case, 1e9, 0);
	out = sensitivity_of(&fake_case, 0);
	assert_ends(&out.rows[0], "fake.rest", 1.5e9, 3e9);
	assert_ends(&out.rows[1], "fake.work", 1.5e9, 3e9);
	sensitivity_fini(&out);
}

/*
 * The answer is a sum: an effect does not hang on the other price. Over two thirds of its range it
 * is one of two, m (2^(1/3) - 2^-1) / (2/3) from the low end and m (2 - 2^(-1/3)) / (2/3) to the high
 * one. So many of each give the mean, and its spread.
 */
static void test_elementary_effects(void **state)
{
	enum { TRAJECTORIES = 40 };
	struct fake_case fake_case;
	struct sensitivity out;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	out = sensitivity_of(&fake_case, TRAJECTORIES);
	assert_int_equal(out.runs, 4 + TRAJECTORIES * 3);
	for (int i = 0; i < 2; i++) {
		const struct sensitivity_row *row = &out.rows[i];
		double mean = i == 0 ? 2e9 : 1e9;
		double small = mean * (cbrt(2) - 0.5) * 1.5, large = mean * (2 - cbrt(0.5)) * 1.5;
		double larger, variance;

		assert_true(row->morris_mean.exists && row->morris_spread.exists);
		larger = (row->morris_mean.value - small) / (large - small) * TRAJECTORIES;
		assert_near(larger, round(larger), 1e-6);
		assert_in_range((uintmax_t)round(larger), TRAJECTORIES / 4, 3 * TRAJECTORIES / 4);
		variance = larger * (TRAJECTORIES - larger) / TRAJECTORIES / (TRAJECTORIES - 1);
		assert_near(row->morris_spread.value / ((large - small) * sqrt(variance)), 1, 1e-6);
	}
	sensitivity_fini(&out);
}

/* One trajectory gives one effect, whose spread nobody knows. */
static void test_a_single_effect(void **state)
{
	struct fake_case fake_case;
	struct sensitivity out;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	out = sensitivity_of(&fake_case, 1);
	assert_int_equal(out.runs, 4 + 3);
	for (int i = 0; i < 2; i++) {
		assert_false(out.rows[i].morris_mean.exists);
		assert_false(out.rows[i].morris_spread.exists);
	}
	sensitivity_fini(&out);
}

/* Where the operation does not end there is no effect, and no swing is larger than the one there. */
static void test_ends_that_are_none(void **state)
{
	struct fake_case fake_case;
	struct sensitivity out;

	(void)state;
	fake_case_init(&fake_case, 0.5e9, 0);
	fake_case.config.until_ns = (int64_t)2.1e9;
	out = sensitivity_of(&fake_case, 8);
	assert_string_equal(out.rows[0].term, "fake.rest");
	assert_false(out.rows[0].at_high.exists);
	assert_string_equal(out.rows[0].at_high.reason,
			    "the operation did not end in time with these costs");
	assert_ends(&out.rows[1], "fake.work", 1.25e9, 2e9);
	/* what rest adds from its low end on is all that is ever seen of it */
	assert_near(out.rows[0].morris_mean.value, 1e9 * (cbrt(2) - 0.5) * 1.5, 1);
	assert_near(out.rows[0].morris_spread.value, 0, 1e3);
	sensitivity_fini(&out);
	/* a run that fails is one without an answer */
	fake_case_init(&fake_case, 2e9, 0);
	fake.fails_above_ns = 3e9;
	out = sensitivity_of(&fake_case, 0);
	assert_string_equal(out.rows[0].term, "fake.work");
	assert_string_equal(out.rows[0].at_high.reason, "the run with these costs failed");
	assert_near(out.rows[0].at_low.value, 2e9, 0);
	sensitivity_fini(&out);
}

static void test_no_answer(void **state)
{
	struct fake_case fake_case;
	struct sensitivity out;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake_case.config.until_ns = 10;
	assert_false(run_sensitivity(&fake_case, 0, &out, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	assert_string_equal(error.message, "no operation ended within experiment.until: there is "
					   "no answer that could be sensitive");
	assert_null(out.rows);
	/* nor is there one of an experiment that fails */
	fake_case_init(&fake_case, 2e9, 0);
	fake.fails_above_ns = 1;
	error = (struct error){ 0 };
	assert_false(run_sensitivity(&fake_case, 0, &out, &error));
	assert_string_equal(error.message, "too much work");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_elementary_effects),
		cmocka_unit_test(test_a_single_effect),
		cmocka_unit_test(test_ends_that_are_none),
		cmocka_unit_test(test_no_answer),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
