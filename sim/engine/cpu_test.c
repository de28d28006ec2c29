/* Jobs that share a host's cores alone: as by the one clock that they have without classes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cpu_sharing.h"
#include "engine/stream.h"

/* --- one clock and a table of jobs, searched in full ---------------------- */

enum { JOBS = 80, STEPS = 4000, RUNS = 40 };

static const cpu_virtual one_ns = (cpu_virtual)1 << CPU_FRACTION_BITS;

static struct {
	uint32_t cores, runnable;
	int64_t now_ns;
	cpu_virtual clock;
	unsigned __int128 area;
	int64_t end_ns;    /* planned when a job came or went, or ended */
	bool active[JOBS]; /* and runnable */
	cpu_virtual finish[JOBS];
} plain;

static void plain_advance(int64_t now_ns)
{
	uint64_t elapsed_ns = (uint64_t)(now_ns - plain.now_ns);
	cpu_virtual before = plain.clock >> CPU_FRACTION_BITS;

	plain.now_ns = now_ns;
	if (plain.runnable && plain.runnable <= plain.cores)
		plain.clock += (cpu_virtual)elapsed_ns << CPU_FRACTION_BITS;
	else if (plain.runnable)
		plain.clock += ((cpu_virtual)elapsed_ns << CPU_FRACTION_BITS) * plain.cores /
			       plain.runnable;
	plain.area += (before + (plain.clock >> CPU_FRACTION_BITS)) * elapsed_ns;
}

/* The runnable job that ends first, by clock and then by number; JOBS: none. */
static int plain_next(void)
{
	int next = JOBS;

	for (int i = 0; i < JOBS; i++)
		if (plain.active[i] && (next == JOBS || plain.finish[i] < plain.finish[next]))
			next = i;
	return next;
}

static void plain_plan(void)
{
	int next = plain_next();
	cpu_virtual left;

	plain.end_ns = INT64_MAX;
	if (next == JOBS)
		return;
	left = plain.finish[next] > plain.clock ? plain.finish[next] - plain.clock : 0;
	if (plain.runnable > plain.cores)
		left = ((left * plain.runnable + one_ns - 1) / one_ns + plain.cores - 1) /
		       plain.cores;
	else
		left = (left + one_ns - 1) / one_ns;
	plain.end_ns = plain.now_ns + (int64_t)left;
}

static void plain_set(int job, bool active, int64_t work_ns)
{
	plain.runnable += (uint32_t)active - (uint32_t)plain.active[job];
	plain.active[job] = active;
	plain.finish[job] = plain.clock + ((cpu_virtual)work_ns << CPU_FRACTION_BITS);
	plain_plan();
}

/* --- the same on the engine ----------------------------------------------- */

static struct engine engine;
static struct cpu cpu;
static struct cpu_job jobs[JOBS];
static int ended[JOBS * STEPS];
static size_t ended_count;

static void done(struct cpu *by, struct cpu_job *job)
{
	(void)by;
	ended[ended_count++] = (int)(job - jobs);
}

static void build(uint32_t cores, size_t classes)
{
	struct error error = { 0 };
	unsigned int bus, class;

	assert_true(engine_init(&engine, &error));
	assert_true(cpu_init(&cpu, &engine, cores, &error));
	if (classes > 1)
		assert_true(cpu_add_capacity(&cpu, cores, &bus, &error));
	for (size_t i = 1; i < classes; i++) /* there is just enough for all */
		assert_true(cpu_class_of(&cpu,
					 &(struct cpu_needs){ .demand = { 0, 1. / (double)i } },
					 &class, &error));
	for (int i = 0; i < JOBS; i++)
		assert_true(cpu_job_init(&cpu, &jobs[i], done, &error));
}

static void dismantle(void)
{
	cpu_fini(&cpu);
	engine_fini(&engine);
}

/* All that ends up to an instant ends at the same instants, in the same order. */
static void both_run(int64_t until_ns)
{
	while (plain.end_ns <= until_ns) {
		size_t first = ended_count = 0;

		if (plain.end_ns > engine.now_ns) {
			assert_true(engine_run(&engine, plain.end_ns - 1));
			assert_int_equal(ended_count, 0);
		}
		assert_true(engine_run(&engine, plain.end_ns));
		plain_advance(plain.end_ns);
		plain_plan();
		for (int next; (next = plain_next()) < JOBS && plain.finish[next] <= plain.clock;) {
			assert_true(first < ended_count);
			assert_int_equal(ended[first++], next);
			plain_set(next, false, 0);
		}
		assert_int_equal(first, ended_count);
	}
	plain_advance(until_ns);
	assert_true(engine_run(&engine, until_ns));
	engine.now_ns = until_ns; /* also when there is nothing to do */
	cpu_settle(&cpu);
	assert_true(cpu.virtual_now == plain.clock);
	assert_true(cpu.virtual_area == plain.area);
	assert_int_equal(cpu_runnable(&cpu), plain.runnable);
}

