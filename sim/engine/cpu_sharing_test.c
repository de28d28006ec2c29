/* Jobs that share capacities, and slow each other: laws and hand-solved cases. */

#include <stdlib.h>

#include "engine/cpu_fixture.h"

/* n jobs that use 3 of a capacity of 10 end as at min(3 n, 10), at once. */
static void test_ceiling(void **state)
{
	(void)state;
	build(2 * JOBS);
	capacity_of(10);
	for (int n = 1; n <= JOBS; n++) {
		double use = 3 * n < 10 ? 3 * n : 10;

		engine_reset(&engine);
		cpu_reset(&cpu);
		class_of((struct cpu_needs){ .demand = { 0, 3 } });
		for (int i = 0; i < n; i++)
			start(i, 1, 1000000);
		run();
		for (int i = 0; i < n; i++)
			assert_ends(i, 1e6 * 3 * n / use);
		assert_near(cpu_used(&cpu, 1), 3e6 * n);
		assert_near(cpu_ns(cpu_times_of(&cpu, 1).lost[1]), n * (3e6 * n / use - 1e6));
		check_times();
	}
}

/*
 * Max-min fair by hand: of capacities 10 and 4, four jobs that use 10 of the first have a rate of
 * 10/42, as have two that use 1 of both; two that use 5 of the second have what is left of it,
 * 148/420; and one needs nothing. On four cores for nine jobs: each rate by 4/9. Works in this
 * proportion end together, in whatever order they were started.
 */
static void test_hand_solved(void **state)
{
	static const int kinds[] = { 0, 0, 0, 0, 1, 1, 2, 2, 3 };
	static const int64_t works_ns[] = { 100000000, 148000000, 100000000, 420000000 };
	static const struct cpu_needs needs[] = { { .demand = { 0, 10, 0 } },
						  { .demand = { 0, 0, 5 } },
						  { .demand = { 0, 1, 1 } },
						  { .crowd = 0 } };
	static const double truth_ns = 420e6 * 9 / 4; /* nine jobs on four cores */

	(void)state;
	build(4);
	capacity_of(10. * 4 / 9);
	capacity_of(4. * 4 / 9);
	for (int order = 0; order < 9; order++) {
		cpu_virtual slowed = 0;

		engine_reset(&engine);
		cpu_reset(&cpu);
		for (int i = 0; i < 9; i++) {
			int job = (order + i * (order % 2 ? 2 : 7)) % 9;

			start(job, class_of(needs[kinds[job]]), works_ns[kinds[job]]);
		}
		run();
		for (int i = 0; i < 9; i++)
			assert_ends(i, truth_ns);
		check_times();
		assert_near(cpu_used(&cpu, 0), 4 * truth_ns);
		assert_near(cpu_used(&cpu, 1), 10 * 420e6);
		assert_near(cpu_used(&cpu, 2), 4 * 420e6);
		slowed = cpu_times_of(&cpu, class_of(needs[0])).lost[1];
		assert_near(cpu_ns(slowed), 4 * (420e6 - 100e6));
		slowed = cpu_times_of(&cpu, class_of(needs[1])).lost[2];
		assert_near(cpu_ns(slowed), 2 * (420e6 - 148e6));
		slowed = cpu_times_of_all(&cpu).lost[SHARE_CORES];
		assert_near(cpu_ns(slowed), 5 * truth_ns);
	}
}

/* Who waits for memory keeps its core; alone it has all that it can use. */
static void test_keeps_cores(void **state)
{
	unsigned int slow, gone;

	(void)state;
	build(2);
	capacity_of(4);
	slow = class_of((struct cpu_needs){ .demand = { 0, 8 } }); /* half a core, together */
	gone = class_of((struct cpu_needs){ .demand = { 0, 9 } });
	start(4, gone, 1000);
	cpu_stop(&cpu, &jobs[4]);
	start(0, slow, 1000);
	start(1, slow, 3000);
	for (int i = 2; i < 4; i++)
		start(i, 0, 3000); /* half a core for each */
	assert_true(engine_run(&engine, 1000));
	cpu_settle(&cpu);
	assert_true(cpu_class_clock(&cpu, gone) == cpu.virtual_now); /* nobody to slow */
	assert_near(cpu_ns(cpu_class_clock(&cpu, slow)), 250);
	assert_int_equal(cpu_core_time(&cpu, &jobs[0]), 500);
	assert_near(cpu_expected_ns(&cpu, 0, 3000), 6000);
	assert_near(cpu_expected_ns(&cpu, slow, 3000), 12000);
	assert_near(cpu_expected_ns(&cpu, gone, 3000), 6000);
	run();
	assert_ends(0, 4000);
	assert_ends(2, 5500); /* three jobs on two cores from 4000 on */
	assert_ends(1, 8000); /* from 4000 on by 1/2 */
	check_times();
}

