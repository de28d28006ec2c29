#include "flow/steps.h"

#include <errno.h>

#include "flow/faults.h"
#include "flow/frames.h"
#include "flow/instance.h"
#include "flow/loop.h"
#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/memory.h"
#include "flow/metrics.h"
#include "flow/observe.h"
#include "flow/oom.h"
#include "flow/operation.h"
#include "flow/process.h"
#include "flow/steps_timed.h"
#include "flow/thread.h"

/* Not inlined: all steps would pay for the frame that these few need. */
#define OWN_FRAME __attribute__((noinline))

static OWN_FRAME void unlock(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);

	for (uint32_t set = thread->held_set; set; set &= set - 1) {
		struct held_lock *held = &thread->held[__builtin_ctz(set)];

		if (held->lock != lock || !held->request.holding)
			continue;
		release_lock(thread, step->lock, lock, &held->request);
		thread->held_set &= ~(set & -set);
		return;
	}
	thread_fail(thread, "%s is not held", step->lock->name);
}

/* A step that changes something outside the thread is done. */
static void succeeded(struct thread *thread)
{
	thread->run->made = true;
	step_next(thread);
}

static enum memory_short take(struct thread *thread, const struct step *step)
{
	return memory_take(thread, step->memory,
			   (int64_t)count_of(step->count, &thread->instance->guest, 0));
}

/* It has what it asked for, or (false) it waits; pending_error: or it is refused that. */
static bool is_settled(struct thread *thread, const struct step *step, enum memory_short found)
{
	bool notified = step->condition && step->condition->holds(&thread->instance->guest);

	if (found != MEMORY_ENOUGH && !notified && !thread->signalled && oom_waits(thread, found))
		return false;
	if (found == MEMORY_ENOUGH)
		thread->run->made = true;
	else
		thread->pending_error = ENOMEM;
	return true;
}

static OWN_FRAME bool allocate(struct thread *thread, const struct step *step)
{
	uint64_t failed;
	int error = 0;

	if (faults_meet(thread, step->memory->name, 1, NULL, &failed)) {
		error = ENOMEM;
	} else {
		enum memory_short found = take(thread, step);

		if (found != MEMORY_ENOUGH) { /* loops in progress may have freed enough by now */
			loops_settle_freed(thread->simulation, thread->instance->host);
			found = take(thread, step);
		}
		if (!is_settled(thread, step, found))
			return true;
		error = thread->pending_error;
		thread->pending_error = 0;
	}
	if (error)
		step_failed(thread, error);
	else
		step_next(thread);
	return false;
}

bool step_allocates(struct thread *thread)
{
	const struct step *step = thread_step(thread)->step;

	if (thread->signalled) {
		thread->instance->guest.shortage = (struct shortage){ 0 };
		thread->pending_error = EINTR;
	} else if (!is_settled(thread, step, take(thread, step))) {
		return false;
	}
	memory_await_no_more(thread);
	return true;
}

static OWN_FRAME void release(struct thread *thread, const struct step *step)
{
	struct instance *instance = thread->instance;

	if (step->count)
		memory_give(thread, step->memory,
			    (int64_t)count_of(step->count, &instance->guest, 0));
	else
		memory_give_all(thread, step->memory);
	loops_limbo_changed(instance);
	step_next(thread);
}

/* Only an address space that nothing works on may be replaced. */
static void check_refilled(struct thread *thread)
{
	const struct instance *instance = thread->instance;

	if (!instance->guest.pages.filled)
		return;
	for (const struct thread *other = instance->threads; other; other = other->next)
		if (other->loop.phase != LOOP_IDLE && other->loop.loop->range &&
		    (other->loop.planned || loop_pages_left(&other->loop)))
			thread_fail(thread, "the hook replaces the pages that \"%s\" is at work on",
				    other->loop.loop->name);
}

static void note_death(const struct thread *thread, struct dead_generation *dead, uint64_t pages)
{
	dead->process = thread->run->process;
	dead->pages = pages;
}

static OWN_FRAME void do_hook(struct thread *thread, const struct step *step)
{
	uint64_t failed, lingered = memory_lingering_pages(&thread->instance->guest), linger;
	uint64_t lost = thread->instance->guest.lost_pages;
	uint32_t dead_count = thread->instance->guest.dead_count;
	int error = 0;

	thread->instance->guest.now_ns = thread->simulation->engine.now_ns;
	thread->instance->guest.pages.filled = false;
	if (!guest_make_room(&thread->instance->guest, &thread->simulation->engine.error)) {
		engine_stop(&thread->simulation->engine);
		return;
	}
	if (step->error &&
	    faults_meet(thread, step_fault_name(thread->program->model, step), 1, NULL, &failed))
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
	if (thread->instance->guest.dead_count > dead_count)
		note_death(thread, &thread->instance->guest.dead[dead_count], linger - lingered);
	if (thread->simulation->engine.error.kind != ERROR_NONE)
		return; /* nothing that looks at the pages can be trusted any more */
	lost = thread->instance->guest.lost_pages - lost;
	if (lost)
		memory_settle_lost(thread->instance);
	loops_limbo_changed(thread->instance);
	if (lost) /* pages of the dead that were to be taken over, perhaps */
		metrics_limbo_held(thread->instance);
	loops_recheck(thread->instance);
	if (error)
		step_failed(thread, error);
	else
		succeeded(thread);
}

static OWN_FRAME void take_chance(struct thread *thread, const struct step *step)
{
	double probability = step->chance->probability(&thread->instance->guest);
	struct stream stream;
	uint64_t failed;
	bool bad = faults_meet(thread, step->chance->name, 1, NULL, &failed);

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

bool step_begin(struct thread *thread)
{
	const struct program_step *at = thread_step(thread);
	const struct step *step = at->step;

	thread->step_began_ns = thread->simulation->engine.now_ns;
	thread->step_work_ns = thread->step_slowed_ns = thread->step_joined_ns = 0;
	switch (step->kind) {
	case STEP_LOCK:
	case STEP_READ_LOCK:
	case STEP_TRYLOCK:
		return step_begin_lock(thread, step);
	case STEP_UNLOCK:
		unlock(thread, step);
		step_next(thread);
		return false;
	case STEP_SPEND:
	case STEP_SLEEP:
	case STEP_PAUSE:
		return step_begin_spend(thread, step);
	case STEP_SERVE:
		return step_begin_serve(thread, step);
	case STEP_CORES:
		return step_begin_cores(thread, step);
	case STEP_GRACE:
		return step_begin_grace(thread, step);
	case STEP_CHANCE:
		take_chance(thread, step);
		return false;
	case STEP_PAGES:
		if (loop_begin(thread, step->loop))
			return true;
		if (thread->pending_error)
			step_failed(thread, thread->pending_error);
		else
			step_next(thread);
		thread->pending_error = 0;
		return false;
	case STEP_ALLOCATE:
		return allocate(thread, step);
	case STEP_FREE:
		release(thread, step);
		return false;
	case STEP_DO:
		do_hook(thread, step);
		return false;
	case STEP_CALL:
		flow_call(thread, at->callee);
		return false;
	case STEP_SPAWN:
		observe_spawned(thread, thread_start(thread->instance, thread->run, thread->program,
						     at->callee, thread));
		step_next(thread);
		return false;
	case STEP_STOP:
	case STEP_JOIN:
		return step_begin_stop(thread, step);
	case STEP_DIE:
		step_next(thread);
		process_exit(thread->instance, false);
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
		metrics_failed(thread, true);
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
