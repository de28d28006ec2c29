#include "flow/simulation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/books.h"

/* --- building --- */

/* Steps that are one part of a latency are free together. */
static void free_steps(struct program *program, const struct guest_config *guest,
		       const struct step_name *name)
{
	if (!name || strcmp(name->group, guest->name) != 0)
		return;
	for (size_t i = 0; i < program->step_count; i++) {
		struct program_step *step = &program->steps[i];
		const char *where = step->step->where ? step->step->where : "-";

		step->free = strcmp(step->name, name->step) == 0 &&
			     strcmp(program->flows[step->flow].flow->name, name->flow) == 0 &&
			     strcmp(where, name->where) == 0 && !program_retries(program, i);
	}
}

static bool build_group(struct simulation *simulation, size_t index, struct error *error)
{
	struct group *group = &simulation->groups[index];
	const struct guest_config *config = &simulation->config->guests[index];
	const struct model *model = config->model;
	const struct strategy *strategy = config->design;

	group->simulation = simulation;
	group->config = config;
	group->count = (size_t)config->count;
	if (simulation->config->fleet && simulation->config->fleet->guest == index)
		group->count = 0; /* its guests are the VMs of the fleet */
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
		free_steps(&group->programs[i], config, simulation->config->free_step);
		group->offers[i] = true;
	}
	group->lock_wait_ns =
		memory_array(model->lock_count, sizeof(*group->lock_wait_ns), "locks", error);
	group->lock_hold_ns =
		memory_array(model->lock_count, sizeof(*group->lock_hold_ns), "locks", error);
	return group->lock_wait_ns && group->lock_hold_ns;
}

bool instance_init(struct simulation *simulation, struct group *group, struct instance *instance,
		   struct error *error)
{
	const struct model *model = group->config->model;

	instance->simulation = simulation;
	instance->group = group;
	instance->guest.config = group->config;
	instance->guest.host = &simulation->config->host;
	instance_settle_on(instance, &simulation->hosts[0]);
	instance->guest.state = memory_array(1, model->state_size, "model state", error);
	instance->locks = memory_array(model->lock_count, sizeof(*instance->locks), "locks", error);
	if (!instance->guest.state || !instance->locks ||
	    !page_map_init(&instance->guest.pages, error) ||
	    !event_init(&simulation->engine, &instance->next, instance_next, error))
		return false;
	for (size_t k = 0; k < model->lock_count; k++)
		lock_init(&instance->locks[k], &simulation->engine);
	return true;
}

void instance_fini(struct instance *instance)
{
	page_map_fini(&instance->guest.pages);
	free(instance->guest.state);
	free(instance->locks);
	free(instance->requests);
}

static bool build_instances(struct simulation *simulation, struct error *error)
{
	simulation->instances = memory_array(simulation->instance_count,
					     sizeof(*simulation->instances), "guests", error);
	if (!simulation->instances)
		return false;
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		for (size_t i = 0; i < group->count; i++) {
			struct instance *instance =
				&simulation->instances[group->first_instance + i];

			instance->entity = (uint32_t)(group->first_instance + i);
			if (!instance_init(simulation, group, instance, error))
				return false;
		}
	}
	return true;
}

static event_handler arrival_fire;

static bool build_arrivals(struct simulation *simulation, struct error *error)
{
	const struct simulation_config *config = simulation->config;
	size_t index = 0;

	for (size_t i = 0; i < config->happening_count; i++)
		simulation->arrival_count +=
			config->happenings[i].rate_per_s > 0
				? simulation->groups[config->happenings[i].guest].count
				: 1;
	simulation->arrivals = memory_array(simulation->arrival_count,
					    sizeof(*simulation->arrivals), "events", error);
	if (!simulation->arrivals)
		return false;
	for (size_t i = 0; i < config->happening_count; i++) {
		const struct happening *happening = &config->happenings[i];
		const struct group *group = &simulation->groups[happening->guest];
		size_t count = happening->rate_per_s > 0 ? group->count : 1;

		for (size_t k = 0; k < count; k++) {
			struct arrival *arrival = &simulation->arrivals[index++];

			arrival->happening = happening;
			arrival->simulation = simulation;
			if (happening->rate_per_s > 0)
				arrival->instance =
					&simulation->instances[group->first_instance + k];
			if (!event_init(&simulation->engine, &arrival->event, arrival_fire, error))
				return false;
		}
	}
	return true;
}

