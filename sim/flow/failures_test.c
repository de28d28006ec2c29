/* Failures of one kind are one entry, in one order, whoever counted them first. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "flow/failures.h"

static const struct failure cases[] = {
	{ 7, ENOMEM, false, 2, 4, { "host memory", UNIT_BYTES, 40, 4, OOM_NONE } },
	{ 3, EIO, true, 1, 0, { 0 } },
	{ 7, ENOMEM, false, 1, 2, { "host memory", UNIT_BYTES, 20, 2, OOM_NONE } },
	{ 7, ENOMEM, true, 5, 9, { 0 } },
	{ 7, EAGAIN, false, 1, 3, { 0 } },
	{ 7, ENOMEM, false, 1, 8, { "host memory", UNIT_BYTES, 80, 8, OOM_NONE } },
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void test_kinds(void **state)
{
	struct error error = { 0 };

	(void)state;
	for (size_t first = 0; first < CASES; first++) { /* in any order */
		struct failures failures = { 0 };

		for (size_t i = 0; i < CASES; i++)
			assert_true(failures_add(&failures, &cases[(first + i) % CASES], &error));
		assert_int_equal(failures.count, 4);
		assert_int_equal(failures.list[0].part, 3);
		assert_int_equal(failures.list[1].error, EAGAIN);
		assert_int_equal(failures.list[2].count, 4);
		assert_int_equal(failures.list[2].replication, 2);
		assert_int_equal(failures.list[2].shortage.wanted, 20);
		assert_true(failures.list[3].recovered);
		assert_int_equal(failures.list[3].count, 5);
		failures_fini(&failures);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kinds) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
