/* SEV: what a guest leaves behind when it reboots, is killed, or never gets up. */

#include "scenario_run.h"

#include "closed_form/closed_form.h"

/* A scenario of guest "g" with spread off; `memory` is the host's. */
static const char guest_format[] =
	"{\"host\": {\"cores\": 8, \"memory\": \"%s\", \"features\": [\"sme_coherent\"]},"
	" \"guests\": [{\"name\": \"g\", \"model\": \"sev\", \"strategy\": \"%s\", \"vcpus\": 4,"
	"   \"page_size\": \"2MiB\", %s} %s],"
	" \"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}";

#define START  "{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}"
#define REBOOT "{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\"}"

static const char *const strategies[] = { "upfront", "demand", "demand-longterm" };
static struct simulation *run(const char *strategy, const char *keys, const char *events)
{
	load(&scenario, guest_format, "1TiB", strategy, keys, "", events);
	return simulate(&scenario, 0);
}

static int64_t total_of_guest(const struct simulation *simulation, const char *guest,
			      const char *name)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < metrics[i].count; n++)
			if (!strcmp(metrics[i].name, name) && !strcmp(metrics[i].group, guest))
				sum += metrics[i].samples[n];
	return sum;
}

/* --- prices by hand: 64 GiB in 32768 huge pages, 4 vCPUs ---------------------- */

enum { PAGES = 32768, MEBIBYTES = 65536 };

#define STOP_NS   (1000000000LL + 4 * 2000 + 20000)
#define RESET_NS  20000000LL
#define BOOT_NS   (5160000000LL + 86 * 26000 + 129 * 400000 + MEBIBYTES * 3200LL)
#define LAUNCH_NS (4000000LL + 500000 + 1024 * 480000 + 4 * 500000 + 460000 + 500000)
#define ARRAY_NS  (MEBIBYTES * 170LL)
#define ZAP_NS    (PAGES * 20LL)
#define FLUSH_NS  2000000LL
#define CLOSE_NS  (FLUSH_NS + 4 * 100000 + FLUSH_NS + 2 * 500000)

static int64_t reboot_ns(const char *strategy, const char *keys)
{
	struct simulation *simulation = run(strategy, keys, REBOOT);
	int64_t latency = observation(simulation, "reboot.latency", 0);
	struct closed_form form;
	struct error error = { 0 };

	assert_true(closed_form(&scenario.simulation, 0, OPERATION_REBOOT, &form, &error));
	assert_int_equal(form.latency_ns, latency);
	done(simulation);
	return latency;
}

/* QEMU resets plain SEV as it resets any guest: nothing is unpinned, launched or pinned. */
static void test_in_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct simulation *simulation = run(strategies[i], "\"memory\": \"64GiB\"", REBOOT);

		assert_int_equal(observation(simulation, "reboot.latency", 0),
				 STOP_NS + RESET_NS + BOOT_NS);
		assert_int_equal(times_done(simulation, "teardown.latency"), 0);
		assert_int_equal(counter_of(simulation, "mm.pin_2m"), 0);
		assert_int_equal(counter_of(simulation, "psp.launch_start"), 0);
		assert_int_equal(counter_of(simulation, "cpu.clflush_4k"), 0);
		done(simulation);
	}
}

/* The state of the vCPUs cannot be reset: all is given back, zeroed, pinned and launched anew. */
static void test_new_process(void **state)
{
	int64_t exit_ns = 1000000 + ZAP_NS + PAGES * 500LL + CLOSE_NS + PAGES * 5350LL;
	int64_t pins_ns = PAGES * (600LL + 171300 + 5740);

	(void)state;
	assert_int_equal(reboot_ns("upfront", "\"memory\": \"64GiB\", \"es\": true"),
			 STOP_NS + exit_ns + 94000000 + ARRAY_NS + pins_ns + LAUNCH_NS + BOOT_NS);
}

