/* What a fleet counts. */

#include <stdio.h>

#include "base/memory.h"
#include "flow/books.h"
#include "flow/fleet.h"

static const char *const vm_count_names[VM_COUNTS] = {
	[VMS_ARRIVED] = "vms.arrived",   [VMS_STARTED] = "vms.started",
	[VMS_WAITED] = "vms.waited",     [VMS_REJECTED] = "vms.rejected",
	[VMS_FAILED] = "vms.failed",     [VMS_TORN_DOWN] = "vms.torn_down",
	[VMS_MOVED] = "vms.moved",       [VMS_RUNNING] = "vms.running",
	[VMS_STARTING] = "vms.starting", [VMS_STOPPING] = "vms.stopping",
	[VMS_WAITING] = "vms.waiting",
};

bool fleet_build_metrics(struct simulation *simulation, size_t *metric_capacity,
			 size_t *counter_capacity, struct error *error)
{
	const struct fleet_config *config = simulation->config->fleet;
	static const char *const host_names[] = { "limbo.peak_bytes", "cpu.background_ns",
						  "vms.started" };
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
	if (!books_add_metric(simulation, &fleet->delay, "start.delay", group, METRIC_NANOSECONDS,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->rejected, "vms.rejected", group, METRIC_COUNT,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->waited, "vms.waited", group, METRIC_COUNT,
			      metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->host_limbo, "host.limbo.peak", "host",
			      METRIC_BYTES, metric_capacity, error) ||
	    !books_add_metric(simulation, &fleet->host_memory, "host.memory.peak", "host",
			      METRIC_BYTES, metric_capacity, error))
		return false;
	if (config->evacuation_count &&
	    (!books_add_metric(simulation, &fleet->move, "move.latency", group, METRIC_NANOSECONDS,
			       metric_capacity, error) ||
	     !books_add_metric(simulation, &fleet->evacuation, "evacuation.latency", "host",
			       METRIC_NANOSECONDS, metric_capacity, error)))
		return false;
	fleet->first_count = simulation->counter_count;
	for (int i = 0; i < VM_COUNTS; i++)
		if (!books_add_counter(simulation, vm_count_names[i], group, counter_capacity,
				       error))
			return false;
	fleet->first_host_count = simulation->counter_count;
	for (int64_t h = 0; h < config->hosts; h++) {
		char number[32];
		const char *name;

		snprintf(number, sizeof(number), "%lld", (long long)h);
		name = books_keep_name(simulation, error, "host %s%s", number, "");
		for (int i = 0; i < 3; i++)
			if (!name || !books_add_counter(simulation, host_names[i], name,
							counter_capacity, error))
				return false;
	}
	return true;
}

void fleet_instances_over(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->slot_count; i++) {
		const struct slot *slot = fleet->slots[i];
		struct instance *instance = &fleet->slots[i]->instance;

		if (!instance->vm)
			continue;
		books_instance(instance);
		if (slot->down)
			continue;
		if (!instance->guest.running)
			fleet->counts[VMS_STARTING]++;
		else if (instance->busy || instance->request_count)
			fleet->counts[VMS_STOPPING]++;
		else
			fleet->counts[VMS_RUNNING]++;
	}
	fleet->counts[VMS_WAITING] = fleet->waiting;
}

void fleet_finish(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;
	int64_t limbo = 0, memory = 0;

	if (!fleet)
		return;
	for (int i = 0; i < VM_COUNTS; i++)
		simulation->counters[fleet->first_count + (size_t)i].value = fleet->counts[i];
	for (size_t h = 0; h < simulation->host_count; h++) {
		struct counter *counters = &simulation->counters[fleet->first_host_count + 3 * h];

		counters[0].value = (uint64_t)fleet->hosts[h].lingering_peak_bytes;
		counters[1].value = (uint64_t)simulation->hosts[h].background_ns;
		counters[2].value = fleet->hosts[h].started;
		if (fleet->hosts[h].lingering_peak_bytes > limbo)
			limbo = fleet->hosts[h].lingering_peak_bytes;
		if (fleet->hosts[h].peak_bytes > memory)
			memory = fleet->hosts[h].peak_bytes;
	}
	books_sample(simulation, fleet->rejected, (int64_t)fleet->counts[VMS_REJECTED]);
	books_sample(simulation, fleet->waited, (int64_t)fleet->counts[VMS_WAITED]);
	books_sample(simulation, fleet->host_limbo, limbo);
	books_sample(simulation, fleet->host_memory, memory);
}
