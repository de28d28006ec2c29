#include "experiment/experiment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "experiment/fake_simulation.h"

enum { REBOOT = 1, SLICE = 2 };

static void assert_near(double value, double wanted, double tolerance)
{
	if (!(fabs(value - wanted) <= tolerance))
		fail_msg("%.17g is not within %g of %.17g", value, tolerance, wanted);
}

/* The scenario around a fake configuration. */
static struct scenario scenario_of(const struct fake_case *fake_case, int64_t replications)
{
	return (struct scenario){
		.name = (char *)(uintptr_t) "a test",
		.file = (char *)(uintptr_t) "test.json",
		.simulation = fake_case->config,
		.experiment = { .replications = replications, .precision = 0.01 },
		.sha256 = "1234",
		.costs_sha256 = "5678",
	};
}

static void run(const struct scenario *scenario, unsigned int threads, struct result *result)
{
	const struct experiment_options options = { .replicate = { .threads = threads },
						    .version = "test" };
	struct error error = { 0 };

	if (!experiment_run(scenario, &options, result, &error))
		fail_msg("%s", error.message);
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
static void test_deterministic(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	const struct result_metric *reboot;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = scenario_of(&fake_case, 0);
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

/* A variant of the costs whose run fails costs its own row, and the report says so. */
static void test_variant_that_fails(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake.fails_above_ns = 3e9;
	scenario = scenario_of(&fake_case, 0);
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

static void test_parts(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	int64_t sum = 0, total = 0;

	(void)state;
	fake_case_init(&fake_case, 2e9, 1);
	fake_case.happening.times = 5;
	scenario = scenario_of(&fake_case, 40);
	run(&scenario, 1, &result);
	assert_int_equal(result.part_count, 2); /* the step that took no time is left out */
	for (size_t i = 0; i < result.metrics[REBOOT].values.item_count; i++)
		total += result.metrics[REBOOT].values.items[i].value *
			 (int64_t)result.metrics[REBOOT].values.items[i].count;
	for (size_t i = 0; i < result.part_count; i++)
		sum += result.parts[i].total;
	assert_int_equal(sum, total);
	assert_true(result.parts[0].total >= result.parts[1].total);
	assert_near(result.parts[0].share + result.parts[1].share, 1, 1e-12);
	assert_near(result.parts[0].mean + result.parts[1].mean, result.metrics[REBOOT].mean.value,
		    1e-3);
	assert_int_equal(result.counters[0].value, 200);
	assert_near(result.counters[0].mean, 5, 0);
	result_fini(&result);
}

static void test_parts_that_do_not_add_up(void **state)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake.lost_ns = 1;
	scenario = scenario_of(&fake_case, 0);
	assert_false(experiment_run(&scenario, &options, &result, &error));
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
	scenario = scenario_of(&fake_case, 40);
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
	/* the range of the assumptions encloses the headline */
	assert_true(assumption(&result, "fake.work")->answer_low < reboot->mean.value);
	assert_true(assumption(&result, "fake.work")->answer_high > reboot->mean.value);
	assert_near(assumption(&result, "fake.rest")->answer_low, reboot->mean.value - 0.5e9, 1e-3);
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
	scenario = scenario_of(&fake_case, 0);
	run(&scenario, 2, &result);
	reboot = &result.metrics[REBOOT];
	assert_int_equal(result.replications, 512); /* precise at 32, but p99 needs 368 */
	assert_true(reboot->p99_low.exists && reboot->p99_low.value <= reboot->p99.value);
	assert_near(reboot->mean.value, 3e9, 0.01 * 3e9);
	result_fini(&result);

	fake_case_init(&fake_case, 2e9, 1);
	scenario = scenario_of(&fake_case, 0);
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
	scenario = scenario_of(&fake_case, 0);
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
	scenario = scenario_of(&fake_case, 0);
	run(&scenario, 2, &result);
	assert_true(result.answer == SIZE_MAX);
	assert_int_equal(result.assumption_count, 0);
	assert_int_equal(result.part_count, 0);
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
	scenario = scenario_of(&fake_case, 0);
	run(&scenario, 1, &result);
	assert_string_equal(result.assumptions[0].term, "fake.work");
	assert_true(result.assumptions[0].mattered);
	assert_true(!isfinite(result.assumptions[0].answer_high));
	assert_true(isfinite(result.assumptions[0].answer_low));
	assert_true(result.answer_low.exists);
	assert_false(result.answer_high.exists);
	result_fini(&result);
}

static void test_objectives(void **state)
{
	struct objective objectives[] = {
		{ (char *)(uintptr_t) "reboot.latency", NULL, -1, 3e9, METRIC_NANOSECONDS },
		{ (char *)(uintptr_t) "reboot.latency", (char *)(uintptr_t) "db", 0.5, 2.9e9,
		  METRIC_NANOSECONDS },
		{ (char *)(uintptr_t) "start.latency", NULL, -1, 1e12, METRIC_NANOSECONDS },
		{ (char *)(uintptr_t) "reboot.latency", (char *)(uintptr_t) "web", -1, 1e12,
		  METRIC_NANOSECONDS },
	};
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = scenario_of(&fake_case, 0);
	scenario.objectives = objectives;
	scenario.objective_count = 1;
	run(&scenario, 1, &result);
	assert_true(result_objectives_met(&result)); /* at most is met when equal */
	result_fini(&result);
	scenario.objective_count = 4;
	run(&scenario, 1, &result);
	assert_int_equal(result.objective_count, 4);
	assert_true(result.objectives[0].met);
	assert_false(result.objectives[1].met);
	assert_false(result.objectives[2].met); /* never observed is not kept */
	assert_false(result.objectives[3].met);
	assert_string_equal(result.objectives[3].value.reason, "this scenario has no such metric");
	assert_false(result_objectives_met(&result));
	result_fini(&result);
}

/* An objective on p99.9 asks for more replications than the answer's p99. */
static void test_objective_asks_for_more(void **state)
{
	struct objective objective = { (char *)(uintptr_t) "reboot.latency", NULL, 0.999, 1e12,
				       METRIC_NANOSECONDS };
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.1);
	scenario = scenario_of(&fake_case, 0);
	scenario.objectives = &objective;
	scenario.objective_count = 1;
	run(&scenario, 2, &result);
	assert_int_equal(result.replications, 4096);
	assert_true(result.objectives[0].met);
	result_fini(&result);
}

static char *bytes_of(const struct scenario *scenario, unsigned int threads, const char *format,
		      size_t *size)
{
	struct error error = { 0 };
	struct result result;
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);

	assert_non_null(out);
	run(scenario, threads, &result);
	assert_true(report_format_find(format)->write(&result, out, &error));
	assert_int_equal(fclose(out), 0);
	result_fini(&result);
	return bytes;
}

