/*
 * Operations on guests: one at a time per guest, in the order of request. A kill
 * does not wait: it signals every thread of the guest, and the exit flow begins
 * when they are gone.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/runtime.h"

static struct operation_run *run_new(struct simulation *simulation)
{
	struct error *error = &simulation->engine.error;
	struct operation_run *run = simulation->free_runs;

	if (run) {
		simulation->free_runs = run->next;
		return run;
	}
	run = memory_array(1, sizeof(*run), "operation", error);
	if (!run)
		goto fail;
	if (!memory_grow(&simulation->all_runs, &simulation->run_capacity,
			 simulation->run_count + 1, sizeof(*simulation->all_runs), "operations",
			 error)) {
		free(run);
		goto fail;
	}
	simulation->all_runs[simulation->run_count++] = run;
	return run;
fail:
	engine_stop(&simulation->engine);
	return NULL;
}

void operation_release(struct simulation *simulation, struct operation_run *run)
{
	if (--run->threads)
		return;
	run->next = simulation->free_runs;
	simulation->free_runs = run;
}

/* 0, or the errno with which the request is refused in the guest's present state. */
static int refusal(const struct instance *instance, enum operation operation)
{
	if (operation == OPERATION_START)
		return instance->guest.running ? EEXIST : 0;
	return instance->guest.running ? 0 : ESRCH;
}

static void begin(struct instance *instance, struct request request)
{
	struct simulation *simulation = instance->simulation;
	struct operation_run *run;
	struct thread *thread;
	int error = refusal(instance, request.operation);

	if (error) {
		books_failure(instance->group, error);
		wave_turn_over(instance);
		return;
	}
	run = run_new(simulation);
	if (!run)
		return;
	memset(run, 0, sizeof(*run));
	run->operation = request.operation;
	run->occurrence = instance->operations++;
	run->requested_ns = request.at_ns;
	instance->guest.requested_ns = request.at_ns;
	instance->busy = true;
	thread =
		thread_start(instance, run, &instance->group->programs[request.operation], 0, true);
	if (thread) { /* the time in the queue is the first part of the latency */
		thread->spent[0] = simulation->engine.now_ns - request.at_ns;
		observe_queued(thread, request.at_ns);
	}
}

/* At this instant, but not from inside a thread that may still be ending. */
static void begin_next_soon(struct instance *instance)
{
	event_schedule_in(&instance->simulation->engine, &instance->next, 0);
}

void instance_next(struct engine *engine, struct event *event)
{
	struct instance *instance =
		(struct instance *)((char *)event - offsetof(struct instance, next));

	(void)engine;
	if (instance->dying && !instance->threads) {
		instance->dying = false;
		instance->request_count = 0;
		instance->busy = false;
		begin(instance, (struct request){ OPERATION_KILL, instance->killed_ns });
		return;
	}
	while (!instance->busy && !instance->dying && instance->request_count) {
		struct request request = instance->requests[0];

		memmove(instance->requests, instance->requests + 1,
			--instance->request_count * sizeof(*instance->requests));
		begin(instance, request);
	}
}

void instance_request(struct instance *instance, enum operation operation)
{
	struct engine *engine = &instance->simulation->engine;

	if (operation == OPERATION_KILL) {
		instance_kill(instance);
		return;
	}
	if (!memory_grow(&instance->requests, &instance->request_capacity,
			 instance->request_count + 1, sizeof(*instance->requests), "requests",
			 &engine->error)) {
		engine_stop(engine);
		return;
	}
	instance->requests[instance->request_count++] =
		(struct request){ operation, engine->now_ns };
	if (!instance->busy && !instance->dying)
		begin_next_soon(instance);
}

void instance_kill(struct instance *instance)
{
	struct thread *thread, *next;

	if (instance->dying)
		return;
	if (!instance->guest.running) {
		books_failure(instance->group, ESRCH);
		return;
	}
	instance->dying = true;
	instance->killed_ns = instance->simulation->engine.now_ns;
	for (thread = instance->threads; thread; thread = next) {
		next = thread->next;
		thread_signal(thread);
	}
	if (!instance->threads)
		begin_next_soon(instance);
}

