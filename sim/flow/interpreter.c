#include "flow/interpreter.h"

#include "flow/frames.h"
#include "flow/loop.h"
#include "flow/metrics.h"
#include "flow/nodes.h"
#include "flow/process.h"
#include "flow/steps.h"
#include "flow/thread.h"

/* Steps between two instants: flows are short, so many are a loop without an end. */
enum { STEPS_AT_ONCE_MAX = 1000000 };

static void run(struct thread *thread)
{
	struct engine *engine = &thread->simulation->engine;

	for (int steps = 0; !thread->finished && engine->error.kind == ERROR_NONE; steps++) {
		if (steps == STEPS_AT_ONCE_MAX) {
			thread_fail(thread, "%d steps, and no time passes: it goes round and round",
				    STEPS_AT_ONCE_MAX);
			return;
		}
		if (thread_killable(thread)) {
			thread_abort(thread);
			return;
		}
		if (step_begin(thread)) {
			thread->blocked = true;
			return;
		}
	}
}

/* The step in progress, which took time, has ended. */
static void step_done(struct thread *thread)
{
	int error = thread->pending_error;

	thread->blocked = false;
	thread->pending_error = 0;
	thread->grace_delay = false;
	metrics_step(thread, thread->step_work_ns);
	if (thread_step(thread)->step->error)
		thread->instance->guest.failed_calls = thread->failed_calls;
	if (error)
		step_failed(thread, error);
	else
		step_next(thread);
	if (!thread->finished)
		run(thread);
}

static void piece_done(struct thread *thread)
{
	if (loop_piece_done(thread))
		step_done(thread);
}

static void allocated(struct thread *thread)
{
	if (step_allocates(thread))
		step_done(thread);
}

void interpreter_event(struct engine *engine, struct event *event)
{
	struct thread *thread = (struct thread *)((char *)event - offsetof(struct thread, event));

	(void)engine;
	if (!thread->blocked)
		run(thread);
	else if (thread->wanted_bytes)
		allocated(thread);
	else if (thread->loop.phase == LOOP_LOCK)
		loop_lock_granted(thread);
	else if (thread->loop.phase != LOOP_IDLE)
		piece_done(thread);
	else if (thread->grace_delay && thread->grace_readers)
		thread->grace_delay = false; /* the readers will bring it back */
	else
		step_done(thread);
}

void interpreter_computed(struct cpu *cpu, struct cpu_job *job)
{
	struct thread *thread = (struct thread *)((char *)job - offsetof(struct thread, job));

	thread->step_slowed_ns += cpu_slowed(cpu, job);
	if (thread->loop.phase != LOOP_IDLE)
		piece_done(thread);
	else
		step_done(thread);
}

void interpreter_served(struct cpu *server, struct cpu_job *job)
{
	struct thread *thread = (struct thread *)((char *)job - offsetof(struct thread, service));

	cpu_job_fini(server, job);
	thread->served_by = NULL;
	if (server == &thread->host->all_cores && !cpu_runnable(server))
		nodes_hold(thread->host, false);
	step_done(thread);
}
