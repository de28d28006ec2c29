#include "engine/cpu.h"

#include <stdlib.h>
#include <string.h>

enum { JOBS_AT_FIRST = 64 };

static const cpu_virtual one_ns = (cpu_virtual)1 << CPU_FRACTION_BITS;

void cpu_settle(struct cpu *cpu)
{
	int64_t elapsed_ns = cpu->engine->now_ns - cpu->updated_ns;
	uint32_t jobs = cpu->jobs.count;
	uint32_t busy = jobs < cpu->cores ? jobs : cpu->cores;
	uint64_t before_ns = (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS);

	if (!elapsed_ns)
		return;
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
		cpu->virtual_now +=
			((cpu_virtual)elapsed_ns << CPU_FRACTION_BITS) * cpu->cores / jobs;
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
	cpu_virtual finish, left, rate;

	if (cpu->reporting)
		return;
	if (!jobs) {
		event_cancel(cpu->engine, &cpu->next);
		return;
	}
	finish = heap_top(&cpu->jobs) >> HEAP_SLOT_BITS;
	left = finish > cpu->virtual_now ? finish - cpu->virtual_now : 0;
	if (jobs <= cpu->cores) {
		left = (left + one_ns - 1) / one_ns;
	} else {
		rate = one_ns * cpu->cores;
		left = (left * jobs + rate - 1) / rate;
	}
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
	while (cpu->jobs.count && heap_top(&cpu->jobs) >> HEAP_SLOT_BITS <= cpu->virtual_now) {
		uint32_t slot = heap_slot(heap_pop(&cpu->jobs));

		cpu->by_slot[slot]->finished = true;
		cpu->finished[count++] = slot;
	}
	cpu->reporting = true;
	for (uint32_t i = 0; i < count; i++) {
		struct cpu_job *job = cpu->by_slot[cpu->finished[i]];

		if (!job || !job->finished)
			continue;
		job->finished = job->active = false;
		job->done(cpu, job);
	}
	cpu->reporting = false;
	plan(cpu);
}

bool cpu_init(struct cpu *cpu, struct engine *engine, uint32_t cores, struct error *error)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->engine = engine;
	cpu->cores = cores;
	return heap_init(&cpu->jobs, JOBS_AT_FIRST, error) &&
	       event_init(engine, &cpu->next, complete, error);
}

void cpu_fini(struct cpu *cpu)
{
	heap_fini(&cpu->jobs);
	free(cpu->by_slot);
	free(cpu->free_slots);
	free(cpu->finished);
	memset(cpu, 0, sizeof(*cpu));
}

void cpu_reset(struct cpu *cpu)
{
	for (uint32_t slot = 0; slot < cpu->slot_count; slot++)
		if (cpu->by_slot[slot])
			cpu->by_slot[slot]->active = cpu->by_slot[slot]->finished = false;
	heap_clear(&cpu->jobs);
	cpu->virtual_now = 0;
	cpu->virtual_area = 0;
	cpu->updated_ns = cpu->engine->now_ns;
	cpu->busy_core_ns = cpu->runnable_ns = 0;
	cpu->runnable_peak = 0;
}

static bool grow_slots(struct cpu *cpu, struct error *error)
{
	uint32_t capacity = cpu->jobs.capacity;
	struct cpu_job **by_slot;
	uint32_t *free_slots, *finished;

	if (cpu->slot_count == HEAP_SLOTS_MAX)
		return error_set(error, ERROR_INPUT, "more than %d threads at once",
				 HEAP_SLOTS_MAX);
	if (cpu->slot_count == capacity)
		capacity *= 2;
	if (cpu->by_slot && capacity == cpu->jobs.capacity)
		return true;
	by_slot = reallocarray(cpu->by_slot, capacity, sizeof(*by_slot));
	if (!by_slot)
		return error_memory(error, "jobs");
	cpu->by_slot = by_slot;
	free_slots = reallocarray(cpu->free_slots, capacity, sizeof(*free_slots));
	if (!free_slots)
		return error_memory(error, "job slots");
	cpu->free_slots = free_slots;
	finished = reallocarray(cpu->finished, capacity, sizeof(*finished));
	if (!finished)
		return error_memory(error, "finished jobs");
	cpu->finished = finished;
	return heap_reserve(&cpu->jobs, capacity, error);
}

bool cpu_job_init(struct cpu *cpu, struct cpu_job *job, cpu_done *done, struct error *error)
{
	*job = (struct cpu_job){ .done = done };
	if (cpu->free_count) {
		job->slot = cpu->free_slots[--cpu->free_count];
	} else {
		if (!grow_slots(cpu, error))
			return false;
		job->slot = cpu->slot_count++;
	}
	cpu->by_slot[job->slot] = job;
	return true;
}

void cpu_job_fini(struct cpu *cpu, struct cpu_job *job)
{
	if (job->active)
		cpu_stop(cpu, job);
	cpu->by_slot[job->slot] = NULL;
	cpu->free_slots[cpu->free_count++] = job->slot;
}

void cpu_forget_jobs(struct cpu *cpu)
{
	cpu->slot_count = cpu->free_count = 0;
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
