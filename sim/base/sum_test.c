#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/sum.h"

static void test_sums_end(void **state)
{
	int64_t sum = 1;

	(void)state;
	sum_add(&sum, INT64_MAX - 4000);
	assert_int_equal(sum, INT64_MAX - 3999);
	sum_add(&sum, 3999);
	assert_int_equal(sum, SUM_MOST);
	sum_add(&sum, INT64_MAX);
	assert_int_equal(sum, SUM_MOST);
	assert_true((int64_t)(double)sum == sum);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sums_end) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
