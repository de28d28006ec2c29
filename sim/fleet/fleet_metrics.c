/* What a fleet counts. */

#include <math.h>
#include <stdio.h>

#include "fleet/fleet_parts.h"
#include "flow/metrics.h"
#include "flow/metrics_build.h"
#include "flow/operation.h"

enum { HOST_COUNTS = COUNTER_HOST_MEMORY - COUNTER_HOST_LIMBO + 1 };

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
		for (int i = COUNTER_HOST_LIMBO; i <= COUNTER_HOST_MEMORY; i++)
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
		if (!slot->vm->started)
			++*fleet_count(fleet, COUNTER_VMS_STARTING);
		else if (slot->because_of && !instance_is_killed(instance))
			++*fleet_count(fleet, COUNTER_VMS_MOVING);
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
	usage_begin(fleet);
}

/* Over the time that is observed; a mean over time is rounded. */
static void count_host(struct fleet *fleet, size_t h, struct counter *counters)
{
	const struct simulation *simulation = fleet->simulation;
	const struct fleet_host *host = &fleet->hosts[h];
	const struct used *now = &host->usage.now, *from = &host->usage.from;
	double passed_ns = (double)(simulation->engine.now_ns - simulation->config->record_from_ns);
	const double values[COUNTER_KINDS] = {
		[COUNTER_HOST_LIMBO] = (double)host->lingering_peak_bytes,
		[COUNTER_HOST_BACKGROUND] = (double)simulation->hosts[h].background_ns,
		[COUNTER_HOST_STARTED] = (double)host->started,
		[COUNTER_HOST_CORES] = now->cores - from->cores,
		[COUNTER_HOST_MOVED] = now->moved - from->moved,
		[COUNTER_HOST_PLACED] = now->vcpus - from->vcpus,
		[COUNTER_HOST_MEMORY] = passed_ns > 0 ? (now->bytes - from->bytes) / passed_ns : 0,
	};

	for (int i = 0; i < HOST_COUNTS; i++)
		counters[i].value = (uint64_t)llround(fmax(0, values[COUNTER_HOST_LIMBO + i]));
}

void fleet_finish(void *driver)
{
	struct fleet *fleet = driver;
	struct simulation *simulation = fleet->simulation;
	int64_t *of_hosts = simulation->host_metrics.total;

	count_vms(fleet);
	fleet_adds_up(fleet);
	usage_end(fleet);
	for (size_t i = 0; i < VM_COUNTS; i++)
		simulation->counters[fleet->first_count + i].value = fleet->counts[i];
	for (size_t h = 0; h < simulation->host_count; h++) {
		const struct fleet_host *host = &fleet->hosts[h];
		struct counter *counters =
			&simulation->counters[fleet->first_host_count + HOST_COUNTS * h];

		count_host(fleet, h, counters);
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
