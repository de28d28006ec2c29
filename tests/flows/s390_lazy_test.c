/* s390-pv: kernel threads and lists of 2021, destroy-fast, and the ways a process can exit. */

#include "scenario_run.h"

#define AT(at, what)   "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define FAULT(step)    ", \"faults\": [{\"step\": \"" step "\", \"call\": 1}]"
#define GUEST_8G(more) "\"memory\": \"8GiB\", \"resident\": 1" more

enum { PAGES_8G = 8 << 18, LOW_PAGES = 2 << 18, NODE_PAGES = 510 };
static const int64_t donated = (1 << 20) + 8192 * 4096;

static struct simulation *run(const char *strategy, const char *memory, const char *keys,
			      const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"%s\", \"features\": [\"misc_uv\"]},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, %s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     memory, strategy, keys, events);
	return simulate(&scenario, 0);
}

/* Every secure page of the dead guests is destroyed or exported exactly once. */
static void assert_conserved(const struct simulation *simulation, uint64_t pages)
{
	assert_int_equal(counter_of(simulation, "uvc.destroy_page") +
				 counter_of(simulation, "uvc.export"),
			 pages);
	assert_int_equal(counter_of(simulation, "pages.lost"), 0);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
}

/* The foreground pays what lies below 2 GiB; any number of threads may run. */
static void test_lazy_reboot(void **state)
{
	struct simulation *simulation = run("lazy", "64TiB", GUEST_8G(""), AT("1s", "reboot"));

	(void)state;
	assert_int_equal(total_of(simulation, "pages.foreground"), LOW_PAGES);
	assert_true(total_of(simulation, "pages.background") > 0);
	assert_int_equal(total_of(simulation, "fallbacks"), 0);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
	simulation = run("lazy", "64TiB", "\"memory\": \"256GiB\"",
			 AT("1s", "reboot") "," AT("15s", "reboot") "," AT("30s", "reboot"));
	assert_int_equal(total_of(simulation, "fallbacks"), 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 3);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 3);
	done(simulation);
}

static void test_lazy_falls_back(void **state)
{
	static const char *const faults[] = { FAULT("kzalloc"), FAULT("kvm.replace_asce"),
					      FAULT("kthread_run") };
	char keys[256];
	struct simulation *simulation;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(keys, sizeof(keys), GUEST_8G("%s"), faults[i]);
		simulation = run("lazy", "64TiB", keys, AT("1s", "reboot"));
		assert_int_equal(total_of(simulation, "fallbacks"), 1);
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
		assert_int_equal(total_of(simulation, "pages.foreground"), PAGES_8G);
		assert_int_equal(total_of(simulation, "pages.background"), 0);
		assert_int_equal(times_done(simulation, "reboot.latency"), 1);
		assert_conserved(simulation, PAGES_8G);
		done(simulation);
	}
	/* fenced by the module parameter: nobody even tries, neither here nor at the exit */
	simulation = run("lazy", "64TiB", GUEST_8G(", \"async_destroy\": false"),
			 AT("1s", "reboot") "," AT("2min", "shutdown"));
	assert_int_equal(total_of(simulation, "fallbacks"), 0);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	assert_int_equal(counter_of(simulation, "kvm.list_page"), 0);
	assert_int_equal(counter_of(simulation, "kvm.kthread_start"), 0);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	done(simulation);
}

/* One page in 510 is exported for a node; the process does not wait for the others. */
static void test_lists(void **state)
{
	static const int nodes = PAGES_8G / NODE_PAGES;
	struct simulation *simulation = run("lazy", "64TiB", GUEST_8G(""), AT("1s", "shutdown"));
	int64_t latency = observation(simulation, "shutdown.latency", 0);

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.export"), nodes);
	assert_int_equal(counter_of(simulation, "kvm.list_page"), PAGES_8G - nodes);
	assert_int_equal(counter_of(simulation, "uvc.destroy_page"), PAGES_8G - nodes);
	/* all but QEMU's own pages */
	assert_int_equal(total_of(simulation, "pages.background"), PAGES_8G);
	assert_int_equal(observation(simulation, "limbo.peak", 0), (8LL << 30) + donated);
	/* the stop, the exit, QEMU's 64 MiB, the nodes, the list and four vCPUs */
	assert_int_equal(latency, 1000000000 + 1000000 + 16384 * 129 + nodes * 4000LL +
					  (PAGES_8G - nodes) * 100LL + 4 * 20000);
	/* it dies when the stop of 1 s is over */
	assert_true(observation(simulation, "teardown.latency", 0) >
		    latency - 1000000000 + PAGES_8G * 2000LL);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
}

