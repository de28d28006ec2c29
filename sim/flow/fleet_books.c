/* What a fleet counts. */

#include <stdio.h>

#include "base/memory.h"
#include "flow/books.h"
#include "flow/fleet.h"

bool fleet_build_metrics(struct simulation *simulation, struct error *error)
{
	const struct fleet_config *config = simulation->config->fleet;
	struct fleet *fleet;
	const char *group;

	if (!config)
		return true;
	fleet = simulation->fleet = memory_array(1, sizeof(*fleet), "fleet", error);
	if (!fleet)
		return false;
	fleet->config = config;
	fleet->simulation = simulation;
	fleet->group = &simulation->groups[config->guest];
	group = fleet->group->config->name;
	for (enum metric_id id = 0; id < METRIC_KINDS; id++) {
		enum metric_needs needs = metric_kinds[id].needs;

		if ((needs == NEEDS_FLEET ||
		     (needs == NEEDS_EVACUATIONS && config->evacuation_count)) &&
		    !books_add(simulation, fleet->group, id, error))
			return false;
	}
	fleet->first_count = simulation->counter_count;
	for (int i = COUNTER_VMS_ARRIVED; i <= COUNTER_VMS_WAITING; i++)
		if (!books_add_counter(simulation, counter_kinds[i].name, group, error))
			return false;
	fleet->first_host_count = simulation->counter_count;
	for (int64_t h = 0; h < config->hosts; h++) {
		char number[32];
		const char *name;

		snprintf(number, sizeof(number), "%lld", (long long)h);
		name = books_keep_name(simulation, error, "host %s%s", number, "");
		for (int i = COUNTER_HOST_LIMBO; i <= COUNTER_HOST_STARTED; i++)
			if (!name ||
			    !books_add_counter(simulation, counter_kinds[i].name, name, error))
				return false;
	}
	return true;
}

/* Where the VMs are at the end. */
static void count_vms(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->slot_count; i++) {
		const struct slot *slot = fleet->slots[i];
		struct instance *instance = &fleet->slots[i]->instance;

		if (!instance->vm)
			continue;
		books_instance(instance);
		if (slot->down)
			continue;
		if (!instance->guest.running)
			++*fleet_count(fleet, COUNTER_VMS_STARTING);
		else if (instance->busy || instance->request_count)
			++*fleet_count(fleet, COUNTER_VMS_STOPPING);
		else
			++*fleet_count(fleet, COUNTER_VMS_RUNNING);
	}
	*fleet_count(fleet, COUNTER_VMS_WAITING) = fleet->waiting;
}

void fleet_finish(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;
	int64_t *of_hosts = simulation->host_metrics.total;

	if (!fleet)
		return;
	count_vms(fleet);
	for (size_t i = 0; i < VM_COUNTS; i++)
		simulation->counters[fleet->first_count + i].value = fleet->counts[i];
	for (size_t h = 0; h < simulation->host_count; h++) {
		const struct fleet_host *host = &fleet->hosts[h];
		struct counter *counters = &simulation->counters[fleet->first_host_count + 3 * h];

		counters[0].value = (uint64_t)host->lingering_peak_bytes;
		counters[1].value = (uint64_t)simulation->hosts[h].background_ns;
		counters[2].value = host->started;
		if (host->lingering_peak_bytes > of_hosts[METRIC_HOST_LIMBO])
			of_hosts[METRIC_HOST_LIMBO] = host->lingering_peak_bytes;
		if (host->peak_bytes > of_hosts[METRIC_HOST_MEMORY])
			of_hosts[METRIC_HOST_MEMORY] = host->peak_bytes;
	}
	fleet->group->metrics.total[METRIC_VMS_REJECTED] =
		(int64_t)*fleet_count(fleet, COUNTER_VMS_REJECTED);
	fleet->group->metrics.total[METRIC_VMS_WAITED] =
		(int64_t)*fleet_count(fleet, COUNTER_VMS_WAITED);
}
