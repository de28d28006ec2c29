/* What each step of the vocabulary does to the thread that comes to it. */

#include <errno.h>
#include <math.h>

#include "flow/books.h"

/* --- steps that take time: each returns true when the thread is blocked now --- */

static bool begin_lock(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);
	enum lock_mode mode = step->kind == STEP_READ_LOCK ? LOCK_READ : LOCK_WRITE;
	struct held_lock *held = NULL;

	if (!lock)
		return true;
	for (int i = 0; i < HELD_MAX && !held; i++)
		if (!thread->held[i].lock)
			held = &thread->held[i];
	if (!held) {
		thread_fail(thread, "a thread holds more than %d kinds of locks", HELD_MAX);
		return true;
	}
	*held = (struct held_lock){ .request.granted = thread_lock_granted,
				    .lock = lock,
				    .thread = thread };
	if (step->kind == STEP_TRYLOCK) {
		if (lock_try(lock, &held->request, mode)) {
			step_next(thread);
		} else {
			held->lock = NULL;
			step_failed(thread, EBUSY);
		}
		return false;
	}
	if (lock_acquire(lock, &held->request, mode)) {
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
		release_lock(thread, step->lock, lock, &held->request);
		held->lock = NULL;
		return;
	}
	thread_fail(thread, "%s is not held", step->lock->name);
}

static int64_t draw(struct thread *thread, int term, uint64_t units)
{
	const struct cost *cost = &thread->instance->group->config->costs[term];
	struct stream stream;

	books_units(thread->instance->group, term, units);
	if (cost->law.cv <= 0 ||
	    cost->law.mean_ns <= 0) /* nothing is drawn: no stream is used up */
		return law_round_ns(cost->law.mean_ns * (double)units);
	if (!thread_stream(thread, term_purpose(term), &stream))
		return 0;
	if (units)
		thread->simulation->random = true;
	return law_sum(cost->law, units, &stream);
}

static bool begin_spend(struct thread *thread, const struct step *step)
{
	uint64_t units = count_of(step->count, &thread->instance->guest, 1);
	int64_t work_ns = step->term == NO_TERM ? law_round_ns((double)units)
						: draw(thread, step->term, units);
	uint64_t failed;

	if (thread_step(thread)->free)
		work_ns = 0;

	if (thread_fault(thread, step->error ? step_fault_name(thread->program->model, step) : NULL,
			 units, NULL, &failed))
		thread->pending_error = step->error;
	thread->failed_calls = failed;
	thread->step_work_ns = work_ns;
	if (step_forms[step->kind].time == TIME_OFF_CORE) {
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
	cpu_start(&thread->host->cpu, &thread->job, work_ns);
	return true;
}

static bool begin_serve(struct thread *thread, const struct step *step)
{
	struct group *group = thread->instance->group;
	const struct model *model = group->config->model;
	struct engine *engine = &thread->simulation->engine;
	uint64_t units = count_of(step->count, &thread->instance->guest, 1);
	uint64_t failed;
	size_t index = 0;

	while (index < model->server_count && model->servers[index] != step->server)
		index++;
	if (index == model->server_count) {
		engine_fail(engine, ERROR_INTERNAL,
			    "model %s uses the server %s without listing it", model->name,
			    step->server->name);
		return true;
	}
	if (thread_fault(thread, step->error ? step_fault_name(thread->program->model, step) : NULL,
			 units, NULL, &failed))
		thread->pending_error = step->error;
	thread->failed_calls = failed;
	thread->step_work_ns = thread_step(thread)->free ? 0 : draw(thread, step->term, units);
	slice_end(thread);
	if (!cpu_job_init(&thread->instance->resources->servers[index], &thread->service,
			  thread_served, &engine->error)) {
		engine_stop(engine);
		return true;
	}
	thread->served_by = &thread->instance->resources->servers[index];
	cpu_start(thread->served_by, &thread->service, thread->step_work_ns);
	return true;
}

static bool begin_grace(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);
	uint64_t units = count_of(step->count, &thread->instance->guest, 1);

	if (!lock)
		return true;
	if (!units || thread_step(thread)->free) {
		step_next(thread);
		return false;
	}
	thread->step_work_ns = draw(thread, step->term, units);
	slice_end(thread);
	thread->grace.granted = thread_grace_over;
	thread->grace_readers = !lock_await_readers(lock, &thread->grace);
	thread->grace_delay = true;
	event_schedule_in(&thread->simulation->engine, &thread->event, thread->step_work_ns);
	return true;
}

