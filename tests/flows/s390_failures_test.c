/*
 * s390-pv: what a failed Ultravisor call leaves behind, boots that fail, and kills at any instant.
 */

#include "one_run.h"

#define AT(at, what)      "{\"at\": \"" at "\", \"do\": \"" what "\", \"guests\": \"g\"}"
#define FAULT(step, call) "{\"step\": \"" step "\", \"call\": " #call "}"
#define FAULTS(list)      ", \"faults\": [" list "]"

enum { RESIDENT_8G = 1677722, LOW_2G = 419430 };
static const int64_t donated = (1 << 20) + 8192 * 4096;

static void run(const char *strategy, const char *memory, const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"64TiB\", \"features\": [\"misc_uv\"]},"
	     " \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": \"%s\","
	     "   \"vcpus\": 4, \"memory\": \"%s\"%s}], \"events\": [%s],"
	     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
	     strategy, memory, keys, events);
	simulation = simulate(&scenario, 0);
}

static void assert_calls(uint64_t create_cpu, uint64_t destroy_cpu, uint64_t destroy_conf)
{
	assert_int_equal(counter_of(simulation, "uvc.create_cpu"), create_cpu);
	assert_int_equal(counter_of(simulation, "uvc.destroy_cpu"), destroy_cpu);
	assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), destroy_conf);
}

/* DISABLE fails, QEMU exits; the release of the VM tries again. */
static void test_live_configuration(void **state)
{
	static const char *const strategies[] = { "sync", "lazy" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *off = i ? ", \"async_destroy\": false" : "";
		char keys[256];

		for (int failures = 1; failures <= 2; failures++) {
			snprintf(keys, sizeof(keys), "%s" FAULTS("%s%s"), off,
				 FAULT("uvc.destroy_conf", 1),
				 failures > 1 ? "," FAULT("uvc.destroy_conf", 2) : "");
			run(strategies[i], "8GiB", keys,
			    AT("1s", "reboot") "," AT("1min", "start"));
			assert_int_equal(total_of(simulation, "failures.EIO"), 1);
			assert_int_equal(times_done(simulation, "reboot.latency"), 0);
			assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
			assert_int_equal(times_done(simulation, "start.latency"), 1);
			assert_calls(4, 4, 2);
			assert_int_equal(counter_of(simulation, "memory.leaked_bytes"),
					 failures > 1 ? donated : 0);
			assert_int_equal(times_done(simulation, "teardown.latency"),
					 failures > 1 ? 0 : 1);
			tidy(NULL);
		}
	}
}

/* Three guests set aside and killed: the live configuration and three leftovers, a call for each. */
static void test_leftovers(void **state)
{
	static const char *const events = AT("1s", "reboot") "," AT("15s", "reboot") "," AT(
		"30s", "reboot") "," AT("40s", "kill");
	static const char *const large = ", \"boot_touch_ratio\": 0";
	static const int64_t given = (1 << 20) + 524288LL * 4096;
	char keys[256];

	(void)state;
	for (int call = 0; call <= 4; call++) {
		if (call)
			snprintf(keys, sizeof(keys),
				 "%s, \"faults\": [{\"step\": \"uvc.destroy_conf\", \"call\": %d}]",
				 large, call);
		else
			snprintf(keys, sizeof(keys),
				 "%s, \"faults\": [{\"step\": \"uvc.destroy_conf\", "
				 "\"probability\": 1}]",
				 large);
		run("async", "512GiB", keys, events);
		assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), 4);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"),
				 call ? given : 4 * given);
		assert_int_equal(times_done(simulation, "teardown.latency"), call ? 3 : 0);
		assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
		tidy(NULL);
	}
}

/* A leftover that fails is that of its own generation: the one that PERFORM holds goes on. */
static void test_leftover_beside_perform(void **state)
{
	(void)state;
	/* PERFORM has the first, DISABLE disposes of the second, whose PERFORM has not begun */
	run("async", "64GiB", ", \"perform_delay\": \"12s\"" FAULTS(FAULT("uvc.destroy_conf", 2)),
	    AT("1s", "reboot") "," AT("22s", "reboot") "," AT("31s", "reboot"));
	assert_int_equal(total_of(simulation, "fallbacks"), 1);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), (1 << 20) + 65536LL * 4096);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
}

