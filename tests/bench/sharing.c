/*
 * SHARE: jobs on a host's cores, each with one exponential piece of work after the other. Of the
 * default class alone; of classes that nothing but the cores limits, which must end at the same
 * instants; and of classes that use up one capacity in a first round, and another in a second.
 */

#include <stdlib.h>

#include "engine/cpu_sharing.h"
#include "rounds.h"
#include "subjects.h"

enum { CORES = 8, CLASSES = 4 };

static struct {
	struct stream stream;
	double mean_ns;
	uint64_t left;
} worker;

static int64_t next_work_ns(void)
{
	return (int64_t)stream_exponential(&worker.stream, worker.mean_ns);
}

static void done(struct cpu *cpu, struct cpu_job *job)
{
	if (--worker.left == 0)
		engine_stop(cpu->engine);
	else
		cpu_start(cpu, job, next_work_ns());
}

/*
 * Members of the last class may do a quarter of `busy` ns of work per ns, and all together `busy`;
 * of the third capacity, which tells the classes apart, there is plenty.
 */
static void add_classes(struct cpu *cpu, double busy, struct error *error)
{
	unsigned int number;

	if (!cpu_add_capacity(cpu, busy / 4, &number, error) ||
	    !cpu_add_capacity(cpu, busy, &number, error) ||
	    !cpu_add_capacity(cpu, 1e9, &number, error))
		abort();
	for (int i = 1; i < CLASSES; i++)
		if (!cpu_class_of(cpu,
				  &(struct cpu_needs){ .demand = { 0, i == CLASSES - 1, 1, i } },
				  &number, error))
			abort();
}

/* The work of all pieces that were begun: what was done, and what is left of those in progress. */
static double begun_ns(struct cpu *cpu, struct cpu_job *jobs, uint32_t count, double busy)
{
	double work_ns = (double)cpu->engine->now_ns * busy;

	for (uint32_t i = 0; i < count; i++)
		if (jobs[i].active)
			work_ns += (double)(jobs[i].work_ns - cpu_work_done(cpu, &jobs[i]));
	return work_ns;
}

struct outcome share_run(enum contender contender, const struct task *task)
{
	double busy = (int)contender == SHARE_SATURATED ? CORES / 2 : CORES; /* ns of work per ns */
	double begun = (double)task->count - 1 + task->pending, mean;
	struct cpu_job *jobs = calloc(task->pending, sizeof(*jobs));
	struct error error = { 0 };
	struct engine engine;
	struct cpu cpu;
	double seconds;

	if (!jobs || !engine_init(&engine, &error) || !cpu_init(&cpu, &engine, CORES, &error))
		abort();
	if ((int)contender != SHARE_CORES_ALONE)
		add_classes(&cpu, (int)contender == SHARE_SATURATED ? busy : 4 * busy, &error);
	stream_begin(&worker.stream, &(struct stream_name){ .seed = task->seed });
	worker.mean_ns = 1e9 * task->stretch;
	worker.left = task->count;
	for (uint32_t i = 0; i < task->pending; i++) {
		if (!cpu_job_init(&cpu, &jobs[i], done, &error))
			abort();
		if ((int)contender != SHARE_CORES_ALONE)
			cpu_job_set_class(&jobs[i], 1 + i % (CLASSES - 1));
		cpu_start(&cpu, &jobs[i], next_work_ns());
	}
	seconds = cpu_seconds();
	if (!engine_run(&engine, INT64_MAX))
		abort();
	seconds = cpu_seconds() - seconds;
	mean = begun_ns(&cpu, jobs, task->pending, busy) / begun / 1e9;
	cpu_fini(&cpu);
	engine_fini(&engine);
	free(jobs);
	return (struct outcome){ seconds, mean };
}