/* STOP signals the guest's threads that run the flow; both wait until they are gone. */
static bool begin_stop(struct thread *thread, const struct step *step)
{
	struct thread *other = thread->instance->threads;
	bool waiting = false;

	while (other) {
		struct thread *next = other->next;

		if (other != thread && !other->finished &&
		    other->run->process == thread->run->process &&
		    other->program->flows[other->root_flow].flow == step->flow) {
			if (step->kind == STEP_STOP)
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

/* A step that changes something outside the thread is done. */
static void succeeded(struct thread *thread)
{
	thread->run->made = true;
	step_next(thread);
}

static void allocate(struct thread *thread, const struct step *step)
{
	int64_t bytes = (int64_t)count_of(step->count, &thread->instance->guest, 0);
	uint64_t failed;

	if (thread_fault(thread, step->memory->name, 1, NULL, &failed) ||
	    !memory_take(thread, step->memory, bytes))
		step_failed(thread, ENOMEM);
	else
		succeeded(thread);
}

static void release(struct thread *thread, const struct step *step)
{
	struct instance *instance = thread->instance;

	if (step->count)
		memory_give(thread, step->memory,
			    (int64_t)count_of(step->count, &instance->guest, 0));
	else
		memory_give_all(thread, step->memory);
	books_limbo(instance);
	step_next(thread);
}

/* Only an address space that nothing works on may be replaced. */
static void check_refilled(struct thread *thread)
{
	const struct instance *instance = thread->instance;

	if (!instance->guest.pages.filled)
		return;
	for (const struct thread *other = instance->threads; other; other = other->next)
		if (other->walk.phase != WALK_IDLE && other->walk.loop->range &&
		    (other->walk.planned || walk_pages_left(&other->walk)))
			thread_fail(thread, "the hook replaces the pages that \"%s\" is at work on",
				    other->walk.loop->name);
}

static void do_hook(struct thread *thread, const struct step *step)
{
	uint64_t failed, lingered = memory_lingering_pages(&thread->instance->guest), linger;
	int error = 0;

	thread->instance->guest.now_ns = thread->simulation->engine.now_ns;
	thread->instance->guest.pages.filled = false;
	if (step->error &&
	    thread_fault(thread, step_fault_name(thread->program->model, step), 1, NULL, &failed))
		error = step->error;
	else
		error = step->hook->run(&thread->instance->guest, &thread->generation);
	if (error == HOOK_MISPLACED)
		thread_fail(thread, "what \"%s\" works on is not there", step->hook->name);
	check_refilled(thread);
	linger = memory_lingering_pages(&thread->instance->guest);
	if (linger < lingered)
		thread_fail(thread, "the hook forgets %llu pages of dead generations",
			    (unsigned long long)(lingered - linger));
	else
		thread->instance->dead_pages += linger - lingered;
	if (thread->simulation->engine.error.kind != ERROR_NONE)
		return; /* nothing that looks at the pages can be trusted any more */
	memory_settle_lost(thread->instance);
	books_limbo(thread->instance);
	walk_recheck(thread->instance);
	if (error)
		step_failed(thread, error);
	else
		succeeded(thread);
}

static void take_chance(struct thread *thread, const struct step *step)
{
	double probability = step->chance->probability(&thread->instance->guest);
	struct stream stream;
	uint64_t failed;
	bool bad = thread_fault(thread, step->chance->name, 1, NULL, &failed);

	if (!bad && probability > 0) {
		if (!thread_stream(thread, PURPOSE_FAULT, &stream))
			return;
		thread->simulation->random = true;
		bad = stream_uniform(&stream) < probability;
	}
	if (bad)
		step_failed(thread, step->error);
	else
		step_next(thread);
}

static void call(struct thread *thread, uint32_t flow)
{
	if (thread->depth == PROGRAM_DEPTH_MAX) {
		thread_fail(thread, "flows call each other more than %d deep", PROGRAM_DEPTH_MAX);
		return;
	}
	thread->frames[thread->depth++] =
		(struct frame){ .flow = flow, .next = thread->program->flows[flow].first };
}

bool step_begin(struct thread *thread)
{
	const struct program_step *at = thread_step(thread);
	const struct step *step = at->step;

	thread->step_began_ns = thread->simulation->engine.now_ns;
	thread->step_work_ns = 0;
	switch (step->kind) {
	case STEP_LOCK:
	case STEP_READ_LOCK:
	case STEP_TRYLOCK:
		return begin_lock(thread, step);
	case STEP_UNLOCK:
		unlock(thread, step);
		step_next(thread);
		return false;
	case STEP_SPEND:
	case STEP_SLEEP:
	case STEP_PAUSE:
		return begin_spend(thread, step);
	case STEP_SERVE:
		return begin_serve(thread, step);
	case STEP_GRACE:
		return begin_grace(thread, step);
	case STEP_CHANCE:
		take_chance(thread, step);
		return false;
	case STEP_PAGES:
		if (walk_begin(thread, step->loop))
			return true;
		if (thread->pending_error)
			step_failed(thread, thread->pending_error);
		else
			step_next(thread);
		thread->pending_error = 0;
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
		observe_spawned(thread, thread_start(thread->instance, thread->run, thread->program,
						     at->callee, false));
		step_next(thread);
		return false;
	case STEP_STOP:
	case STEP_JOIN:
		return begin_stop(thread, step);
	case STEP_DIE:
		step_next(thread);
		instance_die(thread->instance);
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
		thread->instance->group->metrics.total[METRIC_FALLBACKS]++;
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
	case STEP_KINDS:
		break;
	}
	return false;
}
