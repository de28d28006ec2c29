/* Jobs that share capacities, and slow each other: laws, hand-solved cases, brute force. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static unsigned int speed_of(const double *table, size_t length)
{
	unsigned int speed;

	assert_true(cpu_add_speed(&cpu, table, length, &speed, &(struct error){ 0 }));
	return speed;
}

static unsigned int class_of(const double *demand, unsigned int speed)
{
	unsigned int class;

	assert_true(cpu_add_class(&cpu, demand, speed, &class, &(struct error){ 0 }));
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

		on_core += times.work + times.stalled;
		all += times.work + times.stalled;
		for (size_t r = 0; r < SHARE_CAPACITIES_MAX; r++)
			all += times.lost[r];
		assert_true(times.work < (cpu_virtual)1 << 126); /* no difference below 0 */
	}
	assert_true(on_core == cpu.busy_core);
	assert_true(all == cpu.runnable_ns << CPU_FRACTION_BITS);
}

/* n jobs that use 3 of a capacity of 10 end as at min(3 n, 10), at once. */
static void test_ceiling(void **state)
{
	(void)state;
	build(2 * JOBS);
	capacity_of(10);
	class_of((double[]){ 0, 3 }, 0);
	for (int n = 1; n <= JOBS; n++) {
		double use = 3 * n < 10 ? 3 * n : 10;

		engine_reset(&engine);
		cpu_reset(&cpu);
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
 * The rates of test_three_rounds in share_test.c: works in their proportion end together, in
 * whatever order they were started. Who was slowed, and by what.
 */
static void test_hand_solved(void **state)
{
	static const unsigned int classes[] = { 1, 1, 1, 1, 2, 2, 3, 3, 0, 0 };
	static const int64_t works_ns[] = { 0, 50000000, 74000000, 50000000 };
	static const double truth_ns = 210e6;
	struct cpu_times times;

	(void)state;
	build(3);
	capacity_of(10);
	capacity_of(4);
	class_of((double[]){ 0, 10, 0 }, 0);
	class_of((double[]){ 0, 0, 5 }, 0);
	class_of((double[]){ 0, 1, 1 }, 0);
	for (int order = 0; order < 10; order++) {
		engine_reset(&engine);
		cpu_reset(&cpu);
		for (int i = 0; i < 10; i++) {
			int job = (order + i * (order % 2 ? 3 : 7)) % 10;
			unsigned int class = classes[job];

			start(job, class, class ? works_ns[class] : 91000000);
		}
		run();
		for (int i = 0; i < 10; i++)
			assert_ends(i, truth_ns);
		check_times();
		assert_near(cpu_used(&cpu, 0), 3 * truth_ns);
		assert_near(cpu_used(&cpu, 1), 10 * truth_ns);
		assert_near(cpu_used(&cpu, 2), 4 * truth_ns);
		times = cpu_times_of(&cpu, 1);
		assert_near(in_ns(times.lost[1]), 4 * (truth_ns - 50e6));
		times = cpu_times_of(&cpu, 2);
		assert_near(in_ns(times.lost[2]), 2 * (truth_ns - 74e6));
		times = cpu_times_of(&cpu, 0);
		assert_near(in_ns(times.lost[SHARE_CORES]), 2 * (truth_ns - 91e6));
		assert_near(cpu.capacities[1].peak, 10);
	}
}

/* Who waits for memory leaves its core to others; once it is alone it has all it can use. */
static void test_leaves_cores(void **state)
{
	(void)state;
	build(2);
	capacity_of(4);
	class_of((double[]){ 0, 8 }, 0); /* half a core at most, together */
	class_of((double[]){ 0, 8 }, 0); /* its only job is stopped at once */
	start(4, 2, 1000);
	cpu_stop(&cpu, &jobs[4]);
	start(0, 1, 1000);
	start(1, 1, 3000);
	for (int i = 2; i < 4; i++)
		start(i, 0, 3000); /* 3/4 of a core for each while two others have 1/4 */
	assert_true(engine_run(&engine, 1000));
	cpu_settle(&cpu);
	assert_true(cpu_class_clock(&cpu, 2) == cpu.virtual_now); /* there is nobody to slow */
	assert_near(in_ns(cpu_class_clock(&cpu, 1)), 250);
	assert_near(cpu_expected_ns(&cpu, 0, 3000), 4000);
	assert_near(cpu_expected_ns(&cpu, 1, 3000), 12000);
	assert_near(cpu_expected_ns(&cpu, 2, 3000), 4000);
	run();
	assert_ends(2, 4000);
	assert_ends(0, 4000);
	assert_ends(1, 4000 + 2 * 2000);
	check_times();
	assert_near(in_ns(cpu_times_of(&cpu, 0).lost[SHARE_CORES]), 2 * 1000);
}

/* By one table of speeds, for members of two classes: n = 3, 2, 1. */
static void test_speeds(void **state)
{
	static const double table[] = { 1, 0.8, 0.5 };
	unsigned int zone, first, second;

	(void)state;
	build(4);
	zone = speed_of(table, 3);
	first = class_of(NULL, zone);
	second = class_of(NULL, zone);
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
	assert_near(in_ns(cpu_times_of(&cpu, second).stalled), 2 * 1000 + 2 * 250);
	check_times();
	engine_reset(&engine);
	cpu_reset(&cpu);
	for (int i = 0; i < 8; i++) /* more than the table is long, and than there are cores */
		start(i, i % 2 ? first : second, 1000);
	run();
	for (int i = 0; i < 8; i++)
		assert_ends(i, 1000 / 0.5 * 2);
	check_times();
}

/* --- brute force ---------------------------------------------------------- */

static const double random_table[] = { 1, 1, 0.8, 0.6, 0.55, 0.2 };

/* Jobs one by one, in long double; what is left of each is checked when the engine says. */
static struct {
	double capacity[CAPACITIES], demand[CLASSES][CAPACITIES];
	bool slow[CLASSES]; /* by random_table */
	bool active[JOBS];
	long double left_ns[JOBS], speed[JOBS], rate[JOBS];
	long double work_ns[CLASSES], stalled_ns[CLASSES], lost_ns[CLASSES];
	int64_t now_ns;
} brute;

static long double brute_use(int job, size_t r)
{
	return r ? brute.demand[jobs[job].class][r] * brute.speed[job] : 1;
}

static void brute_rates(void)
{
	long double left[CAPACITIES];
	bool rises[JOBS];
	size_t slow = 0;

	for (size_t r = 0; r < CAPACITIES; r++)
		left[r] = brute.capacity[r];
	for (int i = 0; i < JOBS; i++) {
		rises[i] = brute.active[i];
		brute.rate[i] = 0;
		slow += brute.active[i] && brute.slow[jobs[i].class];
	}
	slow = slow < 6 ? slow : 6;
	for (int i = 0; i < JOBS; i++)
		brute.speed[i] = slow && brute.slow[jobs[i].class] ? random_table[slow - 1] : 1;
	for (;;) {
		long double step = 2, wanted[CAPACITIES] = { 0 };

		for (int i = 0; i < JOBS; i++) {
			if (!rises[i])
				continue;
			step = 1 - brute.rate[i] < step ? 1 - brute.rate[i] : step;
			for (size_t r = 0; r < CAPACITIES; r++)
				wanted[r] += brute_use(i, r);
		}
		if (step > 1)
			return;
		for (size_t r = 0; r < CAPACITIES; r++)
			if (wanted[r] > 0 && left[r] / wanted[r] < step)
				step = left[r] / wanted[r];
		for (size_t r = 0; r < CAPACITIES; r++)
			left[r] -= step * wanted[r];
		for (int i = 0; i < JOBS; i++) {
			brute.rate[i] += rises[i] ? step : 0;
			rises[i] = rises[i] && brute.rate[i] < 1 - 1e-15L;
			for (size_t r = 0; r < CAPACITIES; r++)
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
		if (!brute.active[i])
			continue;
		brute.left_ns[i] -= brute.rate[i] * brute.speed[i] * elapsed_ns;
		brute.work_ns[jobs[i].class] += brute.rate[i] * brute.speed[i] * elapsed_ns;
		brute.stalled_ns[jobs[i].class] +=
			brute.rate[i] * (1 - brute.speed[i]) * elapsed_ns;
		brute.lost_ns[jobs[i].class] += (1 - brute.rate[i]) * elapsed_ns;
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
		struct cpu_times times = cpu_times_of(&cpu, k);
		double lost_ns = 0;

		for (size_t r = 0; r < CAPACITIES; r++)
			lost_ns += in_ns(times.lost[r]);
		assert_near(in_ns(times.work), (double)brute.work_ns[k]);
		assert_near(in_ns(times.stalled), (double)brute.stalled_ns[k]);
		assert_near(lost_ns, (double)brute.lost_ns[k]);
		brute.work_ns[k] = brute.stalled_ns[k] = brute.lost_ns[k] = 0;
	}
}

static void random_host(struct stream *stream)
{
	unsigned int zone;

	brute.capacity[0] = 1 + floor(stream_uniform(stream) * 60);
	build((uint32_t)brute.capacity[0]);
	for (int r = 1; r < CAPACITIES; r++)
		capacity_of(brute.capacity[r] = 0.5 + 40 * stream_uniform(stream));
	zone = speed_of(random_table, 6);
	for (int k = 1; k < CLASSES; k++) {
		for (int r = 1; r < CAPACITIES; r++)
			brute.demand[k][r] =
				stream_uniform(stream) < 0.5 ? 0 : 3 * stream_uniform(stream);
		brute.slow[k] = stream_uniform(stream) < 0.3;
		class_of(brute.demand[k], brute.slow[k] ? zone : 0);
	}
}

static void random_step(struct stream *stream)
{
	int job = (int)(stream_uniform(stream) * JOBS);
	int64_t work_ns = (int64_t)(stream_uniform(stream) * 5000);
	double what = stream_uniform(stream);

	if (!brute.active[job]) {
		start(job, (unsigned int)(stream_uniform(stream) * CLASSES), work_ns);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_ceiling, dismantle),
		cmocka_unit_test_teardown(test_hand_solved, dismantle),
		cmocka_unit_test_teardown(test_leaves_cores, dismantle),
		cmocka_unit_test_teardown(test_speeds, dismantle),
		cmocka_unit_test_teardown(test_brute_force, dismantle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
