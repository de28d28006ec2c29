/* Taking over another configuration: what a simulation has from its own is looked up anew. */

#include <string.h>

#include "flow/event_source.h"
#include "flow/host.h"
#include "flow/metrics_build.h"
#include "flow/runtime.h"

/* Flows, metrics, instances and event sources would be built the same. */
static bool is_same_shape(const struct simulation_config *a, const struct simulation_config *b)
{
	if (a->population != b->population || a->host.numa_nodes != b->host.numa_nodes ||
	    a->host.capacity_count != b->host.capacity_count || a->guest_count != b->guest_count)
		return false;
	for (size_t g = 0; g < a->guest_count; g++) {
		const struct guest_config *old = &a->guests[g], *new = &b->guests[g];

		if (old->model != new->model || old->design != new->design ||
		    old->count != new->count || old->fault_count != new->fault_count ||
		    has_waves(a, g) != has_waves(b, g))
			return false;
	}
	return event_sources_count(a) == event_sources_count(b);
}

bool simulation_adopt(struct simulation *simulation, const struct simulation_config *config)
{
	if (!is_same_shape(simulation->config, config))
		return false;
	for (size_t g = 0; g < config->guest_count; g++)
		metrics_rename(simulation, simulation->config->guests[g].name,
			       config->guests[g].name);
	simulation->config = config;
	simulation->random = false;
	simulation->observer = NULL;
	simulation_watch_tail(simulation, SIZE_MAX, 0);
	for (size_t g = 0; g < config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		group->config = &config->guests[g];
		for (int i = 0; i < OPERATION_COUNT; i++)
			if (group->offers[i])
				program_make_free(&group->programs[i], group->config->name,
						  config->free_step);
	}
	for (size_t i = 0; i < simulation->instance_count; i++) {
		struct guest *guest = &simulation->instances[i].guest;

		guest->config = simulation->instances[i].group->config;
		guest->host = &config->host;
	}
	hosts_adopt(simulation);
	event_sources_adopt(simulation);
	return true;
}
