/* Memslots: grace periods to the nanosecond, the window, and the RFC's defects. */

#include <math.h>

#include "fixture.h"

static const char guest_format[] =
	"{\"host\": {\"cores\": 8, \"memory\": \"64GiB\"},"
	" \"costs\": [{\"srcu.grace_period\": {\"mean\": \"1ms\", \"cv\": 0,"
	"   \"range\": [\"1ms\", \"1ms\"], \"status\": \"assumed\", \"source\": \"round\"}}],"
	" \"guests\": [{\"name\": \"g\", \"model\": \"memslots\", \"memory\": \"8GiB\","
	"   \"resident\": 0.5, \"slot\": \"8MiB\", \"vcpus\": 4,%s %s}],"
	" \"events\": [{\"at\": \"1s\", \"every\": \"10s\", \"times\": 2, \"do\": \"update\","
	"   \"guests\": \"g\"}],"
	" \"experiment\": {\"until\": \"1min\", \"spread\": false, \"seed\": %d}}";

static struct scenario scenario;

static struct simulation *run(const char *keys, int seed)
{
	load(&scenario, guest_format,
	     strstr(keys, "strategy") ? "" : "\"strategy\": \"sequential\",", keys, seed);
	return simulate(&scenario, 0);
}

static void done(struct simulation *simulation)
{
	simulation_free(simulation);
	scenario_fini(&scenario);
}

static int64_t update_ns(const char *keys)
{
	struct simulation *simulation = run(keys, 1);
	int64_t latency = observation(simulation, "update.latency", 0);

	done(simulation);
	return latency;
}

enum {
	MS = 1000000,
	SET = 26000,
	PAGES = 1024,
	ZAP = 20,
	REFAULT = 1000,
	KICK = 10000,
	LOCK_NS = 50
};

/* n removals, m additions: 2 n + m swaps one by one; n + 1 in the batch; 2 with one swap. */
static void test_swaps(void **state)
{
	static const int slots[] = { 2, 20, 200 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		int64_t n = slots[i], work = n * (SET + PAGES * (ZAP + REFAULT)) + n * SET;
		char keys[200];

		snprintf(keys, sizeof(keys), "\"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys), 3 * n * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"batch\", \"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys), (n + 1) * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"one-swap-batch\", \"creates\": %d, \"deletes\": %d",
			 slots[i], slots[i]);
		assert_int_equal(update_ns(keys), 2 * MS + work);
		snprintf(keys, sizeof(keys),
			 "\"strategy\": \"inhibit\", \"creates\": %d, \"deletes\": %d", slots[i],
			 slots[i]);
		assert_int_equal(update_ns(keys), 3 * n * MS + work + 4 * KICK + 12 * LOCK_NS);
	}
}

/* A reader that is there when the first grace period begins lengthens only that one. */
static void test_reader(void **state)
{
	int64_t plain = update_ns("\"creates\": 1, \"deletes\": 1");
	int64_t read = update_ns("\"creates\": 1, \"deletes\": 1, \"reader_hold\": \"130ms\"");
	int64_t brief = update_ns("\"creates\": 1, \"deletes\": 1, \"reader_hold\": \"0.5ms\"");

	(void)state;
	assert_int_equal(brief, plain);
	assert_int_equal(read - plain, 130 * MS - MS - SET);
}

static void test_notifier(void **state)
{
	(void)state;
	assert_int_equal(update_ns("\"creates\": 1, \"deletes\": 0, \"notifier_hold\": \"5ms\"") -
				 update_ns("\"creates\": 1, \"deletes\": 0"),
			 5 * MS);
}

/* The window kills by chance 1 - exp(-rate * share * vCPUs * exposed time). */
static void test_window(void **state)
{
	static const char keys[] = "\"architecture\": \"arm64\", \"access_rate\": \"1000/s\","
				   " \"fetch_share\": 0.1, \"creates\": 1, \"deletes\": 1%s";
	char text[300];
	int died = 0, runs = 400;
	double exposed = 1e-9 * (PAGES * ZAP + MS + MS + SET);
	double expected = 1 - exp(-1000 * 0.1 * 4 * exposed), deviation;

	(void)state;
	snprintf(text, sizeof(text), keys, "");
	for (int seed = 1; seed <= runs; seed++) {
		struct simulation *simulation = run(text, seed);

		died += metric_of(simulation, "update.latency")->count == 0;
		done(simulation);
	}
	deviation = sqrt(expected * (1 - expected) / runs);
	assert_true(fabs((double)died / runs - expected) < 4 * deviation);
	for (int seed = 1; seed <= 20; seed++) { /* x86 retries on an invalid slot */
		struct simulation *simulation =
			run("\"access_rate\": \"1000000/s\", \"fetch_share\": 1,"
			    " \"strategy\": \"batch\"",
			    seed);

		assert_int_equal(metric_of(simulation, "update.latency")->count, 2);
		done(simulation);
	}
}

static void judge_fault(const char *step, const char *failure, size_t updates, int64_t unfinished,
			int64_t leaked, bool dead)
{
	char keys[300];
	struct simulation *simulation;

	snprintf(keys, sizeof(keys),
		 "\"strategy\": \"batch\", \"faults\": [{\"step\": \"%s\", \"call\": 1}]", step);
	simulation = run(keys, 1);
	assert_int_equal(observation(simulation, failure, 0), 1);
	assert_int_equal(metric_of(simulation, "update.latency")->count, updates);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), unfinished);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), leaked);
	assert_int_equal(metric_of(simulation, "shutdown.latency")->count, dead);
	done(simulation);
}

/* What review found on the error paths of patch 9/9. */
static void test_defects(void **state)
{
	(void)state;
	judge_fault("kcalloc", "failures.ENOMEM", 0, 0, 0, true);
	judge_fault("m_iter->slot", "failures.EINVAL", 0, 1, 0, false);
	judge_fault("b_iter->change", "failures.EINVAL", 0, 1, 0, false);
	judge_fault("kvm_prepare_memory_region", "failures.ENOMEM", 1, 0, 192, false);
}

/* A plain ioctl whose preparation fails swaps back: two grace periods, no memory lost. */
static void test_revert(void **state)
{
	struct simulation *simulation =
		run("\"faults\": [{\"step\": \"kvm_prepare_memory_region\", \"call\": 1}]", 1);

	(void)state;
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), 1);
	assert_int_equal(metric_of(simulation, "update.latency")->count, 1);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	assert_int_equal(counter_of(simulation, "srcu.grace_period"), 2 + 4);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_swaps),    cmocka_unit_test(test_reader),
		cmocka_unit_test(test_notifier), cmocka_unit_test(test_window),
		cmocka_unit_test(test_defects),  cmocka_unit_test(test_revert),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
