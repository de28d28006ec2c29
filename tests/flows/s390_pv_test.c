/* What the s390-pv model must show: the floor, conservation, limits, failures, leftovers. */

#include "one_run.h"

#include <errno.h>

#define GUEST(strategy, memory, more)                                                              \
	"{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": \"" strategy "\", \"vcpus\": 4,"  \
	" \"memory\": \"" memory "\"" more "}"
#define SCENARIO(guest, features, events)                                                          \
	"{\"host\": {\"cores\": 8, \"memory\": \"64TiB\", \"features\": [" features "]},"          \
	" \"guests\": [" guest "], \"events\": [" events "],"                                      \
	" \"experiment\": {\"until\": \"10h\", \"spread\": false}}"
#define REBOOT(at) "{\"at\": \"" at "\", \"do\": \"reboot\", \"guests\": \"g\"}"
#define KILL(at)   "{\"at\": \"" at "\", \"do\": \"kill\", \"guests\": \"g\"}"

static void go(const char *text)
{
	load(&scenario, "%s", text);
	simulation = simulate(&scenario, 0);
}

static int64_t value(const char *metric)
{
	return observation(simulation, metric, 0);
}

static int64_t latency_of(const char *text)
{
	int64_t latency;

	go(text);
	latency = value("reboot.latency");
	tidy(NULL);
	return latency;
}

static void test_equal_up_to_2_gib(void **state)
{
	(void)state;
	assert_int_equal(latency_of(SCENARIO(GUEST("sync", "2GiB", ""), "", REBOOT("1s"))),
			 latency_of(SCENARIO(GUEST("async", "2GiB", ""), "", REBOOT("1s"))));
	assert_int_equal(latency_of(SCENARIO(GUEST("sync", "512MiB", ""), "", REBOOT("1s"))),
			 latency_of(SCENARIO(GUEST("async", "512MiB", ""), "", REBOOT("1s"))));
	assert_true(latency_of(SCENARIO(GUEST("sync", "4GiB", ""), "", REBOOT("1s"))) >
		    latency_of(SCENARIO(GUEST("async", "4GiB", ""), "", REBOOT("1s"))));
	go(SCENARIO(GUEST("async", "2GiB", ""), "", REBOOT("1s")));
	assert_int_equal(value("fallbacks"), 0); /* QEMU does not even try */
}

/* Without present pages the teardown costs O(vCPUs), whatever the size of the guest. */
static void test_no_pages(void **state)
{
#define EMPTY   ", \"resident\": 0, \"vmm_resident\": \"0B\", \"donated_per_mib\": \"0B\""
#define BASE    (256 * 129) /* the base donation is freed */
#define EMPTY_8 EMPTY ", \"vcpus\": 8"
	int64_t four, eight;

	(void)state;
	go(SCENARIO(GUEST("sync", "1TiB", EMPTY), "", REBOOT("1s")));
	four = value("reboot.latency");
	assert_int_equal(value("teardown.latency"), 200000 + BASE); /* the configuration alone */
	assert_int_equal(counter_of(simulation, "uvc.destroy_page"), 0);
	assert_int_equal(counter_of(simulation, "uvc.destroy_cpu"), 4);
	tidy(NULL);
	go(SCENARIO(GUEST("sync", "4GiB", EMPTY), "", REBOOT("1s")));
	assert_int_equal(value("teardown.latency"), 200000 + BASE);
	tidy(NULL);
	go("{\"host\": {\"cores\": 8, \"memory\": \"64TiB\"}, \"guests\": [{\"name\": \"g\", "
	   "\"strategy\": \"sync\","
	   " \"vcpus\": 8, \"memory\": \"4GiB\"" EMPTY
	   "}], \"events\": [" REBOOT("1s") "],"
					    " \"experiment\": {\"spread\": false}}");
	eight = value("reboot.latency");
	/* four more vCPUs: 2 us to kick, 20 us each to destroy, reset and create */
	assert_int_equal(four - eight, -4 * (2000 + 3 * 20000));
}

/* Every page of the dead guest is handled once: in the foreground, the background, or at a touch. */
static void assert_conserved(uint64_t stale)
{
	assert_int_equal(value("pages.foreground") + value("pages.background") +
				 value("pages.touched"),
			 stale);
	assert_int_equal(counter_of(simulation, "uvc.destroy_page") +
				 counter_of(simulation, "uvc.export"),
			 stale);
	assert_int_equal(counter_of(simulation, "pages.lost"), 0);
}

