#ifndef SIM_ENGINE_CPU_FIXTURE_H
#define SIM_ENGINE_CPU_FIXTURE_H

/* Jobs on a host's cores, as tests of what they share look at them. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/cpu_sharing.h"

enum { JOBS = 80 };

static struct engine engine;
static struct cpu cpu;
static struct cpu_job jobs[JOBS];
static int64_t end_ns[JOBS];
static void (*when_done)(int job); /* beside to note when */

static inline void done(struct cpu *by, struct cpu_job *job)
{
	end_ns[job - jobs] = by->engine->now_ns;
	if (when_done)
		when_done((int)(job - jobs));
}

static inline void build(uint32_t cores)
{
	struct error error = { 0 };

	assert_true(engine_init(&engine, &error));
	assert_true(cpu_init(&cpu, &engine, cores, &error));
	for (int i = 0; i < JOBS; i++)
		assert_true(cpu_job_init(&cpu, &jobs[i], done, &error));
}

static inline int dismantle(void **state)
{
	(void)state;
	when_done = NULL;
	cpu_fini(&cpu);
	engine_fini(&engine);
	return 0;
}

static inline unsigned int capacity_of(double per_ns)
{
	unsigned int capacity;

	assert_true(cpu_add_capacity(&cpu, per_ns, &capacity, &(struct error){ 0 }));
	return capacity;
}

static inline unsigned int class_of(struct cpu_needs needs)
{
	unsigned int class;

	assert_true(cpu_class_of(&cpu, &needs, &class, &(struct error){ 0 }));
	return class;
}

static inline void start(int job, unsigned int class, int64_t work_ns)
{
	cpu_job_set_class(&jobs[job], class);
	cpu_start(&cpu, &jobs[job], work_ns);
}

static inline void run(void)
{
	assert_true(engine_run(&engine, INT64_MAX));
	cpu_settle(&cpu);
}

/* At the right instant, which is rounded up to a whole ns. */
static inline void assert_ends(int job, double at_ns)
{
	if ((double)end_ns[job] < at_ns - 1e-6 || (double)end_ns[job] > at_ns + 1 + 1e-6)
		fail_msg("job %d ends at %lld ns, not at %.3f", job, (long long)end_ns[job], at_ns);
}

static inline void assert_near(double seen, double truth)
{
	if (fabs(seen - truth) > 1e-6 * fabs(truth) + 1e-3)
		fail_msg("seen %.17g, truth %.17g", seen, truth);
}

/* Of what a host has been asked to do nothing is lost, to the last bit. */
static inline void check_times(void)
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

#endif
