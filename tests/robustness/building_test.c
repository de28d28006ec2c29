/*
 * A simulation whose building or run lacks memory once, wherever that is, is none: what failed is
 * told at once, and not by who misses it later.
 */

#include "failing_allocator.h"

#include "repeat/warm_up.h"

/* Guests with faults, locks and events of each kind; VMs of a fleet would say the same of their own. */
static const char text[] =
	"{\"guests\": [{\"name\": \"a\", \"strategy\": \"async\", \"memory\": \"3GiB\", \"count\": "
	"2},"
	" {\"name\": \"b\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\","
	" \"faults\": [{\"step\": \"guest memory\", \"probability\": 0.5}]}],"
	" \"events\": [{\"do\": \"reboot\", \"guests\": \"a\", \"concurrency\": 1}, "
	" {\"do\": \"reboot\", \"guests\": \"a\", \"at\": \"1min\", \"rate\": \"1/min\"}, "
	" {\"do\": \"start\", \"guests\": \"b\", \"every\": \"1min\", \"times\": 3},"
	" {\"do\": \"kill\", \"guests\": \"b\", \"at\": \"90s\"}%s],"
	" \"experiment\": {\"until\": \"5min\", \"seed\": 3}}";

static void test_building(void **state)
{
	struct scenario scenario;
	char events[8192] = "";
	bool failed = true;
	size_t allocation;

	(void)state;
	for (size_t i = 0, used = 0; i < 100; i++) /* so many that tables of events grow */
		used += (size_t)snprintf(
			events + used, sizeof(events) - used,
			", {\"do\": \"kill\", \"guests\": \"b\", \"at\": \"4min\"}");
	load(&scenario, text, events);
	for (allocation = 1; failed; allocation++) {
		struct error error = { 0 };
		struct simulation *simulation;
		bool built, ran = false;

		countdown = allocation;
		failures = 0;
		simulation = simulation_new(&scenario.simulation, &error);
		built = simulation != NULL;
		failed = failures > 0;
		if (built == failed || (error.kind == ERROR_MEMORY) != failed)
			fail_msg("allocation %zu fails: %s is built, \"%s\"", allocation,
				 built ? "a simulation" : "nothing", error.message);
		if (built) {
			ran = simulation_run(simulation, 0, &error);
			failed = failures > 0;
		}
		countdown = 0;
		if (built && ran == failed)
			fail_msg("allocation %zu fails: it runs %s", allocation,
				 ran ? "on" : error.message);
		simulation_free(simulation);
	}
	assert_true(allocation > 100);
	scenario_fini(&scenario);
}

/* The pilots of a warm-up, which find too few observations here, if they have the memory to see that. */
static void test_pilots(void **state)
{
	static const struct setting settings[] = {
		{ .text = "/events/0/rate", .value = "\"0.2/s\"" },
		{ .text = "/experiment/until", .value = "\"60s\"" },
	};
	static const struct replicate_options options = { .threads = 1 };
	struct scenario scenario;
	bool failed = true;

	(void)state;
	assert_true(scenario_load(&scenario, SOURCE_DIR "/scenarios/theory/mm1.json", settings, 2,
				  NULL, &(struct error){ 0 }));
	for (size_t allocation = 1; failed; allocation++) {
		struct error error = { 0 };

		countdown = allocation;
		failures = 0;
		assert_false(warm_up_find(&scenario, &options, &error));
		failed = failures > 0;
		countdown = 0;
		assert_int_equal(error.kind, failed ? ERROR_MEMORY : ERROR_INPUT);
	}
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_building),
		cmocka_unit_test(test_pilots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