/* A new VM over the same memory: pins and launch, but no page is freed or zeroed. */
static void test_in_process(void **state)
{
	static const char keys[] =
		"\"memory\": \"64GiB\", \"es\": true, \"reset_in_process\": true, \"asids\": 1";
	int64_t upfront = STOP_NS + ZAP_NS + CLOSE_NS + PAGES * 2650LL + RESET_NS + ARRAY_NS +
			  PAGES * 5740LL + LAUNCH_NS + BOOT_NS;
	struct simulation *simulation = run("upfront", keys, REBOOT);

	(void)state;
	/* the only ASID comes back through DF_FLUSH */
	assert_int_equal(observation(simulation, "reboot.latency", 0), upfront + FLUSH_NS + 500000);
	assert_int_equal(counter_of(simulation, "psp.df_flush"), 1);
	assert_int_equal(counter_of(simulation, "mm.zero_2m"), 0);
	assert_int_equal(counter_of(simulation, "mm.put_2m"), PAGES);
	assert_int_equal(counter_of(simulation, "mm.unpin_2m"), 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 0);
	done(simulation);
	reboot_ns("demand", "\"memory\": \"64GiB\", \"es\": true, \"reset_in_process\": true");
	reboot_ns("demand-longterm", "\"memory\": \"64GiB\", \"es\": true, \"movable\": 0.5");
}

/* Pages that a long-term pin has moved once are not in CMA any more: the new VM moves none. */
static void test_moved_once(void **state)
{
	static const char *const modes[] = { ", \"reset_in_process\": true", "" };
	/* half of 4 GiB, or of the 160 huge pages that the boot touches */
	static const uint64_t moved[2][2] = { { 0, 1 << 19 }, { 0, 160 << 8 } };

	(void)state;
	for (size_t s = 0; s < 2; s++)
		for (size_t m = 0; m < 2; m++) {
			struct simulation *simulation;
			char keys[256];

			snprintf(keys, sizeof(keys),
				 "\"memory\": \"4GiB\", \"es\": true, \"movable\": 0.5,"
				 " \"workload_rate\": \"1B/s\"%s%s",
				 s ? "" : ", \"longterm\": true", modes[m]);
			simulation = run(s ? "demand-longterm" : "upfront", keys, REBOOT);
			assert_int_equal(counter_of(simulation, "mm.migrate_page"), moved[s][m]);
			done(simulation);
		}
}

/* The old VM is gone when there is no ASID for the new one: QEMU exits, and holds memory alone. */
static void test_failed_reset(void **state)
{
	static const char keys[] =
		"\"memory\": \"4GiB\", \"es\": true, \"reset_in_process\": true, \"asids\": 1,"
		" \"faults\": [{\"step\": \"__sev_recycle_asids\", \"call\": 1}]";
	static const char other[] = ", {\"name\": \"h\", \"model\": \"sev\", \"strategy\": "
				    "\"upfront\", \"vcpus\": 1, \"memory\": \"4GiB\","
				    " \"asids\": 1}";
	struct simulation *simulation;

	(void)state;
	load(&scenario, guest_format, "1TiB", "upfront", keys, other,
	     REBOOT ", {\"at\": \"1min\", \"do\": \"start\", \"guests\": \"g\"},"
		    "{\"at\": \"2min\", \"do\": \"start\", \"guests\": \"h\"}");
	simulation = simulate(&scenario, 0);
	assert_int_equal(total_of_guest(simulation, "g", "failures.EBUSY"), 1);
	assert_int_equal(counter_of(simulation, "psp.decommission"), 1);
	assert_true(total_of_guest(simulation, "g", "start.latency") > 0);
	assert_int_equal(total_of_guest(simulation, "h", "failures.EBUSY"), 1);
	assert_int_equal(observation(simulation, "limbo.peak", 0), 4LL << 30);
	done(simulation);
}

/* --- kills ---------------------------------------------------------------------- */

/*
 * 4 GiB of 4 KiB pages: the exit ends at 2.2099 s, and until then it cannot be killed. Then
 * there is no process yet, or one that has memory.
 */
static void test_kill_in_reboot(void **state)
{
	static const char *const kills[] = { "2.1s", "2.25s", "5s" };
	const int64_t exit_ns = 1000000 + (1LL << 20) * (20 + 30 + 144) + CLOSE_NS;
	const int64_t latencies[] = { STOP_NS + 1000000000 + exit_ns - 2100000000 + 1000000,
				      1000000, exit_ns };
	static const size_t teardowns[] = { 1, 1, 2 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct simulation *simulation;
		char events[256];

		snprintf(events, sizeof(events),
			 REBOOT ", {\"at\": \"%s\", \"do\": \"kill\", \"guests\": \"g\"}",
			 kills[i]);
		load(&scenario,
		     "{\"host\": {\"cores\": 8, \"features\": [\"sme_coherent\"]},"
		     " \"guests\": [{\"name\": \"g\", \"model\": \"sev\", \"strategy\": "
		     "\"upfront\","
		     "   \"vcpus\": 4, \"memory\": \"4GiB\", \"es\": true}],"
		     " \"events\": [%s], \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
		     events);
		simulation = simulate(&scenario, 0);
		assert_int_equal(observation(simulation, "shutdown.latency", 0), latencies[i]);
		assert_int_equal(times_done(simulation, "teardown.latency"), teardowns[i]);
		done(simulation);
	}
}

