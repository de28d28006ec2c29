/* What VMs need of the host besides their memory, and that it comes and goes with them. */

#include "scenario_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"

enum { MIB = 1 << 20, PAGES_64G = 64 << 18, ENTRY = 8, LPAGE_INFO = 4 };
static const int64_t gib = (int64_t)1 << 30;

static struct simulation *run(const char *host, const char *guest, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"metadata\": true, %s}, \"guests\": [{\"name\": \"g\", "
	     "\"vcpus\": 4, \"memory\": \"64GiB\", %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     host, guest, events);
	return simulate(&scenario, 0);
}

static int64_t peak(const char *guest)
{
	struct simulation *simulation =
		run("\"memory\": \"1TiB\"", guest, AT("1s", "kill") "," AT("60s", "start"));
	int64_t bytes = observation(simulation, "memory.in_use.peak", 0);

	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	done(simulation);
	return bytes;
}

/* Figures by hand: entries of 8 bytes twice, 4 bytes for each 2 MiB and each GiB. */
static void test_each_kind(void **state)
{
	const int64_t info = (32768 + 64) * LPAGE_INFO;

	(void)state;
	assert_int_equal(peak("\"model\": \"kvm\", \"strategy\": \"exit\", \"resident\": 1"),
			 64 * gib + 30 * MIB + 2LL * PAGES_64G * ENTRY + info);
	assert_int_equal(peak("\"model\": \"kvm\", \"strategy\": \"exit\", \"resident\": 0.5"),
			 32 * gib + 30 * MIB + (int64_t)PAGES_64G * ENTRY + info);
	assert_int_equal(peak("\"model\": \"kvm\", \"strategy\": \"exit\", \"resident\": 1, "
			      "\"page_size\": \"2MiB\", \"vmm_memory\": \"1GiB\""),
			 65 * gib + 2LL * 32768 * ENTRY + info);
	assert_int_equal(peak("\"model\": \"arm64\", \"strategy\": \"unlocked\", "
			      "\"resident\": 1, \"vmm_memory\": \"0B\""),
			 64 * gib + 2LL * PAGES_64G * ENTRY);
	/* entries with status, and the Ultravisor's memory for the guest */
	assert_int_equal(peak("\"model\": \"s390-pv\", \"strategy\": \"sync\", \"resident\": 1") -
				 peak("\"model\": \"s390-pv\", \"strategy\": \"sync\", "
				      "\"resident\": 0.5"),
			 32 * gib + (int64_t)PAGES_64G / 2 * 16);
}

/* Pages of a pool have their tables in other memory; what fits to the byte does. */
static void test_beside_a_pool(void **state)
{
	static const char *const guest =
		"\"model\": \"kvm\", \"strategy\": \"exit\", \"resident\": 1, \"hugetlb\": true, "
		"\"page_size\": \"1GiB\", \"vmm_memory\": \"0B\"";
	const int64_t needed = 64 * 2 * ENTRY + (32768 + 64) * LPAGE_INFO;
	char host[256];

	(void)state;
	for (int missing = 0; missing <= 1; missing++) {
		struct simulation *simulation;

		snprintf(host, sizeof(host), "\"memory\": \"%lldB\", \"hugepages_1g\": 64",
			 (long long)(64 * gib + needed - missing));
		simulation = run(host, guest, AT("1s", "start"));
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), missing);
		assert_int_equal(times_done(simulation, "start.latency"), !missing);
		done(simulation);
	}
}

/* A reboot in place, a crash and a start later: what a process has is given back once. */
static void test_lives(void **state)
{
	struct simulation *simulation =
		run("\"memory\": \"65GiB\"",
		    "\"model\": \"kvm\", \"strategy\": \"exit\", \"resident\": 1",
		    AT("1s", "reboot") "," AT("20s", "kill") "," AT("60s", "start") "," AT("90s",
											   "kill"));

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind),
		cmocka_unit_test(test_beside_a_pool),
		cmocka_unit_test(test_lives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