/* ENABLE stops at the first vCPU that cannot be made, and undoes what it did. */
static void test_create_cpu(void **state)
{
	(void)state;
	for (unsigned int call = 1; call <= 4; call++) {
		char keys[128];

		snprintf(keys, sizeof(keys),
			 ", \"faults\": [{\"step\": \"uvc.create_cpu\", \"call\": %u}]", call);
		run("sync", "8GiB", keys, AT("1s", "reboot") "," AT("1min", "reboot"));
		/* the old guest; call - 1 vCPUs; the next guest, with nothing to unprotect before it */
		assert_calls(call + 3, call + 3, 2);
		assert_int_equal(counter_of(simulation, "uvc.create_conf"), 2);
		assert_int_equal(total_of(simulation, "failures.EIO"), 1);
		assert_int_equal(times_done(simulation, "reboot.latency"), 1);
		assert_int_equal(times_done(simulation, "teardown.latency"), 1);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
		tidy(NULL);
	}
	/* a configuration that is not made at all is not destroyed */
	run("sync", "8GiB", FAULTS(FAULT("uvc.create_conf", 1)),
	    AT("1s", "reboot") "," AT("1min", "reboot"));
	assert_calls(4, 4, 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	tidy(NULL);
	/* what cannot be undone keeps its handle: the next ENABLE is refused, the release tries again */
	run("sync", "8GiB", FAULTS(FAULT("uvc.create_cpu", 1) "," FAULT("uvc.destroy_conf", 2)),
	    AT("1s", "reboot") "," AT("1min", "reboot") "," AT("2min", "kill"));
	assert_calls(0, 4, 3);
	assert_int_equal(total_of(simulation, "failures.EIO"), 1);
	assert_int_equal(total_of(simulation, "failures.EINVAL"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 0);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
}

/* All vCPUs are tried; one that stays keeps its pages from being destroyed, and its configuration. */
static void test_destroy_cpu(void **state)
{
	(void)state;
	for (int failures = 1; failures <= 2; failures++) {
		run("sync", "8GiB",
		    failures > 1
			    ? FAULTS(FAULT("uvc.destroy_cpu", 2) "," FAULT("uvc.destroy_cpu", 4))
			    : FAULTS(FAULT("uvc.destroy_cpu", 3)),
		    AT("1s", "reboot"));
		/* DISABLE, and nobody tries these vCPUs again; the release tries the configuration */
		assert_calls(0, 4, 1);
		assert_int_equal(counter_of(simulation, "uvc.export"), RESIDENT_8G);
		assert_int_equal(counter_of(simulation, "uvc.destroy_page"), 0);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), donated);
		assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
		tidy(NULL);
	}
	/* PREPARE fails; DISABLE finds no vCPU, its UVC fails, and its walk is in vain */
	run("async", "8GiB", FAULTS(FAULT("uvc.destroy_cpu", 1)), AT("1s", "reboot"));
	assert_calls(0, 4, 2);
	assert_int_equal(total_of(simulation, "fallbacks"), 1);
	assert_int_equal(counter_of(simulation, "uvc.destroy_page"), 0);
	assert_int_equal(counter_of(simulation, "uvc.export"), RESIDENT_8G);
	/* each page of the address space, then each page of the guest as it is unmapped */
	assert_int_equal(counter_of(simulation, "uvc.noop"), RESIDENT_8G + 16384 + RESIDENT_8G);
	assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), donated);
}

/* The boot fails behind ENABLE: QEMU unprotects the guest, which can be rebooted. */
static void test_failed_boot(void **state)
{
	static const char *const strategies[] = { "sync", "lazy", "async", "async-fast" };
	static const char *const steps[] = { "uvc.set_sec_parms", "uvc.unpack", "uvc.verify" };
	static const int calls[] = { 1, 12801, 1 };
	char keys[128];

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		const char *strategy = strategies[i / 3];
		bool fast = i / 3 == 3;

		snprintf(keys, sizeof(keys), ", \"faults\": [{\"step\": \"%s\", \"call\": %d}]",
			 steps[i % 3], calls[i % 3]);
		run(strategy, "8GiB", keys, AT("1s", "reboot"));
		assert_int_equal(counter_of(simulation, "uvc.destroy_cpu"), 8);
		assert_int_equal(times_done(simulation, "teardown.latency"), 2);
		tidy(NULL);
		run(strategy, "8GiB", keys,
		    AT("1s", "reboot") "," AT("1min", "reboot") "," AT("2min", "reboot"));
		assert_int_equal(total_of(simulation, "failures.EINVAL"), 1);
		assert_int_equal(times_done(simulation, "reboot.latency"), 2);
		/* the first guest, the one that never ran, and the one of the second reboot */
		assert_int_equal(counter_of(simulation, "uvc.destroy_cpu"), 12);
		assert_int_equal(counter_of(simulation, "uvc.destroy_conf"), fast ? 0 : 3);
		assert_int_equal(counter_of(simulation, "uvc.destroy_fast"), fast ? 3 : 0);
		assert_int_equal(times_done(simulation, "teardown.latency"), 3);
		assert_int_equal(total_of(simulation, "fallbacks"), 0);
		/* half of the image of 100 MiB, and two whole ones */
		if (i % 3 == 1)
			assert_int_equal(counter_of(simulation, "uvc.unpack"), 12800 + 2 * 25600);
		tidy(NULL);
		/* a start that fails leaves nothing */
		run(strategy, "8GiB", keys,
		    AT("0s", "kill") "," AT("1min", "start") "," AT("2min", "start"));
		assert_int_equal(total_of(simulation, "failures.EINVAL"), 1);
		assert_int_equal(times_done(simulation, "start.latency"), 1);
		assert_int_equal(counter_of(simulation, "memory.leaked_bytes"), 0);
		tidy(NULL);
	}
}

