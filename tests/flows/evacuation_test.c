/* Hosts that are emptied: who moves, who cannot, and who is lost on the way. */

#include <errno.h>

#include "fork.h"

#include "fleet_run.h"

/*
 * Two VMs leave host 0, one at a time. A third takes the second's room on host 1 meanwhile, so
 * that the second stays until the third has gone. Then host 0 is empty, and soon back.
 */
static void test_evacuation(void **state)
{
	struct simulation *simulation;
	int64_t third_gone_ns;

	(void)state;
	events = EVACUATE_0 ", \"concurrency\": 1, \"back_after\": \"10s\"}";
	simulation = run("0,1,4,\n1,1,4,\n100.5,1,4,60\n300,1,8,\n", ONE_HOST, "\"hosts\": 2");

	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.moved"), 2);
	assert_int_equal(counter_of(simulation, "vms.started"), 4);
	assert_int_equal(counter_of(simulation, "vms.waited"), 0);
	assert_int_equal(counter_of(simulation, "vms.running"), 3);
	/* starts: first, second, third, first again, second again, fourth */
	assert_int_equal(observation(simulation, "move.latency", 0),
			 observation(simulation, "shutdown.latency", 0) +
				 observation(simulation, "start.latency", 3));
	third_gone_ns = (int64_t)160.5e9 + observation(simulation, "shutdown.latency", 1);
	assert_true(observation(simulation, "evacuation.latency", 0) >
		    third_gone_ns + observation(simulation, "shutdown.latency", 2) -
			    (int64_t)100e9);
	assert_true(observation(simulation, "evacuation.latency", 0) < (int64_t)70e9);
	/* the fourth needs 8 GiB, and only host 0 has them */
	assert_int_equal(observation(simulation, "start.delay", 3), 0);
	done(simulation);
}

/* A VM that reboots when its host is emptied goes as soon as it has; nothing is stuck. */
static void test_evacuation_behind_a_reboot(void **state)
{
	struct simulation *simulation;

	(void)state;
	events = EVACUATE_0 "}, {\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"99s\"}";
	simulation = run("0,1,4,\n", ONE_HOST, "\"hosts\": 2");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 1);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 1);
	assert_int_equal(started_on(simulation, "host 1"), 1);
	done(simulation);
}

/*
 * One at a time leaves host 0. The first does not start on host 1: it is lost, its room there is
 * free again, and the second goes on its way. The fault is the third call: that of the first move.
 */
static void test_move_that_fails(void **state)
{
	struct simulation *simulation;

	(void)state;
	guest = KVM ", \"faults\": [{\"step\": \"guest memory\", \"call\": 3}]";
	events = EVACUATE_0 ", \"concurrency\": 1}";
	simulation = run("0,1,4,\n1,1,4,\n300,1,4,\n", ONE_HOST, "\"hosts\": 2");
	guest = KVM;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.lost"), 1);
	assert_int_equal(counter_of(simulation, "vms.failed"), 0);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(counter_of(simulation, "vms.moving"), 0);
	assert_int_equal(times_done(simulation, "move.latency"), 1);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 1);
	/* 8 of 10 GiB of host 1: the moved one and the third, who found its room at once */
	assert_int_equal(counter_of(simulation, "vms.running"), 2);
	assert_int_equal(observation(simulation, "start.delay", 2), 0);
	done(simulation);
}

/*
 * The second VM dies while it shuts down to move: the first reboots beside it, its old process's
 * memory goes back in the background, and the OOM killer takes the largest; it helps too late, and
 * the first is lost as well. The third goes instead, and the fourth gets the second's room.
 */
static void test_death_on_the_way(void **state)
{
	struct simulation *simulation;

	(void)state;
	guest = "\"model\": \"cca\", \"strategy\": \"background\"";
	events = EVACUATE_0 ", \"concurrency\": 1}, "
			    "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"99.5s\", "
			    "\"older_than\": \"90s\"}";
	simulation = run("0,1,3,\n20,1,5,\n30,1,0.5,\n100.2,1,8,\n", ONE_HOST,
			 "\"hosts\": 2, \"patience\": \"1h\"");
	guest = KVM;
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "oom.neighbours"), 1);
	assert_int_equal(counter_of(simulation, "vms.lost"), 2);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(counter_of(simulation, "vms.moving"), 0);
	assert_int_equal(counter_of(simulation, "vms.running"), 2);
	assert_int_equal(started_on(simulation, "host 1"), 2);
	assert_int_equal(counter_of(simulation, "vms.waited"), 1);
	assert_in_range(observation(simulation, "start.delay", 3), 1, (uintmax_t)10e9);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 1);
	done(simulation);
}

/*
 * Killed on its way to a host that is to be empty itself by now: that one is empty, and so is the
 * first when the next VM, which came too late for the kill, has gone to a third.
 */
static void test_kill_on_the_way(void **state)
{
	struct simulation *simulation;

	(void)state;
	events = EVACUATE_0 ", \"concurrency\": 1}, "
			    "{\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 1, \"at\": "
			    "\"100.2s\"}, {\"do\": \"kill\", \"guests\": \"vm\", \"at\": "
			    "\"100.5s\", \"older_than\": \"90s\"}";
	simulation = run("0,1,4,\n60,1,4,\n", ONE_HOST, "\"hosts\": 3");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 1);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(started_on(simulation, "host 2"), 1);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 2);
	assert_int_equal(times_done(simulation, "move.latency"), 1);
	done(simulation);
}