static void test_same_bytes_on_any_number_of_threads(void **state)
{
	static const char *const formats[] = { "text", "json", "csv", "md", "hgrm" };
	struct fake_case fake_case;
	struct scenario scenario;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.3);
	fake_case.happening.times = 3;
	scenario = scenario_of(&fake_case, 0);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		size_t size = 0, other_size = 0;
		char *bytes = bytes_of(&scenario, 1, formats[i], &size);

		for (unsigned int threads = 2; threads <= 7; threads += 5) {
			char *other = bytes_of(&scenario, threads, formats[i], &other_size);

			assert_int_equal(size, other_size);
			assert_memory_equal(bytes, other, size);
			free(other);
		}
		free(bytes);
	}
}

static void test_stop(void **state)
{
	static const volatile bool stop = true;
	const struct experiment_options options = { .replicate = { .threads = 2, .stop = &stop },
						    .version = "test" };
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 2e9, 0.3);
	scenario = scenario_of(&fake_case, 0);
	assert_false(experiment_run(&scenario, &options, &result, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_null(result.metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_variant_that_fails),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_parts_that_do_not_add_up),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_automatic),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_nothing_ends),
		cmocka_unit_test(test_costs_without_an_end),
		cmocka_unit_test(test_objectives),
		cmocka_unit_test(test_objective_asks_for_more),
		cmocka_unit_test(test_same_bytes_on_any_number_of_threads),
		cmocka_unit_test(test_stop),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
