#include "flow/instance.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/host.h"
#include "flow/memory.h"

size_t instances_at_start(const struct simulation_config *config, size_t guest)
{
	bool comes_and_goes = config->population && config->population->guest == guest;

	return comes_and_goes ? 0 : (size_t)config->guests[guest].count;
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
	if (instance->host->node_count > 1) {
		instance->on_nodes = memory_array(instance->host->node_count * PAGE_SIZES,
						  sizeof(*instance->on_nodes), "nodes", error);
		if (!instance->on_nodes)
			return false;
	}
	instance->guest.state = memory_array(1, model->state_size, "model state", error);
	instance->locks = memory_array(model->lock_count, sizeof(*instance->locks), "locks", error);
	if (!instance->guest.state || !instance->locks ||
	    !page_map_init(&instance->guest.pages, error) ||
	    !event_init(&simulation->engine, &instance->next, simulation->handlers->instance_next,
			error))
		return false;
	for (size_t k = 0; k < model->lock_count; k++)
		lock_init(&instance->locks[k], &simulation->engine);
	return true;
}

void instance_fini(struct instance *instance)
{
	page_map_fini(&instance->guest.pages);
	free(instance->guest.dead);
	free(instance->on_nodes);
	free(instance->guest.state);
	free(instance->locks);
	free(instance->requests);
}

bool instance_begin(struct instance *instance, bool running, struct error *error)
{
	const struct model *model = instance->group->config->model;
	struct guest *guest = &instance->guest;

	for (size_t i = 0; i < model->lock_count; i++)
		lock_reset(&instance->locks[i]);
	instance->threads = NULL;
	instance->busy = instance->leaving = instance->exiting = instance->dying = false;
	instance->oom_until_ns = instance->process_since_ns = instance->started_ns = 0;
	instance->in_use = true;
	instance->process = running;
	instance->processes = running;
	instance->dead_pages = instance->dead_pages_taken = 0;
	instance->open_requests = 0;
	instance->operations = 0;
	instance->request_count = 0;
	instance->limbo_bytes = instance->limbo_held_bytes = 0;
	memset(guest->state, 0, model->state_size);
	guest->dead_count = 0;
	guest->generation = 1;
	guest->lost_pages = 0;
	guest->leaked_bytes = 0;
	guest->failed_call = NULL;
	guest->running = running;
	model->begin(guest, running);
	if (memory_begin(instance))
		return true;
	if (guest->config->limit_bytes && memory_needed(guest) > guest->config->limit_bytes &&
	    !guest->config->hugetlb)
		return error_set(error, ERROR_INPUT,
				 "guest %s, which runs from the start, needs more than its "
				 "memory_limit",
				 guest->config->name);
	return error_set(error, ERROR_INPUT,
			 "the guests that run from the start need more than there is of %s (guest "
			 "%s); raise host.memory or lower guests' memory, resident or count",
			 guest->shortage.of ? guest->shortage.of : "the host's memory",
			 guest->config->name);
}

struct lock *instance_lock(struct instance *instance, const struct lock_kind *kind)
{
	const struct model *model = instance->group->config->model;

	for (size_t i = 0; i < model->lock_count; i++)
		if (model->locks[i] == kind)
			return kind->scope == SCOPE_HOST ? &instance->resources->locks[i]
							 : &instance->locks[i];
	engine_fail(&instance->simulation->engine, ERROR_INTERNAL,
		    "model %s uses the lock %s without listing it", model->name, kind->name);
	return NULL;
}

struct instance *simulation_instance(const struct simulation *simulation, size_t index)
{
	const struct population_ops *population = population_ops(simulation);

	if (index < simulation->instance_count)
		return &simulation->instances[index];
	if (!population)
		return NULL;
	return population->instance(simulation->population, index - simulation->instance_count);
}
