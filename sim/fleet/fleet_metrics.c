/* What a fleet counts. */

#include <stdio.h>

#include "fleet/fleet_parts.h"
#include "flow/metrics.h"
#include "flow/metrics_build.h"
#include "flow/operation.h"

bool fleet_build_metrics(struct fleet *fleet, struct error *error)
{
	const struct fleet_config *config = fleet->config;
	struct simulation *simulation = fleet->simulation;
	const char *group = fleet->group->config->name;

	for (enum metric_id id = 0; id < METRIC_KINDS; id++) {
		enum metric_needs needs = metric_kinds[id].needs;

		if ((needs == NEEDS_FLEET ||
		     (needs == NEEDS_EVACUATIONS && config->evacuation_count)) &&
		    !metrics_add(simulation, fleet->group, id, error))
			return false;
	}
	fleet->first_count = simulation->counter_count;
	for (int i = COUNTER_VMS_ARRIVED; i <= COUNTER_VMS_LEFT_OUT; i++)
		if (!metrics_add_counter(simulation, counter_kinds[i].name, group, error))
			return false;
	fleet->first_host_count = simulation->counter_count;
	for (int64_t h = 0; h < config->population.hosts; h++) {
		char number[32];
		const char *name;

		snprintf(number, sizeof(number), "%lld", (long long)h);
		name = metrics_keep_name(simulation, error, "host %s%s", number, "");
		for (int i = COUNTER_HOST_LIMBO; i <= COUNTER_HOST_STARTED; i++)
			if (!name ||
			    !metrics_add_counter(simulation, counter_kinds[i].name, name, error))
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

		if (!slot->vm)
			continue;
		metrics_instance(instance);
		if (slot->down)
			continue;
		if (slot->moving || (slot->vm->started && !instance->guest.running))
			++*fleet_count(fleet, COUNTER_VMS_MOVING);
		else if (!instance->guest.running)
			++*fleet_count(fleet, COUNTER_VMS_STARTING);
		else if (instance_is_leaving(instance))
			++*fleet_count(fleet, COUNTER_VMS_STOPPING);
		else
			++*fleet_count(fleet, COUNTER_VMS_RUNNING);
	}
	*fleet_count(fleet, COUNTER_VMS_WAITING) = fleet->waiting;
	*fleet_count(fleet, COUNTER_VMS_LEFT_OUT) = fleet->config->vm_count - fleet->arrived;
}

/* Peaks from now on. */
void fleet_warm_up_over(void *driver)
{
	struct fleet *fleet = driver;

	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		struct fleet_host *host = &fleet->hosts[h];

		host->peak_bytes = host->committed_bytes + host->lingering_bytes;
		host->lingering_peak_bytes = host->lingering_bytes;
	}
}

void fleet_finish(void *driver)
{
	struct fleet *fleet = driver;
	struct simulation *simulation = fleet->simulation;
	int64_t *of_hosts = simulation->host_metrics.total;

	count_vms(fleet);
	fleet_adds_up(fleet);
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
