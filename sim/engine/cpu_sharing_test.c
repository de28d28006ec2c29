/* Jobs that share capacities, and slow each other: laws, hand-solved cases, brute force. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cpu_sharing.h"
#include "engine/stream.h"

enum { JOBS = 80, CLASSES = 6, CAPACITIES = 4, STEPS = 3000, RUNS = 150 };

static struct engine engine;
static struct cpu cpu;
static struct cpu_job jobs[JOBS];
static int64_t end_ns[JOBS];
static void (*when_done)(int job); /* beside to note when */

static void done(struct cpu *by, struct cpu_job *job)
{
	end_ns[job - jobs] = by->engine->now_ns;
	if (when_done)
		when_done((int)(job - jobs));
}

static void build(uint32_t cores)
{
	struct error error = { 0 };

	assert_true(engine_init(&engine, &error));
	assert_true(cpu_init(&cpu, &engine, cores, &error));
	for (int i = 0; i < JOBS; i++)
		assert_true(cpu_job_init(&cpu, &jobs[i], done, &error));
}

static int dismantle(void **state)
{
	(void)state;
	when_done = NULL;
	cpu_fini(&cpu);
	engine_fini(&engine);
	return 0;
}

static unsigned int capacity_of(double per_ns)
{
	unsigned int capacity;

	assert_true(cpu_add_capacity(&cpu, per_ns, &capacity, &(struct error){ 0 }));
	return capacity;
}

static unsigned int class_of(struct cpu_needs needs)
{
	unsigned int class;

	assert_true(cpu_class_of(&cpu, &needs, &class, &(struct error){ 0 }));
	return class;
}

static void start(int job, unsigned int class, int64_t work_ns)
{
	cpu_job_set_class(&jobs[job], class);
	cpu_start(&cpu, &jobs[job], work_ns);
}

static void run(void)
{
	assert_true(engine_run(&engine, INT64_MAX));
	cpu_settle(&cpu);
}

/* At the right instant, which is rounded up to a whole ns. */
static void assert_ends(int job, double at_ns)
{
	if ((double)end_ns[job] < at_ns - 1e-6 || (double)end_ns[job] > at_ns + 1 + 1e-6)
		fail_msg("job %d ends at %lld ns, not at %.3f", job, (long long)end_ns[job], at_ns);
}

static double in_ns(cpu_virtual duration)
{
	return (double)duration / (double)((cpu_virtual)1 << CPU_FRACTION_BITS);
}

static void assert_near(double seen, double truth)
{
	if (fabs(seen - truth) > 1e-6 * fabs(truth) + 1e-3)
		fail_msg("seen %.17g, truth %.17g", seen, truth);
}

/* Of what a host has been asked to do nothing is lost, to the last bit. */
static void check_times(void)
{
	cpu_virtual on_core = 0, all = 0;

	cpu_settle(&cpu);
	for (unsigned int k = 0; k < cpu.class_count; k++) {
		struct cpu_times times = cpu_times_of(&cpu, k);

		on_core += times.work + times.crowded;
		for (size_t r = 1; r < SHARE_CAPACITIES_MAX; r++)
			on_core += times.lost[r];
		all += times.lost[SHARE_CORES];
		assert_true(times.work < (cpu_virtual)1 << 126); /* no difference below 0 */
	}
	assert_true(on_core == cpu.busy_core);
	assert_true(on_core + all == cpu.runnable_ns << CPU_FRACTION_BITS);
}

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
		assert_near(cpu.capacities[1].peak, use);
		assert_near(cpu_used(&cpu, 1), 3e6 * n);
		assert_near(in_ns(cpu_times_of(&cpu, 1).lost[1]), n * (3e6 * n / use - 1e6));
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
		assert_near(in_ns(slowed), 4 * (420e6 - 100e6));
		slowed = cpu_times_of(&cpu, class_of(needs[1])).lost[2];
		assert_near(in_ns(slowed), 2 * (420e6 - 148e6));
		slowed = cpu_times_of_all(&cpu).lost[SHARE_CORES];
		assert_near(in_ns(slowed), 5 * truth_ns);
		assert_near(cpu.capacities[1].peak, 10. * 4 / 9);
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
	assert_near(in_ns(cpu_class_clock(&cpu, slow)), 250);
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
	assert_near(in_ns(cpu_times_of(&cpu, second).crowded), 2 * 1000 + 2 * 250);
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

