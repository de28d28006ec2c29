/* Memory that a balloon holds, gives back and takes, and what slices cost. */

#include "fixture.h"

#include "flow/memory.h"
#include "one_run.h"

static const char balloon_format[] =
	"{\"host\": {\"cores\": 8, \"memory\": \"%s\", \"overcommit\": false},"
	" \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", \"vcpus\": 4, \"memory\": \"4GiB\","
	"   %s}], \"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}";

#define AT(at, what)  "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define EXIT_         "\"strategy\": \"exit\", "
#define HELPER        "\"strategy\": \"async-teardown\", "
#define THREE_OF_FOUR EXIT_ "\"resident\": 0.25, \"balloon\": \"3GiB\""
#define GROW(target)  EXIT_ "\"resident\": 1, \"balloon_target\": \"" target "\""

static const int64_t gib = 1LL << 30;

enum {
	MS = 1000000,
	PAGES_1G = 1 << 18,
	STOP_NS = 1000 * MS,
	EXIT_NS = 6 * MS, /* do_exit and kvm_destroy_vm */
	FREE = 129,
	FAULT = 600 + 335,
	RETURN = 19900,
	DEFLATE = 9800,
	INFLATE = 2250,
	SLICE = 2600,
	FLUSH = 3100,
	IPI = 1200,
};

static void run(const char *host, const char *keys, const char *events)
{
	load(&scenario, balloon_format, host, keys, events);
	simulation = simulate(&scenario, 0);
}

static int64_t held(void)
{
	return memory_held(&simulation->instances[0]);
}

/* Each page comes back by a fault, and is freed again behind that. */
static void test_shutdown(void **state)
{
	(void)state;
	run("8GiB", THREE_OF_FOUR, AT("1s", "shutdown"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0),
			 STOP_NS + 3LL * PAGES_1G * (RETURN + FAULT) + 4LL * PAGES_1G * FREE +
				 EXIT_NS);
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0), 4 * gib);
	assert_int_equal(held(), 0);
	tidy(state);
	run("8GiB", THREE_OF_FOUR ", \"balloon_returned\": false", AT("1s", "shutdown"));
	assert_int_equal(observation(simulation, "shutdown.latency", 0),
			 STOP_NS + 1LL * PAGES_1G * FREE + EXIT_NS);
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0), gib);
}

/* virsh setmem first: half of the time, and then there is nothing to give back. */
static void test_deflate_first(void **state)
{
	(void)state;
	run("8GiB", THREE_OF_FOUR, AT("1s", "update") "," AT("100s", "shutdown"));
	assert_int_equal(observation(simulation, "update.latency", 0),
			 3LL * PAGES_1G * (DEFLATE + FAULT));
	assert_int_equal(observation(simulation, "shutdown.latency", 0),
			 STOP_NS + 4LL * PAGES_1G * FREE + EXIT_NS);
}

/* What is resident is not in the balloon, whatever the scenario says. */
static void test_overlap(void **state)
{
	(void)state;
	run("8GiB", EXIT_ "\"resident\": 0.5, \"balloon\": \"4GiB\"", AT("1s", "update"));
	assert_int_equal(counter_of(simulation, "balloon.deflate"), 2 * PAGES_1G);
	assert_int_equal(held(), 4 * gib);
}

/* The host has promised the memory to somebody else: the guest stays, and what it had. */
static void test_no_room(void **state)
{
	size_t count;
	const struct failure *failures;

	(void)state;
	run("3GiB", THREE_OF_FOUR, AT("1s", "shutdown"));
	failures = simulation_failures(simulation, &count);
	assert_int_equal(count, 1);
	assert_string_equal(failures[0].shortage.of, "host memory");
	assert_int_equal(failures[0].shortage.wanted, 3 * gib);
	assert_int_equal(failures[0].shortage.there, 2 * gib);
	assert_int_equal(held(), gib);
	assert_true(simulation->instances[0].guest.running);
	tidy(state);
	run("3GiB", THREE_OF_FOUR, AT("1s", "shutdown") "," AT("10s", "kill"));
	assert_int_equal(held(), 0);
}

/* A kill does not wait until all is given back, nor until all is discarded. */
static void test_kill(void **state)
{
	(void)state;
	run("8GiB", THREE_OF_FOUR, AT("1s", "shutdown") "," AT("5s", "kill"));
	assert_true(observation(simulation, "shutdown.latency", 0) < STOP_NS);
	assert_int_equal(held(), 0);
	tidy(state);
	run("8GiB", GROW("3GiB"), AT("1s", "update") "," AT("4s", "kill") "," AT("9s", "start"));
	assert_true(observation(simulation, "shutdown.latency", 0) < STOP_NS);
	assert_int_equal(held(), 4 * gib);
	assert_int_equal(total_of(simulation, "failures.EINTR"), 1);
}

/* Time of an update that discards `pages` of the backing size at so much each, untouched ones aside. */
static void judge_inflation(const char *keys, int64_t pages, double page_ns, int64_t taken_4k)
{
	run("8GiB", keys, AT("1s", "update"));
	assert_true(llabs(observation(simulation, "update.latency", 0) -
			  (int64_t)((double)pages * page_ns) - taken_4k * INFLATE) <= 1);
	assert_int_equal(observation(simulation, "pages.foreground", 0), pages);
	tidy(NULL);
}