static void test_conservation(void **state)
{
	static const uint64_t resident_64g = 13421773, resident_8g = 1677722, low = 419430;

	(void)state;
	go(SCENARIO(GUEST("sync", "64GiB", ""), "\"misc_uv\"", REBOOT("1s")));
	assert_conserved(resident_64g);
	assert_int_equal(value("pages.foreground"), resident_64g);
	tidy(NULL);
	go(SCENARIO(GUEST("async", "64GiB", ""), "\"misc_uv\"", REBOOT("1s")));
	assert_conserved(resident_64g);
	assert_int_equal(value("pages.foreground"), low);
	assert_true(value("pages.touched") > 0 && value("pages.background") > 0);
	tidy(NULL);
	/* memory that is touched fast enough leaves little to the background */
	go(SCENARIO(GUEST("async", "8GiB", ", \"boot_touch\": \"6GiB\""), "\"misc_uv\"",
		    REBOOT("1s")));
	assert_conserved(resident_8g);
	tidy(NULL);
	/* a fatal signal: what PERFORM left is destroyed by the exiting process */
	go(SCENARIO(GUEST("async", "64GiB", ""), "\"misc_uv\"", REBOOT("1s") "," KILL("10s")));
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	assert_true(counter_of(simulation, "uvc.destroy_page") >= resident_64g);
}

/* Only one guest can be set aside: a second reboot before PERFORM takes it falls back to DISABLE. */
static void test_fallback(void **state)
{
	(void)state;
	go(SCENARIO(GUEST("async", "8GiB", ", \"perform_delay\": \"10min\""), "\"misc_uv\"",
		    REBOOT("1s") "," REBOOT("20s")));
	assert_int_equal(value("fallbacks"), 1);
	assert_int_equal(value("failures.EINVAL"), 1 + 1);
	/* DISABLE has disposed of the one set aside, so PERFORM finds none: QEMU exits */
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	assert_true(observation(simulation, "reboot.latency", 1) > 0);
}

/* Taken in time there is no limit: both PERFORM threads run at once and end together. */
static void test_several_performs(void **state)
{
	(void)state;
	go(SCENARIO(GUEST("async", "256GiB", ""), "\"misc_uv\"", REBOOT("1s") "," REBOOT("20s")));
	assert_int_equal(value("fallbacks"), 0);
	assert_int_equal(times_done(simulation, "reboot.latency"), 2);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 2);
}

/* While two configurations live in the address space, every import exports first, without misc_uv. */
static void test_export_first(void **state)
{
	int64_t with, without;

	(void)state;
	go(SCENARIO(GUEST("async", "64GiB", ""), "\"misc_uv\"", REBOOT("1s")));
	with = value("reboot.latency");
	assert_int_equal(counter_of(simulation, "uvc.export"), 256); /* the loader's megabyte */
	tidy(NULL);
	go(SCENARIO(GUEST("async", "64GiB", ""), "", REBOOT("1s")));
	without = value("reboot.latency");
	assert_true(counter_of(simulation, "uvc.export") > 256 + 25600);
	/* image and boot touches: 4 us more for each page */
	assert_int_equal(without - with, (25600 + 65536 + 262144) * 4000LL);
}

static void test_async_off(void **state)
{
	(void)state;
	go(SCENARIO(GUEST("async", "8GiB", ", \"async_destroy\": false"), "", REBOOT("1s")));
	assert_int_equal(value("fallbacks"), 0); /* QEMU misses the capability */
	assert_int_equal(value("failures.EINVAL"), 0);
	assert_int_equal(value("pages.background"), 0);
	tidy(NULL);
	assert_int_equal(latency_of(SCENARIO(GUEST("async", "8GiB", ", \"async_destroy\": false"),
					     "", REBOOT("1s"))),
			 latency_of(SCENARIO(GUEST("sync", "8GiB", ""), "", REBOOT("1s"))));
}

#define FAULT(step, call) ", \"faults\": [{\"step\": \"" step "\", \"call\": " call "}]"

