/* arm64: where cache maintenance is paid, what a lock refuses, what a reset and a teardown cost. */

#include "arm64_fixture.h"

/* Twice the maintenance is one pass over all memory more; FWB needs none at all. */
static void test_maintenance(void **state)
{
	struct simulation *simulation;

	(void)state;
	assert_int_equal(latency("double", "", "", "start") - latency("deferred", "", "", "start"),
			 (int64_t)PAGES_4G * CLEAN_NS);
	assert_int_equal(latency("double", FWB, "", "start"),
			 latency("deferred", FWB, "", "start"));
	assert_int_equal(latency("immediate", FWB, "", "start"),
			 latency("deferred", FWB, "", "start"));
	/* at the mapping or at the first run, and once more when the caches are turned on */
	assert_int_equal(latency("deferred", "\"dic\"", "", "start") -
				 latency("deferred", FWB, "", "start"),
			 2LL * PAGES_4G * CLEAN_NS);
	simulation = run("deferred", FWB, "", START);
	assert_int_equal(counter_of(simulation, "dcache.clean_4k"), 0);
	assert_int_equal(counter_of(simulation, "icache.page"), 0);
	done(simulation);
}

/* The first vCPU to run flushes under slots_lock; the others wait for it, once. */
static void test_first_run(void **state)
{
	struct simulation *simulation = run("deferred", "", "", START);

	(void)state;
	assert_int_equal(total_of(simulation, "lock.slots_lock.wait"),
			 (int64_t)PAGES_4G * CLEAN_NS);
	done(simulation);
	simulation = run("immediate", "", "", START);
	assert_int_equal(total_of(simulation, "lock.slots_lock.wait"), 0);
	/* every vCPU is locked out from the first page to the last */
	assert_true(total_of(simulation, "lock.vcpu_mutex.hold") >=
		    (int64_t)PAGES_4G * (LOCK_NS + CLEAN_NS));
	done(simulation);
}

/* Locks are looked at from the end of the warm-up on: the start was before it. */
static void test_locks_behind_the_warm_up(void **state)
{
	(void)state;
	for (int warm = 0; warm < 2; warm++) {
		struct simulation *simulation;

		load(&scenario,
		     "{\"host\": {\"memory\": \"64GiB\"}, \"guests\": [{\"name\": \"g\", "
		     "\"model\": \"arm64\", "
		     "\"strategy\": \"deferred\", \"memory\": \"4GiB\"}], \"events\": [{\"do\": "
		     "\"start\", "
		     "\"guests\": \"g\"}], \"experiment\": {\"until\": \"1h\", \"warm_up\": "
		     "\"%s\"}}",
		     warm ? "30min" : "0s");
		simulation = simulate(&scenario, 0);
		assert_int_equal(total_of(simulation, "lock.slots_lock.hold") > 0, !warm);
		done(simulation);
	}
}

/* Without FWB the first vCPU unmaps and cleans all, and the boot faults again; locked slots stay. */
static void test_reset(void **state)
{
	struct simulation *simulation = run("unlocked", "", "", AT("1s", "reboot"));

	(void)state;
	assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), PAGES_4G);
	assert_true(counter_of(simulation, "stage2.fault_4k") > 64 << 8);
	done(simulation);
	simulation = run("unlocked", "\"fwb\"", "", AT("1s", "reboot"));
	assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), 0);
	assert_int_equal(counter_of(simulation, "stage2.fault_4k"), 0);
	assert_int_equal(counter_of(simulation, "icache.all"), 4);
	done(simulation);
	simulation = run("deferred", "", "", AT("1s", "reboot"));
	assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), 0);
	assert_int_equal(counter_of(simulation, "stage2.fault_4k"), 0);
	assert_int_equal(counter_of(simulation, "icache.all"), 1);
	assert_int_equal(counter_of(simulation, "dcache.clean_4k"), 2 * PAGES_4G);
	done(simulation);
}

/* A relock pays the pins and the flush again, though nothing was touched without caches. */
static void test_relock(void **state)
{
	int64_t with_flush = latency("deferred", "", "", "relock");
	int64_t without = latency("deferred", "\"fwb\"", "", "relock");

	(void)state;
	assert_int_equal(with_flush - without, (int64_t)PAGES_4G * CLEAN_NS);
	assert_int_equal(without,
			 (int64_t)PAGES_4G * (100 + 50 + LOCK_NS) + 4 * (2000 + 50) + 20000);
}

static void test_range_tlbi(void **state)
{
	int64_t single = latency("unlocked", "\"fwb\"", "", "update");
	int64_t ranged = latency("unlocked", "\"fwb\", \"range_tlbi\"", "", "update");

	(void)state;
	assert_int_equal(single - ranged, (int64_t)PAGES_4G * (1925 - 453));
}

/* Total work and the longest slice are two things. */
static void test_pkvm(void **state)
{
	struct simulation *simulation = run("pkvm", "", "", AT("1s", "kill"));
	int64_t split = observation(simulation, "shutdown.latency", 0);

	(void)state;
	assert_int_equal(observation(simulation, "slice.max", 0), 5000000); /* kvm.destroy_vm */
	assert_int_equal(counter_of(simulation, "pkvm.reclaim_page"), PAGES_4G);
	done(simulation);
	/* each mapping goes by a hypercall, and is unmapped by it; nothing is reclaimed */
	simulation = run("pkvm-non-protected", "", "", AT("1s", "kill"));
	assert_int_equal(counter_of(simulation, "pkvm.unshare"), PAGES_4G);
	assert_int_equal(counter_of(simulation, "pkvm.reclaim_page"), 0);
	done(simulation);
	simulation = run("pkvm-non-protected", "", ", \"page_size\": \"2MiB\"", AT("1s", "kill"));
	assert_int_equal(counter_of(simulation, "pkvm.unshare"), PAGES_4G / 512);
	done(simulation);
	simulation = run("pkvm-one-call", "", "", AT("1s", "kill"));
	assert_true(observation(simulation, "slice.max", 0) >= (int64_t)PAGES_4G * 2290);
	assert_int_equal(observation(simulation, "shutdown.latency", 0) - split,
			 (int64_t)PAGES_4G * 2290 - 10000);
	done(simulation);
}

