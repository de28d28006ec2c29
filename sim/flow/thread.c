#include "flow/thread.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "flow/nodes.h"

/* Threads of one operation at the same time: a flow that spawns in a round has no end. */
enum { THREADS_MAX = 10000 };

static struct thread *thread_new(struct simulation *simulation)
{
	struct error *error = &simulation->engine.error;
	struct thread *thread = memory_array(1, sizeof(*thread), "thread", error);

	if (!thread)
		return NULL;
	if (!memory_grow(&simulation->all_threads, &simulation->thread_capacity,
			 simulation->thread_count + 1, sizeof(*simulation->all_threads), "threads",
			 error) ||
	    !event_init(&simulation->engine, &thread->event, simulation->handlers->thread_event,
			error)) {
		free(thread);
		return NULL;
	}
	thread->simulation = simulation;
	thread->number = (uint32_t)simulation->thread_count;
	simulation->all_threads[simulation->thread_count++] = thread;
	return thread;
}

/* A thread that is free, or a new one, with a job on the host's cores. */
static struct thread *take_thread(struct simulation *simulation, const struct instance *instance)
{
	struct thread *thread = simulation->free_threads;
	struct node *node = node_of_thread(instance);

	if (thread)
		simulation->free_threads = thread->next;
	else
		thread = thread_new(simulation);
	if (!thread ||
	    !cpu_job_init(&node->cpu, &thread->job, simulation->handlers->thread_computed,
			  &simulation->engine.error))
		return NULL;
	thread->host = instance->host;
	thread->node = node;
	node->threads++;
	return thread;
}

void thread_release(struct thread *thread)
{
	struct simulation *simulation = thread->simulation;

	cpu_job_fini(&thread->node->cpu, &thread->job);
	thread->node->threads--;
	thread->next = simulation->free_threads;
	simulation->free_threads = thread;
}

struct thread *thread_start(struct instance *instance, struct operation_run *run_for,
			    const struct program *program, uint32_t flow,
			    const struct thread *spawner)
{
	struct simulation *simulation = instance->simulation;
	struct thread *thread;
	bool accounted =
		!spawner || (program->flows[flow].joined && spawner->accounted && !spawner->done);

	if (run_for->threads == THREADS_MAX) {
		engine_fail(&simulation->engine, ERROR_INTERNAL,
			    "guest %s: flow %s would be thread number %d of one operation",
			    instance->guest.config->name, program->flows[flow].flow->name,
			    THREADS_MAX + 1);
		return NULL;
	}
	thread = take_thread(simulation, instance);
	if (!thread) {
		engine_stop(&simulation->engine);
		return NULL;
	}
	thread->instance = instance;
	thread->program = program;
	thread->run = run_for;
	run_for->threads++;
	thread->frames[0] = (struct frame){ .flow = flow, .next = program->flows[flow].first };
	thread->depth = 1;
	thread->root_flow = flow;
	thread->error = thread->pending_error = 0;
	thread->foreground = !spawner;
	thread->accounted = accounted;
	spent_begin(&thread->spent);
	thread->done = thread->signalled = thread->finished = false;
	thread->waiting_stop = thread->blocked = false;
	thread->grace_delay = thread->grace_readers = false;
	thread->generation = 0;
	thread->wanted_bytes = 0;
	thread->moved_bytes = 0;
	thread->slice_ns = 0;
	thread->held_set = 0;
	thread->loop.phase = LOOP_IDLE;
	thread->next = instance->threads;
	thread->link = &instance->threads;
	if (thread->next)
		thread->next->link = &thread->next;
	instance->threads = thread;
	thread_resume_soon(thread);
	return thread;
}

void thread_resume_soon(struct thread *thread)
{
	event_schedule_in(&thread->simulation->engine, &thread->event, 0);
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

int64_t thread_holds(const struct thread *thread, const struct lock *lock)
{
	int64_t count = thread->loop.phase != LOOP_IDLE && thread->loop.lock == lock &&
			thread->loop.request.holding;

	for (uint32_t set = thread->held_set; set; set &= set - 1) {
		const struct held_lock *held = &thread->held[__builtin_ctz(set)];

		count += held->lock == lock && held->request.holding;
	}
	return count;
}

bool thread_holds_locks(const struct thread *thread)
{
	for (uint32_t set = thread->held_set; set; set &= set - 1)
		if (thread->held[__builtin_ctz(set)].request.holding)
			return true;
	return false;
}

void slice_add(struct thread *thread, int64_t work_ns)
{
	thread->slice_ns += work_ns;
}

void slice_end(struct thread *thread)
{
	if (thread->slice_ns > thread->simulation->host_metrics.total[METRIC_LONGEST_SLICE])
		thread->simulation->host_metrics.total[METRIC_LONGEST_SLICE] = thread->slice_ns;
	thread->slice_ns = 0;
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
