/* CCA: granules given and taken back one by one, in the exiting process or behind it. */

#include "flow/runtime.h" /* before the variable of the same name */
#include "one_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define FAULT(step, how)                                                                           \
	", \"faults\": [{\"step\": \"" step "\", " how "}], \"boot_touch\": \"1GiB\""

enum { PAGES_4G = 4 << 18, VCPUS = 4, AUX = 16, TABLES_4G = (4 << 9) + 4, IMAGE = 64 << 8 };
enum { DESCRIPTOR = 3 }; /* granules: RD and two tables of the entry level */
enum { EXIT_NS = 1000000, VM_NS = 5000000, WORK_NS = 20000 };
#define GRANULE 4096LL

/* Prices by hand, in ns. */
#define UNDELEGATE   3000LL
#define DESTROY_DATA (2200 + UNDELEGATE)
#define FREE_PAGE    129LL
#define DESTROY_VM                                                                                 \
	(VM_NS + VCPUS * (20000 + (1 + AUX) * UNDELEGATE) + TABLES_4G * (2000 + UNDELEGATE) +      \
	 10000 + DESCRIPTOR * UNDELEGATE)
#define TEARDOWN (PAGES_4G * (DESTROY_DATA + FREE_PAGE) + DESTROY_VM)

static void run_on(const char *host, const char *strategy, const char *keys, const char *events)
{
	tidy(NULL);
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"%s\"},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"cca\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"4GiB\", \"resident\": 1 %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     host, strategy, keys, events);
	simulation = simulate(&scenario, 0);
}

static void run(const char *strategy, const char *keys, const char *events)
{
	run_on("1TiB", strategy, keys, events);
}

static int64_t used_bytes(void)
{
	return simulation->hosts[0].nodes[0].pools[PAGE_4K].used_bytes;
}

/* The whole of it in the exiting process, or behind it; the same work, and nothing stays. */
static void test_teardown(void **state)
{
	(void)state;
	run("exit", "", AT("1s", "kill"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0), EXIT_NS + TEARDOWN);
	assert_int_equal(observation(simulation, "teardown.latency", 0), TEARDOWN);
	assert_int_equal(total_of(simulation, "pages.foreground"), PAGES_4G);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	assert_int_equal(counter_of(simulation, "rmi.data_destroy"), PAGES_4G);
	assert_int_equal(counter_of(simulation, "rmi.granule_undelegate"),
			 PAGES_4G + VCPUS * (1 + AUX) + TABLES_4G + DESCRIPTOR);
	/* no reschedule point in the walk that destroys the tables */
	assert_int_equal(observation(simulation, "slice.max", 0),
			 TABLES_4G * (2000 + UNDELEGATE) + VM_NS +
				 VCPUS * (20000 + (1 + AUX) * UNDELEGATE) + 10000 +
				 DESCRIPTOR * UNDELEGATE);
	assert_int_equal(used_bytes(), 0);

	run("background", "", AT("1s", "kill"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0), EXIT_NS);
	assert_int_equal(observation(simulation, "teardown.latency", 0), WORK_NS + TEARDOWN);
	assert_int_equal(total_of(simulation, "pages.background"), PAGES_4G);
	/* limbo: data, tables, RD and entry level, RECs with their run pages */
	assert_int_equal(observation(simulation, "limbo.peak", 0),
			 (PAGES_4G + TABLES_4G + DESCRIPTOR + VCPUS * (1 + AUX + 1)) * GRANULE);
	assert_int_equal(used_bytes(), 0);
}

