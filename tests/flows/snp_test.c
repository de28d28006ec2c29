/* SEV-SNP by hand: the launch, faults ahead, pages of 2 MiB, ASIDs. */

#include <math.h>

#include "scenario_run.h"

#define START    "{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}"
#define SHUTDOWN "{\"at\": \"0s\", \"do\": \"shutdown\", \"guests\": \"g\"}"
#define UPDATE   "{\"at\": \"0s\", \"do\": \"update\", \"guests\": \"g\"}"

static struct simulation *run(const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 64, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"g\","
	     " \"vcpus\": 4, \"memory\": \"4GiB\", \"resident\": 1, \"bounce_buffers\": 0,"
	     " \"firmware_accepts\": \"0B\", \"accept_per_vcpu\": \"0B\","
	     " \"workload_rate\": \"1B/s\", \"model\": %s}],"
	     " \"events\": [%s], \"experiment\": {\"until\": \"20min\", \"spread\": false}}",
	     keys, events);
	return simulate(&scenario, 0);
}

static int64_t latency_ns(const char *metric, const char *keys, const char *events)
{
	struct simulation *simulation = run(keys, events);
	int64_t latency = observation(simulation, metric, 0);

	done(simulation);
	return latency;
}

enum { PAGES = 1 << 20, HUGE_PAGES = 2048, BOOT_PAGES = 320 << 8, LAUNCH_PAGES = 1024 + 31 };

#define LAUNCH_NS (4000000 + 500000 + 8 * 600000 + (LAUNCH_PAGES + 4) * (1200 + 1000000LL) + 500000)
#define FIXED_NS                                                                                   \
	(94000000 + 275000 + PAGES * 60LL + LAUNCH_NS + 2840000000LL + 2400000000LL + 86 * 26000 + \
	 129 * 400000)
#define CONVERT_NS (20000. / 512) /* of 4 KiB: an exit to QEMU is for 2 MiB */

/* Each page of the boot by a fault of its own, or faulted ahead. */
static void test_start(void **state)
{
	double page_ns = CONVERT_NS + 60 + 600 + 335 + 1200 + 1000;
	int64_t latency = latency_ns("start.latency", "\"sev-snp\"", START);

	(void)state;
	assert_int_equal(latency, FIXED_NS + llround(BOOT_PAGES * (page_ns + 3000)));
	assert_int_equal(latency_ns("start.latency", "\"sev-snp/prefault\"", START),
			 latency - BOOT_PAGES * 3000LL);
}

/* Of 2 MiB one fault, one RMPUPDATE and one PVALIDATE do for 512. */
static void test_huge_pages(void **state)
{
	double page_ns = 20000 + 512 * 60 + 3000 + 600 + 171300 + 1200 + 1000;

	(void)state;
	assert_int_equal(latency_ns("start.latency", "\"sev-snp\", \"page_size\": \"2MiB\"", START),
			 FIXED_NS + llround(160 * page_ns));
}

/* What QEMU takes back of a page of 2 MiB is a part of it: the entry is smashed before. */
static void test_smashed(void **state)
{
	struct simulation *simulation =
		run("\"sev-snp\", \"page_size\": \"2MiB\", \"converted\": \"64MiB\"", UPDATE);

	(void)state;
	assert_int_equal(counter_of(simulation, "rmp.psmash"), 32);
	assert_int_equal(counter_of(simulation, "rmp.rmpupdate"), 32 * 512 + 32);
	done(simulation);
	simulation = run("\"sev-snp\", \"converted\": \"64MiB\"", UPDATE);
	assert_int_equal(counter_of(simulation, "rmp.psmash"), 0);
	assert_int_equal(counter_of(simulation, "rmp.rmpupdate"), 2 * 16384);
	done(simulation);
}

/* Every page is made shared, flushed and freed; the ASID goes back by two commands. */
static void test_shutdown(void **state)
{
	static const struct {
		const char *keys;
		int64_t pages_ns;
	} rows[] = {
		{ "\"sev-snp\"", PAGES * (20 + 1200 + 230 + 129LL) },
		{ "\"sev-snp\", \"page_size\": \"2MiB\"",
		  HUGE_PAGES * (20 + 1200 + 512 * 230 + 2700LL) },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(latency_ns("shutdown.latency", rows[i].keys, SHUTDOWN),
				 1000000000 + 1000000 + rows[i].pages_ns + 4 * (100000 + 1200) +
					 2 * 500000);
}

/* The one ASID comes back through DF_FLUSH; while it is held nobody else starts. */
static void test_asids(void **state)
{
	struct simulation *simulation =
		run("\"sev-snp\", \"asids\": 1",
		    SHUTDOWN ", {\"at\": \"1min\", \"do\": \"start\", \"guests\": \"g\"}");

	(void)state;
	assert_int_equal(counter_of(simulation, "psp.df_flush"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
	simulation = run("\"sev-snp\", \"asids\": 1, \"count\": 2", START);
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

/* QEMU has no VM yet when its next start is killed: of the VM that is gone nothing is ended again. */
static void test_second_end(void **state)
{
	struct simulation *simulation =
		run("\"sev-snp\"",
		    SHUTDOWN ", {\"at\": \"60s\", \"do\": \"start\", \"guests\": \"g\"}, "
			     "{\"at\": \"60.01s\", \"do\": \"kill\", \"guests\": \"g\"}");

	(void)state;
	assert_int_equal(observation(simulation, "shutdown.latency", 1), 1000000);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),   cmocka_unit_test(test_huge_pages),
		cmocka_unit_test(test_smashed), cmocka_unit_test(test_shutdown),
		cmocka_unit_test(test_asids),   cmocka_unit_test(test_second_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