static void test_failing_prepare(void **state)
{
	static const char *const texts[] = {
		SCENARIO(GUEST("async", "8GiB", FAULT("kzalloc", "1")), "", REBOOT("1s")),
		SCENARIO(GUEST("async", "8GiB", FAULT("kvm.replace_asce", "1")), "", REBOOT("1s")),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		go(texts[i]);
		assert_int_equal(value("fallbacks"), 1);
		assert_int_equal(value("failures.ENOMEM"), 1);
		assert_int_equal(times_done(simulation, "reboot.latency"), 1);
		assert_int_equal(value("pages.background"), 0);
		tidy(NULL);
	}
}

/* The configuration cannot be destroyed: what it was given is lost, and QEMU exits. */
static void test_leaks(void **state)
{
	static const int64_t donated = (1 << 20) + 8192 * 4096;

	(void)state;
	go(SCENARIO(GUEST("async", "8GiB", FAULT("uvc.destroy_conf", "1")), "", REBOOT("1s")));
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), donated);
	assert_int_equal(value("failures.EIO"), 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	tidy(NULL);
	/* one page call that fails is ignored by the walk, and the page is lost */
	go(SCENARIO(GUEST("async", "8GiB", FAULT("uvc.destroy_page", "500000")), "", REBOOT("1s")));
	assert_int_equal(counter_of(simulation, "pages.lost"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
}

/* A fatal signal during PERFORM: a leftover, reported as success, gone with the process. */
static void test_signal(void **state)
{
	int64_t apart, prepared;

	(void)state;
	go(SCENARIO(GUEST("async", "64GiB", ""), "", REBOOT("1s") "," KILL("12s")));
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	/* one died at PREPARE of 1 s, the other with the process, when PERFORM has ended its batch */
	apart = observation(simulation, "teardown.latency", 0) -
		observation(simulation, "teardown.latency", 1);
	prepared = 1000000000 + 20000 + 40000 + 1000000 + 100000 + 80000 + 5000;
	assert_in_range(apart - (11000000000 + 1000000 - prepared), 0, 32 * 2060);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 2);
	assert_int_equal(value("failures.EINTR"), 0);
}

static void test_not_enough_memory(void **state)
{
	(void)state;
	go("{\"host\": {\"memory\": \"8GiB\"}, \"guests\": [" GUEST(
		"sync", "16GiB", "") "],"
				     " \"events\": [{\"do\": \"start\", \"guests\": \"g\"}]}");
	assert_int_equal(value("failures.ENOMEM"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 0);
}

/* Zero pages are unshared by the first ENABLE of a process, not when it boots again. */
static void test_cow_sharing(void **state)
{
#define START "{\"do\": \"start\", \"guests\": \"g\"}"
	(void)state;
	go(SCENARIO(GUEST("sync", "64GiB", ""), "", START "," REBOOT("1h")));
	assert_int_equal(counter_of(simulation, "kvm.disable_cow_sharing"), 1);
	/* QEMU's 64 MiB, the loader's 1 MiB, the image of 100 MiB */
	assert_int_equal(counter_of(simulation, "kvm.disable_cow_page"), 165 << 8);
	assert_int_equal(value("start.latency"), 5562460800 + 200000 + (165 << 8) * 20);
	tidy(NULL);
	go(SCENARIO(GUEST("sync", "64GiB", ""), "", REBOOT("1s")));
	assert_int_equal(counter_of(simulation, "kvm.disable_cow_sharing"), 0);
	assert_int_equal(value("reboot.latency"), 34005228988);
}

/* A run may end within DISABLE's walk: what was given to the configuration is back by then. */
static void test_end_within_disable(void **state)
{
	(void)state;
	go("{\"host\": {\"cores\": 8, \"memory\": \"8TiB\"}, \"guests\": [" GUEST(
		"sync", "1TiB",
		"") "], \"events\": [" REBOOT("1s") "],"
						    " \"experiment\": {\"until\": \"5min\", "
						    "\"spread\": false}}");
	assert_int_equal(value("limbo.peak"), 214748365LL * 4096 + (1 << 20) + (1LL << 32));
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 1);
}

/* Start, reboot and shutdown give back what they took: the next start finds the memory free. */
static void test_life_cycle(void **state)
{
	(void)state;
	go("{\"host\": {\"memory\": \"16GiB\"}, \"guests\": [" GUEST(
		"async", "16GiB",
		"") "],"
		    " \"events\": [{\"do\": \"start\", \"guests\": \"g\"}, " REBOOT(
			    "5min") ", {\"at\": \"10min\", \"do\": \"shutdown\", \"guests\": "
				    "\"g\"},"
				    " {\"at\": \"20min\", \"do\": \"start\", \"guests\": \"g\"}]}");
	assert_int_equal(times_done(simulation, "start.latency"), 2);
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
}

/* Events of a replication, averaged over a few. */
static double events_of(const char *memory, int guests, const char *strategy, bool spread)
{
	enum { REPLICATIONS = 20 };
	struct error error = { 0 };
	double events = 0;

	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1024TiB\", \"features\": [\"misc_uv\"]},"
	     " \"guests\": [{\"name\": \"g\", \"count\": %d, \"strategy\": \"%s\", \"vcpus\": 4, "
	     "\"memory\": \"%s\"}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"20h\", \"spread\": %s}}",
	     guests, strategy, memory, REBOOT("1s"), spread ? "true" : "false");
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		assert_true(simulation_run(simulation, r, &error));
		assert_int_equal(times_done(simulation, "teardown.latency"), guests);
		events += (double)simulation_events(simulation) / REPLICATIONS;
	}
	tidy(NULL);
	return events;
}

