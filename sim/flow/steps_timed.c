#include "flow/steps_timed.h"

#include <errno.h>

#include "flow/faults.h"
#include "flow/frames.h"
#include "flow/instance.h"
#include "flow/metrics.h"
#include "flow/nodes.h"
#include "flow/observe.h"
#include "flow/process.h"
#include "flow/sharing.h"
#include "flow/thread.h"

static void lock_is_granted(struct lock_request *request)
{
	struct held_lock *held =
		(struct held_lock *)((char *)request - offsetof(struct held_lock, request));

	observe_woken(held->thread);
	thread_resume_soon(held->thread);
}

bool step_begin_lock(struct thread *thread, const struct step *step)
{
	struct lock *lock = instance_lock(thread->instance, step->lock);
	enum lock_mode mode = step->kind == STEP_READ_LOCK ? LOCK_READ : LOCK_WRITE;
	unsigned int place = (unsigned int)__builtin_ctz(~thread->held_set);
	struct held_lock *held = &thread->held[place];

	if (!lock)
		return true;
	if (place >= HELD_MAX) {
		thread_fail(thread, "a thread holds more than %d kinds of locks", HELD_MAX);
		return true;
	}
	thread->held_set |= 1u << place;
	*held = (struct held_lock){ .request.granted = lock_is_granted,
				    .lock = lock,
				    .thread = thread };
	if (step->kind == STEP_TRYLOCK) {
		if (lock_try(lock, &held->request, mode)) {
			step_next(thread);
		} else {
			thread->held_set &= ~(1u << place);
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

static int64_t draw(struct thread *thread, int term, uint64_t units)
{
	const struct cost *cost = &thread->instance->group->config->costs[term];
	struct stream stream;

	metrics_units(thread, term, units);
	if (law_is_constant(cost->law)) /* nothing is drawn: no stream is used up */
		return law_round_ns(cost->law.mean_ns * (double)units);
	if (!thread_stream(thread, term_purpose(term), &stream))
		return 0;
	if (units)
		thread->simulation->random = true;
	return law_sum(cost->law, units, &stream);
}

/*
 * By the mean price: each kind of work is one, whatever is drawn. (Not inlined: steps that share
 * nothing would pay for its frame.)
 */
static __attribute__((noinline)) void set_shared_needs(struct thread *thread, int term)
{
	struct needs_sum sum = { 0 };

	needs_add(&sum, &thread->instance->group->config->costs[term], 1);
	thread_needs(thread, &sum);
}

bool step_begin_spend(struct thread *thread, const struct step *step)
{
	uint64_t units = count_of(step->count, &thread->instance->guest, 1);
	int64_t work_ns = step->term == NO_TERM ? law_round_ns((double)units)
						: draw(thread, step->term, units);
	uint64_t failed;

	if (thread_step(thread)->free)
		work_ns = 0;

	if (faults_meet(thread, step->error ? step_fault_name(thread->program->model, step) : NULL,
			units, NULL, &failed))
		thread->pending_error = step->error;
	thread->failed_calls = failed;
	thread->step_work_ns = work_ns;
	if (step_forms[step->kind].time == TIME_OFF_CORE) {
		slice_end(thread);
		if (thread->run->request.by_oom && !step->user)
			work_ns = thread->step_work_ns = 0; /* killed with it */
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
	if (thread->instance->group->shares[step->term])
		set_shared_needs(thread, step->term);
	else
		thread_needs_nothing(thread);
	cpu_start(&thread->node->cpu, &thread->job, work_ns);
	return true;
}

static bool begin_service(struct thread *thread, struct cpu *server)
{
	struct engine *engine = &thread->simulation->engine;

	if (!cpu_job_init(server, &thread->service, thread->simulation->handlers->thread_served,
			  &engine->error)) {
		engine_stop(engine);
		return true;
	}
	thread->served_by = server;
	cpu_start(server, &thread->service, thread->step_work_ns);
	return true;
}

bool step_begin_serve(struct thread *thread, const struct step *step)
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
	if (faults_meet(thread, step->error ? step_fault_name(thread->program->model, step) : NULL,
			units, NULL, &failed))
		thread->pending_error = step->error;
	thread->failed_calls = failed;
	thread->step_work_ns = thread_step(thread)->free ? 0 : draw(thread, step->term, units);
	slice_end(thread);
	return begin_service(thread, &thread->instance->resources->servers[index]);
}

/* Several that want all cores at once share them as commands share a server. */
bool step_begin_cores(struct thread *thread, const struct step *step)
{
	uint64_t units = count_of(step->count, &thread->instance->guest, 1);

	if (!units || thread_step(thread)->free) {
		step_next(thread);
		return false;
	}
	thread->step_work_ns = draw(thread, step->term, units);
	if (step->yields)
		slice_end(thread);
	else
		slice_add(thread, thread->step_work_ns);
	nodes_hold(thread->host, true);
	return begin_service(thread, &thread->host->all_cores);
}

/* The last reader that a grace period waited for has left. */
static void grace_over(struct lock_request *request)
{
	struct thread *thread = (struct thread *)((char *)request - offsetof(struct thread, grace));

	thread->grace_readers = false;
	if (!thread->grace_delay)
		thread_resume_soon(thread);
}

bool step_begin_grace(struct thread *thread, const struct step *step)
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
	thread->grace.granted = grace_over;
	thread->grace_readers = !lock_await_readers(lock, &thread->grace);
	thread->grace_delay = true;
	event_schedule_in(&thread->simulation->engine, &thread->event, thread->step_work_ns);
	return true;
}

bool step_begin_stop(struct thread *thread, const struct step *step)
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
