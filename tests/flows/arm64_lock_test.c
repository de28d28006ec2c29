/* arm64: what a lock of all memory takes, what refuses it, and what its failures undo. */

#include "arm64_fixture.h"

#include "flow/model.h"

#define FAULT(step, call) ", \"faults\": [{\"step\": \"" step "\", \"call\": " #call "}]"
#define NO_BUGS           ", \"error_path_bugs\": false"

enum { UNMAP_NS = 1925, TRYLOCKS_NS = 4 * 50 };

/* Every page is pinned, whatever the guest would touch, and is the guest's from the start. */
static void test_all_pages(void **state)
{
	static const char *const strategies[] = { "immediate", "deferred", "double" };
	const struct guest_config *guest;
	struct simulation *simulation;

	(void)state;
	for (int i = 0; i < 3; i++) {
		load_guest("4GiB", "4GiB", 0.8, strategies[i], "", "",
			   AT("1s", "kill") "," AT("100s", "start"));
		simulation = simulate(&scenario, 0);
		assert_int_equal(counter_of(simulation, "mm.unpin_4k"), PAGES_4G);
		assert_int_equal(counter_of(simulation, "mm.free_4k"), PAGES_4G);
		assert_int_equal(counter_of(simulation, "mm.pin_4k"), PAGES_4G);
		if (i == 1)
			assert_int_equal(observation(simulation, "start.latency", 0), 6931000096);
		done(simulation);
		load_guest("4GiB", "4GiB", 0.8, strategies[i], "", "", AT("1s", "kill"));
		simulation = simulate(&scenario, 0);
		assert_int_equal(observation(simulation, "pages.foreground", 0), PAGES_4G);
		done(simulation);
	}
	load_guest("4GiB", "4GiB", 0.8, "deferred", "", "", START);
	guest = &scenario.simulation.guests[0];
	assert_non_null(guest->model->ignored(guest, &scenario.simulation.host, "resident"));
	scenario_fini(&scenario);
	load_guest("4GiB", "4GiB", 0.8, "unlocked", "", "", START);
	guest = &scenario.simulation.guests[0];
	assert_null(guest->model->ignored(guest, &scenario.simulation.host, "resident"));
	scenario_fini(&scenario);
}

/* At which page a call fails, and what is undone then: with the bugs of the series, and without. */
static void test_failures(void **state)
{
	enum { N = 1000, BEFORE = N - 1 };
	static const struct {
		const char *call, *error;
		bool unmaps, loses; /* with the bugs */
	} rows[] = {
		{ "pin_user_pages", "failures.ENOMEM", false, false },
		{ "kvm_mmu_topup_memory_cache", "failures.ENOMEM", false, true },
		{ "mmu_notifier_retry", "failures.EAGAIN", false, true },
		{ "kvm_pgtable_stage2_map", "failures.ENOMEM", true, true },
	};
	char keys[256];

	(void)state;
	for (int i = 0; i < 4 * 2 * 3; i++) {
		bool bugs = i & 1;
		bool cleans =
			i / 8 == 0; /* only operations that are not a copy do, and without FWB */
		bool unmaps = !bugs || rows[i / 2 % 4].unmaps;
		int64_t page_ns =
			LOCK_NS + UNPIN_NS + unmaps * UNMAP_NS + cleans * (1 + unmaps) * CLEAN_NS;
		struct simulation *simulation;

		snprintf(keys, sizeof(keys),
			 ", \"faults\": [{\"step\": \"%s\", \"call\": %d}], \"lock_retries\": 0,"
			 " \"error_path_bugs\": %s",
			 rows[i / 2 % 4].call, N, bugs ? "true" : "false");
		simulation = run(i / 8 == 1 ? "deferred" : "immediate", i / 8 == 2 ? FWB : "", keys,
				 AT("1s", "relock"));
		assert_int_equal(total_of(simulation, rows[i / 2 % 4].error), 1);
		assert_int_equal(counter_of(simulation, "mm.pin_4k"), BEFORE);
		assert_int_equal(counter_of(simulation, "mm.unpin_4k"), PAGES_4G + BEFORE);
		assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), unmaps ? BEFORE : 0);
		assert_int_equal(counter_of(simulation, "dcache.clean_4k"),
				 cleans * (1 + unmaps) * BEFORE);
		assert_int_equal(counter_of(simulation, "pages.lost"),
				 bugs && rows[i / 2 % 4].loses);
		assert_int_equal(total_of(simulation, "lock.slots_lock.hold"),
				 (int64_t)PAGES_4G * UNPIN_NS + BEFORE * page_ns);
		done(simulation);
	}
}

