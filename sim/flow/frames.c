#include "flow/frames.h"

#include "flow/process.h"
#include "flow/thread.h"

void step_failed(struct thread *thread, int error)
{
	uint32_t jump = thread_step(thread)->jump;

	if (!thread->error) {
		thread->failed = thread->frames[thread->depth - 1].next;
		thread->shortage = thread->instance->guest.shortage;
	}
	thread->instance->guest.shortage = (struct shortage){ 0 };
	thread->error = error;
	if (jump == PROGRAM_RETURN)
		flow_return(thread);
	else
		thread->frames[thread->depth - 1].next = jump;
}

void flow_call(struct thread *thread, uint32_t flow)
{
	if (thread->depth == PROGRAM_DEPTH_MAX) {
		thread_fail(thread, "flows call each other more than %d deep", PROGRAM_DEPTH_MAX);
		return;
	}
	thread->frames[thread->depth++] =
		(struct frame){ .flow = flow, .next = thread->program->flows[flow].first };
}

void flow_return(struct thread *thread)
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