void instance_thread_ended(struct instance *instance, struct thread *thread)
{
	struct simulation *simulation = instance->simulation;
	struct thread **link = &instance->threads;

	while (*link != thread)
		link = &(*link)->next;
	*link = thread->next;
	if (thread->error)
		books_failure(instance->group, thread->error);
	if (thread->foreground && !thread->done) {
		instance->busy = false;
		begin_next_soon(instance);
		wave_turn_over(instance);
	}
	operation_release(simulation, thread->run);
	thread->next = thread->host->free_threads;
	thread->host->free_threads = thread;
	if (instance->dying && !instance->threads)
		begin_next_soon(instance);
	for (struct thread *other = instance->threads; other; other = other->next) {
		const struct program *program = other->program;
		bool gone = other->waiting_stop;

		for (struct thread *left = instance->threads; gone && left; left = left->next) {
			const struct step *step =
				program->steps[other->frames[other->depth - 1].next].step;

			gone = left == other ||
			       left->program->flows[left->root_flow].flow != step->flow;
		}
		if (gone) {
			other->waiting_stop = false;
			thread_resume_soon(other);
		}
	}
	if (instance->vm && !instance->threads)
		fleet_idle(instance);
}

static void record(struct thread *thread, size_t metric, size_t first_part)
{
	struct simulation *simulation = thread->simulation;
	int64_t latency_ns = simulation->engine.now_ns - thread->run->requested_ns;
	bool slow = metric == simulation->tail_metric && latency_ns >= simulation->tail_from;

	books_latency(simulation, metric, latency_ns, thread->run->requested_ns);
	for (size_t i = 0; i < 1 + 2 * thread->program->step_count; i++) {
		simulation->parts[first_part + i].total_ns += thread->spent[i];
		if (slow)
			simulation->parts[first_part + i].tail_ns += thread->spent[i];
	}
}

void operation_done(struct thread *thread)
{
	struct instance *instance = thread->instance;
	struct group *group = instance->group;
	struct simulation *simulation = thread->simulation;
	enum operation operation = thread->run->operation;
	enum operation latency = operation == OPERATION_KILL ? OPERATION_SHUTDOWN : operation;
	size_t first = group->first_part[operation];

	if (!thread->foreground || thread->done)
		return;
	thread->done = true;
	instance->busy = false;
	if (operation == OPERATION_START)
		instance->guest.running = true;
	if (latency == OPERATION_SHUTDOWN)
		instance->guest.running = false;
	if (instance->vm && operation == OPERATION_START)
		fleet_started(instance);
	if (instance->vm && latency == OPERATION_SHUTDOWN)
		fleet_down(instance);
	if (thread->run->requested_ns >= simulation->config->record_from_ns)
		record(thread, group->metrics.latency[latency], first);
	begin_next_soon(instance);
	wave_turn_over(instance);
}

static void reclaimed(struct instance *instance, struct dead_generation *dead)
{
	struct simulation *simulation = instance->simulation;

	if (dead->died_ns >= simulation->config->record_from_ns)
		books_latency(simulation, instance->group->metrics.teardown,
			      simulation->engine.now_ns - dead->died_ns, dead->died_ns);
	dead->number = 0;
	books_limbo(instance);
}

void operation_reclaimed(struct thread *thread, bool all)
{
	struct instance *instance = thread->instance;
	struct dead_generation *dead;

	if (!all) {
		dead = guest_dead_generation(&instance->guest, thread->generation);
		if (dead)
			reclaimed(instance, dead);
		return;
	}
	for (int i = 0; i < DEAD_GENERATIONS_MAX; i++) {
		bool taken = false;

		dead = &instance->guest.dead[i];
		for (struct thread *other = instance->threads; other; other = other->next)
			taken = taken || (other != thread && other->generation == dead->number);
		if (dead->number && !taken)
			reclaimed(instance, dead);
	}
}
