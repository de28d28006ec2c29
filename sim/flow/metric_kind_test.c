/* The catalogue: every row is whole, names are found, families have their members. */

#include "flow/metric_kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < METRIC_KINDS; i++) {
		const struct metric_kind *kind = &metric_kinds[i];

		assert_non_null(kind->name);
		assert_non_null(kind->help);
		assert_ptr_equal(metric_kind_of(kind->name), kind); /* and no other */
		assert_true(!kind->line || kind->label || metric_is_family(kind));
		for (size_t k = 0; k < i; k++)
			assert_true(!kind->line || kind->line != metric_kinds[k].line);
	}
	for (size_t i = 0; i < COUNTER_KINDS; i++) {
		assert_non_null(counter_kinds[i].name);
		assert_non_null(counter_kinds[i].help);
	}
}

static void test_names(void **state)
{
	char hint[HINT_MAX];

	(void)state;
	assert_null(metric_kind_of("reboot.latenc"));
	assert_null(metric_kind_of(""));
	assert_null(metric_kind_of("lock.wait"));
	assert_null(metric_kind_of("lock..wait"));
	assert_null(metric_kind_of("failures."));
	assert_null(counter_kind_of("uvc.destroy_page"));
	assert_ptr_equal(counter_kind_of("pages.lost"), &counter_kinds[COUNTER_LOST_PAGES]);
	assert_non_null(strstr(metric_did_you_mean(hint, "reboot.latenc"), "reboot.latency"));
}

static void test_families(void **state)
{
	const struct metric_kind *hold = &metric_kinds[METRIC_LOCK_HOLD];
	char name[64], member[64];

	(void)state;
	metric_family_name(name, sizeof(name), hold, "kvm.slots_lock");
	assert_string_equal(name, "lock.kvm.slots_lock.hold");
	assert_ptr_equal(metric_kind_of(name), hold);
	metric_member(member, sizeof(member), hold, name);
	assert_string_equal(member, "kvm.slots_lock");
	metric_family_name(name, sizeof(name), &metric_kinds[METRIC_FAILURES], "ENOMEM");
	assert_string_equal(name, "failures.ENOMEM");
	assert_ptr_equal(metric_kind_of(name), &metric_kinds[METRIC_FAILURES]);
}

static void test_is(void **state)
{
	(void)state;
	assert_true(metric_is("fallbacks", "db", "fallbacks", NULL));
	assert_true(metric_is("fallbacks", "db", "fallbacks", "db"));
	assert_false(metric_is("fallbacks", "db", "fallbacks", "web"));
	assert_false(metric_is("fallbacks", "db", "limbo.peak", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
