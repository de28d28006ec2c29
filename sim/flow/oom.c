/* The OOM killer. */

#include "flow/oom.h"

#include <errno.h>

#include "flow/instance.h"
#include "flow/metrics.h"
#include "flow/nodes.h"
#include "flow/operation.h"
#include "flow/process.h"
#include "flow/thread.h"

/* The oom_reaper tries ten times, a tenth of a second apart (MAX_OOM_REAP_RETRIES). */
static const int64_t patience_ns = INT64_C(1000000000);

struct victim {
	int64_t bytes, since_ns;
	struct instance *instance; /* of a neighbour */
	struct thread *helper;     /* that sleeps; NULL for both: the newcomer */
	bool dies;                 /* it is on its way out already */
};

/* Of pages and all else that the process has mapped or KVM holds for it, without the dead's. */
static int64_t size_of(const struct instance *instance)
{
	int64_t dead = memory_of_the_dead(instance) - memory_taken_over(instance);
	int64_t pages = instance->held_bytes[ACCOUNT_PAGES] + instance->held_bytes[ACCOUNT_LOST];

	if (instance->guest.config->hugetlb)
		dead = dead > pages ? dead - pages : 0;
	return instance->charged_bytes - dead;
}

/* What sleeps in the kernel's or a helper's name, behind a process that is gone. */
static const struct dead_generation *held_by_helper(const struct thread *thread)
{
	const struct instance *instance = thread->instance;

	if (!thread->generation || !thread->blocked || thread->loop.phase != LOOP_IDLE ||
	    (instance->process && thread->run->process == instance->processes) ||
	    step_forms[thread_step(thread)->step->kind].time != TIME_OFF_CORE)
		return NULL;
	return guest_dead_generation(&thread->instance->guest, thread->generation);
}

static int64_t size_of_dead(const struct instance *instance, const struct dead_generation *dead)
{
	uint64_t lingering = memory_lingering_pages(&instance->guest);
	uint64_t pages = dead->pages < lingering ? dead->pages : lingering;

	if (instance->guest.config->hugetlb)
		pages = 0;
	return (int64_t)pages * instance->guest.config->page_bytes + dead->held_bytes;
}

/* The larger one, or of two alike the later one. */
static void consider(struct victim *worst, struct victim other)
{
	if (other.bytes > worst->bytes ||
	    (other.bytes == worst->bytes && other.since_ns > worst->since_ns))
		*worst = other;
}

static void consider_helpers(struct victim *worst, struct instance *instance)
{
	for (struct thread *thread = instance->threads; thread; thread = thread->next) {
		const struct dead_generation *dead = held_by_helper(thread);

		if (dead)
			consider(worst, (struct victim){ size_of_dead(instance, dead),
							 dead->died_ns, .helper = thread });
	}
}

static void consider_neighbours(struct victim *worst, const struct thread *newcomer)
{
	struct simulation *simulation = newcomer->simulation;
	struct instance *instance;

	for (size_t i = 0; (instance = simulation_instance(simulation, i)); i++) {
		if (!instance->in_use || instance->host != newcomer->host ||
		    !nodes_may_meet(newcomer->instance, instance))
			continue; /* oom_cpuset_eligible: bound elsewhere */
		if (instance != newcomer->instance)
			consider_helpers(worst, instance);
		if (instance != newcomer->instance && instance->process)
			consider(worst,
				 (struct victim){ size_of(instance), instance->process_since_ns,
						  instance, .dies = instance_is_killed(instance) });
	}
}

/* Memory comes back by itself: an allocation that tries again finds it. */
static bool is_coming_back(const struct thread *newcomer, enum memory_short found)
{
	for (const struct thread *thread = newcomer->host->looping; thread;
	     thread = thread->next_looping)
		if (thread->loop.phase != LOOP_IDLE && thread->loop.loop->frees &&
		    !thread->instance->guest.config->hugetlb &&
		    nodes_may_meet(newcomer->instance, thread->instance) &&
		    (found == SHORT_ON_HOST || thread->instance == newcomer->instance))
			return true;
	return false;
}

static void count(const struct instance *instance, enum counter_id kind)
{
	instance->group->counts[kind]++;
}

/* The thread who asked is the victim: its process ends, that of a start by its failure. */
static void take_newcomer(struct thread *thread)
{
	struct instance *instance = thread->instance;

	count(instance, COUNTER_OOM_NEWCOMERS);
	instance->guest.shortage.oom = OOM_ASKED;
	if (instance->guest.running)
		process_exit(instance, true);
}

static void take_helper(struct thread *helper)
{
	count(helper->instance, COUNTER_OOM_HELPERS);
	helper->run->request.by_oom = true; /* it sleeps no more */
	thread_resume_soon(helper);
}

/* Its operation in progress fails with ENOMEM; when there is none, that it is gone counts as such. */
static void take_neighbour(struct instance *instance, const struct shortage *shortage)
{
	instance->host->oom_shortage = *shortage;
	instance->host->oom_shortage.oom = OOM_FOR_ANOTHER;
	count(instance, COUNTER_OOM_NEIGHBOURS);
	if (!instance->busy)
		metrics_errno(instance->group, ENOMEM);
	process_exit(instance, true);
}

/* A new victim; false: it is the newcomer. */
static bool take_worst(struct thread *thread, enum memory_short found)
{
	struct instance *instance = thread->instance;
	struct victim worst = { size_of(instance) + instance->guest.shortage.there,
				instance->process_since_ns, .instance = NULL };

	consider_helpers(&worst, instance);
	if (found == SHORT_ON_HOST)
		consider_neighbours(&worst, thread);
	if (worst.helper) {
		take_helper(worst.helper);
	} else if (worst.instance && !worst.dies) {
		take_neighbour(worst.instance, &instance->guest.shortage);
	} else if (!worst.instance) {
		take_newcomer(thread);
		return false;
	}
	return true;
}

bool oom_waits(struct thread *thread, enum memory_short found)
{
	struct engine *engine = &thread->simulation->engine;
	int64_t *until_ns = found == SHORT_IN_GROUP ? &thread->instance->oom_until_ns
						    : &thread->host->oom_until_ns;

	if (found == SHORT_OF_HUGEPAGES ||
	    (found == SHORT_ON_HOST && !thread->instance->guest.host->overcommit))
		return false;
	if (!is_coming_back(thread, found) && *until_ns <= engine->now_ns) {
		if (!take_worst(thread, found))
			return false;
		*until_ns = engine->now_ns + patience_ns;
	}
	memory_await(thread);
	event_schedule_in(engine, &thread->event, patience_ns);
	return true;
}
