/* A queue that starts empty: its warm-up is found, and one that can never be served is told from it. */

#include "repeat/warm_up.h"

#include "flows/scenario_run.h"

/* Reboots that take an exponential second, asked for at a rate: M/M/1, as scenarios/theory/mm1.json. */
static bool find(const char *rate, const char *until, struct error *error)
{
	static const struct replicate_options options = { .threads = 1 };
	struct setting settings[] = {
		{ .text = "/events/0/rate", .value = rate },
		{ .text = "/experiment/until", .value = until },
	};

	if (!scenario_load(&scenario, SOURCE_DIR "/scenarios/theory/mm1.json", settings, 2, NULL,
			   error))
		fail_msg("%s", error->message);
	return warm_up_find(&scenario, &options, error);
}

static void test_found(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(find("\"0.8/s\"", "\"2000s\"", &error));
	/* a queue at load 0.8 relaxes in 1 / (1 - sqrt(0.8))^2 = 90 s */
	assert_in_range(scenario.simulation.record_from_ns, (int64_t)1e9, (int64_t)1000e9);
	scenario_fini(&scenario);
}

/* Twice as many as can be served: its load is told. */
static void test_unstable(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_false(find("\"2/s\"", "\"500s\"", &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	assert_non_null(strstr(error.message, "/experiment/warm_up: unstable, load 2.0"));
	assert_non_null(strstr(error.message, "asked of server than can be served"));
	scenario_fini(&scenario);
}

/* As few observations as say nothing. */
static void test_too_short(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_false(find("\"0.1/s\"", "\"100s\"", &error));
	assert_non_null(strstr(error.message, "no steady state within half of the run"));
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_unstable),
		cmocka_unit_test(test_too_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