/* --- brute force ---------------------------------------------------------- */

static const double random_speeds[] = { 0.9, 0.7, 0.65 };

/* Jobs one by one, in long double; what is left of each is checked when the engine says. */
static struct {
	double capacity[CAPACITIES], demand[CLASSES][CAPACITIES];
	double crowded[CLASSES]; /* by random_speeds */
	unsigned int number[CLASSES];
	int kind[JOBS];
	bool active[JOBS];
	long double left_ns[JOBS], speed[JOBS], rate[JOBS], core;
	long double work_ns[CLASSES], crowded_ns[CLASSES], lost_ns[CLASSES], off_ns[CLASSES];
	int64_t now_ns;
} brute;

static long double brute_crowd_speed(long double members)
{
	long double speeds[] = { 1, 0.9L, 0.7L, 0.65L };
	int below = (int)members;

	if (members <= 1)
		return 1;
	if (members >= 4)
		return 4 * speeds[3] / members;
	return speeds[below - 1] + (speeds[below] - speeds[below - 1]) * (members - below);
}

static long double brute_use(int job, size_t r)
{
	return brute.demand[brute.kind[job]][r] * brute.speed[job] * brute.core;
}

/* As share_test.c's, but for the speeds of those in a crowd, and for the cores. */
static void brute_rates(void)
{
	long double left[CAPACITIES], members = 0, count = 0;
	bool rises[JOBS];

	for (int i = 0; i < JOBS; i++)
		count += brute.active[i];
	brute.core = count > brute.capacity[0] ? brute.capacity[0] / count : 1;
	for (size_t r = 0; r < CAPACITIES; r++)
		left[r] = brute.capacity[r];
	for (int i = 0; i < JOBS; i++) {
		rises[i] = brute.active[i];
		brute.rate[i] = 0;
		if (brute.active[i])
			members += brute.crowded[brute.kind[i]] * brute.core;
	}
	for (int i = 0; i < JOBS; i++) {
		long double part = brute.crowded[brute.kind[i]];

		brute.speed[i] = 1 / (1 - part + part / brute_crowd_speed(members));
	}
	for (;;) {
		long double step = 2, wanted[CAPACITIES] = { 0 };

		for (int i = 0; i < JOBS; i++) {
			if (!rises[i])
				continue;
			step = 1 - brute.rate[i] < step ? 1 - brute.rate[i] : step;
			for (size_t r = 1; r < CAPACITIES; r++)
				wanted[r] += brute_use(i, r);
		}
		if (step > 1)
			return;
		for (size_t r = 1; r < CAPACITIES; r++)
			if (wanted[r] > 0 && left[r] / wanted[r] < step)
				step = left[r] / wanted[r];
		for (size_t r = 1; r < CAPACITIES; r++)
			left[r] -= step * wanted[r];
		for (int i = 0; i < JOBS; i++) {
			brute.rate[i] += rises[i] ? step : 0;
			rises[i] = rises[i] && brute.rate[i] < 1 - 1e-15L;
			for (size_t r = 1; r < CAPACITIES; r++)
				if (brute_use(i, r) > 0 && left[r] < 1e-15L * brute.capacity[r])
					rises[i] = false;
		}
	}
}

static void brute_advance(void)
{
	int64_t elapsed_ns = engine.now_ns - brute.now_ns;

	if (!elapsed_ns)
		return;
	brute_rates();
	for (int i = 0; i < JOBS; i++) {
		long double on_core_ns = brute.core * elapsed_ns;
		long double work_ns = on_core_ns * brute.rate[i] * brute.speed[i];
		int kind = brute.kind[i];

		if (!brute.active[i])
			continue;
		brute.left_ns[i] -= work_ns;
		brute.work_ns[kind] += work_ns;
		brute.crowded_ns[kind] += on_core_ns * (1 - brute.speed[i]);
		brute.lost_ns[kind] += on_core_ns * brute.speed[i] * (1 - brute.rate[i]);
		brute.off_ns[kind] += elapsed_ns - on_core_ns;
		/* nobody is forgotten: at most a ns ago it was not finished */
		assert_true(brute.left_ns[i] > -1 - 1e-6L);
	}
	brute.now_ns = engine.now_ns;
}

static void brute_done(int job)
{
	brute_advance();
	assert_true(brute.active[job]);
	assert_true(brute.left_ns[job] < 1e-6L); /* never before it has finished */
	brute.active[job] = false;
}