/* Behind the last page: everything is undone, and nothing is in hand. */
static void test_account(void **state)
{
	struct simulation *simulation;

	(void)state;
	for (int cleans = 0; cleans < 2; cleans++) {
		simulation = run(cleans ? "immediate" : "deferred", "",
				 FAULT("account_locked_vm", 1), AT("1s", "relock"));
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
		assert_int_equal(total_of(simulation, "lock.slots_lock.hold"),
				 (int64_t)PAGES_4G * (UNPIN_NS + LOCK_NS + UNMAP_NS + UNPIN_NS +
						      cleans * 2 * CLEAN_NS));
		assert_int_equal(counter_of(simulation, "pages.lost"), 0);
		done(simulation);
	}
}

/* What was unwound is in host memory, but not in stage 2; what was locked no longer is. */
static void test_unlocked_by_failure(void **state)
{
	struct simulation *simulation;

	(void)state;
	for (int bugs = 0; bugs < 2; bugs++) {
		simulation = run("deferred", "",
				 bugs ? FAULT("kvm_pgtable_stage2_map", 1000)
				      : FAULT("kvm_pgtable_stage2_map", 1000) NO_BUGS,
				 AT("1s", "relock") "," AT("10s", "reboot"));
		/* those before it by the lock, those behind it by the reset; all fault again */
		assert_int_equal(counter_of(simulation, "stage2.unmap_4k"), PAGES_4G - bugs);
		assert_int_equal(counter_of(simulation, "mm.fault"), 0);
		assert_true(counter_of(simulation, "stage2.fault_4k") > 64 << 8);
		done(simulation);
	}
}

/* An attempt more costs what the failed one did; pages that it brought in are there already. */
static void test_retry(void **state)
{
	enum { BEFORE = 499999 };
	static const char *const without_bugs = FAULT("mmu_notifier_retry", 500000) NO_BUGS;
	static const char *const with_bugs = FAULT("mmu_notifier_retry", 500000);
	int64_t undone = BEFORE * (int64_t)(LOCK_NS + UNMAP_NS + UNPIN_NS) + TRYLOCKS_NS;
	int64_t unpinned = BEFORE * (int64_t)(LOCK_NS + UNPIN_NS) + TRYLOCKS_NS, lost;

	(void)state;
	assert_int_equal(latency("deferred", FWB, without_bugs, "start") -
				 latency("deferred", FWB, "", "start"),
			 undone);
	assert_int_equal(latency("deferred", FWB, without_bugs, "relock") -
				 latency("deferred", FWB, "", "relock"),
			 undone);
	assert_int_equal(latency("immediate", "", without_bugs, "relock") -
				 latency("immediate", "", "", "relock"),
			 undone + BEFORE * 2LL * CLEAN_NS);
	/* the page in hand is lost: the second attempt does without it */
	lost = latency("deferred", FWB, with_bugs, "relock") -
	       latency("deferred", FWB, "", "relock");
	assert_in_range(lost, unpinned - LOCK_NS, unpinned);
}

/* A start that fails at a page gives everything back but the page that stays pinned. */
static void test_failed_start(void **state)
{
	struct simulation *simulation;

	(void)state;
	for (int room = 0; room < 2; room++) {
		load_guest(room ? "4194308KiB" : "4GiB", "4GiB", 1, "deferred", FWB,
			   FAULT("kvm_pgtable_stage2_map", 1000), START "," AT("100s", "start"));
		simulation = simulate(&scenario, 0);
		assert_int_equal(counter_of(simulation, "pages.lost"), 1);
		assert_int_equal(counter_of(simulation, "mm.free_4k"), 999);
		assert_int_equal(counter_of(simulation, "kvm.destroy_vm"), 1);
		assert_int_equal(times_done(simulation, "start.latency"), room);
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 2 - room);
		done(simulation);
	}
}

static void test_invalidations(void **state)
{
	/* calls go on counting: pages 1000, 2000 and 3000 of three attempts */
	struct simulation *simulation = run("deferred", FWB,
					    ", \"lock_retries\": 2, \"faults\": ["
					    " {\"step\": \"mmu_notifier_retry\", \"call\": 1000},"
					    " {\"step\": \"mmu_notifier_retry\", \"call\": 3000},"
					    " {\"step\": \"mmu_notifier_retry\", \"call\": 6000}]",
					    AT("1s", "relock"));

	(void)state;
	assert_int_equal(times_done(simulation, "relock.latency"), 0);
	assert_int_equal(total_of(simulation, "failures.EAGAIN"), 3);
	assert_int_equal(total_of(simulation, "fallbacks"), 2);
	/* the second attempt finds one page lost, the third two */
	assert_int_equal(counter_of(simulation, "kvm.alloc_entry"), 999 + 1998 + 2997);
	assert_int_equal(counter_of(simulation, "pages.lost"), 3);
	done(simulation);
	/* a page is lost once, however often its pin leaks */
	simulation =
		run_sized("4KiB", "deferred", FWB,
			  ", \"faults\": [{\"step\": \"mmu_notifier_retry\", \"probability\": 1}]",
			  AT("1s", "relock"));
	assert_int_equal(total_of(simulation, "failures.EAGAIN"), 4);
	assert_int_equal(counter_of(simulation, "pages.lost"), 1);
	done(simulation);
	/* the page in hand at the first failure was pinned, too: the second is at page 50 again */
	simulation = run("deferred", FWB,
			 ", \"faults\": [{\"step\": \"mmu_notifier_retry\", \"call\": 50},"
			 " {\"step\": \"pin_user_pages\", \"call\": 100}]" NO_BUGS,
			 AT("1s", "relock"));
	assert_int_equal(total_of(simulation, "failures.EAGAIN"), 1);
	assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
	assert_int_equal(counter_of(simulation, "kvm.alloc_entry"), 49 + 49);
	done(simulation);
}

