#include "flow/operation.h"

#include <string.h>

#include "flow/loop_piece.h"
#include "flow/loop_price.h"
#include "flow/loop_range.h"
#include "flow/memory.h"
#include "flow/metrics.h"
#include "flow/nodes.h"
#include "flow/observe.h"
#include "flow/process.h"
#include "flow/request.h"
#include "flow/thread.h"

static void begin(struct instance *instance, struct request request)
{
	struct simulation *simulation = instance->simulation;
	struct operation_run *run;
	struct thread *thread;
	int error = request_refusal(instance, request.operation);

	if (error) {
		if (request.asked)
			metrics_errno(instance->group, error);
		request_ended(instance, request, COUNTER_REFUSED);
		return;
	}
	run = operation_new(simulation);
	if (!run)
		return;
	memset(run, 0, sizeof(*run));
	run->request = request;
	run->occurrence = instance->operations++;
	instance->busy = true;
	instance->exiting = request.operation == OPERATION_KILL;
	instance->leaving = metric_of_operation(request.operation) == METRIC_SHUTDOWN;
	if (instance->leaving)
		metrics_limbo_held(instance);
	if (!instance->process) {
		instance->processes++;
		instance->process_since_ns = simulation->engine.now_ns;
		if (!memory_held(instance))
			node_choose(instance);
	}
	instance->process = true;
	run->process = instance->processes;
	thread =
		thread_start(instance, run, &instance->group->programs[request.operation], 0, NULL);
	if (thread) { /* the time in the queue is the first part of the latency */
		metrics_add_spent(thread, 0, simulation->engine.now_ns - request.at_ns);
		observe_queued(thread, request.at_ns);
	}
}

void instance_next(struct engine *engine, struct event *event)
{
	struct instance *instance =
		(struct instance *)((char *)event - offsetof(struct instance, next));

	(void)engine;
	if (instance->dying && !process_has_threads(instance)) {
		instance->dying = false;
		instance->busy = false;
		if (instance->process)
			begin(instance, instance->death);
		else /* it was in its exit already */
			request_ended(instance, instance->death, COUNTER_COALESCED);
	}
	while (!instance->busy && !instance->dying && instance->request_count)
		begin(instance, request_next(instance));
	if (instance->listener && !instance->busy && !instance->dying)
		instance->listener->idle(instance);
}

bool instance_is_killed(const struct instance *instance)
{
	return instance->dying || instance->exiting;
}

size_t instance_shutdowns(const struct instance *instance)
{
	return (instance->busy && instance->leaving && !instance->exiting) +
	       requests_waiting(instance, OPERATION_SHUTDOWN);
}

bool instance_is_leaving(const struct instance *instance)
{
	return instance_is_killed(instance) || instance_shutdowns(instance);
}

void instance_request(struct instance *instance, enum operation operation,
		      struct event_source *wave, bool coalesce)
{
	instance_request_since(instance, operation, instance->simulation->engine.now_ns, wave,
			       coalesce);
}

void instance_request_since(struct instance *instance, enum operation operation, int64_t since_ns,
			    struct event_source *wave, bool coalesce)
{
	const struct request request = { operation, since_ns, .asked = true, .wave = wave };

	instance->group->counts[COUNTER_REQUESTED]++;
	instance->open_requests++;
	if (operation == OPERATION_KILL) {
		if (instance->dying && instance->death.asked) {
			request_ended(instance, request, COUNTER_COALESCED);
		} else if (instance->dying) {
			instance->death = request; /* it dies by itself: that serves the request */
		} else if (request_refusal(instance, operation)) {
			metrics_errno(instance->group, request_refusal(instance, operation));
			request_ended(instance, request, COUNTER_REFUSED);
		} else {
			process_die(instance, request);
		}
		return;
	}
	if (coalesce && requests_waiting(instance, operation)) {
		request_ended(instance, request, COUNTER_COALESCED);
		return;
	}
	if (request_queue(instance, request) && !instance->busy && !instance->dying)
		process_next_soon(instance);
}

void instance_hand_over(struct instance *from, struct instance *to)
{
	for (; from->request_count; from->open_requests--, to->open_requests++)
		if (!request_queue(to, request_next(from)))
			return;
}

static void record(struct thread *thread, size_t metric, size_t first_part)
{
	struct simulation *simulation = thread->simulation;
	int64_t latency_ns = simulation->engine.now_ns - thread->run->request.at_ns;
	bool slow = metric == simulation->tail_metric && latency_ns >= simulation->tail_from;

	metrics_latency(simulation, metric, latency_ns, thread->run->request.at_ns);
	metrics_spent(simulation, first_part, &thread->spent, slow);
}

