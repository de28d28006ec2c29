#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const strategies[] = { "sync", "lazy", "async", "async-fast", NULL };
static const char *const models[] = { "arm64", "kvm", "s390-pv", "sev", "tdx", NULL };

static const char *const platforms[] = { "epyc-7j13", "epyc-milan", NULL };

static void assert_near(const char *name, const char *const *candidates, const char *wanted)
{
	const char *near = nearest_name(name, candidates);

	if (!wanted)
		assert_null(near);
	else if (!near || strcmp(near, wanted) != 0)
		fail_msg("\"%s\": %s, not %s", name, near ? near : "nothing", wanted);
}

static void test_letters_of_either_case(void **state)
{
	(void)state;
	assert_near("Async", strategies, "async");
	assert_near("ASYNC", strategies, "async");
	assert_near("Lzay", strategies, "lazy");
	assert_near("S390-PV", models, "s390-pv");
}

static void test_the_nearest(void **state)
{
	(void)state;
	assert_near("asnyc", strategies, "async");
	assert_near("sycn", strategies, "sync");
	assert_near("nothing like it", strategies, NULL);
	assert_near("", strategies, NULL);
}

/* What is cut short means the only one that begins so, before one that is two letters away. */
static void test_the_only_one_that_begins_so(void **state)
{
	(void)state;
	assert_near("s390", models, "s390-pv");
	assert_near("S39", models, "s390-pv");
	assert_near("epyc", platforms, NULL);
	assert_near("asy", strategies, "async"); /* which async-fast begins with */
}

static void test_hint(void **state)
{
	char hint[HINT_MAX];

	(void)state;
	assert_string_equal(did_you_mean(hint, "Sync", strategies), "; did you mean \"sync\"?");
	assert_string_equal(did_you_mean(hint, "completely other", strategies), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_letters_of_either_case),
		cmocka_unit_test(test_the_nearest),
		cmocka_unit_test(test_the_only_one_that_begins_so),
		cmocka_unit_test(test_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
