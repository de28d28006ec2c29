/* What happens when memory runs out: on the host, and in a control group. */

#include "scenario_run.h"

#include "flow/failures.h"

#define AT(at, what, guest) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"" guest "\"}"
#define GUEST(name, memory, keys)                                                                  \
	"{\"name\": \"" name "\", \"model\": \"kvm\", \"vcpus\": 4, \"resident\": 1, "             \
	"\"memory\": \"" memory "\", " keys "}"
#define HELPER "\"strategy\": \"async-teardown\""
#define EXIT   "\"strategy\": \"exit\""

enum { FREE_NS = 129, MS = 1000000 };

static bool exact_pages;

static struct simulation *run(const char *host, const char *guests, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, %s}, \"guests\": [%s], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false, \"exact_pages\": %s}}",
	     host, guests, events, exact_pages ? "true" : "false");
	return simulate(&scenario, 0);
}

/* Of one guest; NULL: of all. */
static int64_t sum(const struct simulation *simulation, const char *guest, const char *name)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	int64_t total = 0;

	for (size_t m = 0; m < count; m++)
		for (size_t i = 0; i < metrics[m].count; i++)
			if (!strcmp(metrics[m].name, name) &&
			    (!guest || !strcmp(metrics[m].group, guest)))
				total += metrics[m].samples[i];
	return total;
}

static int64_t killed(const struct simulation *simulation, const char *guest, const char *name)
{
	size_t count;
	const struct counter *counters = simulation_counters(simulation, &count);
	int64_t total = 0;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(counters[i].name, name) &&
		    (!guest || !strcmp(counters[i].group, guest)))
			total += (int64_t)counters[i].value;
	return total;
}

static void assert_kills(const struct simulation *simulation, int helpers, int newcomers,
			 int neighbours)
{
	assert_int_equal(killed(simulation, NULL, "oom.helpers"), helpers);
	assert_int_equal(killed(simulation, NULL, "oom.newcomers"), newcomers);
	assert_int_equal(killed(simulation, NULL, "oom.neighbours"), neighbours);
}

static const char *short_of(const struct simulation *simulation)
{
	size_t count;
	const struct failure *failures = simulation_failures(simulation, &count);

	assert_int_equal(count, 1);
	assert_non_null(failures->shortage.of);
	return failures->shortage.of;
}

static int64_t start_ns(const char *host, const char *guests, const char *events)
{
	struct simulation *simulation = run(host, guests, events);
	int64_t latency_ns = sum(simulation, NULL, "start.latency");

	done(simulation);
	return latency_ns;
}

/* --- on the host ------------------------------------------------------------- */

/* It wakes up, and 28 GiB later there is room: the wait is known to the nanosecond. */
static void test_sleeping_helper(void **state)
{
	static const char *const events = AT("1s", "kill", "g") "," AT("1.5s", "start", "g");
	int64_t alone_ns = start_ns("\"memory\": \"1TiB\"", GUEST("g", "64GiB", HELPER), events);
	struct simulation *simulation =
		run("\"memory\": \"100GiB\"", GUEST("g", "64GiB", HELPER), events);

	(void)state;
	assert_kills(simulation, 1, 0, 0);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(sum(simulation, NULL, "start.latency") - alone_ns,
			 MS + (28LL << 18) * FREE_NS);
	/* killed at 1.5 s and QEMU's 140 ms: a second's sleep that ends after 634 ms */
	assert_int_equal(observation(simulation, "teardown.latency", 0),
			 640 * MS + MS + (64LL << 18) * FREE_NS);
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0), 100LL << 30);
	done(simulation);
}