/* The walk that frees stage 2: 128 GiB at 5 ns a leaf, in one slice or GiB by GiB. */
static void test_free_slice(void **state)
{
	struct simulation *simulation =
		run_sized("128GiB", "unlocked", "", ", \"free_yields\": false", AT("1s", "kill"));

	(void)state;
	assert_true(observation(simulation, "slice.max", 0) >= (128LL << 18) * 5);
	done(simulation);
	simulation = run_sized("128GiB", "unlocked", "", "", AT("1s", "kill"));
	assert_true(observation(simulation, "slice.max", 0) < 10000000);
	done(simulation);
}

/*
 * A kill at any instant of an operation, then a start, on a host with room for one guest: memory
 * comes back once, each VM is torn down once, and the new process is like any other.
 */
static void sweep_kills(const char *strategy, const char *operation, int last_ms)
{
	bool starts = strcmp(operation, "start") == 0;
	int64_t fresh = 0;

	for (int ms = starts; ms <= last_ms; ms += 50) {
		struct simulation *simulation;
		char events[256];
		uint64_t ended; /* VMs that are gone: all but the last */

		snprintf(events, sizeof(events),
			 AT("1s", "%s") "," AT("%dms", "kill") "," AT("100s", "start"), operation,
			 1000 + ms);
		load_guest("4GiB", "4GiB", 1, strategy, "", "", events);
		simulation = simulate(&scenario, 0);
		assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
		if (!fresh)
			fresh = observation(simulation, "start.latency", 0);
		assert_int_equal(observation(simulation, "start.latency", 0), fresh);
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
		ended = counter_of(simulation, "kvm.create_vm") - starts;
		assert_int_equal(counter_of(simulation, "kvm.destroy_vm"), ended);
		assert_int_equal(counter_of(simulation, "pkvm.finalize_teardown"),
				 strncmp(strategy, "pkvm", 4) ? 0 : ended);
		done(simulation);
	}
	assert_true(fresh > 0);
}

static void test_kills(void **state)
{
	static const char *const locked[] = { "immediate", "deferred", "double" };

	(void)state;
	sweep_kills("pkvm", "reboot", 9000);
	sweep_kills("pkvm-one-call", "reboot", 11500);
	for (int i = 0; i < 3; i++) {
		sweep_kills(locked[i], "start", 8000);
		sweep_kills(locked[i], "reboot", 6500);
		sweep_kills(locked[i], "relock", 2000);
	}
}

/* The memory of a protected guest that reboots goes to another: its VMM gives up and leaves. */
static void test_failed_boot(void **state)
{
	struct simulation *simulation;

	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 32, \"memory\": \"4GiB\"}, \"guests\": ["
	     " {\"name\": \"g\", \"model\": \"arm64\", \"strategy\": \"pkvm\", \"vcpus\": 4,"
	     "  \"memory\": \"4GiB\", \"resident\": 1},"
	     " {\"name\": \"h\", \"model\": \"arm64\", \"strategy\": \"unlocked\", \"vcpus\": 4,"
	     "  \"memory\": \"1GiB\", \"resident\": 1}],"
	     " \"events\": [" AT(
		     "1s",
		     "reboot") ","
			       "   {\"at\": \"3900ms\", \"do\": \"start\", \"guests\": \"h\"},"
			       "   {\"at\": \"100s\", \"do\": \"shutdown\", \"guests\": \"h\"}," AT(
				       "200s", "start") "],"
							" \"experiment\": {\"until\": \"1h\", "
							"\"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_int_equal(times_done(simulation, "reboot.latency"), 0);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

/* The longest of a few sums of 262,144 pages is hardly longer than their mean. */
static void test_slice_of_many_pages(void **state)
{
	int64_t slices[2];

	(void)state;
	for (int spread = 0; spread < 2; spread++) {
		struct simulation *simulation;

		load(&scenario,
		     "{\"host\": {\"cores\": 8}, \"guests\": [{\"name\": \"g\", \"model\": "
		     "\"arm64\", \"strategy\": \"unlocked\", \"memory\": \"4GiB\", \"resident\": "
		     "1}], \"events\": [" AT("10s",
					     "reboot") "], \"experiment\": {\"spread\": %s}}",
		     spread ? "true" : "false");
		simulation = simulate(&scenario, 0);
		slices[spread] = observation(simulation, "slice.max", 0);
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	assert_in_range(slices[1], slices[0] * 99 / 100, slices[0] * 101 / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maintenance),
		cmocka_unit_test(test_locks_behind_the_warm_up),
		cmocka_unit_test(test_first_run),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_relock),
		cmocka_unit_test(test_range_tlbi),
		cmocka_unit_test(test_pkvm),
		cmocka_unit_test(test_free_slice),
		cmocka_unit_test(test_slice_of_many_pages),
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_failed_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
