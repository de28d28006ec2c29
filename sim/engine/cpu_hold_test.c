/* Cores that something else has for a while: jobs stand still, and nothing else changes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/cpu_sharing.h"

enum { JOBS = 4, NEVER = -1 };

static struct engine engine;
static struct cpu cpu;
static struct cpu_job jobs[JOBS];
static int64_t ends_ns[JOBS];
static struct event hold, release, other;

static void ended(struct cpu *on, struct cpu_job *job)
{
	ends_ns[job - jobs] = on->engine->now_ns;
}

static void take(struct engine *of, struct event *event)
{
	(void)of;
	cpu_hold(&cpu, event == &hold);
}

/* While the cores are held one job goes and another comes. */
static void change(struct engine *of, struct event *event)
{
	(void)of;
	(void)event;
	assert_int_equal(cpu_work_done(&cpu, &jobs[0]), 30);
	cpu_stop(&cpu, &jobs[0]);
	cpu_start(&cpu, &jobs[1], 10);
}

static int build(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(engine_init(&engine, &error) && cpu_init(&cpu, &engine, 2, &error));
	assert_true(event_init(&engine, &hold, take, &error) &&
		    event_init(&engine, &release, take, &error) &&
		    event_init(&engine, &other, change, &error));
	for (int i = 0; i < JOBS; i++) {
		assert_true(cpu_job_init(&cpu, &jobs[i], ended, &error));
		ends_ns[i] = NEVER;
	}
	return 0;
}

static int dismantle(void **state)
{
	(void)state;
	cpu_fini(&cpu);
	engine_fini(&engine);
	return 0;
}

static void hold_at(int64_t from_ns, int64_t to_ns)
{
	event_schedule_in(&engine, &hold, from_ns);
	event_schedule_in(&engine, &release, to_ns);
}

static void run(int64_t until_ns)
{
	assert_true(engine_run(&engine, until_ns));
	engine.now_ns = until_ns;
	cpu_settle(&cpu);
}

/* All of a job's time is work, stalled, or lost. */
static void check_times(void)
{
	cpu_virtual all = 0;

	for (unsigned int k = 0; k < cpu.class_count; k++) {
		struct cpu_times times = cpu_times_of(&cpu, k);

		all += times.work + times.crowded;
		for (size_t r = 0; r < SHARE_CAPACITIES_MAX; r++)
			all += times.lost[r];
	}
	assert_true(all == cpu.runnable_ns << CPU_FRACTION_BITS);
}

/* Later by the time of the hold, and a thread that wants a core all the time loses that. */
static void test_later(void **state)
{
	(void)state;
	hold_at(30, 80);
	cpu_start(&cpu, &jobs[0], 100);
	cpu_start(&cpu, &jobs[1], 20);
	run(1000);
	assert_int_equal(ends_ns[0], 150);
	assert_int_equal(ends_ns[1], 20);
	assert_int_equal(cpu_lost_ns(&cpu), 50);
	assert_true(cpu.runnable_ns == 150 + 20);
	check_times();
}

/* Three on two cores: a third of the time is lost but for the hold, and nothing behind the last. */
static void test_crowd(void **state)
{
	(void)state;
	hold_at(30, 80);
	for (int i = 0; i < 3; i++)
		cpu_start(&cpu, &jobs[i], 100);
	run(1000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ends_ns[i], 200);
	assert_int_equal(cpu_lost_ns(&cpu), 50 + 50);
	check_times();
}

/* Cores that nobody works on are lost to a neighbour all the same. */
static void test_nobody(void **state)
{
	(void)state;
	hold_at(30, 80);
	run(1000);
	assert_int_equal(cpu_lost_ns(&cpu), 50);
	assert_true(cpu.runnable_ns == 0);
}

static void test_changes(void **state)
{
	(void)state;
	hold_at(30, 80);
	event_schedule_in(&engine, &other, 50);
	cpu_start(&cpu, &jobs[0], 100);
	run(1000);
	assert_int_equal(ends_ns[0], NEVER);
	assert_int_equal(ends_ns[1], 90);
	check_times();
}

/* A class at half speed has its own clock: it stands still, too, and goes on as before. */
static void test_uneven(void **state)
{
	/* a unit per ns of work, and there is half a unit per ns */
	const struct cpu_needs needs = { .demand = { 0, 1 } };
	struct error error = { 0 };
	unsigned int capacity, class = 0;

	(void)state;
	assert_true(cpu_add_capacity(&cpu, 0.5, &capacity, &error) &&
		    cpu_class_of(&cpu, &needs, &class, &error));
	hold_at(30, 80);
	cpu_job_set_class(&jobs[0], class);
	cpu_start(&cpu, &jobs[0], 50);
	cpu_start(&cpu, &jobs[1], 100);
	run(1000);
	assert_int_equal(ends_ns[0], 150);
	assert_int_equal(ends_ns[1], 150);
	check_times();
	assert_true(cpu_times_of(&cpu, class).lost[SHARE_CORES] == (cpu_virtual)50
									   << CPU_FRACTION_BITS);
}

/* What a run has left held, the next one does not find. */
static void test_reset(void **state)
{
	(void)state;
	hold_at(30, 5000);
	cpu_start(&cpu, &jobs[0], 100);
	run(1000);
	assert_int_equal(ends_ns[0], NEVER);
	engine_reset(&engine);
	cpu_reset(&cpu);
	cpu_start(&cpu, &jobs[0], 100);
	run(1000);
	assert_int_equal(ends_ns[0], 100);
	assert_int_equal(cpu_lost_ns(&cpu), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_later, build, dismantle),
		cmocka_unit_test_setup_teardown(test_crowd, build, dismantle),
		cmocka_unit_test_setup_teardown(test_nobody, build, dismantle),
		cmocka_unit_test_setup_teardown(test_changes, build, dismantle),
		cmocka_unit_test_setup_teardown(test_uneven, build, dismantle),
		cmocka_unit_test_setup_teardown(test_reset, build, dismantle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
