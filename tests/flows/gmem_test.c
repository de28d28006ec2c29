/*
 * Models whose guests have a guest_memfd: what is accepted when and by whom, what conversions and
 * the end cost, and that whatever dies at whatever time gives everything back.
 */

#include "scenario_run.h"

#include "closed_form/closed_form.h"
#include "flow/memory.h"

#define START    "{\"at\": \"0s\", \"do\": \"start\", \"guests\": \"g\"}"
#define REBOOT   "{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\"}"
#define SHUTDOWN "{\"at\": \"1s\", \"do\": \"shutdown\", \"guests\": \"g\"}"
#define UPDATE   "{\"at\": \"1s\", \"do\": \"update\", \"guests\": \"g\"}"

/* Each with the counter of what the guest does to accept a page. */
static const struct {
	const char *name, *accepts, *given_back;
} models[] = {
	{ "sev-snp", "snp.pvalidate", "rmp_make_shared" },
	{ "tdx", "tdx.page_accept", "tdh_phymem_page_reclaim" },
};
enum { MODELS = sizeof(models) / sizeof(models[0]), GIB_PAGES = 1 << 18, MIB_PAGES = 1 << 8 };

static struct simulation *run_on(const char *memory, const char *until, size_t model,
				 const char *keys, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 64, \"memory\": \"%s\"}, \"guests\": [{\"name\": \"g\","
	     " \"model\": \"%s\", \"vcpus\": 4, \"boot_creates\": 0, \"boot_deletes\": 0 %s}],"
	     " \"events\": [%s], \"experiment\": {\"until\": \"%s\", \"spread\": false}}",
	     memory, models[model].name, keys, events, until);
	return simulate(&scenario, 0);
}

static struct simulation *run(size_t model, const char *keys, const char *events)
{
	return run_on("4TiB", "2h", model, keys, events);
}

#define SLOW ", \"workload_rate\": \"1B/s\""
#define BARE SLOW ", \"bounce_buffers\": 0"

/* --- acceptance ---------------------------------------------------------------- */

/* 16 GiB: 2 of the firmware, 4 x 54 MiB of vCPUs; the boot's own 0.5 GiB are among those. */
static void test_accepted_lazily(void **state)
{
	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		struct simulation *simulation =
			run_on("4TiB", "20s", m, ", \"memory\": \"16GiB\"" BARE, START);

		assert_int_equal(counter_of(simulation, models[m].accepts),
				 2 * GIB_PAGES + 4 * 54 * MIB_PAGES);
		done(simulation);
		simulation = run_on("4TiB", "20s", m,
				    ", \"memory\": \"16GiB\", \"firmware_accepts\": \"0B\","
				    " \"accept_per_vcpu\": \"0B\", \"boot_touch_ratio\": 0" BARE,
				    START);
		assert_int_equal(counter_of(simulation, models[m].accepts), 256 * MIB_PAGES);
		done(simulation);
	}
}

/* At once: all of it, whatever is resident; nothing is left for the workload. */
static void test_accepted_at_once(void **state)
{
	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		struct simulation *simulation = run(m,
						    ", \"memory\": \"16GiB\", \"acceptance\": "
						    "\"at-once\", \"bounce_buffers\": 0",
						    START);

		assert_int_equal(counter_of(simulation, models[m].accepts), 16 * GIB_PAGES);
		assert_int_equal(observation(simulation, "memory.in_use.peak", 0) >> 30,
				 m ? 16 : 28); /* and of SEV-SNP 0.75 of it twice */
		done(simulation);
	}
}