/* RMM 2.0: two switches for a run of neighbours instead of two for each granule. */
static void test_ranges(void **state)
{
	static const struct {
		const char *keys;
		int64_t run;
	} rows[] = { { "", 512 },
		     { ", \"contiguous_run\": \"64KiB\"", 16 },
		     { ", \"contiguous_run\": \"4KiB\"", 1 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		run("ranges", rows[i].keys, AT("1s", "kill"));
		assert_int_equal(observation(simulation, "shutdown.latency", 0),
				 EXIT_NS + TEARDOWN -
					 2 * 1000 * (PAGES_4G - PAGES_4G / rows[i].run));
		assert_int_equal(counter_of(simulation, "rmi.data_destroy"), 0);
		assert_int_equal(used_bytes(), 0);
	}
}

/* Every page that is given pays once; of 512 one needs a table. */
static void test_start(void **state)
{
	const int64_t boot = (256 << 8) + PAGES_4G / 64;
	int64_t touched;

	(void)state;
	run("exit", ", \"workload_rate\": \"1B/s\"", AT("0s", "start"));
	touched = (int64_t)counter_of(simulation, "rmi.data_create_unknown");
	assert_in_range(touched, boot, boot + 2); /* with the first of the workload */
	assert_int_equal(counter_of(simulation, "rmi.data_create"), IMAGE);
	assert_int_equal(counter_of(simulation, "rmi.rec_enter"), touched);
	assert_int_equal(counter_of(simulation, "rmi.rec_create"), VCPUS);
	assert_int_equal(counter_of(simulation, "rmi.rtt_init_ripas"), 4);
	assert_int_equal(counter_of(simulation, "rmi.rtt_create"), (IMAGE + boot) / 512 + 4);
	assert_int_equal(counter_of(simulation, "rmi.granule_delegate"),
			 IMAGE + touched + (IMAGE + boot) / 512 + 4 + DESCRIPTOR +
				 VCPUS * (1 + AUX));
}

/* A reboot is an end and a start: behind each other, or with the end in the background. */
static void test_reboot(void **state)
{
	int64_t start, stop = 1000000000;

	(void)state;
	run("exit", "", AT("0s", "start"));
	start = observation(simulation, "start.latency", 0);
	run("exit", "", AT("1s", "reboot"));
	assert_int_equal(observation(simulation, "reboot.latency", 0),
			 stop + EXIT_NS + TEARDOWN + start);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	run("background", "", AT("1s", "reboot"));
	assert_int_equal(observation(simulation, "reboot.latency", 0), stop + EXIT_NS + start);
	assert_int_equal(total_of(simulation, "pages.background"), PAGES_4G);
	assert_int_equal(counter_of(simulation, "rmi.realm_destroy"), 1);
}

/* Nothing comes back before the last granule is destroyed (5.45 s); then page by page. */
static void test_restart(void **state)
{
	(void)state;
	run_on("6GiB", "background", "", AT("1s", "kill") "," AT("6.2s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	run_on("6GiB", "background", "", AT("1s", "kill") "," AT("6.6s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	/* room for both realms: nobody waits */
	run_on("9GiB", "background", "", AT("1s", "kill") "," AT("1.1s", "start"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	run_on("6GiB", "exit", "", AT("1s", "kill") "," AT("1.1s", "start") "," AT("8s", "start"));
	assert_int_equal(times_done(simulation, "start.latency"), 1);
}

/* Three realms linger at once: each is taken apart whole, one after another. */
static void test_several(void **state)
{
	static const char *const events = AT("1s", "kill") "," AT("1.1s", "start") "," AT(
		"5s", "kill") "," AT("5.1s", "start") "," AT("9s", "kill");
	int64_t last = 0;

	(void)state;
	run("background", ", \"workload_rate\": \"10GB/s\"", events);
	assert_int_equal(times_done(simulation, "teardown.latency"), 3);
	for (size_t i = 0; i < 3; i++) {
		int64_t at = (int64_t)(4 * i) * 1000000000 +
			     observation(simulation, "teardown.latency", i);

		assert_true(at > last);
		last = at;
	}
	assert_int_equal(counter_of(simulation, "rmi.realm_destroy"), 3);
	assert_int_equal(counter_of(simulation, "rmi.rec_destroy"), 3 * VCPUS);
	assert_int_equal(counter_of(simulation, "rmi.data_destroy"),
			 PAGES_4G + counter_of(simulation, "rmi.data_create") +
				 counter_of(simulation, "rmi.data_create_unknown"));
	assert_true(total_of(simulation, "lock.realm_teardown.wait") > 0);
	assert_int_equal(used_bytes(), 0);
}

/* Whatever call of a start fails: its exit takes apart what there is, and nothing else. */
static void test_failed_starts(void **state)
{
	static const struct {
		const char *faults;
		int enomem, descriptors, recs, tables, data;
	} rows[] = {
		{ FAULT("guest memory", "\"call\": 1"), 1, 0, 0, 0, 0 },
		{ FAULT("RD and REC granules", "\"call\": 1"), 1, 0, 0, 0, 0 },
		{ FAULT("RTT granules", "\"call\": 1"), 1, 0, 0, 0, 0 },
		{ FAULT("rmi.realm_create", "\"call\": 1"), 0, 0, 0, 0, 0 },
		{ FAULT("rmi.data_create", "\"call\": 1000"), 0, 1, 0, 2, 999 },
		{ FAULT("rmi.rec_create", "\"call\": 3"), 0, 1, 2, IMAGE / 512, IMAGE },
		{ FAULT("rmi.realm_activate", "\"call\": 1"), 0, 1, VCPUS, IMAGE / 512 + 4, IMAGE },
		{ FAULT("rmi.data_create_unknown", "\"call\": 11"), 0, 1, VCPUS, IMAGE / 512 + 5,
		  IMAGE + 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(i % 2 ? "background" : "exit", rows[i].faults, AT("0s", "start"));
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), rows[i].enomem);
		assert_int_equal(total_of(simulation, "failures.EIO"), !rows[i].enomem);
		assert_int_equal(times_done(simulation, "start.latency"), 0);
		assert_int_equal(counter_of(simulation, "rmi.realm_destroy"), rows[i].descriptors);
		assert_int_equal(counter_of(simulation, "rmi.rec_destroy"), rows[i].recs);
		assert_int_equal(counter_of(simulation, "rmi.rtt_destroy"), rows[i].tables);
		assert_int_equal(counter_of(simulation, "rmi.data_destroy"), rows[i].data);
		assert_int_equal(used_bytes(), 0);
	}
}

/* What the RMM does not give back is lost, and a realm with something in it stays. */
static void test_leaks(void **state)
{
	static const struct {
		const char *faults;
		int64_t granules; /* leaked */
		int lost, reclaimed;
	} rows[] = {
		{ FAULT("rmi.granule_undelegate", "\"call\": 1000"), 0, 1, 1 },
		{ FAULT("rmi.rec_destroy", "\"call\": 2"), 1 + AUX + DESCRIPTOR, 0, 0 },
		{ FAULT("rmi.rtt_destroy", "\"call\": 10"), TABLES_4G - 9 + DESCRIPTOR, 0, 0 },
		{ FAULT("rmi.realm_destroy", "\"call\": 1"), DESCRIPTOR, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		run(i % 2 ? "background" : "exit", rows[i / 2].faults, AT("1s", "kill"));
		assert_int_equal(counter_of(simulation, "pages.lost"), rows[i / 2].lost);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"),
				 rows[i / 2].granules * GRANULE);
		assert_int_equal(times_done(simulation, "teardown.latency"), rows[i / 2].reclaimed);
		assert_int_equal(used_bytes(), (rows[i / 2].granules + rows[i / 2].lost) * GRANULE);
	}
}

/* Killed while it boots: the touches end at a page, and only what was touched is destroyed. */
static void test_killed_start(void **state)
{
	uint64_t given;

	(void)state;
	run("exit", ", \"boot_touch\": \"2GiB\"", AT("0s", "start") "," AT("5s", "kill"));
	assert_int_equal(times_done(simulation, "start.latency"), 0);
	given = counter_of(simulation, "rmi.data_create") +
		counter_of(simulation, "rmi.data_create_unknown");
	assert_true(given > IMAGE && given < (2 << 18));
	assert_int_equal(counter_of(simulation, "rmi.data_destroy"), given);
	assert_int_equal(used_bytes(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_teardown, tidy),
		cmocka_unit_test_teardown(test_ranges, tidy),
		cmocka_unit_test_teardown(test_start, tidy),
		cmocka_unit_test_teardown(test_reboot, tidy),
		cmocka_unit_test_teardown(test_restart, tidy),
		cmocka_unit_test_teardown(test_several, tidy),
		cmocka_unit_test_teardown(test_failed_starts, tidy),
		cmocka_unit_test_teardown(test_leaks, tidy),
		cmocka_unit_test_teardown(test_killed_start, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