/*
 * The chance of EAGAIN is 1 - exp(-rate * duration of the lock), and it comes as soon as the
 * invalidation: 4 GiB take 0.7015 s; at 1/s half of the attempts (0.5041) fail, and an attempt
 * pins 0.5041 s worth of pages on average.
 */
static void test_invalidation_rate(void **state)
{
	enum { REPLICATIONS = 2000 };
	struct simulation *simulation =
		run("deferred", FWB, ", \"invalidations\": \"1/s\", \"lock_retries\": 0",
		    AT("1s", "relock"));
	struct error error = { 0 };
	double pinned = 0;
	int failed = 0;

	(void)state;
	for (uint32_t r = 0; r < REPLICATIONS; r++) {
		assert_true(simulation_run(simulation, r, &error));
		failed += times_done(simulation, "relock.latency") == 0;
		pinned += (double)counter_of(simulation, "mm.pin_4k");
	}
	assert_true(abs(failed - 1008) < 4 * 23);
	/* its standard deviation is 0.238 s worth of pages */
	pinned = pinned / REPLICATIONS * LOCK_NS * 1e-9;
	assert_true(pinned > 0.5041 - 4 * 0.238 / 44.7 && pinned < 0.5041 + 4 * 0.238 / 44.7);
	done(simulation);
}

/* v5 refuses a lock while a vCPU is inside KVM_RUN, v4 once one has run in this process. */
static void test_lock_rules(void **state)
{
	static const char v4[] = ", \"lock_rule\": \"v4\"";
	struct simulation *simulation =
		run("deferred", FWB, ", \"pause_for_lock\": false", AT("1s", "relock"));

	(void)state;
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(counter_of(simulation, "mm.pin_4k"), 0);
	done(simulation);
	simulation = run("deferred", FWB, v4, AT("1s", "relock"));
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(counter_of(simulation, "qemu.pause_vcpu"), 4);
	assert_int_equal(counter_of(simulation, "mm.pin_4k"), 0);
	done(simulation);
	/* a process may lock before its vCPUs run, not behind; the next process may again */
	assert_int_equal(latency("deferred", FWB, v4, "start"),
			 latency("deferred", FWB, "", "start"));
	simulation =
		run("deferred", FWB, v4,
		    START "," AT("100s", "relock") "," AT("200s", "kill") "," AT("300s", "start"));
	assert_int_equal(times_done(simulation, "start.latency"), 2);
	assert_int_equal(times_done(simulation, "relock.latency"), 0);
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(counter_of(simulation, "mm.pin_4k"), 2 * PAGES_4G);
	done(simulation);
}

static void test_refusals(void **state)
{
	static const char limits[] = ", \"cap_ipc_lock\": false, \"memlock_limit\": \"%s\","
				     " \"memlock_used\": \"64KiB\"";
	struct simulation *simulation;
	char keys[128];

	(void)state;
	/* refused before the lock, or only after it */
	for (int i = 0; i < 2; i++) {
		snprintf(keys, sizeof(keys), limits, i ? "4GiB" : "1GiB");
		simulation = run("deferred", FWB, keys, START);
		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
		assert_int_equal(counter_of(simulation, "mm.pin_4k"), i ? PAGES_4G : 0);
		assert_int_equal(counter_of(simulation, "mm.unpin_4k"), i ? PAGES_4G : 0);
		assert_int_equal(times_done(simulation, "start.latency"), 0);
		assert_int_equal(counter_of(simulation, "pages.lost"), 0);
		done(simulation);
	}
	simulation =
		run("unlocked", FWB, FAULT("KVM_DEV_ARM_ITS_CTRL_RESET", 1), AT("1s", "reboot"));
	assert_int_equal(total_of(simulation, "failures.EBUSY"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 0);
	done(simulation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pages),     cmocka_unit_test(test_failures),
		cmocka_unit_test(test_account),       cmocka_unit_test(test_unlocked_by_failure),
		cmocka_unit_test(test_retry),         cmocka_unit_test(test_failed_start),
		cmocka_unit_test(test_invalidations), cmocka_unit_test(test_invalidation_rate),
		cmocka_unit_test(test_lock_rules),    cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
