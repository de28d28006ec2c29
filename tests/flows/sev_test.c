/* SEV: what pinning costs where, and what happens when something fails. */

#include "scenario_run.h"

#include <math.h>

#include "flow/memory.h"

static const char guest_format[] =
	"{\"host\": {\"cores\": 32, \"memory\": \"2TiB\", \"features\": [%s]},"
	" \"guests\": [{\"name\": \"g\", \"model\": \"sev\", \"vcpus\": 4,"
	"   \"page_size\": \"2MiB\", %s %s}],"
	" \"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}";

#define START    "{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}"
#define COHERENT "\"sme_coherent\""

static struct simulation *run(const char *features, const char *keys, const char *events)
{
	load(&scenario, guest_format, features,
	     strstr(keys, "strategy") ? "" : "\"strategy\": \"upfront\",", keys, events);
	return simulate(&scenario, 0);
}

static int64_t start_ns(const char *features, const char *keys)
{
	struct simulation *simulation = run(features, keys, START);
	int64_t latency = observation(simulation, "start.latency", 0);

	done(simulation);
	return latency;
}

/* Zeroing and pinning move off the start; what is left grows far more slowly. */
static void test_growth(void **state)
{
	int64_t upfront = start_ns(COHERENT, "\"memory\": \"192GiB\"") -
			  start_ns(COHERENT, "\"memory\": \"64GiB\"");
	int64_t demand =
		start_ns(COHERENT, "\"strategy\": \"demand-longterm\", \"memory\": \"192GiB\"") -
		start_ns(COHERENT, "\"strategy\": \"demand-longterm\", \"memory\": \"64GiB\"");

	(void)state;
	assert_true(upfront > 15 * demand);
	assert_true(demand > 0);
}

/* One line flush of 230 ns for each 4 KiB, and nothing else, without SME_COHERENT. */
static void test_clflush(void **state)
{
	int64_t difference =
		start_ns("", "\"memory\": \"64GiB\"") - start_ns(COHERENT, "\"memory\": \"64GiB\"");

	(void)state;
	assert_int_equal(difference, (64LL << 18) * 230);
}

/* 16 threads share the zeroing exactly: 2048 pages of 2 MiB each, in each other's way. */
static void test_preallocation(void **state)
{
	struct simulation *simulation =
		run(COHERENT, "\"memory\": \"64GiB\", \"prealloc_threads\": 16", START);
	int64_t latency = observation(simulation, "start.latency", 0);
	int64_t without;

	(void)state;
	assert_int_equal(counter_of(simulation, "mm.zero_2m"), 32768);
	done(simulation);
	without = start_ns(COHERENT, "\"memory\": \"64GiB\"");
	/* 30720 pages less to zero one after another, and one thread's start more */
	assert_int_equal(without - latency, 30720LL * (171300 + 600) - 50000 - 2048LL * 15 * 4000);
}

static void test_memlock(void **state)
{
	static const char keys[] =
		"\"memory\": \"4GiB\", \"cap_ipc_lock\": false, \"memlock_limit\": \"64KiB\"";
	struct simulation *simulation = run(COHERENT, keys, START);
	char january[256];

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 0);
	assert_int_equal(counter_of(simulation, "mm.pin_2m"), 0);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	done(simulation);
	/* The proposal of January forgot the check; that of March has it. */
	snprintf(january, sizeof(january), "\"strategy\": \"demand\", %s", keys);
	simulation = run(COHERENT, january, START);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	done(simulation);
	snprintf(january, sizeof(january), "\"strategy\": \"demand-longterm\", %s", keys);
	simulation = run(COHERENT, january, START);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	done(simulation);
}

/* The seed thread: a long-term pin must migrate, which an extra reference forbids. */
static void test_extra_reference(void **state)
{
	static const char keys[] = "\"memory\": \"4GiB\", \"movable\": 0.5, \"extra_reference\": 1";
	char text[256];
	struct simulation *simulation;

	(void)state;
	snprintf(text, sizeof(text), "\"strategy\": \"demand-longterm\", %s", keys);
	simulation = run(COHERENT, text, START);
	assert_int_equal(total_of(simulation, "failures.EFAULT"), 1);
	done(simulation);
	snprintf(text, sizeof(text), "\"longterm\": true, %s", keys);
	simulation = run(COHERENT, text, START);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	/* All or nothing: every page was pinned in vain and unpinned again, then freed. */
	assert_int_equal(counter_of(simulation, "mm.pin_2m"), 2048);
	assert_int_equal(counter_of(simulation, "mm.put_2m"), 2048);
	assert_int_equal(counter_of(simulation, "mm.unpin_2m"), 2048);
	assert_int_equal(counter_of(simulation, "mm.migrate_page"), 0);
	done(simulation);
	simulation =
		run(COHERENT, keys, START); /* upstream before 2025: pins stay where they are */
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
}

