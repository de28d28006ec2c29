/*
 * The interpreter: moves a thread through the steps of its flow. Steps that take
 * no time are done in a loop; one that takes time is begun, and an event, a
 * finished job or a granted lock brings the thread back.
 */

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/memory.h"
#include "flow/books.h"

/* Steps between two instants: flows are short, so many are a loop without an end. */
enum { STEPS_AT_ONCE_MAX = 1000000 };

/* Threads of one operation at the same time: a flow that spawns in a round has no end. */
enum { THREADS_MAX = 10000 };

static void run(struct thread *thread);

struct program_step *thread_step(const struct thread *thread)
{
	return &thread->program->steps[thread->frames[thread->depth - 1].next];
}

struct lock *instance_lock(struct instance *instance, const struct lock_kind *kind)
{
	const struct model *model = instance->group->config->model;

	for (size_t i = 0; i < model->lock_count; i++)
		if (model->locks[i] == kind)
			return kind->scope == SCOPE_HOST ? &instance->resources->locks[i]
							 : &instance->locks[i];
	engine_fail(&instance->simulation->engine, ERROR_INTERNAL,
		    "model %s uses the lock %s without listing it", model->name, kind->name);
	return NULL;
}

bool thread_stream(struct thread *thread, uint32_t purpose, struct stream *stream)
{
	struct simulation *simulation = thread->simulation;
	struct stream_name name = {
		.seed = simulation->config->seed,
		.replication = simulation->replication,
		.entity = thread->instance->entity,
		.occurrence = thread->run->occurrence,
		.use = thread->run->uses[purpose]++,
		.purpose = purpose,
	};

	if (stream_begin(stream, &name))
		return true;
	engine_fail(&simulation->engine, ERROR_INPUT,
		    "guest %s: more random draws or operations than streams can name "
		    "(%d operations of %d uses of one cost term); shorten experiment.until",
		    thread->instance->guest.config->name, STREAM_OCCURRENCES_MAX, STREAM_USES_MAX);
	return false;
}

/* The same call of the same step is named before: it fails once. */
static bool is_repeated(const struct guest_config *config, size_t index)
{
	const struct fault_config *fault = &config->faults[index];

	for (size_t i = 0; i < index; i++)
		if (config->faults[i].call == fault->call &&
		    strcmp(config->faults[i].step, fault->step) == 0)
			return true;
	return false;
}

bool thread_fault(struct thread *thread, const char *name, uint64_t calls, struct stream *own,
		  uint64_t *failed)
{
	struct group *group = thread->instance->group;
	const struct guest_config *config = group->config;

	*failed = 0;
	for (size_t i = 0; name && calls && i < config->fault_count; i++) {
		const struct fault_config *fault = &config->faults[i];
		int64_t before = group->fault_calls[i];

		if (strcmp(fault->step, name) != 0)
			continue;
		group->fault_calls[i] += (int64_t)calls;
		if (fault->call) {
			*failed += !is_repeated(config, i) && before < fault->call &&
				   fault->call <= before + (int64_t)calls;
		} else if (fault->probability > 0) {
			struct stream fresh, *stream = own ? own : &fresh;
			gsl_rng rng;
			/* A binomial of more than 2^32 - 1 trials does not fit GSL's interface. */
			unsigned int trials = calls > UINT32_MAX ? UINT32_MAX : (unsigned int)calls;

			if (!own && !thread_stream(thread, PURPOSE_FAULT, &fresh))
				return false;
			rng = stream_rng(stream);
			thread->simulation->random = true;
			*failed += gsl_ran_binomial(&rng, fault->probability, trials);
		}
	}
	if (*failed > calls)
		*failed = calls;
	return *failed > 0;
}

/* Calls before the first that fails by chance: geometric, by inversion. */
static uint64_t calls_before_chance(struct thread *thread, double probability, uint64_t calls,
				    struct stream *own)
{
	double drawn;

	if (probability <= 0)
		return calls;
	thread->simulation->random = true;
	drawn = floor(log(stream_uniform(own)) / log1p(-probability));
	if (probability >= 1)
		return 0;
	return drawn < (double)calls ? (uint64_t)drawn : calls;
}

uint64_t thread_calls_before_fault(struct thread *thread, const struct page_call *call,
				   uint64_t calls, struct stream *own)
{
	const struct group *group = thread->instance->group;
	const struct guest_config *config = group->config;
	uint64_t before = calls;

	if (call->probability)
		before = calls_before_chance(thread, call->probability(&thread->instance->guest),
					     before, own);
	for (size_t i = 0; i < config->fault_count; i++) {
		const struct fault_config *fault = &config->faults[i];
		int64_t until = fault->call - 1 - group->fault_calls[i];

		if (strcmp(fault->step, call->name) != 0)
			continue;
		if (!fault->call)
			before = calls_before_chance(thread, fault->probability, before, own);
		else if (until >= 0 && (uint64_t)until < before)
			before = (uint64_t)until;
	}
	return before;
}

