/* Time by part: however long the log is, the sums of its parts are those of one by one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/spent.h"

enum { PARTS = 100, STEPS = 5000 };

static int64_t of_part(const struct spent *spent, uint32_t part)
{
	int64_t ns = 0;

	for (size_t i = 0; i < spent->count; i++)
		ns += spent->entries[i].part == part ? spent->entries[i].ns : 0;
	return ns;
}

static void test_sums(void **state)
{
	struct error error = { 0 };
	struct spent spent = { 0 };
	int64_t expected[PARTS] = { 0 };

	(void)state;
	for (uint32_t i = 0; i < STEPS; i++) {
		uint32_t part = i * i % PARTS;
		int64_t ns = (int64_t)(i % 7) - 1;

		expected[part] += ns;
		assert_true(spent_add(&spent, part, ns, &error));
	}
	assert_in_range(spent.capacity, 1, 128); /* 22 parts, not 5000 entries */
	for (uint32_t part = 0; part < PARTS; part++)
		assert_int_equal(of_part(&spent, part), expected[part]);
	spent_put_together(&spent);
	assert_int_equal(spent.count, 22); /* so many squares end in different two digits */
	for (uint32_t part = 0; part < PARTS; part++)
		assert_int_equal(of_part(&spent, part), expected[part]);
	spent_begin(&spent);
	assert_int_equal(spent.count, 0);
	spent_fini(&spent);
}

/* More than there is time for: each part its share of it, rounded once. */
static void test_take_over(void **state)
{
	struct error error = { 0 };
	struct spent from = { 0 }, to = { 0 };
	int64_t came_ns;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_true(spent_add(&from, 1, 3, &error));
		assert_true(spent_add(&from, 2, 7, &error));
	}
	assert_true(spent_add(&to, 2, 5, &error));
	assert_true(spent_take_over(&to, &from, 100, &came_ns, &error));
	assert_int_equal(came_ns, 100);
	assert_int_equal(of_part(&to, 1), 30);
	assert_int_equal(of_part(&to, 2), 75);
	assert_true(spent_take_over(&to, &from, 11, &came_ns, &error));
	assert_int_equal(came_ns, 10); /* 3.3 and 7.7 */
	assert_int_equal(of_part(&to, 1), 33);
	assert_int_equal(of_part(&to, 2), 82);
	spent_fini(&from);
	spent_fini(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_take_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