/* The cost of simulating a guest does not follow its size. */
static void test_events(void **state)
{
	static const char *const strategies[] = { "sync", "async" };

	(void)state;
	for (int i = 0; i < 8; i++) {
		const char *strategy = strategies[i & 1];
		int guests = i & 2 ? 20 : 1;
		double small = events_of("4GiB", guests, strategy, i & 4);
		double large = events_of("4TiB", guests, strategy, i & 4);

		print_message("%s, %d guests%s: %.1f events at 4 GiB, %.1f at 4 TiB\n", strategy,
			      guests, i & 4 ? "" : ", no spread", small, large);
		assert_true(large <= 1.15 * small && large >= 0.85 * small);
	}
}

static size_t allocations;

/* Every allocation of the program passes here (the linker's --wrap). */
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *block, size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *block, size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
	allocations++;
	return __real_calloc(count, size);
}

void *__wrap_reallocarray(void *block, size_t count, size_t size)
{
	allocations++;
	return __real_reallocarray(block, count, size);
}

/* A replication that is run again uses what the first one built. */
static void test_reuse(void **state)
{
	struct error error = { 0 };
	int64_t first;

	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"g\","
	     " \"count\": 20, \"strategy\": \"async\", \"memory\": \"16GiB\"}],"
	     " \"events\": [" REBOOT("1s") "," REBOOT("20s") "," KILL("80s") "]}");
	allocations = 0;
	simulation = simulate(&scenario, 0);
	assert_true(allocations > 50);
	first = observation(simulation, "reboot.latency", 0);
	assert_true(simulation_run(simulation, 1, &error));
	assert_true(observation(simulation, "reboot.latency", 0) != first);
	allocations = 0;
	assert_true(simulation_run(simulation, 0, &error));
	assert_int_equal(allocations, 0);
	assert_int_equal(observation(simulation, "reboot.latency", 0), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_equal_up_to_2_gib, tidy),
		cmocka_unit_test_teardown(test_no_pages, tidy),
		cmocka_unit_test_teardown(test_conservation, tidy),
		cmocka_unit_test_teardown(test_fallback, tidy),
		cmocka_unit_test_teardown(test_several_performs, tidy),
		cmocka_unit_test_teardown(test_export_first, tidy),
		cmocka_unit_test_teardown(test_async_off, tidy),
		cmocka_unit_test_teardown(test_failing_prepare, tidy),
		cmocka_unit_test_teardown(test_leaks, tidy),
		cmocka_unit_test_teardown(test_signal, tidy),
		cmocka_unit_test_teardown(test_not_enough_memory, tidy),
		cmocka_unit_test_teardown(test_cow_sharing, tidy),
		cmocka_unit_test_teardown(test_end_within_disable, tidy),
		cmocka_unit_test_teardown(test_life_cycle, tidy),
		cmocka_unit_test_teardown(test_events, tidy),
		cmocka_unit_test_teardown(test_reuse, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