void operation_done(struct thread *thread)
{
	struct instance *instance = thread->instance;
	struct group *group = instance->group;
	struct simulation *simulation = thread->simulation;
	enum operation operation = thread->run->request.operation;
	enum metric_id latency = metric_of_operation(operation);
	size_t first = group->first_part[operation];
	/* neither the end of a start that has failed nor an OOM kill is a shutdown as asked for */
	bool ran = !thread->run->request.by_oom &&
		   (instance->guest.running || latency != METRIC_SHUTDOWN ||
		    thread->run->request.asked);

	if (!thread->foreground || thread->done)
		return;
	thread->done = true;
	instance->busy = false;
	if (operation == OPERATION_START) {
		instance->guest.running = true;
		instance->started_ns = simulation->engine.now_ns;
	}
	if (latency == METRIC_SHUTDOWN) {
		instance->guest.running = instance->process = false;
		memory_process_over(instance);
	}
	if (instance->listener && operation == OPERATION_START)
		instance->listener->started(instance);
	if (instance->listener && latency == METRIC_SHUTDOWN && ran)
		instance->listener->down(instance);
	if (thread->run->request.at_ns >= simulation->config->record_from_ns && ran)
		record(thread, group->metrics.index[latency], first);
	process_next_soon(instance);
	request_ended(instance, thread->run->request, COUNTER_DONE);
}

static void reclaimed(struct instance *instance, struct dead_generation *dead)
{
	struct simulation *simulation = instance->simulation;
	const size_t *index = instance->group->metrics.index;

	if (dead->died_ns >= simulation->config->record_from_ns) {
		metrics_latency(simulation, index[METRIC_TEARDOWN],
				simulation->engine.now_ns - dead->died_ns, dead->died_ns);
		if (index[METRIC_LOSSY] != SIZE_MAX)
			metrics_latency(simulation, index[METRIC_LOSSY],
					instance->guest.lost_pages > dead->lost ? WHOLE_SHARE : 0,
					dead->died_ns);
	}
	guest_generation_forget(&instance->guest, dead);
	loops_limbo_changed(instance);
}

/* Pages of the dead that a loop will take: its next ones, as far as it goes; paced, as planned. */
static uint64_t about_to_take(const struct loop_run *run)
{
	const struct instance *instance = loop_thread(run)->instance;
	struct page_range way = { run->cursor, run->cursor };
	uint64_t dead = 0, left;
	int state;

	if (run->phase == LOOP_IDLE || !run->loop->range)
		return 0;
	left = loop_pages_left(run);
	if (run->stopping || run->loop->pace_ns)
		left = run->planned;
	if (run->loop->descending)
		way.first -= left;
	else
		way.end += left;
	while (way.first < way.end) {
		struct page_range next = page_map_run(&instance->guest.pages, way.first, &state);

		if (next.end > way.end)
			next.end = way.end;
		if (model_is_limbo(instance->group->config->model, state) &&
		    !loop_passes(run->loop, state))
			dead += next.end - way.first;
		way.first = next.end;
	}
	return dead;
}

/* Whoever says that all is back must have taken every page, but those that others will take. */
static void check_reclaimed(struct thread *thread)
{
	const struct guest *guest = &thread->instance->guest;
	uint64_t lingering = memory_lingering_pages(guest), claimed = 0;

	if (guest->dead_count)
		return; /* they may be of that one */
	for (const struct thread *other = thread->instance->threads; other; other = other->next)
		claimed += about_to_take(&other->loop);
	if (lingering > claimed)
		thread_fail(
			thread,
			"marked as reclaimed, but %llu pages of the dead linger: the mark belongs "
			"behind the last loop that takes them",
			(unsigned long long)(lingering - claimed));
}

void operation_reclaimed(struct thread *thread, bool all)
{
	struct instance *instance = thread->instance;
	struct dead_generation *dead;

	if (!all) {
		dead = guest_dead_generation(&instance->guest, thread->generation);
		if (!dead)
			return;
		reclaimed(instance, dead);
		check_reclaimed(thread);
		return;
	}
	for (uint32_t i = 0; i < instance->guest.dead_count;) {
		bool taken = false;

		dead = &instance->guest.dead[i];
		for (struct thread *other = instance->threads; other; other = other->next)
			taken = taken || (other != thread && other->generation == dead->number);
		if (taken)
			i++;
		else
			reclaimed(instance, dead);
	}
	check_reclaimed(thread);
}
