/* Filling memory: by threads, by populate, from a pool zeroed before, by a boot's vCPUs, from a snapshot. */

#include "scenario_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define START        AT("0s", "start")
#define HUGE_POOL    "\"page_size\": \"2MiB\", \"hugetlb\": true, "

/* Default prices, ns. */
enum { THREAD = 50000, FAULT = 600, POPULATE = 210, ZERO_4K = 335, ZERO_2M = 171300 };
enum { SHARED_4K = 100, SHARED_HUGE = 4000, UFFD = 67000, COPY_MIB = 100000, RESUME = 10000000 };
enum { PAGES_16G = 16 << 18, PAGES_16G_2M = 16 << 9 };

static struct simulation *run(const char *model, int cores, const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": %d, \"memory\": \"64GiB\", \"hugepages_2m\": 9000,"
	     "   \"features\": [\"fwb\", \"sme_coherent\"]},"
	     " \"guests\": [{\"name\": \"g\", %s, \"vcpus\": 4, \"memory\": \"16GiB\","
	     "   %s \"boot_creates\": 0, \"boot_deletes\": 0}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     cores, model, keys, events);
	return simulate(&scenario, 0);
}

#define KVM "\"model\": \"kvm\", \"strategy\": \"exit\""

/* What `keys` add to a start that touches nothing otherwise. */
static int64_t start_ns(int cores, const char *keys)
{
	static const char none[] = "\"boot_touch\": \"0B\", \"boot_touch_ratio\": 0, ";
	const char *kept = strstr(keys, "boot_touch\"") ? "\"boot_touch_ratio\": 0, " : none;
	char all[256];
	struct simulation *simulation = run(KVM, cores, none, START);
	int64_t without = observation(simulation, "start.latency", 0), with;

	done(simulation);
	snprintf(all, sizeof(all), "%s%s", kept, keys);
	simulation = run(KVM, cores, all, START);
	with = observation(simulation, "start.latency", 0);
	done(simulation);
	return with - without;
}

/* Each page waits for each other thread: 16 threads are less than eight times as fast as one. */
static void test_threads(void **state)
{
	int64_t one = start_ns(32, "\"preallocate\": \"touch\", ");

	(void)state;
	assert_int_equal(one, THREAD + (int64_t)PAGES_16G * (FAULT + ZERO_4K));
	assert_int_equal(start_ns(32, "\"prealloc_threads\": 1, "), one);
	assert_int_equal(start_ns(32, "\"prealloc_threads\": 2, "),
			 THREAD + (int64_t)PAGES_16G / 2 * (FAULT + ZERO_4K + SHARED_4K));
	assert_int_equal(start_ns(32, "\"prealloc_threads\": 16, "),
			 THREAD + (int64_t)PAGES_16G / 16 * (FAULT + ZERO_4K + 15 * SHARED_4K));
	assert_true(start_ns(32, "\"prealloc_threads\": 16, ") > one / 16 * 2);
	assert_int_equal(start_ns(32, "\"page_size\": \"2MiB\", \"prealloc_threads\": 16, "),
			 THREAD +
				 (int64_t)PAGES_16G_2M / 16 * (FAULT + ZERO_2M + 15 * SHARED_HUGE));
}

/* Who waits for two threads has in its latency what the last of them did, and no wait beside it. */
static void test_parts(void **state)
{
	struct simulation *simulation = run(KVM, 32, "\"prealloc_threads\": 2, ", START);
	int64_t touched_ns = 0, started_ns = 0, all_ns = 0;
	size_t count;
	const struct part *parts = simulation_parts(simulation, &count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(parts[i].flow, "touch_pages") == 0)
			all_ns += (int64_t)parts[i].total_ns;
		if (strcmp(parts[i].step, "touch one share") == 0)
			touched_ns += (int64_t)parts[i].total_ns;
		if (strcmp(parts[i].step, "qemu.thread_start") == 0)
			started_ns += (int64_t)parts[i].total_ns;
	}
	assert_int_equal(touched_ns, (int64_t)PAGES_16G / 2 * (FAULT + ZERO_4K + SHARED_4K));
	assert_int_equal(started_ns, THREAD);
	assert_int_equal(all_ns, touched_ns + started_ns);
	done(simulation);
}