struct simulation *simulation_new(const struct simulation_config *config, struct error *error)
{
	struct simulation *simulation = memory_array(1, sizeof(*simulation), "simulation", error);

	if (!simulation)
		return NULL;
	simulation->config = config;
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
	if (!event_init(&simulation->engine, &simulation->warm_up_over, books_warm_up_over,
			error) ||
	    !build_instances(simulation, error) || !build_arrivals(simulation, error) ||
	    !books_build(simulation, error) || !fleet_build(simulation, error))
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
	books_fini(simulation);
	fleet_fini(simulation);
	for (size_t g = 0; simulation->groups && g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		for (int i = 0; i < OPERATION_COUNT; i++)
			program_fini(&group->programs[i]);
		free(group->fault_calls);
		free(group->lock_wait_ns);
		free(group->lock_hold_ns);
	}
	for (size_t i = 0; simulation->instances && i < simulation->instance_count; i++) {
		instance_fini(&simulation->instances[i]);
	}
	for (size_t i = 0; i < simulation->thread_count; i++) {
		free(simulation->all_threads[i]->spent);
		free(simulation->all_threads[i]);
	}
	for (size_t i = 0; i < simulation->run_count; i++)
		free(simulation->all_runs[i]);
	hosts_fini(simulation);
	engine_fini(&simulation->engine);
	free(simulation->all_threads);
	free(simulation->walkers);
	free(simulation->all_runs);
	free(simulation->arrivals);
	free(simulation->instances);
	free(simulation->groups);
	free(simulation);
}

/* --- arrivals --- */

/* Of an instance that has arrivals of its own. */
static int64_t gap_ns(const struct arrival *arrival, const struct instance *instance)
{
	struct simulation *simulation = arrival->simulation;
	const struct happening *happening = arrival->happening;
	struct stream_name name = {
		.seed = simulation->config->seed,
		.replication = simulation->replication,
		.entity = instance->entity,
		.occurrence = (uint32_t)arrival->count,
		.use = (uint32_t)(happening - simulation->config->happenings),
		.purpose = PURPOSE_ARRIVAL,
	};
	struct stream stream;

	simulation->random = true;
	if (!stream_begin(&stream, &name)) {
		engine_fail(&simulation->engine, ERROR_INPUT,
			    "a guest has more than %d events by rate; shorten experiment.until",
			    STREAM_OCCURRENCES_MAX);
		return 0;
	}
	return (int64_t)stream_exponential(&stream, 1e9 / happening->rate_per_s);
}

/* Events beyond the end are not scheduled: the clock ends at the horizon anyway. */
static void arrival_schedule(struct arrival *arrival, int64_t from_ns, int64_t delay_ns)
{
	const struct simulation_config *config = arrival->simulation->config;

	if (delay_ns <= config->until_ns - from_ns)
		event_schedule(&arrival->simulation->engine, &arrival->event, from_ns + delay_ns);
}

/* The next instance of a rolling wave, if there is one. */
/* A loop, not a recursion: requests of many guests may end at once. */
void wave_turn(struct arrival *arrival)
{
	const struct happening *happening = arrival->happening;
	const struct group *group = &arrival->simulation->groups[happening->guest];

	arrival->turns++;
	if (arrival->in_turns)
		return;
	arrival->in_turns = true;
	for (; arrival->turns; arrival->turns--)
		if (arrival->next < group->count)
			instance_request(&arrival->simulation->instances[group->first_instance +
									 arrival->next++],
					 happening->operation, arrival, happening->coalesce);
	arrival->in_turns = false;
}

static void arrival_fire(struct engine *engine, struct event *event)
{
	struct arrival *arrival =
		(struct arrival *)((char *)event - offsetof(struct arrival, event));
	const struct happening *happening = arrival->happening;
	struct group *group = &arrival->simulation->groups[happening->guest];

	arrival->count++;
	if (arrival->instance)
		instance_request(arrival->instance, happening->operation, NULL,
				 happening->coalesce);
	arrival->next = 0;
	for (int64_t i = 0; !arrival->instance && i < happening->concurrency; i++)
		wave_turn(arrival);
	for (size_t i = 0; !happening->concurrency && !arrival->instance && i < group->count; i++)
		instance_request(&arrival->simulation->instances[group->first_instance + i],
				 happening->operation, NULL, happening->coalesce);
	if (happening->times && arrival->count >= happening->times)
		return;
	if (arrival->instance)
		arrival_schedule(arrival, engine->now_ns, gap_ns(arrival, arrival->instance));
	else if (happening->every_ns > 0)
		arrival_schedule(arrival, engine->now_ns, happening->every_ns);
}