/* Four vCPUs that are not in each other's way take a quarter of the time. */
static void test_accepted_by_all(void **state)
{
	static const char keys[] =
		", \"memory\": \"16GiB\", \"acceptance\": \"at-once\", \"boot_touchers\": %d";
	char text[200];

	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		int64_t latency[2], page_ns, saved_ns;

		for (int all = 0; all < 2; all++) {
			struct simulation *simulation;

			snprintf(text, sizeof(text), keys, all ? 4 : 1);
			simulation = run(m, text, START);
			latency[all] = observation(simulation, "start.latency", 0);
			assert_int_equal(counter_of(simulation, models[m].accepts),
					 16 * GIB_PAGES + (m ? 0 : 983 * MIB_PAGES + 11));
			done(simulation);
		}
		/* by hand; three others make each page dearer by 3 x 1.42 us */
		page_ns = m ? 6100 + 600 + 335 + 1000
			    : 3000 + 600 + 335 + 1200 + 1000 + 60 + 20000 / 512;
		saved_ns = 16LL * GIB_PAGES * page_ns - 4LL * GIB_PAGES * (page_ns + 3 * 1420);
		assert_true(llabs(latency[0] - latency[1] - saved_ns) < saved_ns / 1000);
	}
}

/* --- conversions ---------------------------------------------------------------- */

/* What becomes shared and private again is as it was: no page more or less. */
static void test_converted_and_back(void **state)
{
	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		struct simulation *simulation =
			run(m, ", \"memory\": \"4GiB\", \"resident\": 1, \"converted\": \"64MiB\"",
			    UPDATE);
		const struct page_map *map = &simulation->instances[0].guest.pages;

		assert_int_equal(times_done(simulation, "update.latency"), 1);
		assert_int_equal(page_map_present(map), 4 * GIB_PAGES);
		assert_int_equal(counter_of(simulation, "kvm.set_attributes_4k"),
				 2 * 64 * MIB_PAGES);
		assert_int_equal(counter_of(simulation, "qemu.convert_memory"), 2 * 32);
		done(simulation);
	}
}

/* Bounce buffers: 6 %, at least 64 MiB and at most 1 GiB. */
static void test_bounce_buffers(void **state)
{
	static const struct {
		const char *memory;
		int64_t pages;
	} rows[] = { { "1GiB", 64 * MIB_PAGES }, { "4GiB", 62915 }, { "64GiB", GIB_PAGES } };

	(void)state;
	for (size_t m = 0; m < MODELS; m++)
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char keys[100];
			int64_t converted[2];

			for (int with = 0; with < 2; with++) {
				struct simulation *simulation;

				snprintf(keys, sizeof(keys), ", \"memory\": \"%s\"" SLOW "%s",
					 rows[i].memory, with ? "" : ", \"bounce_buffers\": 0");
				simulation = run(m, keys, START);
				converted[with] = (int64_t)counter_of(simulation, "mm.zero_4k");
				done(simulation);
			}
			assert_int_equal(converted[1] - converted[0], rows[i].pages);
		}
}

/* --- the end ---------------------------------------------------------------------- */

/* A page that is not given back is lost to the host; the guest ends, and the next one starts. */
static void test_lost_page(void **state)
{
	char keys[200];

	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		struct simulation *simulation;

		snprintf(keys, sizeof(keys),
			 ", \"memory\": \"4GiB\", \"faults\": [{\"step\": \"%s\", \"call\": 1000}]",
			 models[m].given_back);
		simulation =
			run(m, keys,
			    SHUTDOWN ", {\"at\": \"1h\", \"do\": \"start\", \"guests\": \"g\"}");
		assert_int_equal(counter_of(simulation, "pages.lost"), 1);
		assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
		assert_int_equal(times_done(simulation, "start.latency"), 1);
		done(simulation);
	}
}

/* In the process only QEMU's own start is saved, and its devices are reset: the memory goes. */
static void test_reset_in_process(void **state)
{
	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		int64_t latency[2], qemu_ns = m ? 140000000 : 94000000;

		for (int in_process = 0; in_process < 2; in_process++) {
			struct closed_form form;
			struct error error = { 0 };
			struct simulation *simulation = run(
				m,
				in_process
					? ", \"memory\": \"16GiB\", \"reset_in_process\": true" SLOW
					: ", \"memory\": \"16GiB\"" SLOW,
				REBOOT);

			latency[in_process] = observation(simulation, "reboot.latency", 0);
			assert_true(closed_form(&scenario.simulation, 0, OPERATION_REBOOT, &form,
						&error));
			assert_int_equal(form.latency_ns, latency[in_process]);
			assert_int_equal(times_done(simulation, "teardown.latency"), 1);
			done(simulation);
		}
		assert_int_equal(latency[0] - latency[1], 1000000 + qemu_ns - 20000000);
	}
}

