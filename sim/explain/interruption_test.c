/*
 * A study is interrupted at each of its replications in turn: it ends with that error, which no variant
 * of the costs keeps to itself, and nothing is left of it.
 */

#include "explain/fixture.h"

#include <gsl/gsl_errno.h>

#include "explain/sensitivity.h"

enum { REBOOT = 1 };

static struct fake_case fake_case;
static struct scenario scenario;
static const struct experiment_options options = { .replicate = { .threads = 1 },
						   .version = "test" };

/* True when it was not interrupted. */
typedef bool study_job(struct error *error);

/* There are more than `least` replications. */
static void interrupt_each(study_job *job, uint64_t least)
{
	struct error error = { 0 };
	uint64_t at = 1;

	for (fake.interrupted_at = at; !job(&error); fake.interrupted_at = ++at) {
		assert_int_equal(fake.interrupted_at, 0);
		assert_int_equal(error.kind, ERROR_INTERRUPTED);
		assert_string_equal(error.message, "interrupted");
		error = (struct error){ 0 };
	}
	assert_int_not_equal(fake.interrupted_at, 0); /* it was over before */
	assert_true(at > least);
	fake.interrupted_at = 0;
}

static bool explain_with(const struct experiment_options *with, struct error *error)
{
	struct result result;

	if (!explain_run(&scenario, with, &result, error)) {
		assert_null(result.metrics);
		assert_null(result.assumptions);
		return false;
	}
	assert_int_equal(result.note_count, 0); /* no run has failed */
	result_fini(&result);
	return true;
}

static bool whole_study(struct error *error)
{
	return explain_with(&options, error);
}

static bool draws_alone(struct error *error)
{
	struct experiment_options with = options;

	with.study = STUDY_BAND;
	with.uncertainty = 30;
	return explain_with(&with, error);
}

static bool sensitivity(struct error *error)
{
	struct sensitivity out;

	if (!sensitivity_run(&scenario, 2, &options, &out, error)) {
		assert_null(out.rows);
		return false;
	}
	sensitivity_fini(&out);
	return true;
}

static struct experiment runs[2];

static bool band(struct error *error)
{
	struct result_uncertainty out;

	if (!explain_band(&scenario, &runs[0].replications, REBOOT, 30, &options.replicate, &out,
			  error)) {
		assert_int_equal(out.by, BAND_OF_NOTHING);
		return false;
	}
	assert_int_equal(out.draws, 30);
	return true;
}

static bool designs(struct error *error)
{
	struct explain_design both[2];

	for (int i = 0; i < 2; i++)
		both[i] = (struct explain_design){ .scenario = &scenario,
						   .replications = &runs[i].replications,
						   .metric = REBOOT };
	return explain_designs(both, 2, 0, &options.replicate, error);
}

static void use(double cv, int64_t replications)
{
	fake_case_init(&fake_case, 2e9, cv);
	scenario = fake_scenario(&fake_case, replications);
}

/* One replication, the base, all at both ends, 100 draws, two steps, two terms at both ends. */
static void test_study(void **state)
{
	(void)state;
	use(0, 0);
	interrupt_each(whole_study, 1 + 1 + 2 + 100 + 2 + 4);
}

/* With operations enough for a slowest hundredth. */
static void test_slowest(void **state)
{
	(void)state;
	use(0.1, 2);
	fake_case.event.times = FAKE_REBOOTS_MOST;
	scenario.simulation = fake_case.config;
	fake.events = 4000000 / 25; /* the ends instead of draws */
	interrupt_each(whole_study, 20);
}

static void test_draws(void **state)
{
	(void)state;
	use(0, 0);
	interrupt_each(draws_alone, 1 + 1 + 2 + 30);
}

static void test_sensitivity(void **state)
{
	(void)state;
	use(0, 0);
	interrupt_each(sensitivity, 1 + 1 + 4 + 2 * 3);
}

static void test_designs(void **state)
{
	struct error error = { 0 };

	(void)state;
	use(0, 0);
	for (int i = 0; i < 2; i++)
		assert_true(experiment_run(&runs[i], &scenario, &options, &error));
	interrupt_each(band, 30);
	interrupt_each(designs, 2 * 100);
	fake.events = 4000000 / 9; /* the ends instead of draws */
	interrupt_each(designs, 2 * 2);
	for (int i = 0; i < 2; i++)
		experiment_fini(&runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_study),   cmocka_unit_test(test_slowest),
		cmocka_unit_test(test_draws),   cmocka_unit_test(test_sensitivity),
		cmocka_unit_test(test_designs),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
