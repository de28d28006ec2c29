#include "engine/cpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/cpu_sharing.h"

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

/* No clock goes on: there are no jobs, or they wait for cores that are held. */
static void stand_still(struct cpu *cpu, int64_t elapsed_ns)
{
	uint64_t now_ns = (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS);

	cpu->virtual_area += (unsigned __int128)now_ns * 2 * (uint64_t)elapsed_ns;
	cpu->runnable_ns += (unsigned __int128)elapsed_ns * cpu_runnable(cpu);
	if (!cpu->held)
		cpu->idle_ns += elapsed_ns;
}

void cpu_advance(struct cpu *cpu)
{
	int64_t elapsed_ns = cpu->engine->now_ns - cpu->updated_ns;
	uint32_t jobs = cpu_runnable(cpu);
	uint64_t before_ns = (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS);
	cpu_virtual passed;

	cpu->updated_ns = cpu->engine->now_ns;
	if (!jobs || cpu->held) {
		stand_still(cpu, elapsed_ns);
		return;
	}
	if (jobs <= cpu->cores)
		passed = (cpu_virtual)elapsed_ns << CPU_FRACTION_BITS;
	else
		passed = share_of(elapsed_ns, cpu->cores, jobs);
	cpu->virtual_now += passed;
	cpu->runnable_ns += (unsigned __int128)elapsed_ns * jobs;
	cpu->virtual_area +=
		(unsigned __int128)(before_ns + (uint64_t)(cpu->virtual_now >> CPU_FRACTION_BITS)) *
		(uint64_t)elapsed_ns;
	cpu->busy_core += passed * jobs;
	if (cpu->uneven)
		cpu_advance_classes(cpu);
}

/* The key of the next job of a class, by the host's clock. */
static heap_key next_key(struct cpu *cpu, unsigned int class)
{
	struct cpu_class *of = cpu_class(cpu, class);

	heap_close(&of->jobs);
	return heap_top(&of->jobs) + (of->behind << HEAP_SLOT_BITS);
}

/*
 * The key of the job that is the first to end by the host's clock, and then by slot, and its
 * class. One must be runnable.
 */
static heap_key first_key(struct cpu *cpu, unsigned int *class)
{
	heap_key first = HEAP_NO_KEY;

	for (uint32_t set = cpu_runnable_set(cpu); set; set &= set - 1) {
		heap_key key = next_key(cpu, cpu_first_class(set));

		if (key < first) {
			first = key;
			*class = cpu_first_class(set);
		}
	}
	return first;
}

/* How long until a job with this key ends while all go with the host's clock, rounded up. */
static inline int64_t time_until(struct cpu *cpu, heap_key key)
{
	uint32_t jobs = cpu_runnable(cpu);
	cpu_virtual finish = key >> HEAP_SLOT_BITS;
	cpu_virtual left = finish > cpu->virtual_now ? finish - cpu->virtual_now : 0;

	if (jobs > cpu->cores)
		left *= jobs;
	left = (left + one_ns - 1) >> CPU_FRACTION_BITS;
	if (jobs > cpu->cores)
		left = left <= UINT64_MAX - cpu->cores
			       ? ((uint64_t)left + cpu->cores - 1) / cpu->cores /* it is fast */
			       : (left + cpu->cores - 1) / cpu->cores;
	return (int64_t)left;
}

/* How long until the next job ends when the rates of the classes differ, rounded up. */
static int64_t next_uneven_end(struct cpu *cpu)
{
	int64_t next_ns = INT64_MAX;

	for (uint32_t set = cpu_runnable_set(cpu); set; set &= set - 1) {
		uint64_t rate = cpu_class(cpu, cpu_first_class(set))->work_rate;
		heap_key key = next_key(cpu, cpu_first_class(set));
		cpu_virtual finish = key >> HEAP_SLOT_BITS;
		cpu_virtual left = finish > cpu->virtual_now ? finish - cpu->virtual_now : 0;
		int64_t end_ns = rate ? cpu_time_until(left, rate) : time_until(cpu, key);

		if (end_ns < next_ns)
			next_ns = end_ns;
	}
	return next_ns;
}

/* Find the rates from now on, and how long it takes until the next job ends. */
__attribute__((noinline)) static int64_t plan_classes(struct cpu *cpu)
{
	unsigned int class;

	cpu_find_rates(cpu);
	return cpu->uneven ? next_uneven_end(cpu) : time_until(cpu, first_key(cpu, &class));
}