static void brute_check_times(void)
{
	for (unsigned int k = 0; k < CLASSES; k++) {
		struct cpu_times times = cpu_times_of(&cpu, brute.number[k]);
		double lost_ns = 0;

		for (size_t r = 1; r < CAPACITIES; r++)
			lost_ns += in_ns(times.lost[r]);
		assert_near(in_ns(times.work), (double)brute.work_ns[k]);
		assert_near(in_ns(times.crowded), (double)brute.crowded_ns[k]);
		assert_near(lost_ns, (double)brute.lost_ns[k]);
		assert_near(in_ns(times.lost[SHARE_CORES]), (double)brute.off_ns[k]);
		brute.work_ns[k] = brute.crowded_ns[k] = brute.lost_ns[k] = brute.off_ns[k] = 0;
	}
}

static void random_host(struct stream *stream)
{
	brute.capacity[0] = 1 + floor(stream_uniform(stream) * 60);
	build((uint32_t)brute.capacity[0]);
	for (int r = 1; r < CAPACITIES; r++)
		capacity_of(brute.capacity[r] = 0.5 + 40 * stream_uniform(stream));
	for (int k = 1; k < CLASSES; k++) {
		struct cpu_needs needs = { .demand = { 0 } };

		for (int r = 1; r < CAPACITIES; r++)
			brute.demand[k][r] = needs.demand[r] =
				stream_uniform(stream) < 0.5 ? 0 : 3 * stream_uniform(stream);
		brute.crowded[k] = stream_uniform(stream) < 0.3 ? stream_uniform(stream) : 0;
		if (brute.crowded[k] > 0) {
			needs.crowd = 1;
			needs.crowded = brute.crowded[k];
			memcpy(needs.speeds, random_speeds, sizeof(random_speeds));
		}
		brute.demand[k][1] = needs.demand[1] += 1e-6 * k; /* no two are the same */
		brute.number[k] = class_of(needs);
	}
}

static void random_step(struct stream *stream)
{
	int job = (int)(stream_uniform(stream) * JOBS);
	int64_t work_ns = (int64_t)(stream_uniform(stream) * 5000);
	double what = stream_uniform(stream);

	if (!brute.active[job]) {
		brute.kind[job] = (int)(stream_uniform(stream) * CLASSES);
		start(job, brute.number[brute.kind[job]], work_ns);
		brute.active[job] = true;
		brute.left_ns[job] = work_ns;
	} else if (what < 0.1) {
		cpu_stop(&cpu, &jobs[job]);
		brute.active[job] = false;
	} else if (what < 0.3) {
		cpu_set_left(&cpu, &jobs[job], work_ns);
		brute.left_ns[job] = work_ns;
	} else if (what < 0.6) {
		int64_t left_ns = jobs[job].work_ns - cpu_work_done(&cpu, &jobs[job]);

		assert_true(left_ns - brute.left_ns[job] < 1 + 1e-6L);
		assert_true(left_ns - brute.left_ns[job] > -1e-6L || !left_ns);
	}
}

static void test_brute_force(void **state)
{
	size_t uneven = 0;

	(void)state;
	for (uint64_t seed = 0; seed < RUNS; seed++) {
		struct stream stream;
		int64_t now_ns = 0;

		brute.now_ns = 0;
		for (int i = 0; i < JOBS; i++)
			brute.active[i] = false;
		assert_true(stream_begin(&stream, &(struct stream_name){ .seed = seed }));
		random_host(&stream);
		when_done = brute_done;
		for (int step = 0; step < STEPS / (int)(1 + seed % 10); step++) {
			now_ns += (int64_t)(stream_uniform(&stream) * 300);
			assert_true(engine_run(&engine, now_ns));
			engine.now_ns = now_ns;
			brute_advance();
			random_step(&stream);
			uneven += cpu.uneven;
		}
		run();
		brute_advance();
		check_times();
		brute_check_times();
		for (int i = 0; i < JOBS; i++)
			assert_false(brute.active[i]);
		if (seed + 1 < RUNS)
			dismantle(state);
	}
	assert_true(uneven > (size_t)STEPS * RUNS / 10);
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
	int64_t as_one_ns[3];

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
		cmocka_unit_test_teardown(test_pieces, dismantle),
		cmocka_unit_test_teardown(test_brute_force, dismantle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
