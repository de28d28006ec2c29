/* TDX: how a TD is built; the key goes back before or after the pages, and when it cannot. */

#include "scenario_run.h"

#include "flow/memory.h"

#define KILL "{\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}"

enum { PAGES_4G = 4 << 18 };
/* Tables of the secure EPT, the TD's root and control structure, and what four vCPUs have. */
enum { TABLES_4G = PAGES_4G / 512, CONTROL_PAGES = 1 + 6 + 4 * 6 };
enum { ALL_4G = PAGES_4G + TABLES_4G + CONTROL_PAGES };

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
	} rows[] = { { "remove-while-runnable", PAGES_4G, ALL_4G },
		     { "terminate-first", 0, ALL_4G },
		     { "terminate-first-no-clear", 0, 0 } };
	int64_t slower = INT64_MAX;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct simulation *simulation = run(rows[i].name, "");
		int64_t latency = observation(simulation, "shutdown.latency", 0);

		assert_int_equal(counter_of(simulation, "tdx.reclaim_page"), ALL_4G);
		assert_int_equal(counter_of(simulation, "tdx.remove_page"), rows[i].removed);
		assert_int_equal(counter_of(simulation, "tdx.clear_page"), rows[i].cleared);
		assert_int_equal(counter_of(simulation, "pages.lost"), 0);
		/* nothing lingers: the exit is the teardown, but for do_exit itself */
		assert_int_equal(observation(simulation, "teardown.latency", 0), latency - 1000000);
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
	assert_int_equal(observation(simulation, "teardown.lossy", 0), 1000000);
	done(simulation);
}

/* --- starts by hand: 4 GiB, 4 vCPUs ----------------------------------------------- */

#define START "{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}"

static struct simulation *start(int vcpus, const char *keys)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 300, \"memory\": \"1TiB\"},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"tdx\", \"vcpus\": %d, \"memory\": "
	     "\"4GiB\","
	     "   \"resident\": 1, \"workload_rate\": \"1B/s\" %s}], \"events\": [" START
	     "], \"experiment\": {\"until\": \"30min\", \"spread\": false}}",
	     vcpus, keys);
	return simulate(&scenario, 0);
}

enum { FIRMWARE_PAGES = 1024, BOOT_PAGES = 320 << 8, COME_PAGES = 54 << 8 };

#define ACCEPT_NS         (6100 + 600 + 335 + 1000LL)
#define TABLES_NS(pages_) ((pages_)*3000LL / 512)
#define FIXED_NS                                                                                   \
	(140000000 + 275000 + PAGES_4G * 60LL + 2000000 + 20000 + 1144000000 + 2750000000LL +      \
	 FIRMWARE_PAGES * (600 + 335 + 6000 + 16 * 2000LL) + TABLES_NS(FIRMWARE_PAGES) +           \
	 86 * 26000 + 129 * 400000)

/* Nothing is accepted by the firmware or for vCPUs: what the boot touches, and per vCPU a TDVPR. */
static void test_start(void **state)
{
	struct simulation *simulation =
		start(4, ", \"firmware_accepts\": \"0B\", \"accept_per_vcpu\": \"0B\","
			 " \"bounce_buffers\": 0");

	(void)state;
	assert_int_equal(observation(simulation, "start.latency", 0),
			 FIXED_NS + 4 * 50000 + BOOT_PAGES * ACCEPT_NS + TABLES_NS(BOOT_PAGES));
	assert_int_equal(counter_of(simulation, "tdx.mr_extend"), 16 * FIRMWARE_PAGES);
	done(simulation);
}

/* What comes with vCPUs pays for all of them: the time grows with their square. */
static void test_vcpus_come_up(void **state)
{
	static const int vcpus[] = { 1, 8, 64 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct simulation *simulation =
			start(vcpus[i], ", \"firmware_accepts\": \"0B\", \"boot_touch\": \"0B\","
					" \"boot_touch_ratio\": 0, \"bounce_buffers\": 0");
		int64_t pages = COME_PAGES * (int64_t)vcpus[i];

		assert_int_equal(observation(simulation, "start.latency", 0),
				 FIXED_NS + 50000LL * vcpus[i] +
					 pages * (ACCEPT_NS + 585LL * vcpus[i]) + TABLES_NS(pages));
		done(simulation);
	}
}

/* A page of the firmware that the module refuses ends the start; its process leaves nothing. */
static void test_build_fails(void **state)
{
	static const char *const steps[] = { "tdx.init_vm", "tdh_mem_page_add", "tdh_mr_extend",
					     "tdx.finalize" };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char keys[128];
		struct simulation *simulation;

		snprintf(keys, sizeof(keys), ", \"faults\": [{\"step\": \"%s\", \"call\": 1}]",
			 steps[i]);
		simulation = start(4, keys);
		assert_int_equal(total_of(simulation, "failures.EIO"), 1);
		assert_int_equal(times_done(simulation, "start.latency"), 0);
		assert_int_equal(memory_held(&simulation->instances[0]), 0);
		done(simulation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strategies),    cmocka_unit_test(test_busy),
		cmocka_unit_test(test_lost_pages),    cmocka_unit_test(test_start),
		cmocka_unit_test(test_vcpus_come_up), cmocka_unit_test(test_build_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
