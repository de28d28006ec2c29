/* Levels against closed forms: jobs of unequal work on few cores, ebbs by the clock, jumps. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/cpu_sharing.h"
#include "engine/level.h"

enum { JOBS = 3 };

static struct engine engine;
static struct cpu cpu;
static struct level level;
static struct cpu_job jobs[JOBS];
static struct ebb ebbs[JOBS];
static double seen[8]; /* what is there at the instants that are looked at */
static size_t looks;

static const int64_t work_ns[JOBS] = { 1000, 2000, 3000 };
static const int64_t bytes = 6000;

/* What has ebbed away is taken when the work is done. */
static void done(struct cpu *by, struct cpu_job *job)
{
	(void)by;
	level_ebb_over(&level, &ebbs[job - jobs]);
	level_add(&level, -bytes);
}

static void look(struct engine *by, struct event *event)
{
	(void)by;
	(void)event;
	seen[looks++] = level_now(&level);
}

static int setup(void **state)
{
	struct error error = { 0 };

	(void)state;
	looks = 0;
	assert_true(engine_init(&engine, &error));
	assert_true(cpu_init(&cpu, &engine, 1, &error));
	for (int i = 0; i < JOBS; i++)
		assert_true(cpu_job_init(&cpu, &jobs[i], done, &error));
	level_reset(&level, &cpu);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cpu_fini(&cpu);
	engine_fini(&engine);
	return 0;
}

static void look_at(struct event *event, int64_t at_ns)
{
	struct error error = { 0 };

	assert_true(event_init(&engine, event, look, &error));
	event_schedule(&engine, event, at_ns);
}

/*
 * Jobs of 1, 2 and 3 us share one core: they end at 3, 5 and 6 us. The virtual clock goes at
 * 1/3 until 3 us, at 1/2 until 5 us, then at 1: 0, 1000, 2000, 3000 ns at the corners.
 */
static void test_shared_core(void **state)
{
	struct event at_corner, in_between;
	double expected = 0;

	(void)state;
	level_add(&level, JOBS * bytes);
	for (int i = 0; i < JOBS; i++) {
		cpu_start(&cpu, &jobs[i], work_ns[i]);
		level_ebb(&level, &ebbs[i], 0, (double)bytes, work_ns[i], 0, 1);
	}
	assert_true(level.variance == 3);
	look_at(&in_between, 1500);
	look_at(&at_corner, 4000);
	assert_true(engine_run(&engine, 100000));
	/* after 500 ns of each, then 1500 ns of the two that are left */
	assert_true(fabs(seen[0] - (18000 - 500 * (6.0 + 3.0 + 2.0))) < 1e-6);
	assert_true(fabs(seen[1] - (12000 - 1500 * (3.0 + 2.0))) < 1e-6);
	/* three trapezes between the corners */
	expected += 3000 * (18000 + (18000 - 1000 * 11.0)) / 2;
	expected += 2000 * ((12000 - 1000 * 5.0) + (12000 - 2000 * 5.0)) / 2;
	expected += 1000 * ((6000 - 2000 * 2.0) + 0) / 2;
	level_settle(&level);
	assert_true(fabs(level.integral - expected) < 1e-3);
	assert_true(level_now(&level) == 0 && level.variance == 0);
}

/*
 * One job needs twice a capacity for its work: it is slowed to a half, and what it reclaims with
 * it; the other is not.
 */
static void test_slow_class(void **state)
{
	struct event events[3];
	struct error error = { 0 };
	unsigned int number;

	(void)state;
	cpu.cores = 4;
	assert_true(cpu_add_capacity(&cpu, 1, &number, &error));
	assert_true(cpu_class_of(&cpu, &(struct cpu_needs){ .demand = { 0, 2 } }, &number, &error));
	cpu_job_set_class(&jobs[1], number);
	cpu_start(&cpu, &jobs[2], 100000); /* before anybody is slow, and on */
	assert_true(engine_run(&engine, 500));
	level_add(&level, 2 * bytes);
	for (int i = 0; i < 2; i++) {
		cpu_start(&cpu, &jobs[i], work_ns[i]);
		level_ebb(&level, &ebbs[i], jobs[i].class, (double)bytes, work_ns[i], 0, 1);
		look_at(&events[i], 1000 + 1000 * i);
	}
	look_at(&events[2], 4499);
	assert_true(engine_run(&engine, 4500));
	assert_true(fabs(seen[0] - (12000 - 500 * 6.0 - 250 * 3.0)) < 1e-6);
	assert_true(fabs(seen[1] - (6000 - 750 * 3.0)) < 1e-6);
	assert_true(fabs(seen[2] - 1.5) < 1e-6);
	level_settle(&level);
	assert_true(level_now(&level) == 0 && level.variance == 0);
	/* the areas of clocks are of whole ns */
	assert_true(fabs(level.integral - (6000 * 1000 + 6000 * 4000) / 2.0) < 3.0 * 4000 / 2);
}

/* An ebb by the clock does not care for the cores; one that goes on has done a part already. */
static void test_wall(void **state)
{
	struct event events[2];

	(void)state;
	level_add(&level, 1000);
	for (int i = 0; i < JOBS; i++)
		cpu_start(&cpu, &jobs[i], 1000000); /* they slow each other down */
	level_ebb(&level, &ebbs[0], CLOCK_WALL, 1000, 4000, 0, 0);
	look_at(&events[0], 1000);
	look_at(&events[1], 3000);
	for (int i = 0; i < JOBS; i++)
		ebbs[i].variance = 0;
	assert_true(engine_run(&engine, 3000));
	assert_true(fabs(seen[0] - 750) < 1e-6 && fabs(seen[1] - 250) < 1e-6);
	level_ebb_over(&level, &ebbs[0]);
	assert_true(level_now(&level) == 1000); /* nobody has taken it */
	level_ebb(&level, &ebbs[0], CLOCK_WALL, 1000, 6000, 3000, 0);
	assert_true(fabs(level_now(&level) - 500) < 1e-6);
	assert_true(fabs(level.integral - 3000 * (1000 + 250) / 2.0) < 1e-3);
	level_ebb_over(&level, &ebbs[0]);
}

/* Far from the clock's beginning nothing is lost: a day of other work goes before. */
static void test_late(void **state)
{
	const int64_t day_ns = INT64_C(86400) * 1000000000;
	struct event event;

	(void)state;
	cpu_start(&cpu, &jobs[1], day_ns);
	look_at(&event, day_ns - 1);
	assert_true(engine_run(&engine, day_ns - 1));
	cpu_stop(&cpu, &jobs[1]);
	level_reset(&level, &cpu);
	level_add(&level, bytes);
	cpu_start(&cpu, &jobs[0], work_ns[0]);
	level_ebb(&level, &ebbs[0], 0, (double)bytes, work_ns[0], 0, 0);
	level.integral = 0;
	assert_true(engine_run(&engine, day_ns + 100000));
	level_settle(&level);
	assert_true(fabs(level.integral / (6000.0 * 1000 / 2) - 1) < 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_shared_core, setup, teardown),
		cmocka_unit_test_setup_teardown(test_slow_class, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wall, setup, teardown),
		cmocka_unit_test_setup_teardown(test_late, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
