/* The machines: cores, memory, and what the guests of one model share on each. */

#include "flow/host.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/nodes.h"
#include "flow/sharing.h"

/* Guests of several groups may be of one model: the first of these groups owns what they share. */
static size_t owner_of(const struct simulation_config *config, size_t group)
{
	size_t owner = 0;

	while (config->guests[owner].model != config->guests[group].model)
		owner++;
	return owner;
}

static bool build_model(struct simulation *simulation, struct host_model *resources,
			const struct model *model, struct error *error)
{
	resources->model = model;
	resources->locks =
		memory_array(model->lock_count, sizeof(*resources->locks), "locks", error);
	resources->servers =
		memory_array(model->server_count, sizeof(*resources->servers), "servers", error);
	resources->shared = memory_array(1, model->shared_size, "model state", error);
	if (!resources->locks || !resources->servers || !resources->shared)
		return false;
	for (size_t i = 0; i < model->lock_count; i++)
		lock_init(&resources->locks[i], &simulation->engine);
	for (size_t i = 0; i < model->server_count; i++)
		if (!cpu_init(&resources->servers[i], &simulation->engine, 1, error))
			return false;
	return true;
}

static bool build_host(struct simulation *simulation, struct host *host, struct error *error)
{
	const struct simulation_config *config = simulation->config;

	if (!nodes_build(simulation, host, error) ||
	    !cpu_init(&host->all_cores, &simulation->engine, 1, error))
		return false;
	host->models = memory_array(config->guest_count, sizeof(*host->models), "models", error);
	if (!host->models)
		return false;
	for (size_t g = 0; g < config->guest_count; g++)
		if (owner_of(config, g) == g &&
		    !build_model(simulation, &host->models[g], config->guests[g].model, error))
			return false;
	return true;
}

bool hosts_build(struct simulation *simulation, struct error *error)
{
	const struct population *population = simulation->config->population;
	size_t count = population ? (size_t)population->hosts : 1;

	simulation->hosts = memory_array(count, sizeof(*simulation->hosts), "hosts", error);
	if (!simulation->hosts)
		return false;
	for (; simulation->host_count < count; simulation->host_count++) {
		struct host *host = &simulation->hosts[simulation->host_count];

		host->number = (uint32_t)simulation->host_count;
		if (!build_host(simulation, host, error)) {
			simulation->host_count++; /* hosts_fini frees what is there */
			return false;
		}
	}
	return true;
}

void hosts_adopt(struct simulation *simulation)
{
	sharing_look(simulation);
	for (size_t h = 0; h < simulation->host_count; h++)
		nodes_adopt(simulation, &simulation->hosts[h]);
}

void hosts_fini(struct simulation *simulation)
{
	for (size_t h = 0; h < simulation->host_count; h++) {
		struct host *host = &simulation->hosts[h];

		for (size_t g = 0; host->models && g < simulation->config->guest_count; g++) {
			struct host_model *resources = &host->models[g];

			for (size_t i = 0; resources->servers && i < resources->model->server_count;
			     i++)
				cpu_fini(&resources->servers[i]);
			free(resources->servers);
			free(resources->shared);
			free(resources->locks);
		}
		free(host->models);
		cpu_fini(&host->all_cores);
		nodes_fini(host);
	}
	free(simulation->hosts);
}

void hosts_reset(struct simulation *simulation)
{
	for (size_t h = 0; h < simulation->host_count; h++) {
		struct host *host = &simulation->hosts[h];

		nodes_reset(host);
		cpu_reset(&host->all_cores);
		host->looping = host->short_of = NULL;
		host->oom_until_ns = 0;
		host->in_use_bytes = host->in_use_peak = 0;
		host->used_before = (struct shared_use){ 0 };
		host->background_ns = 0;
		host->moved_bytes = 0;
		host->written_off_bytes = 0;
		for (size_t g = 0; g < simulation->config->guest_count; g++) {
			struct host_model *resources = &host->models[g];

			if (!resources->model)
				continue;
			memset(resources->shared, 0, resources->model->shared_size);
			for (size_t i = 0; i < resources->model->lock_count; i++)
				lock_reset(&resources->locks[i]);
			for (size_t i = 0; i < resources->model->server_count; i++)
				cpu_reset(&resources->servers[i]);
		}
	}
}

void instance_settle_on(struct instance *instance, struct host *host)
{
	const struct simulation *simulation = instance->simulation;
	size_t group = (size_t)(instance->group - simulation->groups);

	instance->host = host;
	instance->node = &host->nodes[0];
	instance->resources = &host->models[owner_of(simulation->config, group)];
	instance->guest.shared = instance->resources->shared;
}