void thread_count_calls(struct thread *thread, const char *name, uint64_t calls)
{
	struct group *group = thread->instance->group;

	for (size_t i = 0; i < group->config->fault_count; i++)
		if (strcmp(group->config->faults[i].step, name) == 0)
			group->fault_calls[i] += (int64_t)calls;
}

bool thread_holds_locks(const struct thread *thread)
{
	for (int i = 0; i < HELD_MAX; i++)
		if (thread->held[i].lock && thread->held[i].request.holding)
			return true;
	return false;
}

void slice_end(struct thread *thread)
{
	if (thread->slice_ns > thread->simulation->host_metrics.total[METRIC_LONGEST_SLICE])
		thread->simulation->host_metrics.total[METRIC_LONGEST_SLICE] = thread->slice_ns;
	thread->slice_ns = 0;
}

void slice_add(struct thread *thread, int64_t work_ns)
{
	thread->slice_ns += work_ns;
}

static struct thread *thread_new(struct simulation *simulation, struct host *host)
{
	struct error *error = &simulation->engine.error;
	struct thread *thread = memory_array(1, sizeof(*thread), "thread", error);

	if (!thread)
		return NULL;
	if (!memory_grow(&simulation->all_threads, &simulation->thread_capacity,
			 simulation->thread_count + 1, sizeof(*simulation->all_threads), "threads",
			 error) ||
	    !memory_grow(&simulation->walkers, &simulation->walker_capacity,
			 simulation->thread_count + 1, sizeof(*simulation->walkers), "threads",
			 error) ||
	    !event_init(&simulation->engine, &thread->event, thread_event, error) ||
	    !cpu_job_init(&host->cpu, &thread->job, thread_cpu_done, error)) {
		free(thread);
		return NULL;
	}
	thread->simulation = simulation;
	thread->host = host;
	thread->number = (uint32_t)simulation->thread_count;
	simulation->all_threads[simulation->thread_count++] = thread;
	return thread;
}

struct thread *thread_start(struct instance *instance, struct operation_run *run_for,
			    const struct program *program, uint32_t flow, bool foreground)
{
	struct simulation *simulation = instance->simulation;
	struct thread *thread = instance->host->free_threads;
	size_t parts = foreground ? 1 + 2 * program->step_count : 0;

	if (run_for->threads == THREADS_MAX) {
		engine_fail(&simulation->engine, ERROR_INTERNAL,
			    "guest %s: flow %s would be thread number %d of one operation",
			    instance->guest.config->name, program->flows[flow].flow->name,
			    THREADS_MAX + 1);
		return NULL;
	}
	if (thread) {
		instance->host->free_threads = thread->next;
	} else {
		thread = thread_new(simulation, instance->host);
		if (!thread) {
			engine_stop(&simulation->engine);
			return NULL;
		}
	}
	if (!memory_grow(&thread->spent, &thread->spent_capacity, parts, sizeof(*thread->spent),
			 "parts", &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return NULL;
	}
	if (parts)
		memset(thread->spent, 0, parts * sizeof(*thread->spent));
	thread->instance = instance;
	thread->program = program;
	thread->run = run_for;
	run_for->threads++;
	thread->frames[0] = (struct frame){ .flow = flow, .next = program->flows[flow].first };
	thread->depth = 1;
	thread->root_flow = flow;
	thread->error = thread->pending_error = 0;
	thread->foreground = foreground;
	thread->done = thread->signalled = thread->finished = false;
	thread->waiting_stop = thread->blocked = false;
	thread->grace_delay = thread->grace_readers = false;
	thread->generation = 0;
	thread->slice_ns = 0;
	memset(thread->held, 0, sizeof(thread->held));
	walk_init(thread);
	thread->next = instance->threads;
	instance->threads = thread;
	thread_resume_soon(thread);
	return thread;
}

void thread_fail(struct thread *thread, const char *format, ...)
{
	const struct program_step *at = thread_step(thread);
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
		    "guest %s, flow %s, step \"%s\": %s", thread->instance->guest.config->name,
		    thread->program->flows[at->flow].flow->name, at->name, text);
}

