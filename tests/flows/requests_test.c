/* Every request ends once: done, failed, refused, coalesced or unfinished, and nothing is lost. */

#include "held.h"
#include "one_run.h"

static void go(const char *guest, const char *events)
{
	load(&scenario,
	     "{\"host\": {\"cores\": 8, \"memory\": \"100GiB\"}, \"guests\": [{\"name\": \"g\", "
	     "%s}], "
	     "\"events\": [%s], \"experiment\": {\"until\": \"2h\", \"spread\": false}}",
	     guest, events);
	simulation = simulate(&scenario, 0);
}

#define S390           "\"strategy\": \"sync\", \"vcpus\": 4, \"memory\": \"64GiB\", \"resident\": 1"
#define KVM            "\"model\": \"kvm\", \"strategy\": \"exit\", \"vcpus\": 4, \"memory\": \"64GiB\""
#define AT(at_, what_) "{\"at\": \"" at_ "\", \"do\": \"" what_ "\", \"guests\": \"g\"}"

static void assert_requests(uint64_t done, uint64_t failed, uint64_t refused, uint64_t coalesced,
			    uint64_t unfinished)
{
	assert_int_equal(counter_of(simulation, "operations.done"), done);
	assert_int_equal(counter_of(simulation, "operations.failed"), failed);
	assert_int_equal(counter_of(simulation, "operations.refused"), refused);
	assert_int_equal(counter_of(simulation, "operations.coalesced"), coalesced);
	assert_int_equal(counter_of(simulation, "operations.unfinished"), unfinished);
	assert_int_equal(counter_of(simulation, "operations.requested"),
			 done + failed + refused + coalesced + unfinished);
}

/* The walk of DISABLE cannot be killed; the start behind it takes as long as it does alone. */
static void test_start_behind_a_walk_that_is_killed(void **state)
{
	int64_t behind;

	(void)state;
	go(S390, AT("10s", "reboot") "," AT("15s", "kill") "," AT("20s", "start"));
	assert_requests(2, 1, 0, 0, 0);
	assert_int_equal(observation(simulation, "failures.EINTR", 0), 1);
	behind = 20000000000 + observation(simulation, "start.latency", 0);
	tidy(NULL);
	go(S390, AT("10s", "reboot") "," AT("15s", "kill") "," AT("60s", "start"));
	/* the kill is served when the walk has ended, before 60 s */
	assert_int_equal(behind, 15000000000 + observation(simulation, "shutdown.latency", 0) +
					 observation(simulation, "start.latency", 0));
}

static void test_kill_and_start_at_one_instant(void **state)
{
	(void)state;
	go(KVM, AT("10s", "kill") "," AT("10s", "start"));
	assert_requests(2, 0, 0, 0, 0);
	tidy(NULL);
	go(KVM, AT("10s", "start") "," AT("10s", "kill")); /* no process yet */
	assert_requests(1, 0, 1, 0, 0);
	assert_int_equal(observation(simulation, "failures.ESRCH", 0), 1);
}

/* What waits behind an operation that is killed is judged when its turn comes. */
static void test_queue_behind_a_kill(void **state)
{
	(void)state;
	go(S390, AT("10s", "reboot") "," AT("10.1s", "reboot") "," AT("10.2s", "kill") "," AT(
			 "10.3s", "start") "," AT("10.3s", "reboot"));
	/* reboot: EINTR; the second finds no guest; kill, start and the last reboot are done */
	assert_requests(3, 1, 1, 0, 0);
	assert_int_equal(observation(simulation, "failures.ESRCH", 0), 1);
}

/* A process that is starting can be killed; its memory is back, so the next start finds room. */
static void test_kill_while_starting(void **state)
{
	(void)state;
	go(KVM ", \"resident\": 1",
	   AT("0s", "start") "," AT("1s", "kill") "," AT("20s", "start") "," AT(
		   "21s", "kill") "," AT("40s", "start"));
	assert_requests(3, 2, 0, 0, 0);
	assert_int_equal(times_done(simulation, "start.latency"), 1);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 2);
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), 0);
}

/* A start that fails leaves no process and holds nothing. */
static void test_start_that_fails(void **state)
{
	(void)state;
	go("\"strategy\": \"async\", \"vcpus\": 4, \"memory\": \"64GiB\", \"resident\": 1, "
	   "\"faults\": [{\"step\": \"uvc.create_conf\", \"call\": 1}]",
	   AT("0s", "start") "," AT("20s", "start") "," AT("60s", "kill") "," AT("61s", "kill"));
	assert_requests(2, 1, 0, 1, 0); /* the second kill meets an exit */
	assert_int_equal(observation(simulation, "failures.EIO", 0), 1);
	assert_int_equal(observation(simulation, "failures.ENOMEM", 0), 0);
	assert_int_equal(times_done(simulation, "shutdown.latency"), 1);
}

static void test_kill_twice(void **state)
{
	(void)state;
	go(S390, AT("10s", "reboot") "," AT("15s", "kill") "," AT("16s", "kill"));
	assert_requests(1, 1, 0, 1, 0);
}

enum { ASKED = 4 };

/*
 * What a guest does, and what it is asked for then: how many requests are done, fail, are refused
 * and coalesce, and whether a guest runs in the end. A request waits its turn, is judged when that
 * comes, and a kill has it at once; who is dying dies once.
 */
