#include "flow/simulation.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "flow/conservation.h"
#include "flow/event_source.h"
#include "flow/host.h"
#include "flow/instance.h"
#include "flow/interpreter.h"
#include "flow/loop_piece.h"
#include "flow/metrics.h"
#include "flow/metrics_build.h"
#include "flow/observe.h"
#include "flow/operation.h"
#include "flow/sharing.h"

static const struct handlers handlers = {
	.thread_event = interpreter_event,
	.instance_next = instance_next,
	.thread_computed = interpreter_computed,
	.thread_served = interpreter_served,
};

/* --- building --- */

static bool build_group(struct simulation *simulation, size_t index, struct error *error)
{
	struct group *group = &simulation->groups[index];
	const struct guest_config *config = &simulation->config->guests[index];
	const struct model *model = config->model;
	const struct strategy *strategy = config->design;

	group->simulation = simulation;
	group->config = config;
	group->count = instances_at_start(simulation->config, index);
	group->first_instance = simulation->instance_count;
	simulation->instance_count += group->count;
	if (model->term_count - FIRST_TERM > TERMS_MAX ||
	    model->page_state_count > PAGE_STATES_MAX - PAGE_FIRST ||
	    model->memory_count > MEMORY_KINDS_MAX)
		return error_set(error, ERROR_INTERNAL,
				 "model %s has too many terms or page states", model->name);
	group->fault_calls =
		memory_array(config->fault_count, sizeof(*group->fault_calls), "faults", error);
	if (!group->fault_calls)
		return false;
	for (int i = 0; i < OPERATION_COUNT; i++) {
		if (!strategy->flows[i])
			continue;
		if (!program_build(&group->programs[i], model, strategy->flows[i], error))
			return false;
		program_make_free(&group->programs[i], config->name, simulation->config->free_step);
		group->offers[i] = true;
	}
	group->lock_wait_ns =
		memory_array(model->lock_count, sizeof(*group->lock_wait_ns), "locks", error);
	group->lock_hold_ns =
		memory_array(model->lock_count, sizeof(*group->lock_hold_ns), "locks", error);
	return group->lock_wait_ns && group->lock_hold_ns;
}

/* Streams of guests that have a name; below are those of a population's. */
#define NAMED_ENTITIES (UINT32_C(1) << 31)

static bool build_instances(struct simulation *simulation, struct error *error)
{
	simulation->instances = memory_array(simulation->instance_count,
					     sizeof(*simulation->instances), "guests", error);
	if (!simulation->instances)
		return false;
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];
		uint32_t name = hash_text(HASH_BEGIN, group->config->name);

		for (size_t i = 0; i < group->count; i++) {
			struct instance *instance =
				&simulation->instances[group->first_instance + i];

			instance->number = (uint32_t)(group->first_instance + i);
			/* by name, so that other guests change no draw of it; above those of VMs */
			instance->entity = NAMED_ENTITIES | (name + (uint32_t)i);
			instance->member = (uint32_t)i;
			if (!instance_init(simulation, group, instance, error))
				return false;
		}
	}
	return true;
}

static bool build_population(struct simulation *simulation, struct error *error)
{
	const struct population_ops *ops = population_ops(simulation);

	if (!ops)
		return true;
	simulation->population = ops->build(simulation, simulation->config->population, error);
	return simulation->population != NULL;
}

static void warm_up_over(struct engine *engine, struct event *event)
{
	struct simulation *simulation =
		(struct simulation *)((char *)event - offsetof(struct simulation, warm_up_over));

	(void)engine;
	loops_settle_warm_up(simulation);
	metrics_warm_up_over(simulation);
	if (simulation->population)
		population_ops(simulation)->warm_up_over(simulation->population);
}

struct simulation *simulation_new(const struct simulation_config *config, struct error *error)
{
	struct simulation *simulation = memory_array(1, sizeof(*simulation), "simulation", error);

	if (!simulation)
		return NULL;
	simulation->config = config;
	simulation->handlers = &handlers;
	simulation->tail_metric = SIZE_MAX;
	simulation->groups =
		memory_array(config->guest_count, sizeof(*simulation->groups), "guests", error);
	if (!simulation->groups || !engine_init(&simulation->engine, error))
		goto fail;
	if (!hosts_build(simulation, error))
		goto fail;
	for (size_t g = 0; g < config->guest_count; g++)
		if (!build_group(simulation, g, error))
			goto fail;
	sharing_look(simulation);
	if (!event_init(&simulation->engine, &simulation->warm_up_over, warm_up_over, error) ||
	    !build_instances(simulation, error) || !event_sources_build(simulation, error) ||
	    !metrics_build(simulation, error) || !build_population(simulation, error))
		goto fail;
	return simulation;
fail:
	simulation_free(simulation);
	return NULL;
}

void simulation_free(struct simulation *simulation)
{
	if (!simulation)
		return;
	metrics_fini(simulation);
	if (simulation->population)
		population_ops(simulation)->free(simulation->population);
	for (size_t g = 0; simulation->groups && g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		for (int i = 0; i < OPERATION_COUNT; i++)
			program_fini(&group->programs[i]);
		free(group->fault_calls);
		free(group->lock_wait_ns);
		free(group->lock_hold_ns);
	}
	for (size_t i = 0; simulation->instances && i < simulation->instance_count; i++)
		instance_fini(&simulation->instances[i]);
	for (size_t i = 0; i < simulation->thread_count; i++) {
		spent_fini(&simulation->all_threads[i]->spent);
		free(simulation->all_threads[i]);
	}
	for (size_t i = 0; i < simulation->run_count; i++)
		free(simulation->all_runs[i]);
	failures_fini(&simulation->failures);
	hosts_fini(simulation);
	engine_fini(&simulation->engine);
	free(simulation->all_threads);
	free(simulation->all_runs);
	event_sources_fini(simulation);
	free(simulation->instances);
	free(simulation->groups);
	free(simulation);
}

