#include "engine/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const cpu_virtual one_ns = (cpu_virtual)1 << CPU_FRACTION_BITS;

/* duration * times / parts, rounded down; times and parts are numbers of jobs and cores. */
static cpu_virtual share_of(int64_t duration_ns, uint32_t times, uint32_t parts)
{
	uint64_t product, rest;

	if (__builtin_mul_overflow((uint64_t)duration_ns, (uint64_t)times, &product))
		return ((cpu_virtual)duration_ns << CPU_FRACTION_BITS) * times / parts;
	rest = product % parts; /* division of 64 bits is fast */
	return ((cpu_virtual)(product / parts) << CPU_FRACTION_BITS) +
	       (rest << CPU_FRACTION_BITS) / parts;
}

void cpu_advance(struct cpu *cpu)
{
	int64_t elapsed_ns = cpu->engine->now_ns - cpu->updated_ns;
	uint32_t jobs = cpu->jobs.count;
	uint32_t busy = jobs < cpu->cores ? jobs : cpu->cores;
	uint64_t before_ns = (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS);

	cpu->updated_ns = cpu->engine->now_ns;
	if (!jobs) {
		cpu->virtual_area += (unsigned __int128)before_ns * 2 * (uint64_t)elapsed_ns;
		return;
	}
	cpu->busy_core_ns += (unsigned __int128)elapsed_ns * busy;
	cpu->runnable_ns += (unsigned __int128)elapsed_ns * jobs;
	if (jobs <= cpu->cores)
		cpu->virtual_now += (cpu_virtual)elapsed_ns << CPU_FRACTION_BITS;
	else
		cpu->virtual_now += share_of(elapsed_ns, cpu->cores, jobs);
	cpu->virtual_area +=
		(unsigned __int128)(before_ns + (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS)) *
		(uint64_t)elapsed_ns;
}

/*
 * Schedule the next completion: rounded up, so that the job has finished by then. While jobs
 * are reported what they start and stop is planned once, at the end.
 */
static void plan(struct cpu *cpu)
{
	uint32_t jobs = cpu->jobs.count;
	cpu_virtual finish, left;

	if (cpu->reporting)
		return;
	if (!jobs) {
		event_cancel(cpu->engine, &cpu->next);
		return;
	}
	finish = heap_top(&cpu->jobs) >> HEAP_SLOT_BITS;
	left = finish > cpu->virtual_now ? finish - cpu->virtual_now : 0;
	if (jobs > cpu->cores)
		left *= jobs;
	left = (left + one_ns - 1) >> CPU_FRACTION_BITS;
	if (jobs > cpu->cores)
		left = left <= UINT64_MAX - cpu->cores
			       ? ((uint64_t)left + cpu->cores - 1) / cpu->cores /* it is fast */
			       : (left + cpu->cores - 1) / cpu->cores;
	event_schedule_in(cpu->engine, &cpu->next, (int64_t)left);
}

/*
 * All jobs that end now leave the cores first; then they are reported, in order.
 * A report may stop or prolong a job whose own report is still to come.
 */
static void complete(struct engine *engine, struct event *event)
{
	struct cpu *cpu = (struct cpu *)((char *)event - offsetof(struct cpu, next));
	uint32_t count = 0;

	(void)engine;
	cpu_settle(cpu);
	while (cpu->jobs.count && heap_least(&cpu->jobs) >> HEAP_SLOT_BITS <= cpu->virtual_now) {
		struct cpu_job *job;
		uint32_t slot;

		heap_close(&cpu->jobs);
		slot = heap_slot(heap_open(&cpu->jobs)); /* often it goes on with more work */
		job = heap_owner(&cpu->jobs, slot);
		job->finished = true;
		cpu->finished[count++] = slot;
	}
	cpu->reporting = true;
	for (uint32_t i = 0; i < count; i++) {
		struct cpu_job *job = heap_owner(&cpu->jobs, cpu->finished[i]);

		if (!job || !job->finished)
			continue;
		job->finished = job->active = false;
		job->done(cpu, job);
	}
	cpu->reporting = false;
	heap_close(&cpu->jobs);
	plan(cpu);
}