/* The atomic allocation of a node fails: one page is cleaned in line, or all of them. */
static void test_in_line(void **state)
{
	struct simulation *simulation =
		run("lazy", "64TiB", GUEST_8G(", \"atomic_failure\": 0.5"), AT("1s", "shutdown"));
	int nodes = PAGES_8G / (NODE_PAGES + 1);

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.export"), nodes);
	assert_int_equal(counter_of(simulation, "kvm.list_page"), PAGES_8G - 2 * nodes);
	assert_int_equal(total_of(simulation, "pages.foreground"), 16384 + nodes);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
	for (int i = 0; i < 2; i++) {
		simulation =
			run("lazy", "64TiB",
			    i ? GUEST_8G(", \"atomic_failure\": 1") : GUEST_8G(FAULT("list_node")),
			    AT("1s", "shutdown"));
		assert_int_equal(counter_of(simulation, "kvm.list_page"), 0);
		assert_int_equal(total_of(simulation, "pages.background"), 0);
		assert_int_equal(total_of(simulation, "fallbacks"), i ? 0 : 1);
		assert_conserved(simulation, PAGES_8G);
		done(simulation);
	}
	/* no thread: the release of the VM cleans the list itself */
	simulation = run("lazy", "64TiB", GUEST_8G(FAULT("kthread_run")), AT("1s", "shutdown"));
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(total_of(simulation, "pages.background"), 0);
	assert_true(observation(simulation, "shutdown.latency", 0) > PAGES_8G * 2100LL);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
}

/* A restart needs the old memory and the new: with the notifier it waits, without it fails. */
static void test_out_of_memory(void **state)
{
	static const char *const events =
		AT("1s", "shutdown") "," AT("3s", "start") "," AT("2min", "shutdown");
	struct simulation *simulation = run("lazy", "12GiB", GUEST_8G(""), events);
	uint64_t waits = counter_of(simulation, "kvm.oom_wait");
	/* as many bytes must be free as two guests need more than the host has */
	int64_t pages = (16LL << 18) + 2 * 16384 - (12LL << 18) - 16384 + donated / 4096;

	(void)state;
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	/* at 2129 ns a page the list gives them back while the start waits 20 ms at a time */
	assert_true(llabs((int64_t)waits * 20000000 - pages * 2129) < 1500000000);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	done(simulation);
	/* without it the kernel tries again while the list frees, or refuses at once */
	simulation = run("lazy", "12GiB", GUEST_8G(", \"oom_notifier\": false"), events);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 0);
	assert_int_equal(counter_of(simulation, "kvm.oom_wait"), 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	done(simulation);
	simulation = run("lazy", "12GiB\", \"overcommit\": false, \"// \": \"",
			 GUEST_8G(", \"oom_notifier\": false"), events);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(times_done(simulation, "start.latency"), 0);
	done(simulation);
}

/* The list of an earlier process outlives a restart and the exit of the next process. */
static void test_two_lists(void **state)
{
	struct simulation *simulation =
		run("lazy", "64TiB", "\"memory\": \"64GiB\", \"workload_rate\": \"50GB/s\"",
		    AT("1s", "shutdown") "," AT("5s", "start") "," AT("20s", "kill"));

	(void)state;
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	/* the second process does not wait for the first one's list, which takes longer */
	assert_true(observation(simulation, "shutdown.latency", 1) < 3000000000);
	assert_true(observation(simulation, "teardown.latency", 0) < 10000000000);
	assert_true(observation(simulation, "teardown.latency", 1) > 28000000000);
	assert_conserved(simulation, counter_of(simulation, "uvc.import") + 13421773);
	done(simulation);
}

/* The thread of a reboot stops early when the process exits; all memory comes back. */
static void test_exit_during_thread(void **state)
{
	struct simulation *simulation = run("lazy", "64TiB", "\"memory\": \"64GiB\"",
					    AT("1s", "reboot") "," AT("12s", "kill"));

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 2);
	assert_int_equal(times_done(simulation, "teardown.latency"), 2);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
	done(simulation);
}

