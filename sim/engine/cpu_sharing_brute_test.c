/* What jobs share against jobs one by one, in long double, over random runs. */

#include "engine/cpu_fixture.h"
#include "engine/stream.h"

enum { CLASSES = 6, CAPACITIES = 4, STEPS = 3000, RUNS = 150 };

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
			lost_ns += cpu_ns(times.lost[r]);
		assert_near(cpu_ns(times.work), (double)brute.work_ns[k]);
		assert_near(cpu_ns(times.crowded), (double)brute.crowded_ns[k]);
		assert_near(lost_ns, (double)brute.lost_ns[k]);
		assert_near(cpu_ns(times.lost[SHARE_CORES]), (double)brute.off_ns[k]);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_brute_force, dismantle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
