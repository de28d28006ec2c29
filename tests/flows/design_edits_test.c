/* Designs that are edited at random. */

#include "design_edits.h"

static void test_edits(void **state)
{
	(void)state;
	edit_at_random(500);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_edits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