/* --- running --- */

/* A guest whose first event is its start does not run before; every other one does. */
static bool runs_at_zero(const struct simulation_config *config, size_t guest)
{
	const struct event_config *first = NULL;

	for (size_t i = 0; i < config->event_count; i++)
		if (config->events[i].guest == guest &&
		    (!first || config->events[i].at_ns < first->at_ns))
			first = &config->events[i];
	return !first || first->operation != OPERATION_START;
}

static bool reset(struct simulation *simulation, struct error *error)
{
	const struct simulation_config *config = simulation->config;

	engine_reset(&simulation->engine);
	hosts_reset(simulation);
	metrics_reset(simulation);
	/* In an order that does not depend on the replications before: ends at one instant follow it. */
	simulation->free_threads = NULL;
	for (size_t i = simulation->thread_count; i-- > 0;) {
		struct thread *thread = simulation->all_threads[i];

		if (thread->served_by)
			cpu_job_fini(thread->served_by, &thread->service);
		thread->served_by = NULL;
		thread->looping = false;
		thread->next = simulation->free_threads;
		simulation->free_threads = thread;
	}
	simulation->free_runs = NULL;
	for (size_t i = 0; i < simulation->run_count; i++) {
		simulation->all_runs[i]->next = simulation->free_runs;
		simulation->free_runs = simulation->all_runs[i];
	}
	for (size_t g = 0; g < config->guest_count; g++) {
		struct group *group = &simulation->groups[g];
		bool running = runs_at_zero(config, g);

		for (size_t i = 0; i < group->count; i++)
			if (!instance_begin(&simulation->instances[group->first_instance + i],
					    running, error))
				return false;
	}
	simulation->portion_bytes = INT64_MAX;
	if (simulation->population)
		population_ops(simulation)->reset(simulation->population);
	if (config->record_from_ns > 0)
		event_schedule_in(&simulation->engine, &simulation->warm_up_over,
				  config->record_from_ns);
	event_sources_reset(simulation);
	return true;
}

/* A run with a design of the scenario that does not add up is an error of that design. */
static bool failed(const struct simulation *simulation, struct error *error)
{
	const struct error *own = &simulation->engine.error;

	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct guest_config *guest = &simulation->config->guests[g];

		if (guest->design == &guest->model->strategies[guest->strategy] ||
		    (own->kind != ERROR_INTERNAL && own->kind != ERROR_INPUT))
			continue;
		return error_set(error, ERROR_INPUT, "design %s %s: %s", guest->design->name,
				 own->kind == ERROR_INTERNAL ? "does not add up when it runs"
							     : "cannot run",
				 own->message);
	}
	return error_set(error, own->kind, "%s", own->message);
}

/* To the end; for an observer who asks for it with looks at the hosts. */
static bool run_to_end(struct simulation *simulation)
{
	const struct observer *observer = simulation->observer;
	int64_t every_ns = observer && observer->host ? observer->every_ns : 0;
	int64_t until_ns = simulation->config->until_ns, at_ns = 0;
	struct engine *engine = &simulation->engine;

	while (every_ns && until_ns - at_ns > every_ns) {
		at_ns += every_ns;
		if (!engine_run(engine, at_ns))
			return false;
		if (engine->now_ns < at_ns)
			break; /* nothing happens any more */
		observe_hosts(simulation);
	}
	if (!engine_run(engine, until_ns))
		return false;
	if (every_ns)
		observe_hosts(simulation);
	return true;
}

bool simulation_run(struct simulation *simulation, uint32_t replication, struct error *error)
{
	simulation->replication = replication;
	if (!reset(simulation, error))
		return false;
	if (run_to_end(simulation) && simulation->engine.error.kind == ERROR_NONE) {
		loops_settle_end(simulation);
		if (simulation->population)
			population_ops(simulation)->finish(simulation->population);
		metrics_finish(simulation);
		conservation_holds(simulation);
	}
	return simulation->engine.error.kind == ERROR_NONE || failed(simulation, error);
}

void simulation_watch_tail(struct simulation *simulation, size_t metric, int64_t at_least)
{
	simulation->tail_metric = metric;
	simulation->tail_from = at_least;
}

const struct metric *simulation_metrics(const struct simulation *simulation, size_t *count)
{
	*count = simulation->metric_count;
	return simulation->metrics;
}

const struct part *simulation_parts(const struct simulation *simulation, size_t *count)
{
	*count = simulation->part_count;
	return simulation->parts;
}

const struct failure *simulation_failures(const struct simulation *simulation, size_t *count)
{
	*count = simulation->failures.count;
	return simulation->failures.list;
}

const size_t *simulation_spent_parts(const struct simulation *simulation, size_t *count)
{
	*count = simulation->spent_count;
	return simulation->spent_parts;
}

const struct counter *simulation_counters(const struct simulation *simulation, size_t *count)
{
	*count = simulation->counter_count;
	return simulation->counters;
}

uint64_t simulation_events(const struct simulation *simulation)
{
	return simulation->engine.fired;
}

bool simulation_is_random(const struct simulation *simulation)
{
	return simulation->random;
}
