/* arm64: where cache maintenance is paid, what a lock refuses, what a reset and a teardown cost. */

#include "fixture.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define START        AT("0s", "start")
#define FWB          "\"fwb\", \"dic\""

enum { PAGES_4G = 4 << 18, CLEAN_NS = 496, LOCK_NS = 50 + 219 + 400 };

static struct scenario scenario;

static struct simulation *run_sized(const char *size, const char *strategy, const char *features,
				    const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 32, \"memory\": \"4TiB\", \"features\": [%s]},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"arm64\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"%s\", \"resident\": 1 %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     features, strategy, size, keys, events);
	return simulate(&scenario, 0);
}

static struct simulation *run(const char *strategy, const char *features, const char *keys,
			      const char *events)
{
	return run_sized("4GiB", strategy, features, keys, events);
}

static void done(struct simulation *simulation)
{
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static int64_t latency(const char *strategy, const char *features, const char *keys,
		       const char *what)
{
	char event[128], metric[64];
	struct simulation *simulation;
	int64_t value;

	snprintf(event, sizeof(event), AT("1s", "%s"), what);
	snprintf(metric, sizeof(metric), "%s.latency", what);
	simulation = run(strategy, features, keys, event);
	value = observation(simulation, metric, 0);
	done(simulation);
	return value;
}

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

static void test_invalidations(void **state)
{
	/* so many that every attempt meets one */
	struct simulation *simulation =
		run("deferred", FWB, ", \"invalidations\": \"1000/s\", \"lock_retries\": 2",
		    AT("1s", "relock"));
	int64_t once, failing;

	(void)state;
	assert_int_equal(metric_of(simulation, "relock.latency")->count, 0);
	assert_int_equal(counter_of(simulation, "mm.pin_4k"), 3 * PAGES_4G);
	assert_int_equal(total_of(simulation, "failures.EAGAIN"), 3);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 3 * 4096);
	/* the error path leaves stage 2 as it is */
	assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), 0);
	done(simulation);
	simulation = run("deferred", FWB,
			 ", \"invalidations\": \"1000/s\", \"lock_retries\": 0,"
			 " \"error_path_bugs\": false",
			 AT("1s", "relock"));
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), PAGES_4G);
	done(simulation);
	/* one failure by a switched-on fault: everything is done twice */
	once = latency("deferred", FWB, "", "relock");
	failing = latency("deferred", FWB,
			  ", \"faults\": [{\"step\": \"MMU notifier invalidation\", \"call\": 1}]",
			  "relock");
	assert_int_equal(failing - once, (int64_t)PAGES_4G * (LOCK_NS + 100) + 4 * 50);
}

/* The chance of EAGAIN is 1 - exp(-rate * duration of the lock). */
static void test_invalidation_rate(void **state)
{
	enum { REPLICATIONS = 2000 };
	/* 4 GiB take 0.7015 s; at 1/s half of the attempts (0.5041) fail */
	struct simulation *simulation =
		run("deferred", FWB, ", \"invalidations\": \"1/s\", \"lock_retries\": 0",
		    AT("1s", "relock"));
	struct error error = { 0 };
	int failed = 0;

	(void)state;
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		assert_true(simulation_run(simulation, r, &error));
		failed += metric_of(simulation, "relock.latency")->count == 0;
	}
	assert_true(abs(failed - 1008) < 4 * 23);
	done(simulation);
}

static void test_refusals(void **state)
{
	static const char limits[] = ", \"cap_ipc_lock\": false, \"memlock_limit\": \"%s\","
				     " \"memlock_used\": \"64KiB\"";
	struct simulation *simulation =
		run("deferred", FWB, ", \"pause_for_lock\": false", AT("1s", "relock"));
	char keys[128];

	(void)state;
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(counter_of(simulation, "mm.pin_4k"), 0);
	done(simulation);
	/* refused before the lock, or only after it */
	for (int i = 0; i < 2; i++) {
		snprintf(keys, sizeof(keys), limits, i ? "4GiB" : "1GiB");
		simulation = run("deferred", FWB, keys, START);
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
		assert_int_equal(counter_of(simulation, "mm.pin_4k"), i ? PAGES_4G : 0);
		assert_int_equal(counter_of(simulation, "mm.unpin_4k"), i ? PAGES_4G : 0);
		assert_int_equal(metric_of(simulation, "start.latency")->count, 0);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
		done(simulation);
	}
	simulation = run("unlocked", FWB,
			 ", \"faults\": [{\"step\": \"KVM_DEV_ARM_ITS_CTRL_RESET\", \"call\": 1}]",
			 AT("1s", "reboot"));
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(metric_of(simulation, "reboot.latency")->count, 0);
	done(simulation);
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
	assert_int_equal(without, (int64_t)PAGES_4G * (100 + 50 + LOCK_NS) + 4 * (10000 + 50));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maintenance),   cmocka_unit_test(test_first_run),
		cmocka_unit_test(test_invalidations), cmocka_unit_test(test_invalidation_rate),
		cmocka_unit_test(test_refusals),      cmocka_unit_test(test_reset),
		cmocka_unit_test(test_relock),        cmocka_unit_test(test_range_tlbi),
		cmocka_unit_test(test_pkvm),          cmocka_unit_test(test_free_slice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
