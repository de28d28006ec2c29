/* The same as random_scenarios_test.c with 20,000 scenarios, and as many page by page. */

#include "random_scenarios.h"

#include <gsl/gsl_errno.h>

enum { SCENARIOS = 20000 };

static void test_random_scenarios(void **state)
{
	(void)state;
	assert_true(run_random_scenarios(1000, SCENARIOS, false) > SCENARIOS / 3);
}

static void test_page_by_page(void **state)
{
	(void)state;
	assert_true(run_random_scenarios(2000, SCENARIOS, true) > SCENARIOS / 3);
}

static void test_random_fleets(void **state)
{
	(void)state;
	assert_true(run_random_fleets(3000, SCENARIOS) > SCENARIOS / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_scenarios),
					    cmocka_unit_test(test_page_by_page),
					    cmocka_unit_test(test_random_fleets) };

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