/* Memory that comes back by itself costs nobody's life. */
static void test_helper_at_work(void **state)
{
	static const char *const events = AT("1s", "kill", "g") "," AT("2.5s", "start", "g");
	struct simulation *simulation =
		run("\"memory\": \"100GiB\"", GUEST("g", "64GiB", HELPER), events);

	(void)state;
	assert_kills(simulation, 0, 0, 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

/* Page by page the wait ends at the same instant. */
static void test_page_by_page(void **state)
{
	static const char *const events = AT("1s", "kill", "g") "," AT("1.5s", "start", "g");
	int64_t ns[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		exact_pages = i;
		ns[i] = start_ns("\"memory\": \"100MiB\"",
				 GUEST("g", "64MiB", HELPER ", \"boot_touch\": \"1MiB\""), events);
	}
	exact_pages = false;
	assert_int_equal(ns[0], ns[1]);
}

/* 60 GiB run, 60 more are wanted where 40 are left: Linux takes who holds more. */
static void test_neighbour(void **state)
{
	static const char *const events = AT("2h", "kill", "a") "," AT("1s", "start", "b");
	static const char *const strategies[] = { EXIT, HELPER };

	(void)state;
	for (int s = 0; s < 2; s++) {
		char guests[512];
		struct simulation *simulation;
		int64_t alone_ns;

		snprintf(guests, sizeof(guests),
			 GUEST("a", "60GiB", "%s") "," GUEST("b", "60GiB", EXIT), strategies[s]);
		alone_ns = start_ns("\"memory\": \"1TiB\"", guests, events);
		simulation = run("\"memory\": \"100GiB\"", guests, events);
		assert_kills(simulation, 0, 0, 1);
		assert_int_equal(killed(simulation, "a", "oom.neighbours"), 1);
		assert_int_equal(sum(simulation, "a", "failures.ENOMEM"), 1);
		/* the helper is killed with QEMU, whose memory it shares: it does not sleep */
		assert_int_equal(sum(simulation, NULL, "start.latency") - alone_ns,
				 MS + s * (5 * MS + MS) + (20LL << 18) * FREE_NS);
		done(simulation);
	}
}

/* A neighbour that fills its memory gives none back: who asks beside it waits for the victim alone. */
static void test_neighbour_that_fills(void **state)
{
	static const char *const guests = GUEST("a", "60GiB", EXIT) "," GUEST(
		"b", "60GiB", EXIT) "," GUEST("c", "20GiB", EXIT ", \"preallocate\": \"touch\"");
	static const char *const events =
		AT("2h", "kill", "a") "," AT("1s", "start", "c") "," AT("1.1s", "start", "b");
	int64_t alone_ns = start_ns("\"memory\": \"1TiB\"", guests, events);
	struct simulation *simulation = run("\"memory\": \"100GiB\"", guests, events);

	(void)state;
	assert_kills(simulation, 0, 0, 1);
	assert_int_equal(sum(simulation, NULL, "start.latency") - alone_ns,
			 MS + (40LL << 18) * FREE_NS);
	done(simulation);
}

/* Of 100 GiB 70 are left to one who wants 90, beside a guest of 30: it is the largest. */
static void test_newcomer(void **state)
{
	struct simulation *simulation = run("\"memory\": \"100GiB\"",
					    GUEST("a", "30GiB", EXIT) "," GUEST("b", "90GiB", EXIT),
					    AT("2h", "kill", "a") "," AT("1s", "start", "b"));

	(void)state;
	assert_kills(simulation, 0, 1, 0);
	assert_int_equal(sum(simulation, "b", "failures.ENOMEM"), 1);
	assert_int_equal(sum(simulation, "a", "failures.ENOMEM"), 0);
	assert_string_equal(short_of(simulation), "host memory");
	assert_int_equal(observation(simulation, "memory.in_use.peak", 0), 30LL << 30);
	done(simulation);
}

/* Of two alike it is the one that began later, wherever it stands in the scenario. */
static void test_latest_of_two(void **state)
{
	static const char *const guests = GUEST("a", "40GiB", EXIT) "," GUEST(
		"b", "40GiB", EXIT) "," GUEST("c", "30GiB", EXIT);
	static const char *const events[] = {
		AT("1s", "start", "a") "," AT("2s", "start", "b") "," AT("20s", "start", "c"),
		AT("2s", "start", "a") "," AT("1s", "start", "b") "," AT("20s", "start", "c"),
	};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct simulation *simulation = run("\"memory\": \"100GiB\"", guests, events[i]);

		assert_kills(simulation, 0, 0, 1);
		assert_int_equal(killed(simulation, i ? "a" : "b", "oom.neighbours"), 1);
		done(simulation);
	}
}

/* A victim whose memory stays with another process is given up after a second. */
static void test_victim_in_vain(void **state)
{
	struct simulation *simulation =
		run("\"memory\": \"100GiB\"",
		    GUEST("a", "50GiB", EXIT ", \"file_kept\": true") "," GUEST(
			    "b", "30GiB", EXIT) "," GUEST("c", "30GiB", EXIT),
		    AT("2h", "kill", "a") "," AT("2h", "kill", "b") "," AT("1s", "start", "c"));

	(void)state;
	assert_kills(simulation, 0, 0, 2);
	assert_int_equal(killed(simulation, "b", "oom.neighbours"), 1);
	assert_in_range(sum(simulation, NULL, "start.latency"), 1000LL * MS, 20000LL * MS);
	done(simulation);
}

/* Who waits for memory can be killed; who is refused it, as ever without overcommit. */
static void test_killed_as_it_waits(void **state)
{
	static const char *const guest = GUEST("g", "64GiB", HELPER);
	struct simulation *simulation =
		run("\"memory\": \"100GiB\"", guest,
		    AT("1s", "kill", "g") "," AT("1.5s", "start", "g") "," AT("1.9s", "kill", "g"));

	(void)state;
	assert_int_equal(total_of(simulation, "failures.EINTR"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 0);
	assert_in_range(total_of(simulation, "shutdown.latency"), 1, 20 * MS); /* both kills */
	done(simulation);
	simulation = run("\"memory\": \"100GiB\", \"overcommit\": false", guest,
			 AT("1s", "kill", "g") "," AT("1.5s", "start", "g"));
	assert_kills(simulation, 0, 0, 0);
	assert_string_equal(short_of(simulation), "host memory");
	done(simulation);
}

/* --- in a control group -------------------------------------------------------- */

/* Measured: a restart of 1 GiB in a group of 1.5 GiB takes the helper, six of six times. */
static void test_helper_in_group(void **state)
{
	static const char *const events = AT("1s", "kill", "g") "," AT("1.2s", "start", "g");

	(void)state;
	for (int strict = 0; strict <= 1; strict++) {
		struct simulation *simulation =
			run(strict ? "\"overcommit\": false" : "\"overcommit\": true",
			    GUEST("g", "1GiB", HELPER ", \"memory_limit\": \"1.5GiB\""), events);

		assert_kills(simulation, 1, 0, 0);
		assert_int_equal(times_done(simulation, "start.latency"), 1);
		assert_true(observation(simulation, "teardown.latency", 0) < 500 * MS);
		done(simulation);
	}
}

static void test_newcomer_in_group(void **state)
{
	struct simulation *simulation = run(
		"\"memory\": \"1TiB\"", GUEST("g", "2GiB", EXIT ", \"memory_limit\": \"1.5GiB\""),
		AT("1s", "start", "g"));
	struct error error = { 0 };

	(void)state;
	assert_kills(simulation, 0, 1, 0);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_string_equal(short_of(simulation), "the control group's memory.max");
	done(simulation);
	/* one that runs from the start would have been killed before */
	load(&scenario, "{\"guests\": [%s], \"events\": [%s]}",
	     GUEST("g", "2GiB", EXIT ", \"memory_limit\": \"1.5GiB\""), AT("1s", "kill", "g"));
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	assert_false(simulation_run(simulation, 0, &error));
	assert_non_null(strstr(error.message, "memory_limit"));
	done(simulation);
}

/* Pages of a pool are charged to no group. */
static void test_pool_beside_group(void **state)
{
	struct simulation *simulation = run(
		"\"memory\": \"66GiB\", \"hugepages_2m\": 32768",
		GUEST("g", "64GiB",
		      EXIT
		      ", \"hugetlb\": true, \"page_size\": \"2MiB\", \"memory_limit\": \"1GiB\""),
		AT("1s", "start", "g"));

	(void)state;
	assert_kills(simulation, 0, 0, 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sleeping_helper),
		cmocka_unit_test(test_helper_at_work),
		cmocka_unit_test(test_page_by_page),
		cmocka_unit_test(test_neighbour),
		cmocka_unit_test(test_neighbour_that_fills),
		cmocka_unit_test(test_newcomer),
		cmocka_unit_test(test_latest_of_two),
		cmocka_unit_test(test_victim_in_vain),
		cmocka_unit_test(test_killed_as_it_waits),
		cmocka_unit_test(test_helper_in_group),
		cmocka_unit_test(test_newcomer_in_group),
		cmocka_unit_test(test_pool_beside_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