/* Donated memory comes back at PREPARE; what lingers is pages alone. */
static void test_destroy_fast(void **state)
{
	int64_t fast, kept;
	struct simulation *simulation =
		run("async-fast", "64TiB", GUEST_8G(", \"perform_delay\": \"1min\""),
		    AT("1s", "reboot"));

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.destroy_fast"), 1);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 0);
	fast = observation(simulation, "limbo.mean", 0);
	assert_int_equal(total_of(simulation, "fallbacks"), 0);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
	simulation = run("async", "64TiB", GUEST_8G(", \"perform_delay\": \"1min\""),
			 AT("1s", "reboot"));
	/* for nearly the whole run, which ends with the teardown */
	kept = observation(simulation, "limbo.mean", 0) - fast;
	assert_true(kept > donated * 9 / 10 && kept < donated);
	assert_int_equal(counter_of(simulation, "uvc.destroy_fast"), 0);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 1);
	done(simulation);
}

/* Queues that are still bound, or firmware that fails: DISABLE finishes it, nothing is leaked. */
static void test_queues_bound(void **state)
{
	struct simulation *simulation;

	(void)state;
	for (int i = 0; i < 2; i++) {
		simulation = run("async-fast", "64TiB",
				 i ? GUEST_8G(", \"crypto_queues_bound\": 1")
				   : GUEST_8G(FAULT("uvc.destroy_fast")),
				 AT("1s", "reboot"));
		assert_int_equal(total_of(simulation, "fallbacks"), 1);
		assert_int_equal(total_of(simulation, "failures.EIO"), 1);
		assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 1);
		assert_int_equal(total_of(simulation, "pages.background"), 0);
		assert_int_equal(times_done(simulation, "reboot.latency"), 1);
		assert_conserved(simulation, PAGES_8G);
		done(simulation);
	}
}

/* Without the notifier the mm does not know that it is a guest's: every page is exported. */
static void test_exit_notifier(void **state)
{
	struct simulation *simulation = run("async", "64TiB", GUEST_8G(""), AT("1s", "kill"));
	int64_t with = observation(simulation, "shutdown.latency", 0);

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.destroy_page"), PAGES_8G);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
	simulation =
		run("async", "64TiB", GUEST_8G(", \"exit_notifier\": false"), AT("1s", "kill"));
	assert_int_equal(counter_of(simulation, "uvc.export"), PAGES_8G);
	assert_int_equal(observation(simulation, "shutdown.latency", 0) - with, PAGES_8G * 2000LL);
	assert_conserved(simulation, PAGES_8G);
	done(simulation);
	/* a vCPU that cannot be destroyed has the same consequence */
	simulation = run("async", "64TiB", GUEST_8G(FAULT("uvc.destroy_cpu")), AT("1s", "kill"));
	assert_int_equal(counter_of(simulation, "uvc.export"), PAGES_8G);
	done(simulation);
}

/* A signal stops three PERFORMs: the release disposes of every leftover, without a walk. */
static void test_several_leftovers(void **state)
{
	static const char *const events = AT("1s", "reboot") "," AT("15s", "reboot") "," AT(
		"30s", "reboot") "," AT("40s", "kill");
	struct simulation *simulation =
		run("async", "64TiB", "\"memory\": \"512GiB\", \"boot_touch_ratio\": 0", events);

	(void)state;
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 4);
	assert_int_equal(counter_of(simulation, "uvc.noop") < (1 << 27), true);
	assert_int_equal(times_done(simulation, "teardown.latency"), 4);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
	done(simulation);
	simulation = run("async-fast", "64TiB", "\"memory\": \"512GiB\", \"boot_touch_ratio\": 0",
			 events);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 0);
	assert_int_equal(counter_of(simulation, "uvc.destroy_fast"), 4);
	assert_int_equal(times_done(simulation, "teardown.latency"), 4);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lazy_reboot),
		cmocka_unit_test(test_lazy_falls_back),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_in_line),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_two_lists),
		cmocka_unit_test(test_exit_during_thread),
		cmocka_unit_test(test_destroy_fast),
		cmocka_unit_test(test_queues_bound),
		cmocka_unit_test(test_exit_notifier),
		cmocka_unit_test(test_several_leftovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