/* Schedule the next completion: rounded up, so that the job has finished by then. */
static void plan_next(struct cpu *cpu)
{
	int64_t left_ns;

	cpu->uneven = false;
	if (!cpu_runnable(cpu) || cpu->held) {
		event_cancel(cpu->engine, &cpu->next);
		return;
	}
	if (cpu->other_classes)
		left_ns = plan_classes(cpu);
	else
		left_ns = time_until(cpu, heap_top(&cpu->first.jobs));
	if (left_ns > INT64_MAX - cpu->engine->now_ns) /* never, as far as the clock goes */
		left_ns = INT64_MAX - cpu->engine->now_ns;
	event_schedule_in(cpu->engine, &cpu->next, left_ns);
}

/* While jobs are reported what they start and stop is planned once, at the end. */
static inline void plan(struct cpu *cpu)
{
	if (!cpu->reporting)
		plan_next(cpu);
}

static heap_key key_of(const struct cpu_job *job)
{
	return job->finish << HEAP_SLOT_BITS | job->slot;
}

/* From the cores: it has left the heap of its class. */
static inline void gone(struct cpu *cpu, unsigned int class)
{
	if (!class)
		return;
	if (!cpu_class(cpu, class)->jobs.count)
		cpu->other_classes &= ~(1u << class);
	cpu->other_runnable--;
}

/* To the cores; `finish` is known. */
static inline void come(struct cpu *cpu, const struct cpu_job *job)
{
	unsigned int class = job->class;

	heap_push(&cpu_class(cpu, class)->jobs, key_of(job));
	if (!class)
		return;
	cpu->other_classes |= 1u << class;
	cpu->other_runnable++;
}

/* Take the next job of the class from the cores, if it has ended: its slot, or 0. */
static inline uint32_t take_ended(struct cpu *cpu, unsigned int class, heap_key next)
{
	struct heap *jobs = &cpu_class(cpu, class)->jobs;
	struct cpu_job *job = heap_owner(&cpu->first.jobs, heap_slot(next));

	if (next >> HEAP_SLOT_BITS > cpu->virtual_now)
		return 0;
	cpu_settle_class(cpu, class);
	heap_close(jobs);
	heap_open(jobs); /* often it goes on with more work */
	gone(cpu, class);
	job->finished = true;
	job->ended_ns = cpu->updated_ns;
	job->late = (uint64_t)(cpu->virtual_now - (next >> HEAP_SLOT_BITS));
	return heap_slot(next);
}

__attribute__((noinline)) static uint32_t take_ended_of_classes(struct cpu *cpu)
{
	unsigned int class = 0;
	heap_key next = first_key(cpu, &class);

	return take_ended(cpu, class, next);
}

/*
 * All jobs that end now leave the cores first; then they are reported, in order.
 * A report may stop or prolong a job whose own report is still to come.
 */
static void complete(struct engine *engine, struct event *event)
{
	struct cpu *cpu = (struct cpu *)((char *)event - offsetof(struct cpu, next));
	uint32_t count = 0, slot;

	(void)engine;
	cpu_settle(cpu);
	while (cpu_runnable(cpu)) {
		slot = cpu->other_classes ? take_ended_of_classes(cpu)
					  : take_ended(cpu, 0, heap_least(&cpu->first.jobs));
		if (!slot)
			break;
		cpu->finished[count++] = slot;
	}
	cpu->reporting = true;
	for (uint32_t i = 0; i < count; i++) {
		struct cpu_job *job = heap_owner(&cpu->first.jobs, cpu->finished[i]);

		if (!job || !job->finished)
			continue;
		job->finished = job->active = false;
		job->done(cpu, job);
	}
	cpu->reporting = false;
	heap_close(&cpu->first.jobs);
	for (unsigned int k = 1; k < cpu->class_count; k++)
		heap_close(&cpu_class(cpu, k)->jobs);
	plan(cpu);
}

bool cpu_init(struct cpu *cpu, struct engine *engine, uint32_t cores, struct error *error)
{
	memset(cpu, 0, sizeof(*cpu));
	cpu->engine = engine;
	cpu->cores = cores;
	cpu->class_count = cpu->classes_made = cpu->capacity_count = 1;
	return cpu_class_init(&cpu->first, error) &&
	       event_init(engine, &cpu->next, complete, error);
}

void cpu_fini(struct cpu *cpu)
{
	for (unsigned int k = 0; k < cpu->classes_made; k++)
		cpu_class_fini(cpu_class(cpu, k));
	free(cpu->others);
	free(cpu->finished);
	memset(cpu, 0, sizeof(*cpu));
}

void cpu_reset(struct cpu *cpu)
{
	struct heap *slots = &cpu->first.jobs;

	for (uint32_t slot = 1; slot < slots->slot_count; slot++) {
		struct cpu_job *job = heap_owner(slots, slot);

		if (job)
			job->active = job->finished = false;
	}
	cpu_reset_sharing(cpu);
	cpu->other_runnable = cpu->other_classes = 0;
	cpu->uneven = cpu->held = false;
	cpu->idle_ns = 0;
	cpu->virtual_now = 0;
	cpu->virtual_area = 0;
	cpu->updated_ns = cpu->engine->now_ns;
	cpu->busy_core = cpu->runnable_ns = 0;
	cpu->runnable_peak = 0;
}