/* 16 threads on 2 cores are in each other's way as 2 are. */
static void test_cores(void **state)
{
	(void)state;
	assert_int_equal(start_ns(2, "\"prealloc_threads\": 16, "),
			 16 / 2 * THREAD + (int64_t)PAGES_16G / 2 * (FAULT + ZERO_4K + SHARED_4K));
}

/* The share of each thread, when pages do not divide: all of them, none twice. */
static void test_shares(void **state)
{
	struct simulation *simulation =
		run(KVM, 32, "\"prealloc_threads\": 7, \"resident\": 0.25, ", START);

	(void)state;
	assert_int_equal(counter_of(simulation, "mm.zero_4k"), PAGES_16G);
	assert_int_equal(counter_of(simulation, "mm.fault"), PAGES_16G);
	assert_int_equal(counter_of(simulation, "qemu.thread_start"), 7);
	assert_int_equal(total_of(simulation, "memory.in_use.peak"), 16LL << 30);
	done(simulation);
}

static void test_populate(void **state)
{
	(void)state;
	assert_int_equal(start_ns(32, "\"preallocate\": \"touch\", ") -
				 start_ns(32, "\"preallocate\": \"populate\", "),
			 (int64_t)PAGES_16G * (FAULT - POPULATE));
	assert_int_equal(start_ns(32, "\"preallocate\": \"populate\", \"prealloc_threads\": 4, "),
			 THREAD + (int64_t)PAGES_16G / 4 * (POPULATE + ZERO_4K));
}

/* A quarter of the pool is to be cleared; without a pool nothing was. */
static void test_prezeroed(void **state)
{
	int64_t none = start_ns(32, HUGE_POOL "\"preallocate\": \"touch\", ");

	(void)state;
	assert_int_equal(
		none - start_ns(32, HUGE_POOL "\"preallocate\": \"touch\", \"prezeroed\": 0.75, "),
		(int64_t)PAGES_16G_2M * 3 / 4 * ZERO_2M);
	assert_int_equal(start_ns(32, "\"page_size\": \"2MiB\", \"preallocate\": \"touch\", "
				      "\"prezeroed\": 1, "),
			 none);
}

/* 1 GiB of first touches by four vCPUs; never more than there are. */
static void test_boot_touchers(void **state)
{
	enum { PAGES = 1 << 18 };
	int64_t one = start_ns(32, "\"boot_touch\": \"1GiB\", ");

	(void)state;
	assert_int_equal(one, (int64_t)PAGES * (FAULT + ZERO_4K));
	assert_int_equal(start_ns(32, "\"boot_touch\": \"1GiB\", \"boot_touchers\": 4, "),
			 (int64_t)PAGES / 4 * (FAULT + ZERO_4K + 3 * SHARED_4K));
	assert_int_equal(start_ns(32, "\"boot_touch\": \"1GiB\", \"boot_touchers\": 64, "),
			 (int64_t)PAGES / 4 * (FAULT + ZERO_4K + 3 * SHARED_4K));
	assert_int_equal(start_ns(32, "\"page_size\": \"2MiB\", \"boot_touch\": \"1GiB\", "
				      "\"boot_touchers\": 4, "),
			 (int64_t)512 / 4 * (FAULT + ZERO_2M + 3 * SHARED_HUGE));
}

static int64_t secure_start_ns(const char *touched, int touchers)
{
	struct simulation *simulation;
	int64_t latency_ns;

	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"}, \"guests\": [{\"name\": \"g\", "
	     "\"model\": \"s390-pv\", \"strategy\": \"sync\", \"vcpus\": 4, \"memory\": \"4GiB\", "
	     "\"boot_touch\": \"%s\", \"boot_touch_ratio\": 0, \"boot_touchers\": %d, "
	     "\"workload_rate\": \"1B/s\"}], "
	     "\"events\": [" START "], \"experiment\": {\"until\": \"1min\", \"spread\": false}}",
	     touched, touchers);
	simulation = simulate(&scenario, 0);
	latency_ns = observation(simulation, "start.latency", 0);
	done(simulation);
	return latency_ns;
}

