/*
 * Scenarios drawn at random: none may end in an internal error, and conservation holds in
 * all of them (the simulation checks it by itself). Arguments: SEED and how many; a
 * failure prints the scenario.
 */

#include "random_scenarios.h"

#include <gsl/gsl_errno.h>

static uint64_t seed = 20;
static int scenarios = 600;

static void test_random_scenarios(void **state)
{
	(void)state;
	assert_true(run_random_scenarios(seed, scenarios, false) > scenarios / 3);
}

/* Page by page the same calls are made. */
static void test_page_by_page(void **state)
{
	(void)state;
	assert_true(run_random_scenarios(seed + 1, scenarios / 4, true) > scenarios / 12);
}

static void test_random_fleets(void **state)
{
	(void)state;
	assert_true(run_random_fleets(seed + 2, scenarios / 2) > scenarios / 6);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_scenarios),
					    cmocka_unit_test(test_page_by_page),
					    cmocka_unit_test(test_random_fleets) };

	gsl_set_error_handler_off();
	if (argc > 2) {
		seed = strtoull(argv[1], NULL, 10);
		scenarios = (int)strtol(argv[2], NULL, 10);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