static void test_slices(void **state)
{
	const double split_ns = 512 * FREE + 32 * (SLICE + 4 * IPI) + 512 * 2 * FLUSH;
	int64_t all = 2LL * PAGES_1G;

	(void)state;
	/* page by page, in slices of 64 KiB and of 2 MiB, which are too many to flush one by one */
	judge_inflation(GROW("2GiB"), all, FREE + SLICE + 2 * FLUSH + 4 * IPI, all);
	judge_inflation(GROW("2GiB") ", \"discard_slice\": \"64KiB\"", all,
			FREE + (SLICE + 4 * IPI) / 16. + 2 * FLUSH, all);
	judge_inflation(GROW("2GiB") ", \"discard_slice\": \"2MiB\"", all,
			FREE + (SLICE + 4 * IPI) / 512., all);
	/* nobody else has the translations */
	judge_inflation(GROW("2GiB") ", \"vcpus_running\": 0", all, FREE + SLICE + FLUSH, all);
	/* huge pages fall to pieces, or not */
	judge_inflation(GROW("2GiB") ", \"page_size\": \"2MiB\", \"discard_slice\": \"64KiB\"",
			1024, split_ns, all);
	judge_inflation(GROW("2GiB") ", \"page_size\": \"2MiB\", \"discard_slice\": \"4MiB\"", 1024,
			2700 + (SLICE + 4 * IPI) / 2., all);
}

/* Memory that the host never gave is taken first, and nothing of it is discarded. */
static void test_untouched_first(void **state)
{
	(void)state;
	judge_inflation(EXIT_ "\"resident\": 0.5, \"balloon_target\": \"3GiB\","
			      " \"vcpus_running\": 0",
			PAGES_1G, FREE + SLICE + FLUSH, 3LL * PAGES_1G);
	run("8GiB", EXIT_ "\"resident\": 0.5, \"balloon_target\": \"3GiB\"",
	    AT("1s", "update") "," AT("100s", "update"));
	assert_int_equal(held(), gib);
	assert_int_equal(observation(simulation, "update.latency", 1), 0);
}

/* Measured on a virtual machine of 2 CPUs: the prices are a fit, so each is met by a quarter. */
static void test_measured(void **state)
{
	static const struct {
		double pages, slices, measured_ns, others;
	} cases[] = {
		{ 65536, 4096, 277e6 - 16.5e6, 0 }, /* 256 MiB in slices of 64 KiB */
		{ 65536, 65536, 441e6 - 16.5e6, 0 }, { 65536, 65536, 389e6 - 16.5e6, 0 },
		{ 65536, 65536, 655e6 - 16.5e6, 1 }, { 262144, 16384, 902e6, 0 },
		{ 262144, 16384, 1666e6, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double ns = cases[i].pages * FLUSH * (1 + cases[i].others) +
			    cases[i].slices * (SLICE + IPI * cases[i].others);

		assert_true(ns > 0.75 * cases[i].measured_ns && ns < 1.25 * cases[i].measured_ns);
	}
}

/*
 * A helper that comes to dead pages in which a balloon has left holes, while the next process
 * runs and inflates, too: each page is freed once, and nothing stays.
 */
static void test_holes(void **state)
{
	(void)state;
	run("32GiB", HELPER "\"resident\": 1, \"balloon_target\": \"3GiB\"",
	    AT("1s", "update") "," AT("30s", "kill") "," AT("30.1s", "start") "," AT(
		    "40s", "update") "," AT("90s", "kill") "," AT("90.1s", "start"));
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	assert_int_equal(total_of(simulation, "pages.background"), 2 * PAGES_1G);
	assert_int_equal(counter_of(simulation, "mm.discard_slice"), 2LL * 3 * PAGES_1G);
	assert_int_equal(held(), 4 * gib);
}

/* Two dead processes, holes between them, and a helper at work on each. */
static void test_two_helpers(void **state)
{
	(void)state;
	run("32GiB",
	    HELPER "\"resident\": 1, \"balloon_target\": \"3GiB\", \"boot_creates\": 0,"
		   " \"boot_deletes\": 0",
	    AT("1s", "update") "," AT("30s", "kill") "," AT("30.1s", "start") "," AT(
		    "30.2s", "kill") "," AT("30.3s", "start") "," AT("80s", "kill"));
	assert_int_equal(times_done(simulation, "teardown.latency"), 3);
	assert_int_equal(held(), 0);
}

/* A reboot touches what the first boot has touched, however much was taken from the top. */
static void test_reboot(void **state)
{
	(void)state;
	run("8GiB", GROW("1GiB"),
	    AT("1s", "start") "," AT("30s", "update") "," AT("60s", "reboot"));
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	assert_int_equal(counter_of(simulation, "mm.fault"), (PAGES_1G >> 2) + (4 * PAGES_1G >> 6));
}

/* The next process has the balloon that the scenario gives it. */
static void test_restart(void **state)
{
	(void)state;
	run("8GiB", THREE_OF_FOUR,
	    AT("1s", "update") "," AT("100s", "kill") "," AT("110s", "start") "," AT("200s",
										     "update"));
	assert_int_equal(observation(simulation, "update.latency", 1),
			 3LL * PAGES_1G * (DEFLATE + FAULT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shutdown, tidy),
		cmocka_unit_test_teardown(test_deflate_first, tidy),
		cmocka_unit_test_teardown(test_overlap, tidy),
		cmocka_unit_test_teardown(test_no_room, tidy),
		cmocka_unit_test_teardown(test_kill, tidy),
		cmocka_unit_test_teardown(test_slices, tidy),
		cmocka_unit_test_teardown(test_untouched_first, tidy),
		cmocka_unit_test(test_measured),
		cmocka_unit_test_teardown(test_holes, tidy),
		cmocka_unit_test_teardown(test_two_helpers, tidy),
		cmocka_unit_test_teardown(test_reboot, tidy),
		cmocka_unit_test_teardown(test_restart, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