/* Secure guests touch from the top: vCPUs share the same pages. */
static void test_boot_touchers_from_the_top(void **state)
{
	enum { PAGES = 1 << 18 };
	int64_t none = secure_start_ns("0B", 1), one = secure_start_ns("1GiB", 1) - none;

	(void)state;
	assert_true(one > (int64_t)PAGES * 1000);
	for (int touchers = 2; touchers <= 4; touchers += 2)
		assert_int_equal(secure_start_ns("1GiB", touchers) - none,
				 one / touchers + PAGES / touchers * (touchers - 1) * SHARED_4K);
}

/* Struct pages of 16 GiB: in guest.boot unless told apart, then by one vCPU or its share each. */
static void test_memmap(void **state)
{
	enum { MEBIBYTES = 16 << 10, MEMMAP = 5560, MEMMAP_SHARED = 356 };

	(void)state;
	assert_int_equal(start_ns(32, "\"memmap_threads\": 0, "), 0);
	assert_int_equal(start_ns(32, "\"memmap_threads\": 1, "), (int64_t)MEBIBYTES * MEMMAP);
	assert_int_equal(start_ns(32, "\"memmap_threads\": 2, "),
			 (int64_t)MEBIBYTES / 2 * (MEMMAP + MEMMAP_SHARED));
	/* four vCPUs; on two cores they are in each other's way as two are */
	assert_int_equal(start_ns(32, "\"memmap_threads\": 64, "),
			 (int64_t)MEBIBYTES / 4 * (MEMMAP + 3 * MEMMAP_SHARED));
	assert_int_equal(start_ns(2, "\"memmap_threads\": 4, "),
			 (int64_t)MEBIBYTES / 2 * (MEMMAP + MEMMAP_SHARED));
}

/* In every model that boots a kernel, at a start and at a reboot: all struct pages, once. */
static void test_memmap_everywhere(void **state)
{
	static const char *const models[] = {
		KVM,
		"\"model\": \"arm64\", \"strategy\": \"unlocked\"",
		"\"model\": \"sev\", \"strategy\": \"demand\", \"es\": true",
		"\"model\": \"sev-snp\", \"strategy\": \"fault\"",
		"\"model\": \"tdx\", \"strategy\": \"terminate-first\"",
		"\"model\": \"s390-pv\", \"strategy\": \"async\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		for (int threads = 0; threads < 4; threads++) {
			char keys[64];
			struct simulation *simulation;

			snprintf(keys, sizeof(keys), "\"memmap_threads\": %d, ", threads);
			simulation = run(models[i], 32, keys, START ", " AT("10min", "reboot"));
			assert_int_equal(times_done(simulation, "reboot.latency"), 1);
			assert_int_equal(counter_of(simulation, "guest.memmap"),
					 threads ? 2 * (16 << 10) : 0);
			done(simulation);
		}
}

/* What is preallocated is not cleared again, nor by a reboot. */
static void test_once(void **state)
{
	static const char *const models[] = {
		KVM,
		"\"model\": \"arm64\", \"strategy\": \"unlocked\"",
		"\"model\": \"arm64\", \"strategy\": \"immediate\"",
		"\"model\": \"sev\", \"strategy\": \"upfront\"",
		"\"model\": \"sev\", \"strategy\": \"demand\"",
		"\"model\": \"s390-pv\", \"strategy\": \"sync\"",
		"\"model\": \"s390-pv\", \"strategy\": \"lazy\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		bool s390 = strstr(models[i], "s390");
		struct simulation *simulation =
			run(models[i], 32, "\"preallocate\": \"populate\", \"resident\": 0.1, ",
			    START ", " AT("10min", "reboot"));

		assert_int_equal(counter_of(simulation, s390 ? "mm.zero_page" : "mm.zero_4k"),
				 PAGES_16G);
		assert_int_equal(counter_of(simulation, "mm.populate"), PAGES_16G);
		assert_int_equal(times_done(simulation, "reboot.latency"), 1);
		done(simulation);
	}
}

