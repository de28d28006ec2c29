/* TDX: the key goes back before or after the pages; what happens when it cannot. */

#include "scenario_run.h"

#define KILL "{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}"

enum { PAGES_4G = 4 << 18 };

static struct simulation *run(const char *strategy, const char *keys)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"1TiB\"},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"tdx\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"4GiB\", \"resident\": 1 %s}], \"events\": [" KILL
	     "], \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     strategy, keys);
	return simulate(&scenario, 0);
}

/* Every page is reclaimed once, whatever the order; only some pay for removal and clearing. */
static void test_strategies(void **state)
{
	static const struct {
		const char *name;
		int removed, cleared;
	} rows[] = { { "remove-while-runnable", PAGES_4G, PAGES_4G },
		     { "terminate-first", 0, PAGES_4G },
		     { "terminate-first-no-clear", 0, 0 } };
	int64_t slower = INT64_MAX;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct simulation *simulation = run(rows[i].name, "");
		int64_t latency = observation(simulation, "shutdown.latency", 0);

		assert_int_equal(counter_of(simulation, "tdx.reclaim_page"), PAGES_4G);
		assert_int_equal(counter_of(simulation, "tdx.remove_page"), rows[i].removed);
		assert_int_equal(counter_of(simulation, "tdx.clear_page"), rows[i].cleared);
		assert_int_equal(counter_of(simulation, "pages.lost"), 0);
		/* nothing lingers: the exit is the teardown */
		assert_int_equal(observation(simulation, "teardown.latency", 0), latency);
		assert_int_equal(observation(simulation, "limbo.peak", 0), 4LL << 30);
		assert_true(latency < slower);
		slower = latency;
		done(simulation);
	}
}

/* A vCPU inside KVM_RUN: termination is refused, and the slow way is taken. */
static void test_busy(void **state)
{
	struct simulation *simulation = run("remove-while-runnable", "");
	int64_t slow = observation(simulation, "shutdown.latency", 0);

	(void)state;
	done(simulation);
	simulation = run("terminate-first", ", \"vcpu_running\": 1");
	assert_int_equal(total_of(simulation, "fallbacks"), 1);
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(observation(simulation, "shutdown.latency", 0), slow);
	done(simulation);
}

/* A page whose reclaim fails stays the module's: it is lost for the host. */
static void test_lost_pages(void **state)
{
	struct simulation *simulation =
		run("terminate-first", ", \"faults\": [{\"step\": \"tdh_phymem_page_reclaim\","
				       " \"call\": 1000}]");

	(void)state;
	assert_int_equal(counter_of(simulation, "pages.lost"), 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strategies),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_lost_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