bool cpu_job_init(struct cpu *cpu, struct cpu_job *job, cpu_done *done, struct error *error)
{
	struct heap *slots = &cpu->first.jobs;
	bool room;

	*job = (struct cpu_job){ .done = done };
	if (!heap_enter(slots, job, &job->slot, error))
		return false;
	room = memory_grow(&cpu->finished, &cpu->finished_capacity, slots->slot_count,
			   sizeof(*cpu->finished), "finished threads", error);
	for (unsigned int k = 1; k < cpu->class_count; k++)
		room = room && heap_reserve(&cpu_class(cpu, k)->jobs, slots->slot_count, error);
	if (!room)
		heap_leave(slots, job->slot);
	return room;
}

void cpu_job_fini(struct cpu *cpu, struct cpu_job *job)
{
	if (job->active)
		cpu_stop(cpu, job);
	heap_leave(&cpu->first.jobs, job->slot);
}

void cpu_forget_jobs(struct cpu *cpu)
{
	heap_forget_owners(&cpu->first.jobs);
}

/* So much of the work (2^-40 ns) is done already. */
static void start(struct cpu *cpu, struct cpu_job *job, int64_t work_ns, cpu_virtual done)
{
	unsigned int class = job->class;

	cpu_settle(cpu);
	job->active = true;
	job->work_ns = work_ns;
	job->finish =
		cpu_class_clock(cpu, class) - done + ((cpu_virtual)work_ns << CPU_FRACTION_BITS);
	if (class)
		job->behind = cpu_class(cpu, class)->behind;
	come(cpu, job);
	if (cpu_runnable(cpu) > cpu->runnable_peak)
		cpu->runnable_peak = cpu_runnable(cpu);
	plan(cpu);
}

void cpu_start(struct cpu *cpu, struct cpu_job *job, int64_t work_ns)
{
	start(cpu, job, work_ns, 0);
}

void cpu_go_on(struct cpu *cpu, struct cpu_job *job, int64_t work_ns)
{
	start(cpu, job, work_ns, job->ended_ns == cpu->engine->now_ns ? job->late : 0);
}

int64_t cpu_work_done(struct cpu *cpu, const struct cpu_job *job)
{
	cpu_virtual now, left;

	cpu_settle(cpu);
	now = cpu_class_clock(cpu, job->class);
	left = job->finish > now ? job->finish - now : 0;
	return job->work_ns - (int64_t)((left + one_ns - 1) / one_ns);
}

int64_t cpu_core_time(struct cpu *cpu, const struct cpu_job *job)
{
	return cpu_work_done(cpu, job) + cpu_slowed(cpu, job);
}

double cpu_expected_ns(struct cpu *cpu, unsigned int class, double work_ns)
{
	uint32_t jobs = cpu_runnable(cpu);

	if (cpu->uneven && cpu->other_classes >> class & 1 && cpu_class(cpu, class)->work_rate)
		return work_ns / cpu_rate_value(cpu_class(cpu, class)->work_rate);
	return jobs <= cpu->cores ? work_ns : work_ns * jobs / cpu->cores;
}

void cpu_set_left(struct cpu *cpu, struct cpu_job *job, int64_t left_ns)
{
	job->work_ns = cpu_work_done(cpu, job) + left_ns;
	job->finish =
		cpu_class_clock(cpu, job->class) + ((cpu_virtual)left_ns << CPU_FRACTION_BITS);
	if (job->finished) {
		job->finished = false;
		come(cpu, job);
	} else {
		heap_move(&cpu_class(cpu, job->class)->jobs, key_of(job));
	}
	plan(cpu);
}

void cpu_stop(struct cpu *cpu, struct cpu_job *job)
{
	cpu_settle(cpu);
	if (!job->finished) {
		cpu_settle_class(cpu, job->class);
		heap_remove(&cpu_class(cpu, job->class)->jobs, job->slot);
		gone(cpu, job->class);
	}
	job->active = job->finished = false;
	plan(cpu);
}

void cpu_hold(struct cpu *cpu, bool held)
{
	cpu_settle(cpu);
	cpu->held = held;
	plan(cpu);
}

int64_t cpu_lost_ns(struct cpu *cpu)
{
	cpu_settle(cpu);
	return cpu->updated_ns - cpu->idle_ns - (int64_t)(cpu->virtual_now >> CPU_FRACTION_BITS);
}