bool cpu_init(struct cpu *cpu, struct engine *engine, uint32_t cores, struct error *error)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->engine = engine;
	cpu->cores = cores;
	return heap_init(&cpu->jobs, "threads", error) &&
	       event_init(engine, &cpu->next, complete, error);
}

void cpu_fini(struct cpu *cpu)
{
	heap_fini(&cpu->jobs);
	free(cpu->finished);
	memset(cpu, 0, sizeof(*cpu));
}

void cpu_reset(struct cpu *cpu)
{
	for (uint32_t slot = 1; slot < cpu->jobs.slot_count; slot++) {
		struct cpu_job *job = heap_owner(&cpu->jobs, slot);

		if (job)
			job->active = job->finished = false;
	}
	heap_clear(&cpu->jobs);
	cpu->virtual_now = 0;
	cpu->virtual_area = 0;
	cpu->updated_ns = cpu->engine->now_ns;
	cpu->busy_core_ns = cpu->runnable_ns = 0;
	cpu->runnable_peak = 0;
}

bool cpu_job_init(struct cpu *cpu, struct cpu_job *job, cpu_done *done, struct error *error)
{
	*job = (struct cpu_job){ .done = done };
	if (!heap_enter(&cpu->jobs, job, &job->slot, error))
		return false;
	if (memory_grow(&cpu->finished, &cpu->finished_capacity, cpu->jobs.slot_count,
			sizeof(*cpu->finished), "finished threads", error))
		return true;
	heap_leave(&cpu->jobs, job->slot);
	return false;
}

void cpu_job_fini(struct cpu *cpu, struct cpu_job *job)
{
	if (job->active)
		cpu_stop(cpu, job);
	heap_leave(&cpu->jobs, job->slot);
}

void cpu_forget_jobs(struct cpu *cpu)
{
	heap_forget_owners(&cpu->jobs);
}

static heap_key key_of(const struct cpu_job *job)
{
	return job->finish << HEAP_SLOT_BITS | job->slot;
}

void cpu_start(struct cpu *cpu, struct cpu_job *job, int64_t work_ns)
{
	cpu_settle(cpu);
	job->active = true;
	job->work_ns = work_ns;
	job->started_ns = cpu->engine->now_ns;
	job->finish = cpu->virtual_now + ((cpu_virtual)work_ns << CPU_FRACTION_BITS);
	heap_push(&cpu->jobs, key_of(job));
	if (cpu->jobs.count > cpu->runnable_peak)
		cpu->runnable_peak = cpu->jobs.count;
	plan(cpu);
}

int64_t cpu_work_done(struct cpu *cpu, const struct cpu_job *job)
{
	cpu_virtual left;

	cpu_settle(cpu);
	left = job->finish > cpu->virtual_now ? job->finish - cpu->virtual_now : 0;
	return job->work_ns - (int64_t)((left + one_ns - 1) / one_ns);
}

void cpu_set_left(struct cpu *cpu, struct cpu_job *job, int64_t left_ns)
{
	job->work_ns = cpu_work_done(cpu, job) + left_ns;
	job->finish = cpu->virtual_now + ((cpu_virtual)left_ns << CPU_FRACTION_BITS);
	if (job->finished) {
		job->finished = false;
		heap_push(&cpu->jobs, key_of(job));
	} else {
		heap_move(&cpu->jobs, key_of(job));
	}
	plan(cpu);
}

void cpu_stop(struct cpu *cpu, struct cpu_job *job)
{
	cpu_settle(cpu);
	if (!job->finished)
		heap_remove(&cpu->jobs, job->slot);
	job->active = job->finished = false;
	plan(cpu);
}
