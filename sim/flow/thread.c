/*
 * The interpreter: moves a thread through the steps of its flow. Steps that take
 * no time are done in a loop; one that takes time is begun, and an event, a
 * finished job or a granted lock brings the thread back.
 */

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_randist.h>

#include "base/memory.h"
#include "flow/runtime.h"

static void run(struct thread *thread);

static struct program_step *current_step(const struct thread *thread)
{
	return &thread->program->steps[thread->frames[thread->depth - 1].next];
}

struct lock *instance_lock(struct instance *instance, const struct lock_kind *kind)
{
	const struct model *model = instance->group->config->model;

	for (size_t i = 0; i < model->lock_count; i++)
		if (model->locks[i] == kind)
			return kind->scope == SCOPE_HOST ? &instance->group->host_locks[i]
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

bool thread_fault(struct thread *thread, const char *name, uint64_t calls, uint64_t *failed)
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
			*failed += before < fault->call && fault->call <= before + (int64_t)calls;
		} else if (fault->probability > 0) {
			struct stream stream;
			gsl_rng rng;
			/* A binomial of more than 2^32 - 1 trials does not fit GSL's interface. */
			unsigned int trials = calls > UINT32_MAX ? UINT32_MAX : (unsigned int)calls;

			if (!thread_stream(thread, PURPOSE_FAULT, &stream))
				return false;
			rng = stream_rng(&stream);
			thread->simulation->random = true;
			*failed += gsl_ran_binomial(&rng, fault->probability, trials);
		}
	}
	return *failed > 0;
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
	if (thread->slice_ns > thread->simulation->slice_max_ns)
		thread->simulation->slice_max_ns = thread->slice_ns;
	thread->slice_ns = 0;
}

void slice_add(struct thread *thread, int64_t work_ns)
{
	thread->slice_ns += work_ns;
}

static struct thread *thread_new(struct simulation *simulation)
{
	struct error *error = &simulation->engine.error;
	struct thread *thread = memory_array(1, sizeof(*thread), "thread", error);

	if (!thread)
		return NULL;
	if (!memory_grow(&simulation->all_threads, &simulation->thread_capacity,
			 simulation->thread_count + 1, sizeof(*simulation->all_threads), "threads",
			 error) ||
	    !event_init(&simulation->engine, &thread->event, thread_event, error) ||
	    !cpu_job_init(&simulation->cpu, &thread->job, thread_cpu_done, error)) {
		free(thread);
		return NULL;
	}
	thread->simulation = simulation;
	thread->number = (uint32_t)simulation->thread_count;
	simulation->all_threads[simulation->thread_count++] = thread;
	return thread;
}

struct thread *thread_start(struct instance *instance, struct operation_run *run_for,
			    const struct program *program, uint32_t flow, bool foreground)
{
	struct simulation *simulation = instance->simulation;
	struct thread *thread = simulation->free_threads;
	size_t parts = foreground ? 1 + 2 * program->step_count : 0;

	if (thread) {
		simulation->free_threads = thread->next;
	} else {
		thread = thread_new(simulation);
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
	thread->generation = 0;
	thread->slice_ns = 0;
	memset(thread->held, 0, sizeof(thread->held));
	walk_init(thread);
	thread->next = instance->threads;
	instance->threads = thread;
	thread_resume_soon(thread);
	return thread;
}

static void thread_end(struct thread *thread)
{
	slice_end(thread);
	thread->finished = true;
	if (thread_holds_locks(thread))
		engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
			    "flow %s of guest %s ended with a lock held",
			    thread->program->flows[thread->root_flow].flow->name,
			    thread->instance->guest.config->name);
	instance_thread_ended(thread->instance, thread);
}

/* Leave the flow: back to the caller's CALL step, or the end of the thread. */
static void flow_return(struct thread *thread);

static void step_failed(struct thread *thread, int error)
{
	uint32_t jump = current_step(thread)->jump;

	thread->error = error;
	if (jump == PROGRAM_RETURN)
		flow_return(thread);
	else
		thread->frames[thread->depth - 1].next = jump;
}

static void step_next(struct thread *thread)
{
	thread->frames[thread->depth - 1].next++;
}

