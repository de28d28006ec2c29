/*
 * Timelines of scenarios drawn at random nest however their times are read
 * (../flows/timeline_reader.h). Arguments: SEED and how many; a failure prints the scenario.
 */

#include "random_scenarios.h"

#include <gsl/gsl_errno.h>

#include "../flows/timeline_reader.h"
#include "replay/timeline.h"

enum { EVENTS_DRAWN = 20000 };

static uint64_t seed = 15;
static int scenarios = 2000;

/* How many slices its timeline has; 0: it does not run, or is long. */
static size_t check(const char *text)
{
	struct error error = { 0 };
	struct simulation *simulation;
	struct scenario scenario;
	size_t slices = 0;
	FILE *file;

	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), &error)) {
		scenario_fini(&scenario);
		return 0;
	}
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	if (run_scenario(simulation, 1, text) == ERROR_NONE &&
	    simulation->engine.fired < EVENTS_DRAWN) {
		file = tmpfile();
		assert_non_null(file);
		if (!timeline_write(&scenario, 0, file, &error))
			fail_on(text, "%s", error.message);
		slices = check_nesting_of(file, text);
		assert_int_equal(fclose(file), 0);
	}
	simulation_free(simulation);
	scenario_fini(&scenario);
	return slices;
}

static void test_nesting(void **state)
{
	const struct stream_name name = { .seed = seed };
	size_t slices = 0;
	int drawn = 0;

	(void)state;
	assert_true(stream_begin(&dice, &name));
	for (int n = 0; n < scenarios; n++) {
		char text[TEXT_MAX];
		size_t count;

		draw_scenario(text, false);
		count = check(text);
		drawn += count > 0;
		slices += count;
	}
	assert_true(drawn > scenarios / 4);
	assert_in_range(slices, 10 * (size_t)drawn, SIZE_MAX);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nesting) };

	gsl_set_error_handler_off();
	if (argc > 2) {
		seed = strtoull(argv[1], NULL, 10);
		scenarios = (int)strtol(argv[2], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
