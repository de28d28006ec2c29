#include "flow/process.h"

#include <errno.h>

#include "flow/loop.h"
#include "flow/metrics.h"
#include "flow/request.h"
#include "flow/thread.h"

static bool is_of_process(const struct thread *thread)
{
	return thread->run->process == thread->instance->processes;
}

bool process_has_threads(const struct instance *instance)
{
	for (const struct thread *thread = instance->threads; thread; thread = thread->next)
		if (is_of_process(thread))
			return true;
	return false;
}

void process_next_soon(struct instance *instance)
{
	event_schedule_in(&instance->simulation->engine, &instance->next, 0);
}

static bool is_joined_by(const struct thread *thread, const struct thread *joiner)
{
	const struct step *step;

	if (joiner == thread || !joiner->waiting_stop)
		return false;
	step = thread_step(joiner)->step;
	return step->kind == STEP_JOIN && thread->run->process == joiner->run->process &&
	       thread->program->flows[thread->root_flow].flow == step->flow;
}

/* The last of those that a thread waits for ends: the time of the wait is what that one did. */
static void account_join(struct instance *instance, struct thread *last)
{
	struct engine *engine = &instance->simulation->engine;

	for (struct thread *other = instance->threads; last->accounted && other;
	     other = other->next) {
		bool alone = is_joined_by(last, other) && other->accounted && !other->done;

		for (struct thread *left = instance->threads; alone && left; left = left->next)
			alone = left == last || !is_joined_by(left, other);
		if (alone && !spent_take_over(&other->spent, &last->spent,
					      engine->now_ns - other->step_began_ns,
					      &other->step_joined_ns, &engine->error))
			engine_stop(engine);
	}
}

/* STOP and JOIN: `other` goes on when no thread is left that runs the flow. */
static void wake_stoppers(struct instance *instance)
{
	for (struct thread *other = instance->threads; other; other = other->next) {
		bool gone = other->waiting_stop;

		for (struct thread *left = instance->threads; gone && left; left = left->next) {
			const struct step *step = thread_step(other)->step;

			gone = left == other || left->run->process != other->run->process ||
			       left->program->flows[left->root_flow].flow != step->flow;
		}
		if (gone) {
			other->waiting_stop = false;
			thread_resume_soon(other);
		}
	}
}

/* A start that has failed leaves no process: what it has made is undone by its exit. */
static void start_failed(struct instance *instance, const struct operation_run *run)
{
	if (run->made)
		process_exit(instance, false);
	else if (!instance->dying)
		instance->process = false; /* without metadata: that comes with what it has made */
}

/* The thread is gone from the guest. */
static void leave(struct instance *instance, struct thread *thread)
{
	struct simulation *simulation = instance->simulation;

	account_join(instance, thread);
	*thread->link = thread->next;
	if (thread->next)
		thread->next->link = thread->link;
	if (thread->error == EINTR && instance->dying && instance->death.by_oom) {
		thread->error = ENOMEM; /* for want of memory of another */
		thread->shortage = instance->host->oom_shortage;
	}
	if (thread->error)
		metrics_failed(thread, false);
	if (thread->foreground && !thread->done) {
		instance->busy = false;
		if (thread->run->request.operation == OPERATION_START)
			start_failed(instance, thread->run);
		process_next_soon(instance);
		request_ended(instance, thread->run->request, COUNTER_FAILED);
	}
	operation_release(simulation, thread->run);
	thread_release(thread);
	if (instance->dying && !process_has_threads(instance))
		process_next_soon(instance);
	wake_stoppers(instance);
	if (instance->listener && !instance->threads && !instance->dying)
		instance->listener->idle(instance);
}

void thread_end(struct thread *thread)
{
	slice_end(thread);
	loop_over(thread);
	thread->finished = true;
	if (thread_holds_locks(thread))
		engine_fail(&thread->simulation->engine, ERROR_INTERNAL,
			    "flow %s of guest %s ended with a lock held",
			    thread->program->flows[thread->root_flow].flow->name,
			    thread->instance->guest.config->name);
	leave(thread->instance, thread);
}

void thread_abort(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;

	if (thread->blocked && thread->job.active)
		cpu_stop(&thread->node->cpu, &thread->job);
	event_cancel(&simulation->engine, &thread->event);
	thread->blocked = false;
	thread->failed = thread->frames[thread->depth - 1].next;
	thread->shortage = (struct shortage){ 0 };
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
	if (thread->loop.phase != LOOP_IDLE)
		loop_signal(thread);
	else if (thread->wanted_bytes)
		thread_resume_soon(thread); /* who is to die waits for no memory */
	else if (thread_killable(thread))
		thread_abort(thread);
}

void process_die(struct instance *instance, struct request death)
{
	struct thread *thread, *next;

	instance->dying = true;
	instance->death = death;
	for (thread = instance->threads; thread; thread = next) {
		next = thread->next;
		if (is_of_process(thread))
			thread_signal(thread);
	}
	if (!process_has_threads(instance))
		process_next_soon(instance);
}

void process_exit(struct instance *instance, bool by_oom)
{
	const struct request death = { .operation = OPERATION_KILL,
				       .at_ns = instance->simulation->engine.now_ns,
				       .by_oom = by_oom };

	if (!instance->dying && instance->process)
		process_die(instance, death);
}
