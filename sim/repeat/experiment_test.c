#include "repeat/experiment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "repeat/fake_simulation.h"

enum { REBOOT = 1, SLICE = 2 };

static void assert_near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, wanted);
}

static void run(const struct scenario *scenario, unsigned int threads, struct result *result)
{
	const struct experiment_options options = { .replicate = { .threads = threads },
						    .version = "test" };
	struct experiment experiment;
	struct error error = { 0 };

	if (!experiment_run(&experiment, scenario, &options, &error))
		fail_msg("%s", error.message);
	*result = experiment.result;
	replications_fini(&experiment.replications);
}

/* 2 s of work and 1 s of rest. */
static void test_deterministic(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	const struct result_metric *reboot;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 2, &result);
	reboot = &result.metrics[REBOOT];
	assert_true(result.deterministic);
	assert_int_equal(result.replications, 1);
	assert_int_equal(result.answer, REBOOT);
	assert_near(reboot->mean.value, 3e9, 0);
	assert_near(reboot->p99.value, 3e9, 0);
	assert_near(reboot->p999.value, 3e9, 0);
	assert_false(reboot->ci_low.exists);
	assert_false(result.metrics[0].mean.exists);
	assert_string_equal(result.metrics[0].mean.reason, "no observation");
	result_fini(&result);
}

static void test_parts(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	__int128 sum = 0, total = 0;

	(void)state;
	fake_case_init(&fake_case, 2e9, 1);
	fake_case.event.times = 5;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 1, &result);
	assert_int_equal(result.part_count, 2); /* the step that took no time is left out */
	for (size_t i = 0; i < result.metrics[REBOOT].values.item_count; i++)
		total += result.metrics[REBOOT].values.values[i];
	for (size_t i = 0; i < result.part_count; i++)
		sum += result.parts[i].total;
	assert_true(sum == total);
	assert_true(result.parts[0].total >= result.parts[1].total);
	assert_near(result.parts[0].share + result.parts[1].share, 1, 1e-12);
	assert_near(result.parts[0].mean + result.parts[1].mean, result.metrics[REBOOT].mean.value,
		    1e-3);
	assert_int_equal(result.counters[0].value, 200);
	assert_near(result.counters[0].mean, 5, 0);
	result_fini(&result);
}

/* Sums may be longer than a clock of 63 bits can count. */
static void test_parts_of_centuries(void **state)
{
	const double years_ns = 4e17;
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, years_ns, 0);
	fake_case.event.times = FAKE_REBOOTS_MOST;
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 1, &result);
	assert_near((double)result.parts[0].total, FAKE_REBOOTS_MOST * years_ns, 0);
	result_fini(&result);
}

static void test_parts_that_do_not_add_up(void **state)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct fake_case fake_case;
	struct scenario scenario;
	struct experiment experiment;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake.lost_ns = 1;
	scenario = fake_scenario(&fake_case, 0);
	assert_false(experiment_run(&experiment, &scenario, &options, &error));
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_string_equal(error.message, "the parts of reboot.latency of db do not add up to it");
}

static void test_fixed(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	const struct result_metric *reboot;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	scenario = fake_scenario(&fake_case, 40);
	run(&scenario, 2, &result);
	reboot = &result.metrics[REBOOT];
	assert_int_equal(result.replications, 40);
	assert_int_equal(reboot->n, 40);
	assert_true(reboot->ci_low.exists && reboot->ci_low.value < reboot->mean.value);
	assert_true(reboot->p90.exists && reboot->p50_low.exists);
	assert_false(reboot->p99.exists || reboot->p999.exists || reboot->p99_low.exists);
	assert_string_equal(reboot->p99.reason, "n too small for p99 (at least 368)");
	/* never a zero-width interval */
	assert_false(result.metrics[SLICE].ci_low.exists);
	assert_string_equal(result.metrics[SLICE].ci_low.reason, "all observations are equal");
	result_fini(&result);
}

static void test_automatic(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	const struct result_metric *reboot;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 2, &result);
	reboot = &result.metrics[REBOOT];
	assert_int_equal(result.replications, 512); /* precise at 32, but p99 needs 368 */
	assert_true(reboot->p99_low.exists && reboot->p99_low.value <= reboot->p99.value);
	assert_near(reboot->mean.value, 3e9, 0.01 * 3e9);
	result_fini(&result);

	fake_case_init(&fake_case, 2e9, 1);
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 2, &result); /* (1.96 * 2/3 / 0.0099)^2 is 17 420 */
	assert_int_equal(result.replications, 32768);
	assert_near(result.metrics[REBOOT].mean.value, 3e9, 0.01 * 3e9);
	result_fini(&result);
}