/*
 * A kill at any instant of what `events` do, then a start: a host with just enough room finds
 * its memory free again, and the conservation of pages and accounts holds.
 */
static void sweep(const char *strategy, const char *keys, const char *events, int from_ms,
		  int to_ms)
{
	for (int at_ms = from_ms; at_ms <= to_ms; at_ms += 100) {
		struct error error = { 0 };

		load(&scenario,
		     /* 4 GiB, QEMU's 64 MiB, and what two configurations were given */
		     "{\"host\": {\"cores\": 8, \"memory\": \"%lldB\"},"
		     " \"guests\": [{\"name\": \"g\", \"model\": \"s390-pv\", \"strategy\": \"%s\","
		     "   \"vcpus\": 4, \"memory\": \"4GiB\", \"resident\": 1%s}],"
		     " \"events\": [%s, {\"at\": \"%dms\", \"do\": \"kill\", \"guests\": \"g\"},"
		     "   {\"at\": \"10min\", \"do\": \"start\", \"guests\": \"g\"},"
		     "   {\"at\": \"20min\", \"do\": \"kill\", \"guests\": \"g\"}],"
		     " \"experiment\": {\"until\": \"1h\", \"spread\": false}}",
		     (4LL << 30) + (64LL << 20) + 3 * ((1LL << 20) + 4096 * 4096LL), strategy, keys,
		     events, at_ms);
		simulation = simulation_new(&scenario.simulation, &error);
		if (!simulation || !simulation_run(simulation, 0, &error))
			fail_msg("%s%s, kill at %d ms: %s", strategy, keys, at_ms, error.message);
		if (times_done(simulation, "start.latency") != 1 ||
		    counter_of(simulation, "memory.leaked_bytes"))
			fail_msg("%s%s, kill at %d ms: the start fails", strategy, keys, at_ms);
		assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
		tidy(NULL);
	}
}

static void test_kills(void **state)
{
	static const char *const strategies[] = { "sync", "lazy", "async", "async-fast" };
	static const char *const reboot = AT("1s", "reboot");
	static const char *const twice = AT("1s", "reboot") "," AT("9s", "reboot");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		sweep(strategies[i], "", reboot, 900, 13000);
		sweep(strategies[i], "", twice, 9000, 16000);
		sweep(strategies[i], "", AT("1s", "shutdown"), 900, 5000);
	}
	for (size_t i = 2; i < 4; i++) {
		sweep(strategies[i], ", \"perform_delay\": \"2s\"", reboot, 2000, 8000);
		sweep(strategies[i], ", \"perform_delay\": \"30s\"", twice, 9000, 16000);
	}
}

/* A kill while a process starts behind one that has ended; the start takes 3.7 s. */
static void test_kills_of_starts(void **state)
{
	static const char *const strategies[] = { "sync", "lazy", "async", "async-fast" };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		sweep(strategies[i], "", AT("1s", "shutdown") "," AT("2min", "start"), 120000,
		      123700);
}

/* Pages that the host never gets back stay in limbo: each counts once, for ever. */
static void test_lost_pages(void **state)
{
	int64_t lost;

	(void)state;
	run("sync", "8GiB", ", \"faults\": [{\"step\": \"uvc.destroy_page\", \"probability\": 1}]",
	    AT("1s", "kill"));
	lost = (int64_t)counter_of(simulation, "pages.lost");
	assert_int_equal(lost, RESIDENT_8G);
	assert_int_equal(observation(simulation, "limbo.peak", 0), lost * 4096 + donated);
	/* a call that is named twice fails once */
	tidy(NULL);
	run("sync", "8GiB",
	    FAULTS(FAULT("uvc.destroy_page", 5) "," FAULT("uvc.destroy_page",
							  5) "," FAULT("uvc.destroy_page", 7)),
	    AT("1s", "kill"));
	assert_int_equal(counter_of(simulation, "pages.lost"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_live_configuration, tidy),
		cmocka_unit_test_teardown(test_leftovers, tidy),
		cmocka_unit_test_teardown(test_leftover_beside_perform, tidy),
		cmocka_unit_test_teardown(test_create_cpu, tidy),
		cmocka_unit_test_teardown(test_lost_pages, tidy),
		cmocka_unit_test_teardown(test_destroy_cpu, tidy),
		cmocka_unit_test_teardown(test_failed_boot, tidy),
		cmocka_unit_test_teardown(test_kills, tidy),
		cmocka_unit_test_teardown(test_kills_of_starts, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