static void thread_end(struct thread *thread)
{
	slice_end(thread);
	walk_over(thread);
	thread->finished = true;
	if (thread_holds_locks(thread))
		engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
			    "flow %s of guest %s ended with a lock held",
			    thread->program->flows[thread->root_flow].flow->name,
			    thread->instance->guest.config->name);
	instance_thread_ended(thread->instance, thread);
}

void step_failed(struct thread *thread, int error)
{
	uint32_t jump = thread_step(thread)->jump;

	thread->error = error;
	if (jump == PROGRAM_RETURN)
		flow_return(thread);
	else
		thread->frames[thread->depth - 1].next = jump;
}

void step_next(struct thread *thread)
{
	thread->frames[thread->depth - 1].next++;
}

void flow_return(struct thread *thread)
{
	if (--thread->depth == 0) {
		thread_end(thread);
		return;
	}
	if (thread->error)
		step_failed(thread, thread->error);
	else
		step_next(thread);
}

/* A fatal signal ends a thread between user-space instructions, never inside the kernel. */
static bool killable(const struct thread *thread)
{
	return thread->signalled && thread_step(thread)->step->user && !thread_holds_locks(thread);
}

static void thread_abort(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;

	if (thread->blocked && thread->job.active)
		cpu_stop(&thread->host->cpu, &thread->job);
	event_cancel(&simulation->engine, &thread->event);
	thread->blocked = false;
	thread->error = EINTR;
	thread->depth = 0;
	thread_end(thread);
}

void thread_signal(struct thread *thread)
{
	if (thread->finished || thread->signalled)
		return;
	thread->signalled = true;
	if (!thread->blocked) /* begins or goes on at this instant; it looks for itself */
		return;
	if (thread->walk.phase != WALK_IDLE)
		walk_signal(thread);
	else if (killable(thread))
		thread_abort(thread);
}

void thread_resume_soon(struct thread *thread)
{
	event_schedule_in(&thread->simulation->engine, &thread->event, 0);
}

static struct thread *thread_of_event(struct event *event)
{
	return (struct thread *)((char *)event - offsetof(struct thread, event));
}

void thread_event(struct engine *engine, struct event *event)
{
	struct thread *thread = thread_of_event(event);

	(void)engine;
	if (!thread->blocked)
		run(thread);
	else if (thread->walk.phase == WALK_LOCK)
		walk_lock_granted(thread);
	else if (thread->walk.phase != WALK_IDLE)
		walk_piece_done(thread);
	else if (thread->grace_delay && thread->grace_readers)
		thread->grace_delay = false; /* the readers will bring it back */
	else
		thread_step_done(thread);
}

void thread_cpu_done(struct cpu *cpu, struct cpu_job *job)
{
	struct thread *thread = (struct thread *)((char *)job - offsetof(struct thread, job));

	(void)cpu;
	if (thread->walk.phase != WALK_IDLE)
		walk_piece_done(thread);
	else
		thread_step_done(thread);
}

void thread_served(struct cpu *server, struct cpu_job *job)
{
	struct thread *thread = (struct thread *)((char *)job - offsetof(struct thread, service));

	cpu_job_fini(server, job);
	thread->served_by = NULL;
	thread_step_done(thread);
}

/* The last reader that a grace period waited for has left. */
void thread_grace_over(struct lock_request *request)
{
	struct thread *thread = (struct thread *)((char *)request - offsetof(struct thread, grace));

	thread->grace_readers = false;
	if (!thread->grace_delay)
		thread_resume_soon(thread);
}

void thread_lock_granted(struct lock_request *request)
{
	struct held_lock *held =
		(struct held_lock *)((char *)request - offsetof(struct held_lock, request));

	observe_woken(held->thread);
	thread_resume_soon(held->thread);
}

void thread_step_done(struct thread *thread)
{
	int error = thread->pending_error;

	thread->blocked = false;
	thread->pending_error = 0;
	thread->grace_delay = false;
	books_step(thread, thread->step_work_ns);
	if (thread_step(thread)->step->error)
		thread->instance->guest.failed_calls = thread->failed_calls;
	if (error)
		step_failed(thread, error);
	else
		step_next(thread);
	if (!thread->finished)
		run(thread);
}

static void run(struct thread *thread)
{
	struct engine *engine = &thread->simulation->engine;

	for (int steps = 0; !thread->finished && engine->error.kind == ERROR_NONE; steps++) {
		if (steps == STEPS_AT_ONCE_MAX) {
			thread_fail(thread, "%d steps, and no time passes: it goes round and round",
				    STEPS_AT_ONCE_MAX);
			return;
		}
		if (killable(thread)) {
			thread_abort(thread);
			return;
		}
		if (step_begin(thread)) {
			thread->blocked = true;
			return;
		}
	}
}
