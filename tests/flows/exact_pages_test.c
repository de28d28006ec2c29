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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_medium),
		cmocka_unit_test(test_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