/* A crowd of two classes: n = 3, 2, 1; on fewer cores; beyond the table; for a part of the work. */
static void test_crowds(void **state)
{
	static const struct cpu_needs needs = { .crowd = 1, .crowded = 1, .speeds = { 0.8, 0.5 } };
	static const struct cpu_needs other = { .crowd = 1,
						.crowded = 1,
						.speeds = { 0.8, 0.5, 0.4 } };
	static const struct cpu_needs half = { .crowd = 2, .crowded = 0.5, .speeds = { 0.5 } };
	unsigned int first, second;

	(void)state;
	build(8);
	first = class_of(needs);
	second = class_of(other);
	assert_int_not_equal(first, second);
	assert_int_equal(first, class_of(needs));
	start(0, first, 1000);
	start(1, second, 2000);
	start(2, second, 3000);
	start(3, 0, 5000); /* does not count */
	assert_true(engine_run(&engine, 2000));
	assert_int_equal(end_ns[0], 2000);
	assert_int_equal(cpu_work_done(&cpu, &jobs[1]), 1000);
	assert_int_equal(cpu_core_time(&cpu, &jobs[1]), 2000);
	run();
	assert_int_equal(end_ns[1], 2000 + 1250);
	assert_int_equal(end_ns[2], 2000 + 1250 + 1000);
	assert_int_equal(end_ns[3], 5000);
	assert_near(cpu_ns(cpu_times_of(&cpu, second).crowded), 2 * 1000 + 2 * 250);
	check_times();
	engine_reset(&engine);
	cpu_reset(&cpu);
	first = class_of(needs);
	for (int i = 0; i < 6; i++) /* together they do what three do: 1.5 */
		start(i, first, 1000);
	run();
	for (int i = 0; i < 6; i++)
		assert_ends(i, 6000 / 1.5);
	check_times();
	engine_reset(&engine);
	cpu_reset(&cpu);
	first = class_of(needs);
	for (int i = 0; i < 20; i++) /* on eight cores as many as eight */
		start(i, first, 1000);
	run();
	for (int i = 0; i < 20; i++)
		assert_ends(i, 20000 / 1.5);
	engine_reset(&engine);
	cpu_reset(&cpu);
	first = class_of(half);
	for (int i = 0; i < 3; i++) /* 1.5 of the crowd: by 0.75 for half of the work */
		start(i, first, 3000);
	run();
	for (int i = 0; i < 3; i++)
		assert_ends(i, 1500 + 1500 / 0.75);
	check_times();
}

/* On one core there is no crowd: two need twice the time of one. */
static void test_no_crowd_on_one_core(void **state)
{
	(void)state;
	build(1);
	for (int i = 0; i < 2; i++)
		start(i,
		      class_of((struct cpu_needs){ .crowd = 1, .crowded = 1, .speeds = { 0.6 } }),
		      1000);
	run();
	assert_ends(0, 2000);
	assert_ends(1, 2000);
}

/* More kinds of work than classes: used ones become others, and what was used is not forgotten. */
static void test_many_kinds(void **state)
{
	double used = 0;

	(void)state;
	build(JOBS);
	capacity_of(1e6);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < JOBS; i++) {
			int kind = 1 + i % (round ? JOBS : CPU_CLASSES_MAX - 1);

			start(i, class_of((struct cpu_needs){ .demand = { 0, kind } }), 1000);
			used += kind * 1000.;
		}
		run();
		check_times();
		if (!round) /* each had a class of its own */
			assert_near(cpu_used(&cpu, 1), used);
	}
	/* the others were taken for similar ones */
	assert_true(fabs(cpu_used(&cpu, 1) - used) < 0.4 * used);
	assert_int_equal(cpu.class_count, CPU_CLASSES_MAX);
}

/* Nothing is left of what was asked before: of no capacity, and not of the clock. */
static void test_reset(void **state)
{
	unsigned int narrow[2];

	(void)state;
	build(2);
	narrow[0] = capacity_of(0.5);
	narrow[1] = capacity_of(0.5);
	for (int i = 0; i < JOBS; i++) /* more kinds than there are classes */
		start(i, class_of((struct cpu_needs){ .demand = { 0, i + 1, JOBS - i } }), 1000);
	run();
	assert_true(cpu.virtual_area > 0);
	for (int k = 0; k < 2; k++)
		assert_true(cpu_used(&cpu, narrow[k]) > 0);
	engine_reset(&engine);
	cpu_reset(&cpu);
	assert_true(cpu.virtual_area == 0);
	for (int k = 0; k < 2; k++) {
		assert_true(cpu_used(&cpu, narrow[k]) == 0);
		assert_true(cpu.capacities[narrow[k]].largest_demand == 0);
	}
}

enum { PIECES = 1000 };

static int pieces_left[3];
static int64_t piece_ns[3];

static void next_piece(int job)
{
	if (pieces_left[job]-- > 1)
		cpu_go_on(&cpu, &jobs[job], piece_ns[job]);
}

/* Work in many pieces ends when it would as one, alone or not, whatever the rates are. */
static void test_pieces(void **state)
{
	struct cpu_needs copying = { 0 };
	int64_t as_one_ns[3] = { 0 };

	for (int cut = 0; cut < 2; cut++) {
		build(2);
		copying.demand[capacity_of(0.7)] = 1;
		for (int i = 0; i < 3; i++) {
			piece_ns[i] = 7 - i;
			pieces_left[i] = cut ? PIECES : 1;
			start(i, i ? class_of(copying) : 0, piece_ns[i] * (cut ? 1 : PIECES));
		}
		when_done = next_piece;
		run();
		for (int i = 0; i < 3; i++) {
			if (!cut)
				as_one_ns[i] = end_ns[i];
			else if (llabs(end_ns[i] - as_one_ns[i]) > 2)
				fail_msg("job %d ends at %lld ns, in one piece at %lld", i,
					 (long long)end_ns[i], (long long)as_one_ns[i]);
		}
		if (!cut)
			dismantle(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ceiling, dismantle),
		cmocka_unit_test_teardown(test_hand_solved, dismantle),
		cmocka_unit_test_teardown(test_keeps_cores, dismantle),
		cmocka_unit_test_teardown(test_crowds, dismantle),
		cmocka_unit_test_teardown(test_no_crowd_on_one_core, dismantle),
		cmocka_unit_test_teardown(test_many_kinds, dismantle),
		cmocka_unit_test_teardown(test_reset, dismantle),
		cmocka_unit_test_teardown(test_pieces, dismantle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