static void flow_return(struct thread *thread)
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
	return thread->signalled && current_step(thread)->step->user && !thread_holds_locks(thread);
}

static void thread_abort(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;

	if (thread->blocked && thread->job.active)
		cpu_stop(&simulation->cpu, &thread->job);
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

void thread_lock_granted(struct lock_request *request)
{
	struct held_lock *held =
		(struct held_lock *)((char *)request - offsetof(struct held_lock, request));

	thread_resume_soon(held->thread);
}

void thread_step_done(struct thread *thread)
{
	int error = thread->pending_error;

	thread->blocked = false;
	thread->pending_error = 0;
	books_step(thread, thread->step_work_ns);
	if (error)
		step_failed(thread, error);
	else
		step_next(thread);
	if (!thread->finished)
		run(thread);
}

/* --- steps that take time: each returns true when the thread is blocked now --- */

static bool begin_lock(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);
	struct held_lock *held = NULL;

	if (!lock)
		return true;
	for (int i = 0; i < HELD_MAX && !held; i++)
		if (!thread->held[i].lock)
			held = &thread->held[i];
	if (!held) {
		engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
			    "a thread holds more than %d kinds of locks", HELD_MAX);
		return true;
	}
	*held = (struct held_lock){ .request.granted = thread_lock_granted,
				    .lock = lock,
				    .thread = thread };
	if (step->kind == STEP_TRYLOCK) {
		if (lock_try(lock, &held->request, step->mode)) {
			step_next(thread);
		} else {
			held->lock = NULL;
			step_failed(thread, EBUSY);
		}
		return false;
	}
	if (lock_acquire(lock, &held->request, step->mode)) {
		step_next(thread);
		return false;
	}
	slice_end(thread);
	return true;
}

static void unlock(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);

	for (int i = 0; i < HELD_MAX; i++) {
		struct held_lock *held = &thread->held[i];

		if (held->lock != lock || !held->request.holding)
			continue;
		lock_release(lock, &held->request);
		held->lock = NULL;
		return;
	}
	engine_fail(&thread->simulation->engine, ERROR_INTERNAL, "%s: %s is not held", step->where,
		    step->lock->name);
}

static int64_t draw(struct thread *thread, int term, uint64_t units)
{
	const struct cost *cost = &thread->instance->group->config->costs[term];
	struct stream stream;

	books_units(thread->instance->group, term, units);
	if (!thread_stream(thread, (uint32_t)term, &stream))
		return 0;
	if (cost->law.cv > 0 && cost->law.mean_ns > 0 && units)
		thread->simulation->random = true;
	return law_sum(cost->law, units, &stream);
}

static bool begin_spend(struct thread *thread, const struct step *step)
{
	uint64_t units = step->count ? step->count->of(&thread->instance->guest) : 1;
	int64_t work_ns = step->term == NO_TERM ? (int64_t)units : draw(thread, step->term, units);
	uint64_t failed;

	if (thread_fault(thread,
			 step->error ? program_fault_name(thread->program->model, step) : NULL,
			 units, &failed))
		thread->pending_error = step->error;
	thread->step_work_ns = work_ns;
	if (step->kind == STEP_SLEEP) {
		slice_end(thread);
		event_schedule_in(&thread->simulation->engine, &thread->event, work_ns);
		return true;
	}
	if (step->user) {
		slice_end(thread);
	} else if (step->yields) {
		slice_end(thread);
		slice_add(thread, units ? work_ns / (int64_t)units : 0);
		slice_end(thread);
	} else {
		slice_add(thread, work_ns);
	}
	cpu_start(&thread->simulation->cpu, &thread->job, work_ns);
	return true;
}

static bool begin_stop(struct thread *thread, const struct step *step)
{
	struct thread *other = thread->instance->threads;
	bool waiting = false;

	while (other) {
		struct thread *next = other->next;

		if (other != thread && !other->finished &&
		    other->program->flows[other->root_flow].flow == step->flow) {
			thread_signal(other);
			waiting = waiting || !other->finished;
		}
		other = next;
	}
	if (!waiting) {
		step_next(thread);
		return false;
	}
	slice_end(thread);
	thread->waiting_stop = true;
	return true;
}

/* --- steps without duration --- */