/* A fatal signal ends the pinning: 5038 pages are put, and freed as the process goes. */
static void test_kill_in_pinning(void **state)
{
	const int64_t page_ns = 600 + 171300 + 5740, before_ns = 94000000 + ARRAY_NS;
	const int64_t pages = (1000000000 - before_ns) / page_ns + 1;
	struct simulation *simulation =
		run("upfront", "\"memory\": \"64GiB\"",
		    START ", {\"at\": \"1s\", \"do\": \"kill\", \"guests\": \"g\"}");

	(void)state;
	assert_int_equal(pages, 5038);
	/* never launched: there is nothing to DEACTIVATE and DECOMMISSION */
	assert_int_equal(observation(simulation, "shutdown.latency", 0),
			 before_ns + pages * page_ns - 1000000000 + pages * 2650 + 1000000 +
				 pages * (20 + 500 + 5350) + CLOSE_NS - 2 * 500000);
	assert_int_equal(counter_of(simulation, "mm.unpin_2m"), pages);
	assert_int_equal(counter_of(simulation, "psp.deactivate"), 0);
	done(simulation);
}

/*
 * A kill at any instant leaves room and an ASID for the guest, and none for another. The
 * host has room for one guest and a huge page, and one ASID; conservation is the engine's check.
 */
static void sweep(const char *strategy, const char *keys, const char *memory, const char *first)
{
	static const char other[] = ", {\"name\": \"h\", \"model\": \"sev\", \"strategy\": "
				    "\"upfront\", \"vcpus\": 1, \"memory\": \"2MiB\","
				    " \"page_size\": \"2MiB\", \"asids\": 1}";

	for (int at_ms = 0; at_ms < 10000; at_ms += 50) {
		struct simulation *simulation;
		char events[512];

		snprintf(events, sizeof(events),
			 "%s, {\"at\": \"%dms\", \"do\": \"kill\", \"guests\": \"g\"},"
			 "{\"at\": \"100s\", \"do\": \"start\", \"guests\": \"g\"},"
			 "{\"at\": \"200s\", \"do\": \"start\", \"guests\": \"h\"}",
			 first, at_ms);
		load(&scenario, guest_format, memory, strategy, keys, other, events);
		simulation = simulate(&scenario, 0);
		if (total_of_guest(simulation, "g", "start.latency") <= 0 ||
		    total_of_guest(simulation, "h", "failures.EBUSY") != 1)
			fail_msg("%s, {%s}, killed at %d ms", strategy, keys, at_ms);
		done(simulation);
	}
}

static void test_kill_at_any_time(void **state)
{
	static const char *const modes[] = {
		"",
		", \"es\": true",
		", \"es\": true, \"reset_in_process\": true",
		", \"es\": true, \"prealloc_threads\": 2",
	};

	(void)state;
	for (size_t s = 0; s < 3; s++)
		for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
			/* page pointers take 8 MiB, the metadata of pins on demand 16; h 2 MiB */
			int64_t kibibytes = s ? 4212740 : 4204548;
			char keys[256], memory[32];

			snprintf(memory, sizeof(memory), "%lldKiB", (long long)kibibytes);
			snprintf(keys, sizeof(keys),
				 "\"memory\": \"4GiB\", \"resident\": 1, \"asids\": 1%s", modes[m]);
			sweep(strategies[s], keys, memory, REBOOT);
			sweep(strategies[s], keys, memory, START);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_place),        cmocka_unit_test(test_new_process),
		cmocka_unit_test(test_in_process),      cmocka_unit_test(test_moved_once),
		cmocka_unit_test(test_failed_reset),    cmocka_unit_test(test_kill_in_reboot),
		cmocka_unit_test(test_kill_in_pinning), cmocka_unit_test(test_kill_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
