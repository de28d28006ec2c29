/* What one guest does on all cores, and what the others lose by it. */

#include "fixture.h"

#include "flow/runtime.h"
#include "one_run.h"

#define COST(name_, mean_)                                                                         \
	"{\"" name_ "\": {\"mean\": \"" mean_ "\", \"cv\": 0, \"range\": [\"" mean_ "\", \"" mean_ \
	"\"], \"status\": \"assumed\", \"source\": \"round\"}}"

/* `gpu` deletes a slot at 1 s and every 2 s; `db` is killed: 1 ms of do_exit, and pages. */
static const char noise_format[] =
	"{\"host\": {\"cores\": %d, \"memory\": \"64GiB\"}, \"costs\": ["
	" " COST("srcu.grace_period", "1ms") "," COST(
		"kvm.set_region",
		"10us") ","
			" " COST("kvm.zap_all_cores", "8ms") "," COST(
				"mm.free_4k",
				"100ns") "],"
					 " \"guests\": [{\"name\": \"gpu\", \"model\": "
					 "\"memslots\", \"strategy\": \"%s\","
					 "   \"vcpus\": 1, \"memory\": \"1GiB\", \"resident\": 1, "
					 "\"creates\": 0, \"deletes\": 1,"
					 "   \"count\": %d, \"slot\": \"64MiB\", \"zap\": \"%s\"},"
					 "  {\"name\": \"db\", \"model\": \"kvm\", \"strategy\": "
					 "\"exit\", \"vcpus\": 1,"
					 "   \"memory\": \"1GiB\", \"resident\": 1}],"
					 " \"events\": [{\"at\": \"1s\", \"every\": \"2s\", "
					 "\"times\": 2, \"do\": \"update\","
					 "   \"guests\": \"gpu\"}, {\"at\": \"1s\", \"do\": "
					 "\"kill\", \"guests\": \"db\"}],"
					 " \"experiment\": {\"until\": \"10s\", \"spread\": false "
					 "%s}}";

enum { MS = 1000000, PAGES_1G = 1 << 18 };

/* do_exit, the pages, kvm_destroy_vm. */
static const int64_t exit_ns = MS + PAGES_1G * 100 + 5 * MS;

static void run(int cores, const char *strategy, int count, const char *zap, const char *more)
{
	load(&scenario, noise_format, cores, strategy, count, zap, more);
	simulation = simulate(&scenario, 0);
}

/* The n-th observation of that group's metric. */
static int64_t observed(const char *group, const char *name, size_t n)
{
	for (size_t i = 0; i < simulation->metric_count; i++) {
		const struct metric *metric = &simulation->metrics[i];

		if (strcmp(metric->group, group) == 0 && strcmp(metric->name, name) == 0 &&
		    n < metric->count)
			return metric->samples[n];
	}
	fail_msg("%s of %s has no observation %zu", name, group, n);
	return 0;
}

/* Lost per second until the last update has ended. */
static void assert_lost(int64_t lost_ns)
{
	double seconds = (double)simulation->engine.now_ns * 1e-9;

	assert_true(llabs(observed("host", "neighbour.slowdown", 0) -
			  (int64_t)((double)lost_ns / seconds)) <= 1);
}

static void test_sync(void **state)
{
	(void)state;
	run(8, "sequential", 1, "sync", "");
	assert_lost(0);
	assert_int_equal(observed("db", "shutdown.latency", 0), exit_ns);
}

/* On however many cores: workers have them all, an exit next door stands still. */
static void test_async(void **state)
{
	static const int cores[] = { 2, 8, 64 };

	for (size_t i = 0; i < 3; i++) {
		run(cores[i], "sequential", 1, "async", "");
		assert_lost(2 * 8 * MS);
		assert_int_equal(observed("db", "shutdown.latency", 0), exit_ns + 8 * MS);
		assert_int_equal(observed("gpu", "update.latency", 0), 2 * MS + 10000 + 8 * MS);
		assert_int_equal(counter_of(simulation, "kvm.zap_all_cores"), 2);
		tidy(state);
	}
}

/* Two at one time share the cores: both end when the work of both is done. */
static void test_together(void **state)
{
	(void)state;
	run(8, "sequential", 2, "async", "");
	assert_lost(2 * 2 * 8 * MS);
	assert_int_equal(observed("gpu", "update.latency", 0), 2 * MS + 10000 + 16 * MS);
	assert_int_equal(observed("gpu", "update.latency", 1), 2 * MS + 10000 + 16 * MS);
	assert_int_equal(observed("db", "shutdown.latency", 0), exit_ns + 16 * MS);
}

/* A list zaps behind each removal of its first pass; with one swap behind them all. */
static void test_lists(void **state)
{
	(void)state;
	run(8, "batch", 1, "async", "");
	assert_lost(2 * 8 * MS);
	tidy(state);
	run(8, "one-swap-batch", 1, "async", "");
	assert_lost(2 * 8 * MS);
}

/* Of what is not observed nothing counts: the second update alone, over the time from 2 s on. */
static void test_warm_up(void **state)
{
	double seconds;

	(void)state;
	run(8, "sequential", 1, "async", ", \"warm_up\": \"2s\"");
	seconds = (double)simulation->engine.now_ns * 1e-9 - 2;
	assert_true(llabs(observed("host", "neighbour.slowdown", 0) -
			  (int64_t)(8 * MS / seconds)) <= 1);
}

/* Threads that have to share cores lose by each other: 3 on 2 cores a third of their time. */
static void test_crowd(void **state)
{
	(void)state;
	load(&scenario,
	     "{\"host\": {\"cores\": 2, \"memory\": \"64GiB\"}, \"costs\": ["
	     " " COST("mm.free_4k",
		      "100ns") "],"
			       " \"guests\": [{\"name\": \"db\", \"model\": \"kvm\", \"strategy\": "
			       "\"exit\","
			       "   \"vcpus\": 1, \"memory\": \"1GiB\", \"resident\": 1, \"count\": "
			       "3}],"
			       " \"events\": [{\"at\": \"1s\", \"do\": \"kill\", \"guests\": "
			       "\"db\"}],"
			       " \"experiment\": {\"until\": \"10s\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_lost(observed("db", "shutdown.latency", 0) / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sync, tidy),
		cmocka_unit_test_teardown(test_async, tidy),
		cmocka_unit_test_teardown(test_together, tidy),
		cmocka_unit_test_teardown(test_lists, tidy),
		cmocka_unit_test_teardown(test_warm_up, tidy),
		cmocka_unit_test_teardown(test_crowd, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
