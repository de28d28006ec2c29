/* Memory that is plugged into a guest: its struct pages, where they come from, and what they take. */

#include "fixture.h"

#include "flow/memory.h"
#include "one_run.h"

static const char plug_format[] =
	"{\"host\": {\"cores\": 8, \"memory\": \"%s\", \"overcommit\": false},"
	" \"costs\": [{\"srcu.grace_period\": {\"mean\": \"1ms\", \"cv\": 0,"
	"   \"range\": [\"1ms\", \"1ms\"], \"status\": \"assumed\", \"source\": \"round\"}}],"
	" \"guests\": [{\"name\": \"g\", \"model\": \"memslots\", %s"
	"   \"vcpus\": 2, \"memory\": \"2GiB\", \"resident\": 0.5, \"deletes\": 0, %s}],"
	" \"events\": [{\"at\": \"1s\", \"every\": \"10s\", \"times\": 2, \"do\": \"update\","
	"   \"guests\": \"g\"} %s],"
	" \"experiment\": {\"until\": \"1min\", \"spread\": false}}";

#define KILL ", {\"at\": \"30s\", \"do\": \"kill\", \"guests\": \"g\"}"

static const int64_t gib = 1LL << 30;

enum { MS = 1000000, SET = 26000, ONLINE = 17, PAGES_1G = 1 << 18 };

static void run(const char *host, const char *keys, const char *events)
{
	load(&scenario, plug_format, host,
	     strstr(keys, "strategy") ? "" : "\"strategy\": \"sequential\",", keys, events);
	simulation = simulate(&scenario, 0);
}

static void assert_short(const char *of, int64_t wanted_bytes, int64_t there_bytes)
{
	size_t count;
	const struct failure *failures = simulation_failures(simulation, &count);

	assert_int_equal(count, 1);
	assert_string_equal(failures[0].shortage.of, of);
	assert_int_equal(failures[0].shortage.wanted, wanted_bytes);
	assert_int_equal(failures[0].shortage.there, there_bytes);
}

static int64_t in_use(void)
{
	return memory_held(&simulation->instances[0]);
}

/* 128 GiB need 2 GiB of struct pages, and half of 2 GiB is in use. The guest lives on. */
static void test_too_much(void **state)
{
	(void)state;
	run("512GiB", "\"creates\": 1, \"slot\": \"128GiB\"", "");
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2);
	assert_int_equal(times_done(simulation, "update.latency"), 0);
	assert_short("memory of the guest for its struct pages", 2 * gib, gib);
	assert_int_equal(in_use(), gib);
	assert_true(simulation->instances[0].guest.running);
	tidy(state);
	run("512GiB", "\"strategy\": \"batch\", \"creates\": 1, \"slot\": \"128GiB\"", "");
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2);
}

/* 64 GiB use up the free half; the next 64 find room in them. All goes with the process. */
static void test_just_enough(void **state)
{
	int64_t plug_ns = MS + SET + 64LL * PAGES_1G * ONLINE;

	(void)state;
	run("512GiB", "\"creates\": 1, \"slot\": \"64GiB\"", "");
	assert_int_equal(observation(simulation, "update.latency", 0), plug_ns);
	assert_int_equal(observation(simulation, "update.latency", 1), plug_ns);
	assert_int_equal(in_use(), 3 * gib);
	tidy(state);
	run("512GiB", "\"creates\": 1, \"slot\": \"64GiB\"", KILL);
	assert_int_equal(in_use(), 0);
	tidy(state);
	run("512GiB", "\"creates\": 1, \"slot\": \"65GiB\"", "");
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2);
}

static void test_memmap_on_memory(void **state)
{
	(void)state;
	run("512GiB", "\"creates\": 1, \"slot\": \"128GiB\", \"memmap_on_memory\": true", "");
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(in_use(), 5 * gib);
}

/* Struct pages are touched: the host must have room for them. */
static void test_full_host(void **state)
{
	(void)state;
	run("2GiB", "\"creates\": 1, \"slot\": \"128GiB\", \"memmap_on_memory\": true", "");
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2);
	assert_short("host memory", 2 * gib, gib);
	assert_int_equal(in_use(), gib);
}

/* Slots as large as the guest may be devices'; those that are created for deleted ones are old. */
static void test_which_slots(void **state)
{
	static const struct {
		const char *keys;
		int64_t plugged_gib;
	} cases[] = {
		{ "\"creates\": 2, \"slot\": \"1GiB\"", 0 },
		{ "\"creates\": 2, \"slot\": \"1GiB\", \"hotplug\": \"all\"", 2 },
		{ "\"creates\": 2, \"slot\": \"4GiB\"", 8 },
		{ "\"creates\": 2, \"slot\": \"4GiB\", \"hotplug\": \"none\"", 0 },
		{ "\"creates\": 2, \"moves\": 1, \"slot\": \"1GiB\", \"hotplug\": \"all\"", 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run("512GiB", cases[i].keys, "");
		assert_int_equal(counter_of(simulation, "guest.online_page"),
				 2 * cases[i].plugged_gib * PAGES_1G);
		tidy(state);
	}
}

/* Two slots, one of them for a deleted one: one is new. */
static void test_replaced(void **state)
{
	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"}, \"guests\": [{\"name\": \"g\","
	     "   \"model\": \"memslots\", \"strategy\": \"sequential\", \"vcpus\": 1,"
	     "   \"memory\": \"2GiB\", \"slot\": \"1GiB\", \"creates\": 2, \"deletes\": 1,"
	     "   \"resident\": 0.5, \"hotplug\": \"all\"}],"
	     " \"events\": [{\"at\": \"1s\", \"do\": \"update\", \"guests\": \"g\"}],"
	     " \"experiment\": {\"until\": \"1min\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_int_equal(counter_of(simulation, "guest.online_page"), PAGES_1G);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_too_much, tidy),
		cmocka_unit_test_teardown(test_just_enough, tidy),
		cmocka_unit_test_teardown(test_memmap_on_memory, tidy),
		cmocka_unit_test_teardown(test_full_host, tidy),
		cmocka_unit_test_teardown(test_which_slots, tidy),
		cmocka_unit_test_teardown(test_replaced, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