/* Killed at any time, started again: conservation is checked by the simulation itself. */
static void test_kills(void **state)
{
	static const char *const models[] = {
		KVM,
		"\"model\": \"kvm\", \"strategy\": \"async-teardown\"",
		"\"model\": \"arm64\", \"strategy\": \"unlocked\"",
		"\"model\": \"sev\", \"strategy\": \"upfront\"",
		"\"model\": \"sev\", \"strategy\": \"demand-longterm\"",
		"\"model\": \"s390-pv\", \"strategy\": \"async\"",
		"\"model\": \"s390-pv\", \"strategy\": \"lazy\"",
	};
	static const char *const keys[] = {
		"\"prealloc_threads\": 3, ",
		"\"preallocate\": \"populate\", \"prealloc_threads\": 2, ",
		"\"boot_touch\": \"8GiB\", \"boot_touchers\": 3, ",
		"\"memmap_threads\": 3, ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			for (int ms = 100; ms < 16000; ms += 1300) {
				char events[512];
				struct simulation *simulation;

				snprintf(events, sizeof(events),
					 START ", {\"at\": \"%dms\", \"do\": \"kill\", "
					       "\"guests\": \"g\"}, " AT("10min", "start"),
					 ms);
				simulation = run(models[i], 4, keys[k], events);
				assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
				assert_true(times_done(simulation, "start.latency") >= 1);
				done(simulation);
			}
}

/* Pages come by userfaultfd, part of them in bulk; the guest's later boot is an ordinary one. */
static void test_restore(void **state)
{
	static const int64_t start = 140000000 + 275000 + RESUME;
	enum { PAGES = 1 << 16 };
	struct simulation *simulation =
		run(KVM, 8, "\"restore\": \"uffd\", \"restore_touch\": \"256MiB\", ",
		    START ", " AT("1min", "reboot"));
	int64_t copy_ns = 256LL * COPY_MIB;

	(void)state;
	assert_int_equal(observation(simulation, "start.latency", 0),
			 start + (int64_t)PAGES * UFFD + copy_ns);
	assert_int_equal(counter_of(simulation, "guest.boot"), 1);
	assert_int_equal(counter_of(simulation, "uffd.fault"), PAGES);
	/* the reboot touches 512 MiB, half of which have come already */
	assert_int_equal(counter_of(simulation, "mm.zero_4k"), PAGES);
	done(simulation);
	simulation = run(KVM, 8,
			 "\"restore\": \"uffd\", \"restore_touch\": \"256MiB\","
			 "\"prefetch\": 0.75, ",
			 START);
	assert_int_equal(observation(simulation, "start.latency", 0),
			 start + (int64_t)PAGES / 4 * UFFD + copy_ns);
	done(simulation);
	simulation = run(KVM, 8,
			 "\"restore\": \"file\", \"restore_touch\": \"256MiB\","
			 "\"preallocate\": \"touch\", \"resident\": 0.5, ",
			 START);
	assert_int_equal(observation(simulation, "start.latency", 0),
			 start + (int64_t)PAGES * FAULT);
	assert_int_equal(counter_of(simulation, "mm.zero_4k"), 0);
	assert_int_equal(total_of(simulation, "memory.in_use.peak"), 8LL << 30);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_cores),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_populate),
		cmocka_unit_test(test_prezeroed),
		cmocka_unit_test(test_boot_touchers),
		cmocka_unit_test(test_boot_touchers_from_the_top),
		cmocka_unit_test(test_memmap),
		cmocka_unit_test(test_memmap_everywhere),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_kills),
		cmocka_unit_test(test_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