static void test_migration(void **state)
{
	int64_t difference =
		start_ns(COHERENT, "\"memory\": \"4GiB\", \"longterm\": true, \"movable\": 0.25") -
		start_ns(COHERENT, "\"memory\": \"4GiB\"");

	(void)state;
	assert_int_equal(difference, (1LL << 18) * 2000);
}

/* On demand only what is touched is pinned: 640 huge pages by the boot, the rest later. */
static void test_migration_on_demand(void **state)
{
	static const char keys[] = "\"strategy\": \"demand-longterm\", \"memory\": \"64GiB\","
				   "\"resident\": 0.8, \"movable\": 0.5%s";
	char slow[256];
	struct simulation *simulation;

	(void)state;
	snprintf(slow, sizeof(slow), keys, ", \"workload_rate\": \"1B/s\"");
	simulation = run(COHERENT, slow, START);
	assert_int_equal(observation(simulation, "start.latency", 0), 6151798400 + 163840LL * 2000);
	assert_int_equal(counter_of(simulation, "mm.migrate_page"), 163840);
	done(simulation);
	snprintf(slow, sizeof(slow), keys, "");
	simulation = run(COHERENT, slow, START);
	assert_int_equal(counter_of(simulation, "mm.migrate_page"), 26214 * 256);
	done(simulation);
}

/* One page in 100000 has another reference: of 163840 that the boot migrates one is enough. */
static void test_failure_per_pin(void **state)
{
	enum { RUNS = 1000 };
	double failed = 0, expected = -expm1(163840 * log1p(-1e-5));
	struct error error = { 0 };
	struct simulation *simulation;

	(void)state;
	load(&scenario, guest_format, COHERENT, "\"strategy\": \"demand-longterm\",",
	     "\"memory\": \"64GiB\", \"movable\": 0.5, \"extra_reference\": 1e-5", START);
	simulation = simulation_new(&scenario.simulation, &error);
	for (uint32_t i = 0; i < RUNS; i++) {
		assert_true(simulation_run(simulation, i, &error));
		failed += (double)total_of(simulation, "failures.EFAULT");
	}
	assert_true(fabs(failed / RUNS - expected) < 0.05); /* 4 standard deviations */
	done(simulation);
}

