/*
 * Operations on guests: one at a time per guest, in the order of request. A kill
 * does not wait: it signals every thread of the guest, and the exit flow begins
 * when they are gone; what was requested before or meanwhile is judged behind it. A
 * process that dies by itself, or a start that fails, ends by the same flow.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/books.h"

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

/* --- requests: each ends once ------------------------------------------------ */

static void request_ended(struct instance *instance, struct request request, enum counter_id how)
{
	if (!request.asked)
		return;
	instance->group->counts[how]++;
	instance->open_requests--;
	if (request.wave)
		wave_turn(request.wave);
}

/* 0, or the errno with which the request is refused in the guest's present state. */
static int refusal(const struct instance *instance, enum operation operation)
{
	if (operation == OPERATION_START)
		return instance->process ? EEXIST : 0;
	if (operation == OPERATION_KILL)
		return instance->process ? 0 : ESRCH;
	return instance->guest.running ? 0 : ESRCH;
}

static void begin(struct instance *instance, struct request request)
{
	struct simulation *simulation = instance->simulation;
	struct operation_run *run;
	struct thread *thread;
	int error = refusal(instance, request.operation);

	if (error) {
		if (request.asked)
			books_failure(instance->group, error);
		request_ended(instance, request, COUNTER_REFUSED);
		return;
	}
	run = run_new(simulation);
	if (!run)
		return;
	memset(run, 0, sizeof(*run));
	run->request = request;
	run->occurrence = instance->operations++;
	instance->busy = true;
	if (!instance->process)
		instance->processes++;
	instance->process = true;
	run->process = instance->processes;
	thread =
		thread_start(instance, run, &instance->group->programs[request.operation], 0, true);
	if (thread) { /* the time in the queue is the first part of the latency */
		thread->spent[0] = simulation->engine.now_ns - request.at_ns;
		observe_queued(thread, request.at_ns);
	}
}

bool is_of_process(const struct thread *thread)
{
	return thread->run->process == thread->instance->processes;
}

/* Threads of earlier processes work on; those of the living one must be gone before it is. */
static bool has_threads(const struct instance *instance)
{
	for (const struct thread *thread = instance->threads; thread; thread = thread->next)
		if (is_of_process(thread))
			return true;
	return false;
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
	if (instance->dying && !has_threads(instance)) {
		instance->dying = false;
		instance->busy = false;
		begin(instance, instance->death);
	}
	while (!instance->busy && !instance->dying && instance->request_count) {
		struct request request = instance->requests[0];

		memmove(instance->requests, instance->requests + 1,
			--instance->request_count * sizeof(*instance->requests));
		begin(instance, request);
	}
}

/* One more of the same would do nothing that the one that waits does not do. */
static bool waits_already(const struct instance *instance, enum operation operation)
{
	for (size_t i = 0; i < instance->request_count; i++)
		if (instance->requests[i].operation == operation)
			return true;
	return false;
}

/* Every thread of the guest gets a fatal signal; the exit flow begins when they are gone. */
static void die(struct instance *instance, struct request death)
{
	struct thread *thread, *next;

	instance->dying = true;
	instance->death = death;
	for (thread = instance->threads; thread; thread = next) {
		next = thread->next;
		if (is_of_process(thread))
			thread_signal(thread);
	}
	if (!has_threads(instance))
		begin_next_soon(instance);
}

void instance_request(struct instance *instance, enum operation operation, struct arrival *wave,
		      bool coalesce)
{
	struct engine *engine = &instance->simulation->engine;
	const struct request request = { operation, engine->now_ns, .asked = true, .wave = wave };

	instance->group->counts[COUNTER_REQUESTED]++;
	instance->open_requests++;
	if (operation == OPERATION_KILL) {
		if (instance->dying && instance->death.asked) {
			request_ended(instance, request, COUNTER_COALESCED);
		} else if (instance->dying) {
			instance->death = request; /* it dies by itself: that serves the request */
		} else if (refusal(instance, operation)) {
			books_failure(instance->group, refusal(instance, operation));
			request_ended(instance, request, COUNTER_REFUSED);
		} else {
			die(instance, request);
		}
		return;
	}
	if (coalesce && waits_already(instance, operation)) {
		request_ended(instance, request, COUNTER_COALESCED);
		return;
	}
	if (!memory_grow(&instance->requests, &instance->request_capacity,
			 instance->request_count + 1, sizeof(*instance->requests), "requests",
			 &engine->error)) {
		engine_stop(engine);
		return;
	}
	instance->requests[instance->request_count++] = request;
	if (!instance->busy && !instance->dying)
		begin_next_soon(instance);
}

void instance_die(struct instance *instance)
{
	const struct request death = { .operation = OPERATION_KILL,
				       .at_ns = instance->simulation->engine.now_ns };

	if (!instance->dying && instance->process)
		die(instance, death);
}

/* A start that has failed leaves no process: what it has made is undone by its exit. */
static void start_failed(struct instance *instance, const struct operation_run *run)
{
	if (run->made)
		instance_die(instance);
	else if (!instance->dying)
		instance->process = false;
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
		if (thread->run->request.operation == OPERATION_START)
			start_failed(instance, thread->run);
		begin_next_soon(instance);
		request_ended(instance, thread->run->request, COUNTER_FAILED);
	}
	operation_release(simulation, thread->run);
	thread->next = thread->host->free_threads;
	thread->host->free_threads = thread;
	if (instance->dying && !has_threads(instance))
		begin_next_soon(instance);
	wake_stoppers(instance);
	if (instance->vm && !instance->threads && !instance->dying)
		fleet_idle(instance);
}

static void record(struct thread *thread, size_t metric, size_t first_part)
{
	struct simulation *simulation = thread->simulation;
	int64_t latency_ns = simulation->engine.now_ns - thread->run->request.at_ns;
	bool slow = metric == simulation->tail_metric && latency_ns >= simulation->tail_from;

	books_latency(simulation, metric, latency_ns, thread->run->request.at_ns);
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
	enum operation operation = thread->run->request.operation;
	enum metric_id latency = metric_of_operation(operation);
	size_t first = group->first_part[operation];
	/* the end of a start that has failed is no shutdown of a guest that anybody asked for */
	bool ran =
		instance->guest.running || latency != METRIC_SHUTDOWN || thread->run->request.asked;

	if (!thread->foreground || thread->done)
		return;
	thread->done = true;
	instance->busy = false;
	if (operation == OPERATION_START)
		instance->guest.running = true;
	if (latency == METRIC_SHUTDOWN)
		instance->guest.running = instance->process = false;
	if (instance->vm && operation == OPERATION_START)
		fleet_started(instance);
	if (instance->vm && latency == METRIC_SHUTDOWN && ran)
		fleet_down(instance);
	if (thread->run->request.at_ns >= simulation->config->record_from_ns && ran)
		record(thread, group->metrics.index[latency], first);
	begin_next_soon(instance);
	request_ended(instance, thread->run->request, COUNTER_DONE);
}

static void reclaimed(struct instance *instance, struct dead_generation *dead)
{
	struct simulation *simulation = instance->simulation;

	if (dead->died_ns >= simulation->config->record_from_ns)
		books_latency(simulation, instance->group->metrics.index[METRIC_TEARDOWN],
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
