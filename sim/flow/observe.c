/* Tells an observer what happens. */

#include "flow/observe.h"

#include "flow/nodes.h"
#include "flow/sharing.h"

void simulation_observe(struct simulation *simulation, const struct observer *observer)
{
	simulation->observer = observer;
}

static uint32_t guest_of(const struct instance *instance)
{
	return instance->listener ? instance->member : instance->number;
}

static struct track track_of(const struct thread *thread)
{
	return (struct track){
		.host = thread->instance->host->number,
		.guest = guest_of(thread->instance),
		.name = thread->instance->group->config->name,
		.thread = thread->number,
		.flow = thread->program->flows[thread->root_flow].flow->name,
		.foreground = thread->foreground,
	};
}

void observe_tell_step(struct thread *thread, int64_t elapsed_ns, int64_t waited_ns)
{
	const struct simulation *simulation = thread->simulation;
	const struct observer *observer = simulation->observer;
	const struct program_step *at =
		&thread->program->steps[thread->frames[thread->depth - 1].next];
	struct span span;

	if (!observer->step || !elapsed_ns)
		return;
	span = (struct span){
		.track = track_of(thread),
		.flow = thread->program->flows[at->flow].flow->name,
		.step = at->name,
		.where = at->step->where,
		.begin_ns = simulation->engine.now_ns - elapsed_ns,
		.end_ns = simulation->engine.now_ns,
		.waited_ns = waited_ns,
		.waits_for = step_waits_for(at->step),
		.on_core = step_on_core(at->step),
		.counted = thread->foreground && !thread->done,
		.waiting = step_forms[at->step->kind].time == TIME_WAITING,
		.moved_bytes = thread->moved_bytes,
	};
	thread->moved_bytes = 0;
	observer->step(observer->data, &span);
}

void release_lock(struct thread *thread, const struct lock_kind *kind, struct lock *lock,
		  struct lock_request *request)
{
	struct simulation *simulation = thread->simulation;
	const struct observer *observer = simulation->observer;

	if (observer && observer->hold) {
		const struct lock_hold hold = {
			.holder = track_of(thread),
			.lock = kind->name,
			.guest =
				kind->scope == SCOPE_HOST ? UINT32_MAX : guest_of(thread->instance),
			.shared = request->mode == LOCK_READ,
			.begin_ns = request->since_ns,
			.end_ns = simulation->engine.now_ns,
		};

		if (hold.end_ns > hold.begin_ns || lock_has_waiters(lock))
			observer->hold(observer->data, &hold);
	}
	simulation->releasing = true;
	lock_release(lock, request);
	simulation->releasing = false;
}

void observe_hosts(struct simulation *simulation)
{
	const struct observer *observer = simulation->observer;

	for (size_t h = 0; h < simulation->host_count; h++) {
		struct host *host = &simulation->hosts[h];
		const struct host_state state = { host->number, shared_busy_ns(host),
						  host_in_use_now(host) };

		observer->host(observer->data, &state);
	}
}

void observe_woken(const struct thread *waiter)
{
	const struct simulation *simulation = waiter->simulation;
	const struct observer *observer = simulation->observer;
	struct track track;

	if (!observer || !observer->woken || !simulation->releasing)
		return;
	track = track_of(waiter);
	observer->woken(observer->data, &track, simulation->engine.now_ns);
}

void observe_queued(const struct thread *thread, int64_t since_ns)
{
	const struct simulation *simulation = thread->simulation;
	const struct observer *observer = simulation->observer;
	struct track track;

	if (!observer || !observer->queued || since_ns == simulation->engine.now_ns)
		return;
	track = track_of(thread);
	observer->queued(observer->data, &track, since_ns, simulation->engine.now_ns);
}

void observe_spawned(const struct thread *by, const struct thread *thread)
{
	const struct observer *observer = by->simulation->observer;
	struct track from, to;

	if (!observer || !observer->spawned || !thread)
		return;
	from = track_of(by);
	to = track_of(thread);
	observer->spawned(observer->data, &from, &to, by->simulation->engine.now_ns);
}