/* The host that was chosen takes nobody any more: another one does, or it must, when none has room. */
static void test_target_that_is_to_be_empty(void **state)
{
	static const char *const both = EVACUATE_0 "}, {\"do\": \"evacuate\", \"guests\": \"vm\", "
						   "\"host\": 1, \"at\": \"100.2s\"}";
	struct simulation *simulation;

	(void)state;
	events = both;
	simulation = run("0,1,4,\n", ONE_HOST, "\"hosts\": 3");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(started_on(simulation, "host 1"), 0);
	assert_int_equal(started_on(simulation, "host 2"), 1);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 2);
	done(simulation);
	events = both;
	simulation = run("0,1,4,\n", ONE_HOST, "\"hosts\": 2");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.running"), 1);
	assert_int_equal(started_on(simulation, "host 1"), 1);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 1);
	done(simulation);
}

/*
 * A wave meets a VM wherever it is by then: it starts on another host when its turn to reboot
 * comes. And who is killed at that instant does not go, though there is room for it from then on.
 */
static void test_waves_meet_moves(void **state)
{
	struct simulation *simulation;

	(void)state;
	events = "{\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 1, \"at\": \"101s\"}, "
		 "{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"100s\", "
		 "\"concurrency\": 1}";
	simulation = run("0,1,8,\n1,1,4,\n", ONE_HOST, "\"hosts\": 3");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.moved"), 1);
	assert_int_equal(times_done(simulation, "reboot.latency"), 2);
	assert_int_equal(times_done(simulation, "wave.duration"), 1);
	done(simulation);
	events = "{\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 1, \"at\": \"90s\"}, "
		 "{\"do\": \"kill\", \"guests\": \"vm\", \"at\": \"100s\", \"concurrency\": 1}";
	simulation = run("0,8,4,\n1,8,4,\n", ONE_HOST, "\"hosts\": 2, \"vcpus_per_core\": 1");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 2);
	assert_int_equal(counter_of(simulation, "operations.refused"), 0);
	assert_int_equal(times_done(simulation, "evacuation.latency"), 1);
	done(simulation);
	/* the first is down at the instant at which the second is, which is killed then */
	events = "{\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 1, \"at\": \"99s\"}, "
		 "{\"do\": \"kill\", \"guests\": \"vm\", \"at\": \"100s\", \"concurrency\": 1}";
	simulation = run("0,1,8,\n1,1,4,\n", ONE_HOST, "\"hosts\": 3");
	assert_accounted(simulation);
	assert_int_equal(counter_of(simulation, "vms.torn_down"), 2);
	assert_int_equal(counter_of(simulation, "operations.refused"), 0);
	done(simulation);
}

static int until_refusal;

static int refuse_one(struct guest *of_it, uint32_t *generation)
{
	(void)of_it;
	(void)generation;
	return --until_refusal ? 0 : EIO;
}

static const struct hook refuse = { "a service does not stop at first", refuse_one };

/*
 * A shutdown fails: the VM stays, and goes at the second. Or it loses the room that it had to one
 * that waits for some: then it stays where it is until its life ends, and its host is empty.
 */
static void test_shutdown_that_fails(void **state)
{
	static const struct step stubborn = TRY(refuse, 0, NULL, "guest: kernel_power_off");
	static const struct {
		const char *trace;
		int refused; /* the n-th shutdown */
		uint64_t moved;
		int64_t least_s, most_s;
	} rows[] = { { "0,1,4,\n", 1, 1, 2, 4 },
		     { "0,1,8,50\n1,1,4,\n70,1,4,130\n100.5,1,4,\n", 2, 0, 100, 104 } };
	static struct forked_model kvm;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct simulation *simulation;

		until_refusal = rows[i].refused;
		events = EVACUATE_0 ", \"concurrency\": 1}";
		prepare(rows[i].trace, ONE_HOST, "\"hosts\": 2");
		forked_strategy(&kvm, "kvm", "async-teardown");
		forked_replace(forked_flow(&kvm, "shutdown"), 1, 0, &stubborn, 1);
		forked_use(&kvm, &scenario);
		simulation = simulate(&scenario, 0);
		assert_accounted(simulation);
		assert_int_equal(counter_of(simulation, "operations.failed"), 1);
		assert_int_equal(counter_of(simulation, "vms.moved"), rows[i].moved);
		assert_in_range(observation(simulation, "evacuation.latency", 0),
				rows[i].least_s * 1000000000, rows[i].most_s * 1000000000);
		done(simulation);
	}
	fork_fini(&kvm.fork);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evacuation),
		cmocka_unit_test(test_evacuation_behind_a_reboot),
		cmocka_unit_test(test_move_that_fails),
		cmocka_unit_test(test_death_on_the_way),
		cmocka_unit_test(test_kill_on_the_way),
		cmocka_unit_test(test_target_that_is_to_be_empty),
		cmocka_unit_test(test_waves_meet_moves),
		cmocka_unit_test(test_shutdown_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
