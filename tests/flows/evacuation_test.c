/* Hosts that are emptied: who moves, who cannot, and who is lost on the way. */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evacuation),
		cmocka_unit_test(test_evacuation_behind_a_reboot),
		cmocka_unit_test(test_move_that_fails),
		cmocka_unit_test(test_death_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
