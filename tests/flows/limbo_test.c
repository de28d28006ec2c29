/* Memory of dead generations: what of it the host needs room for, and what a reboot takes over. */

#include "scenario_run.h"

#define AT(at, what) "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"

static const int64_t gib = (int64_t)1 << 30;

static struct simulation *run(const char *guest, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\", \"features\": [\"misc_uv\"]}, "
	     "\"guests\": [{\"name\": \"g\", \"vcpus\": 4, \"memory\": \"64GiB\", %s}], "
	     "\"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     guest, events);
	return simulate(&scenario, 0);
}

/* A page goes at its end, not bit by bit: it is in limbo as long as its release takes. */
static void test_one_page(void **state)
{
	struct simulation *simulation;
	const int64_t exit_ns = 1000000, page_ns = 999000000;

	(void)state;
	load(&scenario, "%s",
	     "{\"host\": {\"cores\": 8, \"memory\": \"1GiB\"}, \"costs\": [{\"mm.free_4k\": "
	     "{\"mean\": "
	     "\"999ms\", \"range\": [\"1ms\", \"1s\"]}, \"kvm.destroy_vm\": {\"mean\": \"1us\", "
	     "\"range\": "
	     "[\"1us\", \"1us\"]}}], \"guests\": [{\"name\": \"g\", \"model\": \"kvm\", "
	     "\"strategy\": \"exit\", "
	     "\"memory\": \"4KiB\", \"resident\": 1}], \"events\": [{\"do\": \"kill\", \"guests\": "
	     "\"g\"}], "
	     "\"experiment\": {\"until\": \"1s\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_int_equal(observation(simulation, "limbo.mean", 0),
			 (4096 * (exit_ns + page_ns) + 500000000) / 1000000000);
	done(simulation);
}

/* Pages stay where they are and become the successor's; what was donated to the dead does not. */
static void test_reboot_in_place(void **state)
{
	static const char *const strategies[] = { "sync", "async", "lazy" };
	char guest[256];

	(void)state;
	for (int s = 0; s < 3; s++) {
		struct simulation *simulation;
		int64_t limbo, held, growth;

		snprintf(guest, sizeof(guest),
			 "\"model\": \"s390-pv\", \"strategy\": \"%s\", \"resident\": 1",
			 strategies[s]);
		simulation = run(guest, AT("1s", "reboot"));
		limbo = observation(simulation, "limbo.peak", 0);
		held = observation(simulation, "limbo.held.peak", 0);
		growth = observation(simulation, "memory.in_use.peak", 0);
		done(simulation);
		simulation = run(guest, AT("2h", "reboot"));
		growth -= observation(simulation, "memory.in_use.peak", 0);
		done(simulation);
		assert_true(limbo >= 64 * gib);
		assert_int_equal(held, limbo - 64 * gib);
		assert_in_range(growth, 0, held);
	}
}

/* Nobody takes over the memory of a process that is gone. */
static void test_end_of_a_process(void **state)
{
	static const char *const guests[] = {
		"\"model\": \"kvm\", \"strategy\": \"exit\"",
		"\"model\": \"kvm\", \"strategy\": \"async-teardown\"",
		"\"model\": \"s390-pv\", \"strategy\": \"lazy\"",
		"\"model\": \"sev\", \"strategy\": \"upfront\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
		struct simulation *simulation =
			run(guests[i], AT("1s", "kill") "," AT("2s", "start"));

		assert_int_equal(observation(simulation, "limbo.held.peak", 0),
				 observation(simulation, "limbo.peak", 0));
		done(simulation);
	}
}

/* What a reboot had left to its successor is nobody's when that one is killed, too. */
static void test_killed_after_a_reboot(void **state)
{
	static const char *const guest =
		"\"model\": \"s390-pv\", \"strategy\": \"async\", \"resident\": 1";
	struct simulation *simulation = run(guest, AT("1s", "reboot"));
	int64_t rebooted = observation(simulation, "limbo.held.peak", 0), killed;

	(void)state;
	done(simulation);
	simulation = run(guest, AT("1s", "reboot") "," AT("10s", "kill"));
	killed = observation(simulation, "limbo.held.peak", 0);
	assert_in_range(rebooted, 1, gib);
	assert_in_range(killed, 30 * gib, observation(simulation, "limbo.peak", 0));
	done(simulation);
}

static void keep_most(void *data, int64_t at_ns, int64_t bytes)
{
	int64_t *most = data;

	(void)at_ns;
	if (bytes > *most)
		*most = bytes;
}

/* Who watches memory in use is told of what all guests have, the dead ones' included. */
static void test_told(void **state)
{
	int64_t in_use = 0, limbo = 0;
	struct observer observer = { .data = &in_use, .in_use = keep_most };
	struct simulation *simulation;
	struct error error = { 0 };

	(void)state;
	load(&scenario, "%s",
	     "{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"}, \"guests\": [{\"name\": \"g\", "
	     "\"model\": \"kvm\", \"strategy\": \"exit\", \"count\": 3, \"memory\": \"4GiB\", "
	     "\"resident\": 1}], \"events\": [" AT(
		     "1s", "kill") "], "
				   "\"experiment\": {\"until\": \"1h\", \"spread\": false}}");
	simulation = simulation_new(&scenario.simulation, &error);
	assert_non_null(simulation);
	simulation_observe(simulation, &observer);
	assert_true(simulation_run(simulation, 0, &error));
	assert_int_equal(in_use, observation(simulation, "memory.in_use.peak", 0));
	assert_in_range(in_use, 12 * gib, 13 * gib);
	observer = (struct observer){ .data = &limbo, .limbo = keep_most };
	simulation_observe(simulation, &observer);
	assert_true(simulation_run(simulation, 0, &error));
	assert_int_equal(limbo, observation(simulation, "limbo.peak", 0));
	assert_in_range(limbo, 12 * gib, 13 * gib);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_page),
		cmocka_unit_test(test_reboot_in_place),
		cmocka_unit_test(test_end_of_a_process),
		cmocka_unit_test(test_killed_after_a_reboot),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