static void test_cap(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 3);
	scenario = fake_scenario(&fake_case, 0);
	scenario.experiment.precision = 1e-4;
	run(&scenario, 2, &result);
	assert_int_equal(result.replications, 65536);
	assert_non_null(strstr(result.stopping, "cap of 65536 replications"));
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
	assert_int_equal(result.part_count, 0);
	result_fini(&result);
}

/* The metrics that are asked for decide how long it goes on: one that is always equal is known at once. */
static void test_metrics(void **state)
{
	char *wanted[] = { "slice.max", "reboot.latency" };
	struct fake_case fake_case;
	struct scenario scenario;
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	const char *looks;
	uint64_t needed;
	struct result result;
	struct experiment experiment;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.5);
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 1, &result);
	needed = result.replications;
	assert_true(needed > 1000);
	result_fini(&result);
	scenario.experiment.metrics = wanted;
	scenario.experiment.metric_count = 1;
	run(&scenario, 1, &result);
	assert_true(result.replications < needed);
	result_fini(&result);
	scenario.experiment.metric_count = 2; /* at a joint confidence: not earlier than for one */
	assert_true(experiment_run(&experiment, &scenario, &options, &error));
	assert_true(experiment.result.replications >= needed);
	looks = strrchr(experiment.result.stopping, ';');
	assert_non_null(looks);
	assert_true(strtol(looks + 1, NULL, 10) >= 6); /* 32, 64, 128, ... */
	replications_fini(&experiment.replications);
	result_fini(&experiment.result);
}

static void test_objectives(void **state)
{
	struct objective objectives[] = {
		{ (char *)(uintptr_t) "reboot.latency", NULL, -1, 3e9, UNIT_NANOSECONDS },
		{ (char *)(uintptr_t) "reboot.latency", (char *)(uintptr_t) "db", 0.5, 2.9e9,
		  UNIT_NANOSECONDS },
		{ (char *)(uintptr_t) "start.latency", NULL, -1, 1e12, UNIT_NANOSECONDS },
		{ (char *)(uintptr_t) "reboot.latency", (char *)(uintptr_t) "web", -1, 1e12,
		  UNIT_NANOSECONDS },
	};
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = fake_scenario(&fake_case, 0);
	scenario.objectives = objectives;
	scenario.objective_count = 1;
	run(&scenario, 1, &result);
	assert_int_equal(result_judgement(&result), LIMIT_MET); /* at most is met when equal */
	result_fini(&result);
	scenario.objective_count = 4;
	run(&scenario, 1, &result);
	assert_int_equal(result.objective_count, 4);
	assert_int_equal(result.objectives[0].judgement, LIMIT_MET);
	assert_int_equal(result.objectives[1].judgement, LIMIT_MISSED);
	assert_int_equal(result.objectives[2].judgement,
			 LIMIT_MISSED); /* never observed is not kept */
	assert_int_equal(result.objectives[3].judgement, LIMIT_MISSED);
	assert_string_equal(result.objectives[3].value.reason, "this scenario has no such metric");
	assert_int_equal(result_judgement(&result), LIMIT_MISSED);
	result_fini(&result);
}

/* An objective on p99.9 asks for more replications than the answer's p99; automatic ones go on until it is
 * decided. */
static void test_objective_asks_for_more(void **state)
{
	struct objective objective = { (char *)(uintptr_t) "reboot.latency", NULL, 0.999, 1e12,
				       UNIT_NANOSECONDS };
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	scenario = fake_scenario(&fake_case, 0);
	scenario.objectives = &objective;
	scenario.objective_count = 1;
	run(&scenario, 2, &result);
	assert_int_equal(result.replications, 8192);
	assert_int_equal(result.objectives[0].judgement, LIMIT_MET);
	result_fini(&result);
}

static void test_stop(void **state)
{
	static const volatile bool stop = true;
	const struct experiment_options options = { .replicate = { .threads = 2, .stop = &stop },
						    .version = "test" };
	struct fake_case fake_case;
	struct scenario scenario;
	struct experiment experiment;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.3);
	scenario = fake_scenario(&fake_case, 0);
	assert_false(experiment_run(&experiment, &scenario, &options, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_null(experiment.result.metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_parts_of_centuries),
		cmocka_unit_test(test_parts_that_do_not_add_up),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_automatic),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_nothing_ends),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_objectives),
		cmocka_unit_test(test_objective_asks_for_more),
		cmocka_unit_test(test_stop),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