/* January's fault holds a reference when FOLL_LONGTERM would have to migrate. */
static void test_longterm_in_january(void **state)
{
	static const char keys[] =
		"\"strategy\": \"demand\", \"memory\": \"4GiB\", \"longterm\": %s, \"movable\": %s";
	char text[256];
	struct simulation *simulation;

	(void)state;
	snprintf(text, sizeof(text), keys, "true", "0.01");
	simulation = run(COHERENT, text, START);
	assert_int_equal(total_of(simulation, "failures.EFAULT"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 0);
	done(simulation);
	snprintf(text, sizeof(text), keys, "false", "0.01"); /* the pages stay where they are */
	simulation = run(COHERENT, text, START);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	assert_int_equal(counter_of(simulation, "mm.migrate_page"), 0);
	done(simulation);
	snprintf(text, sizeof(text), keys, "true", "0");
	assert_int_equal(start_ns(COHERENT, text),
			 start_ns(COHERENT, "\"strategy\": \"demand\", \"memory\": \"4GiB\""));
}

/* Half of the 640 pages fault again: fault, put of the old page, pin of the new one. */
static void test_repinned(void **state)
{
	static const char keys[] = "\"strategy\": \"%s\", \"memory\": \"64GiB\","
				   "\"workload_rate\": \"1B/s\", \"repinned\": %s";
	char never[256], half[256];
	int64_t anew = 320 * (600 + 5350 + 5740);

	(void)state;
	snprintf(never, sizeof(never), keys, "demand-longterm", "0");
	snprintf(half, sizeof(half), keys, "demand-longterm", "0.5");
	assert_int_equal(start_ns(COHERENT, half) - start_ns(COHERENT, never), anew);
	assert_int_equal(start_ns("", half) - start_ns("", never), anew + 163840 * 230);
	snprintf(never, sizeof(never), keys, "demand", "0");
	snprintf(half, sizeof(half), keys, "demand", "0.5");
	assert_int_equal(start_ns(COHERENT, half) - start_ns(COHERENT, never),
			 anew + 163840 * (5 + 230));
}

static void test_slot_limit(void **state)
{
	struct simulation *simulation =
		run(COHERENT,
		    "\"strategy\": \"demand\", \"memory\": \"1TiB\", \"slot_limit\": true", START);

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	done(simulation);
}

/* Four ASIDs: the fifth guest is refused, and served after a flush when one has left. */
static void test_asids(void **state)
{
	static const char *const events =
		START ", {\"at\": \"2min\", \"do\": \"kill\", \"guests\": \"g\"},"
		      "{\"at\": \"4min\", \"do\": \"start\", \"guests\": \"g\"}";
	struct simulation *simulation =
		run(COHERENT, "\"memory\": \"1GiB\", \"count\": 5, \"asids\": 4", events);

	(void)state;
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 2);
	assert_int_equal(times_done(simulation, "start.latency"), 8);
	assert_int_equal(counter_of(simulation, "psp.df_flush"), 1);
	assert_int_equal(total_of(simulation, "failures.ESRCH"), 1); /* the fifth was not there */
	done(simulation);
}

/* A DECOMMISSION that fails loses the ASID, not the memory. */
static void test_leaked_asid(void **state)
{
	static const char *const events =
		START ", {\"at\": \"2min\", \"do\": \"reboot\", \"guests\": \"g\"}";
	static const char keys[] = "\"memory\": \"1GiB\", \"es\": true, \"asids\": 1%s";
	char text[256];
	struct simulation *simulation;

	(void)state;
	snprintf(text, sizeof(text), keys,
		 ", \"faults\": [{\"step\": \"psp.decommission\", \"call\": 1}]");
	simulation = run(COHERENT, text, events);
	assert_int_equal(total_of(simulation, "fallbacks"), 1);
	assert_int_equal(total_of(simulation, "failures.EIO"), 1);
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 0);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	done(simulation);
	snprintf(text, sizeof(text), keys, "");
	simulation = run(COHERENT, text, events);
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	done(simulation);
}

/* Concurrent launches share one PSP: the last firmware page of all ends together. */
static void test_psp_queue(void **state)
{
	struct simulation *simulation = run(COHERENT, "\"memory\": \"1GiB\", \"count\": 10", START);
	int64_t ten = observation(simulation, "start.latency", 9);
	int64_t commands = 4000000 + 500000 + 1024LL * 480000 + 460000 + 500000;
	int64_t one;

	(void)state;
	done(simulation);
	one = start_ns(COHERENT, "\"memory\": \"1GiB\"");
	assert_true(llabs(ten - one - 9 * commands) < 1000);
}

/* No reschedule point inside a region: the whole unpinning is one slice. */
static void test_slice(void **state)
{
	struct simulation *simulation =
		run(COHERENT, "\"memory\": \"64GiB\"",
		    "{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}");

	(void)state;
	assert_true(observation(simulation, "slice.max", 0) >= 32768 * 5350);
	assert_int_equal(observation(simulation, "limbo.peak", 0), (64LL << 30) + (64LL << 18) * 8);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),          cmocka_unit_test(test_clflush),
		cmocka_unit_test(test_preallocation),   cmocka_unit_test(test_memlock),
		cmocka_unit_test(test_extra_reference), cmocka_unit_test(test_migration),
		cmocka_unit_test(test_slot_limit),      cmocka_unit_test(test_asids),
		cmocka_unit_test(test_leaked_asid),     cmocka_unit_test(test_psp_queue),
		cmocka_unit_test(test_slice),           cmocka_unit_test(test_migration_on_demand),
		cmocka_unit_test(test_failure_per_pin), cmocka_unit_test(test_longterm_in_january),
		cmocka_unit_test(test_repinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