/* --- running --- */

/* A guest whose first event is its start does not run before; every other one does. */
static bool runs_at_zero(const struct simulation_config *config, size_t guest)
{
	const struct happening *first = NULL;

	for (size_t i = 0; i < config->happening_count; i++)
		if (config->happenings[i].guest == guest &&
		    (!first || config->happenings[i].at_ns < first->at_ns))
			first = &config->happenings[i];
	return !first || first->operation != OPERATION_START;
}

bool instance_begin(struct instance *instance, bool running, struct error *error)
{
	const struct model *model = instance->group->config->model;
	struct guest *guest = &instance->guest;

	for (size_t i = 0; i < model->lock_count; i++)
		lock_reset(&instance->locks[i]);
	instance->threads = NULL;
	instance->busy = instance->dying = false;
	instance->in_use = true;
	instance->process = running;
	instance->processes = running;
	instance->dead_pages = instance->dead_pages_taken = 0;
	instance->open_requests = 0;
	instance->operations = 0;
	instance->request_count = 0;
	instance->limbo_bytes = 0;
	memset(guest->state, 0, model->state_size);
	memset(guest->dead, 0, sizeof(guest->dead));
	guest->generation = 1;
	guest->lost_pages = 0;
	guest->leaked_bytes = 0;
	guest->failed_call = NULL;
	guest->running = running;
	model->begin(guest, running);
	if (memory_begin(instance))
		return true;
	return error_set(error, ERROR_INPUT,
			 "the guests that run from the start need more than the host's memory "
			 "(guest %s); raise host.memory or lower guests' memory, resident or count",
			 guest->config->name);
}

static bool reset(struct simulation *simulation, struct error *error)
{
	const struct simulation_config *config = simulation->config;

	engine_reset(&simulation->engine);
	hosts_reset(simulation);
	simulation->walker_count = 0;
	books_reset(simulation);
	for (size_t i = 0; i < simulation->thread_count; i++) {
		struct thread *thread = simulation->all_threads[i];

		if (thread->served_by)
			cpu_job_fini(thread->served_by, &thread->service);
		thread->served_by = NULL;
		thread->walker = 0;
		thread->next = thread->host->free_threads;
		thread->host->free_threads = thread;
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
	fleet_reset(simulation);
	if (config->record_from_ns > 0)
		event_schedule_in(&simulation->engine, &simulation->warm_up_over,
				  config->record_from_ns);
	for (size_t i = 0; i < simulation->arrival_count; i++) {
		struct arrival *arrival = &simulation->arrivals[i];

		arrival->count = 0;
		arrival->next = arrival->turns = 0;
		arrival->in_turns = false;
		arrival_schedule(arrival, arrival->happening->at_ns,
				 arrival->instance ? gap_ns(arrival, arrival->instance) : 0);
	}
	return true;
}

/* A run with a design of the scenario that does not add up is an error of that design. */
static bool failed(const struct simulation *simulation, struct error *error)
{
	const struct error *own = &simulation->engine.error;

	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct guest_config *guest = &simulation->config->guests[g];

		if (own->kind == ERROR_INTERNAL &&
		    guest->design != &guest->model->strategies[guest->strategy])
			return error_set(error, ERROR_INPUT,
					 "design %s does not add up when it runs: %s",
					 guest->design->name, own->message);
	}
	return error_set(error, own->kind, "%s", own->message);
}

bool simulation_run(struct simulation *simulation, uint32_t replication, struct error *error)
{
	simulation->replication = replication;
	if (!reset(simulation, error))
		return false;
	if (engine_run(&simulation->engine, simulation->config->until_ns) &&
	    simulation->engine.error.kind == ERROR_NONE) {
		walk_settle_end(simulation);
		books_finish(simulation);
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
