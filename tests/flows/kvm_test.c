/* Plain guests: what an exit costs, and what lingers behind QEMU's helper. */

#include <math.h>

#include "scenario_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"

enum { PAGES_64G = 64 << 18, FREE_NS = 129 };

static const char *overcommit = "true";

static struct simulation *run(const char *strategy, const char *memory, const char *keys,
			      const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"%s\", \"overcommit\": %s},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"64GiB\", \"resident\": 1 %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     memory, overcommit, strategy, keys, events);
	return simulate(&scenario, 0);
}

/* Setup and teardown: without memory there is ENOMEM. */
static int strict(void **state)
{
	(void)state;
	overcommit = "false";
	return 0;
}

static int lax(void **state)
{
	(void)state;
	overcommit = "true";
	return 0;
}

/* The process is gone at once; its memory follows when the helper has looked and has freed it. */
static void test_helper(void **state)
{
	struct simulation *simulation = run("exit", "1TiB", "", AT("1s", "kill"));
	int64_t whole = observation(simulation, "shutdown.latency", 0);

	(void)state;
	assert_int_equal(whole, (int64_t)PAGES_64G * FREE_NS + 1000000 + 5000000);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	done(simulation);
	simulation = run("async-teardown", "1TiB", "", AT("1s", "kill"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0), 1000000 + 5000000);
	assert_int_equal(observation(simulation, "teardown.latency", 0),
			 whole + 1000000000 + 1000000);
	assert_int_equal(observation(simulation, "limbo.peak", 0), 64LL << 30);
	assert_int_equal(total_of(simulation, "pages.background"), PAGES_64G);
	done(simulation);
}

/* All of it until the exit, then less and less until the last page is free. */
static void test_memory_in_use(void **state)
{
	static const char *const strategies[] = { "exit", "async-teardown" };
	const double bytes = (double)(64LL << 30), free_ns = (double)PAGES_64G * FREE_NS;
	/* how long all of it is in use, and what comes behind the last page */
	const double before_ns[] = { 1e9 + 1e6, 1e9 + 1e6 + 5e6 + 1e9 + 1e6 };
	const double behind_ns[] = { 5e6, 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct simulation *simulation = run(strategies[i], "1TiB", "", AT("1s", "kill"));
		double whole_ns = before_ns[i] + free_ns + behind_ns[i];
		double mean = bytes * (before_ns[i] + free_ns / 2) / whole_ns;

		assert_int_equal(observation(simulation, "memory.in_use.peak", 0), 64LL << 30);
		assert_true(fabs((double)observation(simulation, "memory.in_use.mean", 0) - mean) <
			    mean * 1e-9);
		done(simulation);
	}
}

/* SIGKILL to the control group takes the helper too: all is paid in the foreground after all. */
static void test_helper_killed(void **state)
{
	struct simulation *simulation = run("exit", "1TiB", "", AT("1s", "kill"));
	int64_t whole = observation(simulation, "shutdown.latency", 0);

	(void)state;
	done(simulation);
	simulation = run("async-teardown", "1TiB", ", \"helper_killed\": true", AT("1s", "kill"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0), whole);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	done(simulation);
}

/* A quick restart needs the old memory and the new. */
static void test_quick_restart(void **state)
{
	static const char *const events =
		AT("1s", "kill") "," AT("1.5s", "start") "," AT("20s", "start");
	struct simulation *simulation = run("async-teardown", "100GiB", "", events);

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	assert_int_equal(observation(simulation, "limbo.peak", 0), 64LL << 30);
	done(simulation);
	/* room for both, or nobody to wait for */
	simulation = run("async-teardown", "128GiB", "", AT("1s", "kill") "," AT("1.5s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
	simulation = run("exit", "100GiB", "", AT("1s", "kill") "," AT("20s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

/* With one vCPU QEMU is often gone when the helper looks, with several never: then it sleeps. */
static void test_helper_in_time(void **state)
{
	enum { RUNS = 400 };
	struct error error = { 0 };

	(void)state;
	for (int vcpus = 1; vcpus <= 2; vcpus++) {
		struct simulation *simulation;
		int at_once = 0;

		load(&scenario,
		     "{\"host\": {\"cores\": 8, \"memory\": \"2GiB\"},"
		     " \"guests\": [{\"name\": \"g\", \"model\": \"kvm\","
		     "   \"strategy\": \"async-teardown\", \"vcpus\": %d, \"memory\": \"1GiB\"}],"
		     " \"events\": [" AT("1s", "kill") "], \"experiment\": {\"until\": \"1h\"}}",
		     vcpus);
		simulation = simulate(&scenario, 0);
		for (uint32_t r = 0; r < RUNS; r++) {
			assert_true(simulation_run(simulation, r, &error));
			at_once += observation(simulation, "teardown.latency", 0) < 1000000000;
		}
		if (vcpus == 1) /* 0.35, within four standard deviations */
			assert_in_range(at_once, RUNS * 25 / 100, RUNS * 45 / 100);
		else
			assert_int_equal(at_once, 0);
		done(simulation);
	}
}

/* Memory counts as free while the helper is still at work, page by page. */
static void test_memory_comes_back_gradually(void **state)
{
	/* 28 GiB must be free: 0.95 s of freeing from 2 s on; QEMU takes 0.14 s to ask */
	struct simulation *simulation =
		run("async-teardown", "100GiB", "", AT("1s", "kill") "," AT("2.7s", "start"));

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	done(simulation);
	simulation = run("async-teardown", "100GiB", "", AT("1s", "kill") "," AT("2.9s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 1);
	done(simulation);
}

/* No firmware, at the start and at the reboot; all else is the same. */
static void test_direct_boot(void **state)
{
	int64_t start[2], reboot[2];

	(void)state;
	for (int direct = 0; direct < 2; direct++) {
		struct simulation *simulation =
			run("exit", "1TiB", direct ? ", \"direct_boot\": true" : "",
			    AT("1s", "start") "," AT("100s", "reboot"));

		start[direct] = observation(simulation, "start.latency", 0);
		reboot[direct] = observation(simulation, "reboot.latency", 0);
		assert_int_equal(counter_of(simulation, "guest.firmware"), direct ? 0 : 2);
		done(simulation);
	}
	assert_int_equal(start[0] - start[1], 1144000000);
	assert_int_equal(reboot[0] - reboot[1], 1144000000);
}

/* A reset in place keeps every page. */
static void test_reboot(void **state)
{
	struct simulation *simulation = run("exit", "1TiB", "", AT("1s", "reboot"));

	(void)state;
	assert_int_equal(counter_of(simulation, "mm.fault"), 0);
	assert_int_equal(counter_of(simulation, "mm.free_4k"), 0);
	done(simulation);
	simulation = run("exit", "1TiB", ", \"page_size\": \"2MiB\"",
			 AT("1s", "kill") "," AT("20s", "start"));
	assert_int_equal(counter_of(simulation, "mm.free_2m"), PAGES_64G / 512);
	assert_int_equal(counter_of(simulation, "mm.free_4k"), 0);
	/* 256 MiB and a 64th of the memory */
	assert_int_equal(counter_of(simulation, "mm.zero_2m"), 128 + 512);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_helper),
		cmocka_unit_test(test_memory_in_use),
		cmocka_unit_test(test_helper_in_time),
		cmocka_unit_test(test_helper_killed),
		cmocka_unit_test_setup_teardown(test_quick_restart, strict, lax),
		cmocka_unit_test_setup_teardown(test_memory_comes_back_gradually, strict, lax),
		cmocka_unit_test(test_reboot),
		cmocka_unit_test(test_direct_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