/* --- what comes in between --------------------------------------------------------- */

/* Killed at any time of a start, a reboot or a conversion: one teardown, and a start that fits. */
static void test_killed_at_any_time(void **state)
{
	static const char *const events[] = { START, REBOOT, UPDATE };
	static const char *const modes[] = {
		"", ", \"reset_in_process\": true",
		", \"acceptance\": \"at-once\", \"boot_touchers\": 4",
		", \"devices\": [{\"kind\": \"vfio\", \"bars\": \"1GiB\"}]"
	};

	(void)state;
	for (size_t m = 0; m < MODELS; m++)
		for (size_t e = 0; e < 3; e++)
			for (size_t i = 0; i < 4; i++)
				for (int at_ms = 5; at_ms < 14000; at_ms = at_ms * 5 / 4 + 3) {
					char keys[200], text[300];
					struct simulation *simulation;

					snprintf(keys, sizeof(keys), ", \"memory\": \"2GiB\"%s",
						 modes[i]);
					snprintf(text, sizeof(text),
						 "%s, {\"at\": \"%dms\", \"do\": \"kill\", "
						 "\"guests\": \"g\"},"
						 " {\"at\": \"2h\", \"do\": \"start\", \"guests\": "
						 "\"g\"}",
						 events[e], e ? 1000 + at_ms : at_ms);
					simulation = run_on("3584MiB", "3h", m, keys, text);
					if (times_done(simulation, "start.latency") < 1)
						fail_msg("%s, mode %zu, %s killed at %d ms",
							 models[m].name, i, events[e], at_ms);
					assert_int_equal(total_of(simulation, "failures.ENOMEM"),
							 0);
					done(simulation);
				}
}

/* A start that gets one of its shares of memory and not the other leaves none behind. */
static void test_half_there(void **state)
{
	static const char *const missing[] = { "shared pages", "guest memory" };

	(void)state;
	for (size_t m = 0; m < MODELS; m++)
		for (int i = 0; i < 2; i++) {
			char keys[200];
			struct simulation *simulation;

			snprintf(keys, sizeof(keys),
				 ", \"memory\": \"4GiB\", \"shared_twice\": 0.75, \"faults\": "
				 "[{\"step\":"
				 " \"%s\", \"call\": 1}]",
				 missing[i]);
			simulation = run(m, keys, START);
			assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
			assert_int_equal(memory_held(&simulation->instances[0]), 0);
			done(simulation);
		}
}

/* The second copy does not fit: what came first goes with the process that has failed. */
static void test_no_room_twice(void **state)
{
	(void)state;
	for (size_t m = 0; m < MODELS; m++) {
		struct simulation *simulation = run_on(
			"5GiB", "1h", m,
			", \"memory\": \"4GiB\", \"resident\": 1, \"shared_twice\": 0.75", START);

		assert_int_equal(total_of(simulation, "failures.ENOMEM"), 1);
		assert_int_equal(times_done(simulation, "start.latency"), 0);
		assert_int_equal(memory_held(&simulation->instances[0]), 0);
		done(simulation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted_lazily),  cmocka_unit_test(test_accepted_at_once),
		cmocka_unit_test(test_accepted_by_all),  cmocka_unit_test(test_converted_and_back),
		cmocka_unit_test(test_bounce_buffers),   cmocka_unit_test(test_lost_page),
		cmocka_unit_test(test_reset_in_process), cmocka_unit_test(test_killed_at_any_time),
		cmocka_unit_test(test_half_there),       cmocka_unit_test(test_no_room_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