static void random_step(struct stream *stream, size_t classes)
{
	int job = (int)(stream_uniform(stream) * JOBS);
	int64_t work_ns =
		(int64_t)(stream_uniform(stream) * 8) * (stream_uniform(stream) < 0.7 ? 1000 : 333);
	double what = stream_uniform(stream);

	if (!jobs[job].active) {
		cpu_job_set_class(&jobs[job],
				  (unsigned int)(stream_uniform(stream) * (double)classes));
		cpu_start(&cpu, &jobs[job], work_ns);
		plain_set(job, true, work_ns);
	} else if (what < 0.2) {
		cpu_stop(&cpu, &jobs[job]);
		plain_set(job, false, 0);
	} else if (what < 0.6) {
		cpu_set_left(&cpu, &jobs[job], work_ns);
		plain_set(job, true, work_ns);
	} else {
		cpu_virtual left =
			plain.finish[job] > plain.clock ? plain.finish[job] - plain.clock : 0;

		assert_int_equal(cpu_work_done(&cpu, &jobs[job]),
				 jobs[job].work_ns - (int64_t)((left + one_ns - 1) / one_ns));
	}
}

static void run(size_t classes, uint64_t seed)
{
	struct stream stream;

	assert_true(stream_begin(&stream, &(struct stream_name){ .seed = seed }));
	memset(&plain, 0, sizeof(plain));
	plain.cores = 1 + (uint32_t)(stream_uniform(&stream) * 40);
	build(plain.cores, classes);
	for (int step = 0; step < STEPS; step++) {
		both_run(engine.now_ns + (int64_t)(stream_uniform(&stream) * 600));
		do
			random_step(&stream, classes);
		while (stream_uniform(&stream) > 0.5);
	}
	assert_true(!cpu.uneven);
	dismantle();
}

static void test_default_class(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < RUNS; seed++)
		run(1, seed);
}

/* Several classes whose capacity is never used up: the same integers. */
static void test_unsaturated_classes(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < RUNS; seed++)
		run(2 + seed % 4, 100 + seed);
}

/* --- reports that change what is reported --------------------------------- */

static void stops_next(struct cpu *by, struct cpu_job *job)
{
	done(by, job);
	if (job == &jobs[0])
		cpu_stop(by, &jobs[1]);
	if (job == &jobs[2])
		cpu_set_left(by, &jobs[3], 500);
	if (job == &jobs[3] && ended_count < 4)
		cpu_start(by, job, 500);
}

/* Of jobs that end together one stops another, one prolongs another, which starts again. */
static void test_reports(void **state)
{
	static const int expected[] = { 0, 2, 3, 3 };
	static const int64_t expected_ns[] = { 1000, 1500, 2000 };

	(void)state;
	build(JOBS, 3);
	ended_count = 0;
	for (unsigned int i = 0; i < 4; i++) {
		jobs[i].done = stops_next;
		cpu_job_set_class(&jobs[i], i % 3);
		cpu_start(&cpu, &jobs[i], 1000);
	}
	for (size_t i = 0; i < 3; i++) {
		assert_true(engine_run(&engine, expected_ns[i]));
		assert_int_equal(ended_count, 2 + i);
	}
	assert_memory_equal(ended, expected, sizeof(expected));
	assert_int_equal(cpu_runnable(&cpu), 0);
	assert_int_equal(cpu.other_classes, 0);
	dismantle();
}

/* What is no capacity, speed or demand is refused, and so are too many. */
static void test_refused(void **state)
{
	static const struct cpu_needs wrong[] = {
		{ .demand = { 0, -1 } },
		{ .crowd = 1, .crowded = 1.5 },
		{ .crowd = 1, .crowded = 1, .speeds = { 0.9, 1.5 } },
		{ .crowd = CPU_CROWDS_MAX, .crowded = 1 },
	};
	unsigned int number;

	(void)state;
	build(2, 1);
	for (int i = 1; i < SHARE_CAPACITIES_MAX; i++)
		assert_true(cpu_add_capacity(&cpu, 1, &number, &(struct error){ 0 }));
	assert_int_equal(number, SHARE_CAPACITIES_MAX - 1);
	assert_false(cpu_add_capacity(&cpu, 1, &number, &(struct error){ 0 }));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(cpu_class_of(&cpu, &wrong[i], &number, &(struct error){ 0 }));
	assert_int_equal(cpu.class_count, 1);
	dismantle();
	build(2, 1);
	assert_false(cpu_add_capacity(&cpu, 0, &number, &(struct error){ 0 }));
	dismantle();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_class),
		cmocka_unit_test(test_unsaturated_classes),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
