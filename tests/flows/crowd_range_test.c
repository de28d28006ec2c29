/* What the threads of a host take from each other was measured on some machine, too. */

#include "fixture.h"

#include <math.h>

#include "explain/explain.h"

enum { PAGES = 1 << 20 }; /* 4 GiB */

/* Two processes end at once, and freeing their pages is all that takes time: 100 ns a page. */
static void explained(const char *sharing, struct result *result)
{
	static const struct experiment_options options = { .replicate = { .threads = 1 },
							   .version = "test" };
	struct scenario scenario;
	struct error error = { 0 };

	load(&scenario,
	     "{\"host\": {\"cores\": 4, \"memory\": \"64GiB\"}, \"costs\": [{"
	     "\"guest.stop\": {\"mean\": \"0s\"}, \"kvm.destroy_vm\": {\"mean\": \"0s\"}, "
	     "\"kernel.exit\": {\"mean\": \"0s\"}, \"mm.free_4k\": {\"mean\": \"100ns\", "
	     "\"range\": [\"100ns\", \"100ns\"], \"cv\": 0, \"crowd\": \"zone\", %s}}], "
	     "\"guests\": [{\"name\": \"g\", \"count\": 2, \"model\": \"kvm\", \"strategy\": "
	     "\"exit\", \"memory\": \"4GiB\", \"resident\": 1, \"vmm_memory\": \"0B\"}], "
	     "\"events\": [{\"at\": \"0s\", \"do\": \"kill\", \"guests\": \"g\"}], "
	     "\"experiment\": {\"until\": \"1h\", \"replications\": 1}}",
	     sharing);
	if (!explain_run(&scenario, &options, result, &error))
		fail_msg("%s", error.message);
	scenario_fini(&scenario);
}

static const struct result_assumption *assumption(const struct result *result, const char *term)
{
	for (size_t i = 0; i < result->assumption_count; i++)
		if (strcmp(result->assumptions[i].term, term) == 0)
			return &result->assumptions[i];
	return NULL;
}

/* Within the time of a few pages: each has its own rounding. */
static void assert_time(double ns, double wanted)
{
	if (!(fabs(ns - wanted) <= 1e-4 * wanted))
		fail_msg("%.9g is not %.9g", ns, wanted);
}

static void assert_band(const char *sharing, double mean, double low, double high)
{
	struct result result;
	const struct result_assumption *crowd;

	explained(sharing, &result);
	crowd = assumption(&result, "host.zone_crowd");
	assert_non_null(crowd);
	assert_time(result.metrics[result.answer].mean.value, PAGES * 100. * mean);
	assert_time(crowd->answer_low, PAGES * 100. * low);
	assert_time(crowd->answer_high, PAGES * 100. * high);
	assert_time(result.answer_low.value, PAGES * 100. * low);
	assert_time(result.answer_high.value, PAGES * 100. * high);
	assert_true(result.uncertainty.low.value < PAGES * 100. * (low + 0.1 * (high - low)));
	assert_true(result.uncertainty.high.value > PAGES * 100. * (high - 0.1 * (high - low)));
	result_fini(&result);
}

static void test_ends_of_a_crowd(void **state)
{
	(void)state;
	assert_band("\"speeds\": [0.8], \"speeds_range\": [0.5, 1]", 1.25, 1, 2);
	/* here two were seen not to meet: elsewhere they may */
	assert_band("\"speeds\": [1], \"speeds_range\": [0.8, 1]", 1, 1, 1.25);
}

/* A speed that was said without ends has none. */
static void test_certain(void **state)
{
	struct result result;

	(void)state;
	explained("\"speeds\": [0.8], \"speeds_range\": [0.8, 0.8]", &result);
	assert_null(assumption(&result, "host.zone_crowd"));
	result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_of_a_crowd),
		cmocka_unit_test(test_certain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