static void allocate(struct thread *thread, const struct step *step)
{
	struct instance *instance = thread->instance;
	int64_t bytes = (int64_t)step->count->of(&instance->guest);
	uint64_t failed;

	if (thread_fault(thread, step->name, 1, &failed) ||
	    !pool_take(&thread->simulation->memory, bytes)) {
		step_failed(thread, ENOMEM);
		return;
	}
	instance->held_bytes += bytes;
	step_next(thread);
}

static void release(struct thread *thread, const struct step *step)
{
	struct instance *instance = thread->instance;
	int64_t bytes = (int64_t)step->count->of(&instance->guest);

	instance->held_bytes -= bytes;
	pool_give(&thread->simulation->memory, bytes);
	books_limbo(instance);
	step_next(thread);
}

static void do_hook(struct thread *thread, const struct step *step)
{
	uint64_t failed;
	int error = 0;

	if (step->error &&
	    thread_fault(thread, program_fault_name(thread->program->model, step), 1, &failed))
		error = step->error;
	else
		error = step->hook->run(&thread->instance->guest, &thread->generation);
	books_limbo(thread->instance);
	walk_recheck(thread->instance);
	if (error)
		step_failed(thread, error);
	else
		step_next(thread);
}

static void call(struct thread *thread, uint32_t flow)
{
	if (thread->depth == FRAMES_MAX) {
		engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
			    "flows call each other more than %d deep", FRAMES_MAX);
		return;
	}
	thread->frames[thread->depth++] =
		(struct frame){ .flow = flow, .next = thread->program->flows[flow].first };
}

/* One step. True: the thread is blocked in it. */
static bool begin_step(struct thread *thread)
{
	const struct program_step *at = current_step(thread);
	const struct step *step = at->step;

	thread->step_began_ns = thread->simulation->engine.now_ns;
	thread->step_work_ns = 0;
	switch (step->kind) {
	case STEP_LOCK:
	case STEP_TRYLOCK:
		return begin_lock(thread, step);
	case STEP_UNLOCK:
		unlock(thread, step);
		step_next(thread);
		return false;
	case STEP_SPEND:
	case STEP_SLEEP:
		return begin_spend(thread, step);
	case STEP_PAGES:
		if (walk_begin(thread, step->loop))
			return true;
		step_next(thread);
		return false;
	case STEP_ALLOCATE:
		allocate(thread, step);
		return false;
	case STEP_FREE:
		release(thread, step);
		return false;
	case STEP_DO:
		do_hook(thread, step);
		return false;
	case STEP_CALL:
		call(thread, at->callee);
		return false;
	case STEP_SPAWN:
		thread_start(thread->instance, thread->run, thread->program, at->callee, false);
		step_next(thread);
		return false;
	case STEP_STOP:
		return begin_stop(thread, step);
	case STEP_DIE:
		step_next(thread);
		instance_kill(thread->instance);
		return false;
	case STEP_UNLESS:
		if (step->condition->holds(&thread->instance->guest))
			step_next(thread);
		else
			thread->frames[thread->depth - 1].next = at->jump;
		return false;
	case STEP_GOTO:
		thread->frames[thread->depth - 1].next = at->jump;
		return false;
	case STEP_LABEL:
		step_next(thread);
		return false;
	case STEP_RECOVER:
		books_failure(thread->instance->group, thread->error);
		thread->instance->group->fallbacks++;
		thread->error = 0;
		step_next(thread);
		return false;
	case STEP_FORGET:
		thread->error = 0;
		step_next(thread);
		return false;
	case STEP_FAIL:
		step_failed(thread, step->error);
		return false;
	case STEP_MARK:
		if (step->milestone == MILESTONE_DONE)
			operation_done(thread);
		else
			operation_reclaimed(thread, step->milestone == MILESTONE_ALL_RECLAIMED);
		step_next(thread);
		return false;
	case STEP_END:
		flow_return(thread);
		return false;
	}
	return false;
}

static void run(struct thread *thread)
{
	struct engine *engine = &thread->simulation->engine;

	while (!thread->finished && engine->error.kind == ERROR_NONE) {
		if (killable(thread)) {
			thread_abort(thread);
			return;
		}
		if (begin_step(thread)) {
			thread->blocked = true;
			return;
		}
	}
}
