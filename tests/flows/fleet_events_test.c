/* What happens to a VM, whatever it does at that time: every event of a fleet in every state. */

#include "held.h"

#include "fleet_run.h"

enum { EVENTS = 5 };

#define AT(at_, what_) "{\"at\": \"" at_ "\", \"do\": \"" what_ "\", \"guests\": \"vm\"}"

/*
 * A VM of 4 GiB arrives on host 0, with two hosts more. What it does, and what happens then: so many
 * reboots and moves, and whether it runs in the end. Requests are served in their order, those
 * that meet a move behind it, on the other host; a kill does not wait; who ends ends once. !: the
 * shutdown of a move that has not begun is refused, for the kill has come first.
 *
 * A shutdown stops the guest for a second, its exit takes 6 ms, a start 4 s; a second after the
 * exit its helper notices, and frees the memory for a sixth of a second.
 */
static const struct {
	const char *doing, *setup, *at;
	const char *ends[EVENTS];
} cells[] = {
	/* reboot, shutdown, kill, the end of its life, evacuation of host 0, or of where it goes */
	{ "starts", "", "1s", { "00 runs", "00 runs", "00 runs", "00 gone", "01 runs" } },
	{ "runs", "", "100s", { "10 runs", "00 gone", "00 gone", "00 gone", "01 runs" } },
	{ "reboots",
	  AT("99.5s", "reboot"),
	  "100s",
	  { "20 runs", "10 gone", "00 gone", "10 gone", "11 runs" } },
	{ "shuts down",
	  AT("99.5s", "shutdown"),
	  "100s",
	  { "00 gone", "00 gone", "00 gone", "00 gone", "00 gone" } },
	{ "is killed at that instant",
	  AT("100s", "kill"),
	  "100s",
	  { "00 gone", "00 gone", "00 gone", "00 gone", "00 gone!" } },
	{ "exits",
	  AT("100s", "kill"),
	  "100.003s",
	  { "00 gone", "00 gone", "00 gone", "00 gone", "00 gone" } },
	{ "is gone, but for its memory",
	  AT("100s", "kill"),
	  "101.1s",
	  { "00 gone", "00 gone", "00 gone", "00 gone", "00 gone" } },
	{ "is told to move at that instant",
	  EVACUATE_0 "}",
	  "100s",
	  { "11 runs", "01 gone", "00 gone!", "01 gone", "01 runs" } },
	{ "shuts down to move",
	  EVACUATE_0 "}",
	  "100.5s",
	  { "11 runs", "01 gone", "00 gone", "01 gone", "01 runs" } },
	{ "exits to move",
	  EVACUATE_0 "}",
	  "101.003s",
	  { "11 runs", "01 gone", "00 gone", "01 gone", "01 runs" } },
	{ "starts behind its move",
	  EVACUATE_0 "}",
	  "102s",
	  { "11 runs", "01 gone", "00 gone", "01 gone", "02 runs" } },
	{ "runs behind its move",
	  EVACUATE_0 "}",
	  "200s",
	  { "11 runs", "01 gone", "01 gone", "01 gone", "02 runs" } },
};

static const char *const happening[EVENTS] = { "reboot", "shutdown", "kill", "end of life",
					       "evacuate" };

static struct simulation *run_cell(size_t i, size_t k)
{
	const char *setup = cells[i].setup, *at = cells[i].at;
	static char text[512];
	char line[64] = "0,1,4,\n", host[32] = "";

	if (strcmp(happening[k], "end of life") == 0) {
		snprintf(line, sizeof(line), "0,1,4,%g\n", strtod(at, NULL));
		events = setup;
		return run(line, ONE_HOST, "\"hosts\": 3");
	}
	if (strcmp(happening[k], "evacuate") == 0)
		snprintf(host, sizeof(host), ", \"host\": %d", strstr(setup, "evacuate") ? 1 : 0);
	snprintf(text, sizeof(text), "%s%s{\"at\": \"%s\", \"do\": \"%s\", \"guests\": \"vm\"%s}",
		 setup, *setup ? ", " : "", at, happening[k], host);
	events = text;
	return run(line, ONE_HOST, "\"hosts\": 3");
}

/* That a fleet adds up, host by host, is checked by each run. */
static void test_every_event_in_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		for (size_t k = 0; k < EVENTS; k++) {
			struct simulation *simulation = run_cell(i, k);
			uint64_t running = counter_of(simulation, "vms.running");
			char end[32];

			snprintf(end, sizeof(end), "%zu%d %s%s",
				 times_done(simulation, "reboot.latency"),
				 (int)counter_of(simulation, "vms.moved"),
				 running ? "runs" : "gone",
				 counter_of(simulation, "operations.refused") ? "!" : "");
			if (strcmp(end, cells[i].ends[k]) != 0)
				fail_msg("%s of a VM that %s: %s instead of %s", happening[k],
					 cells[i].doing, end, cells[i].ends[k]);
			assert_accounted(simulation);
			assert_int_equal(running + counter_of(simulation, "vms.torn_down"), 1);
			assert_int_equal(bytes_in_use(simulation), running * (4LL << 30));
			assert_int_equal(counter_of(simulation, "operations.unfinished"), 0);
			done(simulation);
		}
}

/* Where a VM counts that is on its way when the experiment ends; a killed one stops. */
static void test_ends_on_the_way(void **state)
{
	static const struct {
		const char *kill;
		double until_s;
		const char *counted;
	} rows[] = { { "", 100.5, "vms.moving" },
		     { "", 101.003, "vms.moving" },
		     { "", 102, "vms.moving" },
		     { ", " AT("100.5s", "kill"), 100.503, "vms.stopping" },
		     { ", " AT("101.001s", "kill"), 101.003, "vms.stopping" },
		     { ", " AT("102s", "kill"), 102.001, "vms.stopping" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct simulation *simulation;
		char text[512];

		snprintf(text, sizeof(text), "%s}%s", EVACUATE_0, rows[i].kill);
		events = text;
		prepare("0,1,4,\n", ONE_HOST, "\"hosts\": 2");
		scenario.simulation.until_ns = (int64_t)(rows[i].until_s * 1e9);
		simulation = simulate(&scenario, 0);
		assert_accounted(simulation);
		assert_int_equal(counter_of(simulation, rows[i].counted), 1);
		done(simulation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_event_in_every_state),
		cmocka_unit_test(test_ends_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
