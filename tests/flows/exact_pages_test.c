/*
 * Fluid page loops and one event per page agree in law: two samples of 2000
 * replications each, with different seeds, compared by Kolmogorov and Smirnov's
 * test, for three guest sizes, with a signal that cuts the loop at a random instant.
 */

#include "engine/two_samples.h"
#include "fixture.h"

#include <math.h>

enum { REPLICATIONS = 2000 };

static const char *const metrics[] = { "pages.background",   "pages.foreground", "shutdown.latency",
				       "teardown.latency",   "cpu.background",   "limbo.mean",
				       "lock.mmap_lock.hold" };
enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

static double samples[2][METRICS][REPLICATIONS];
static uint64_t events[2];

/*
 * Pages above 2 GiB are few and dear, so that PERFORM lasts some seconds and the
 * kill, at an exponential time after the reboot began, often falls into it.
 */
static void run(const char *memory, double resident, bool exact)
{
	struct scenario scenario;
	struct simulation *simulation;
	struct error error = { 0 };

	load(&scenario,
	     "{\"host\": {\"cores\": 2}, \"guests\": [{\"name\": \"g\", \"strategy\": \"async\","
	     "   \"memory\": \"%s\", \"resident\": %g, \"vmm_resident\": \"0B\", \"image\": "
	     "\"64KiB\","
	     "   \"boot_touch\": \"64KiB\", \"boot_touch_ratio\": 0, \"loader_touch\": \"8KiB\"}],"
	     " \"costs\": [{\"uvc.destroy_page\": {\"mean\": \"400us\", \"cv\": 1},"
	     "   \"guest.stop\": {\"mean\": \"100ms\"}, \"guest.boot\": {\"mean\": \"20s\"}}],"
	     " \"events\": [{\"at\": \"0s\", \"do\": \"reboot\", \"guests\": \"g\"},"
	     "   {\"at\": \"400ms\", \"do\": \"kill\", \"guests\": \"g\", \"rate\": \"1/s\", "
	     "\"times\": 1}],"
	     " \"experiment\": {\"until\": \"10min\", \"seed\": %d, \"exact_pages\": %s}}",
	     memory, resident, exact ? 1001 : 2002, exact ? "true" : "false");
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	events[exact] = 0;
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		if (!simulation_run(simulation, r, &error))
			fail_msg("%s", error.message);
		for (int m = 0; m < METRICS; m++)
			samples[exact][m][r] = (double)observation(simulation, metrics[m], 0);
		events[exact] += simulation_events(simulation);
	}
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static void agree(const char *memory, double resident)
{
	run(memory, resident, false);
	run(memory, resident, true);
	assert_true(events[1] > 20 * events[0]);
	for (int m = 0; m < METRICS; m++) {
		double d = two_samples_distance(samples[0][m], samples[1][m], REPLICATIONS);

		if (d >= TWO_SAMPLES_CRITICAL(REPLICATIONS))
			fail_msg("%s of %s at %g resident: Kolmogorov-Smirnov distance %.4f",
				 metrics[m], memory, resident, d);
	}
}

static void test_small(void **state)
{
	(void)state;
	agree("3GiB", 0.002);
}

static void test_medium(void **state)
{
	(void)state;
	agree("4GiB", 0.004);
}

static void test_large(void **state)
{
	(void)state;
	agree("16GiB", 0.002);
}

/* Faults, in touches that come after pages were lost to the n-th call: counts are the same. */
static void test_lost_pages(void **state)
{
	uint64_t faults[2] = { 0, 0 }, lost[2] = { 0, 0 };

	(void)state;
	for (int exact = 0; exact < 2; exact++) {
		struct error error = { 0 };
		struct scenario scenario;
		struct simulation *simulation;
		const struct counter *counters;
		size_t count;

		load(&scenario,
		     "{\"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", \"strategy\": "
		     "\"sync\", \"memory\": \"2MiB\", \"resident\": 0.8, \"faults\": "
		     "[{\"step\": \"uvc.destroy_page\", \"call\": 2}]}], \"events\": [{\"do\": "
		     "\"reboot\", \"guests\": \"g\", \"every\": \"6s\", \"times\": 3}],"
		     " \"experiment\": {\"until\": \"1min\", \"spread\": false, "
		     "\"exact_pages\": %s}}",
		     exact ? "true" : "false");
		simulation = simulation_new(&scenario.simulation, &error);
		assert_non_null(simulation);
		assert_true(simulation_run(simulation, 0, &error));
		counters = simulation_counters(simulation, &count);
		for (size_t i = 0; i < count; i++) {
			if (strcmp(counters[i].name, "mm.fault") == 0)
				faults[exact] = counters[i].value;
			if (strcmp(counters[i].name, "pages.lost") == 0)
				lost[exact] = counters[i].value;
		}
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	assert_int_equal(lost[0], 1);
	assert_int_equal(lost[1], 1);
	assert_true(faults[0] > 0);
	assert_int_equal(faults[0], faults[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_medium),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_lost_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
