#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/step.h"

/* Counts of designs end where a clock does: beyond it machines do not agree on what a double is. */
static void test_counts_end(void **state)
{
	const struct count_rule most = { .number = INT64_MAX };
	const struct count_rule few = { .base = &(struct count_rule){ .number = 3 }.count,
					.times = 1.5 };
	const struct count_rule many = { .base = &most.count, .times = 1e9 };
	const struct count_rule more = { .base = &many.count, .times = 1e9 };

	(void)state;
	assert_int_equal(count_of(NULL, NULL, 7), 7);
	assert_int_equal(count_of(&most.count, NULL, 0), INT64_MAX);
	assert_int_equal(count_of(&few.count, NULL, 0), 5);
	assert_int_equal(count_of(&many.count, NULL, 0), INT64_MAX);
	assert_int_equal(count_of(&more.count, NULL, 0), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_counts_end) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