static const struct {
	const char *doing, *setup, *at;
	const char *ends[ASKED];
} cells[] = {
	/* start, reboot, shutdown, kill */
	{ "is told to start at that instant",
	  AT("10s", "start"),
	  "10s",
	  { "1010 runs", "2000 runs", "2000 gone", "1010 runs" } },
	{ "starts",
	  AT("10s", "start"),
	  "11s",
	  { "1010 runs", "2000 runs", "2000 gone", "1100 gone" } },
	{ "runs",
	  AT("0s", "start"),
	  "10s",
	  { "1010 runs", "2000 runs", "2000 gone", "2000 gone" } },
	{ "reboots",
	  AT("0s", "start") "," AT("10s", "reboot"),
	  "10.5s",
	  { "2010 runs", "3000 runs", "3000 gone", "2100 gone" } },
	{ "shuts down",
	  AT("0s", "start") "," AT("10s", "shutdown"),
	  "10.5s",
	  { "3000 runs", "2010 gone", "2010 gone", "2100 gone" } },
	{ "exits behind a shutdown",
	  AT("0s", "start") "," AT("10s", "shutdown"),
	  "12s",
	  { "3000 runs", "2010 gone", "2010 gone", "2001 gone" } },
	{ "is killed at that instant",
	  AT("0s", "start") "," AT("10s", "kill"),
	  "10s",
	  { "3000 runs", "2010 gone", "2010 gone", "2001 gone" } },
	{ "exits behind a kill",
	  AT("0s", "start") "," AT("10s", "kill"),
	  "11s",
	  { "3000 runs", "2010 gone", "2010 gone", "2001 gone" } },
	{ "is gone",
	  AT("0s", "start") "," AT("10s", "kill"),
	  "20s",
	  { "3000 runs", "2010 gone", "2010 gone", "2010 gone" } },
};

static void test_every_request_in_every_state(void **state)
{
	static const char *const asked[ASKED] = { "start", "reboot", "shutdown", "kill" };

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		for (size_t k = 0; k < ASKED; k++) {
			char events[512], end[32];

			snprintf(events, sizeof(events),
				 "%s, {\"at\": \"%s\", \"do\": \"%s\", \"guests\": \"g\"}",
				 cells[i].setup, cells[i].at, asked[k]);
			go(KVM ", \"resident\": 1", events);
			snprintf(end, sizeof(end), "%d%d%d%d %s",
				 (int)counter_of(simulation, "operations.done"),
				 (int)counter_of(simulation, "operations.failed"),
				 (int)counter_of(simulation, "operations.refused"),
				 (int)counter_of(simulation, "operations.coalesced"),
				 bytes_in_use(simulation) == 64 * (1LL << 30) ? "runs"
				 : bytes_in_use(simulation) == 0              ? "gone"
									      : "holds a part");
			if (strcmp(end, cells[i].ends[k]) != 0)
				fail_msg("%s of a guest that %s: %s instead of %s", asked[k],
					 cells[i].doing, end, cells[i].ends[k]);
			assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
			tidy(state);
		}
}

/* QEMU keeps one reset request: those that come while one waits are served by it. */
static void test_coalesce(void **state)
{
	(void)state;
	go("\"strategy\": \"async\", \"vcpus\": 4, \"memory\": \"8GiB\"",
	   "{\"at\": \"1s\", \"do\": \"reboot\", \"guests\": \"g\", \"every\": \"10ms\", "
	   "\"times\": 500, \"coalesce\": true}");
	assert_requests(2, 0, 0, 498, 0);
	assert_int_equal(times_done(simulation, "reboot.latency"), 2);
}

/* At the end of the experiment what is under way, and what waits, is unfinished. */
static void test_unfinished(void **state)
{
	(void)state;
	load(&scenario, "%s",
	     "{\"host\": {\"cores\": 8}, \"guests\": [{\"name\": \"g\", \"strategy\": \"sync\", "
	     "\"memory\": \"1GiB\"}], "
	     "\"events\": [{\"do\": \"reboot\", \"guests\": \"g\", \"every\": \"1s\", \"times\": "
	     "3}],"
	     "\"experiment\": {\"until\": \"3s\", \"spread\": false}}");
	simulation = simulate(&scenario, 0);
	assert_requests(0, 0, 0, 0, 3);
}

/* A wave goes on when its own request has ended, whichever way that was. */
static void test_wave_over_guests_that_are_busy_or_gone(void **state)
{
	(void)state;
	go(KVM ", \"count\": 3, \"resident\": 0.1",
	   AT("1s", "reboot") ","
			      "{\"at\": \"1s\", \"do\": \"shutdown\", \"guests\": \"g\", "
			      "\"concurrency\": 1},"
			      "{\"at\": \"100s\", \"do\": \"kill\", \"guests\": \"g\", "
			      "\"concurrency\": 1}");
	assert_requests(6, 0, 3, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_start_behind_a_walk_that_is_killed, tidy),
		cmocka_unit_test_teardown(test_kill_and_start_at_one_instant, tidy),
		cmocka_unit_test_teardown(test_queue_behind_a_kill, tidy),
		cmocka_unit_test_teardown(test_kill_while_starting, tidy),
		cmocka_unit_test_teardown(test_start_that_fails, tidy),
		cmocka_unit_test_teardown(test_kill_twice, tidy),
		cmocka_unit_test_teardown(test_every_request_in_every_state, tidy),
		cmocka_unit_test_teardown(test_coalesce, tidy),
		cmocka_unit_test_teardown(test_unfinished, tidy),
		cmocka_unit_test_teardown(test_wave_over_guests_that_are_busy_or_gone, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
