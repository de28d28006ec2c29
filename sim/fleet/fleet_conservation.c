/* Whether a fleet adds up at the end of a replication: its VMs, and the room on its hosts. */

#include "fleet/fleet_parts.h"

static uint64_t sum_of(struct fleet *fleet, const enum counter_id *ids)
{
	uint64_t sum = 0;

	for (; *ids != COUNTER_KINDS; ids++)
		sum += *fleet_count(fleet, *ids);
	return sum;
}

/* Whoever has arrived is somewhere, and so is whoever has started. */
static void vms_add_up(struct fleet *fleet)
{
	static const enum counter_id of_arrived[] = { COUNTER_VMS_STARTED, COUNTER_VMS_STARTING,
						      COUNTER_VMS_WAITING, COUNTER_VMS_REJECTED,
						      COUNTER_VMS_FAILED,  COUNTER_KINDS };
	static const enum counter_id of_started[] = { COUNTER_VMS_RUNNING,   COUNTER_VMS_STOPPING,
						      COUNTER_VMS_MOVING,    COUNTER_VMS_LOST,
						      COUNTER_VMS_TORN_DOWN, COUNTER_KINDS };
	uint64_t arrived = sum_of(fleet, of_arrived), started = sum_of(fleet, of_started);

	if (arrived != *fleet_count(fleet, COUNTER_VMS_ARRIVED) ||
	    started != *fleet_count(fleet, COUNTER_VMS_STARTED))
		engine_fail(&fleet->simulation->engine, ERROR_INTERNAL,
			    "the fleet accounts for %llu VMs of %llu that arrived, and for %llu of "
			    "%llu that started",
			    (unsigned long long)arrived,
			    (unsigned long long)*fleet_count(fleet, COUNTER_VMS_ARRIVED),
			    (unsigned long long)started,
			    (unsigned long long)*fleet_count(fleet, COUNTER_VMS_STARTED));
}

/* What counts on a host is what its VMs need, those that are on their way to it, and the rest. */
static void find_hosts(struct fleet *fleet)
{
	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		fleet->hosts[h].found_needed = 0;
		fleet->hosts[h].found_beyond = fleet->simulation->hosts[h].written_off_bytes;
	}
	for (size_t i = 0; i < fleet->slot_count; i++) {
		const struct slot *slot = fleet->slots[i];
		struct fleet_host *host = &fleet->hosts[slot->instance.host->number];
		int64_t need = slot->vm ? fleet->need_bytes[slot->vm->request->flavour] : 0;

		if (!slot->vm)
			continue;
		host->found_needed += slot->down ? 0 : need;
		host->found_beyond += slot->beyond_bytes;
		if (slot->moving)
			fleet->hosts[slot->target].found_needed += need;
	}
}

static void host_adds_up(struct fleet *fleet, size_t host)
{
	const struct fleet_host *at = &fleet->hosts[host];

	if (at->committed_bytes != at->found_needed || at->lingering_bytes != at->found_beyond)
		engine_fail(&fleet->simulation->engine, ERROR_INTERNAL,
			    "host %zu: %lld bytes are counted as needed and %lld as held beyond "
			    "that, but its VMs need %lld and hold %lld",
			    host, (long long)at->committed_bytes, (long long)at->lingering_bytes,
			    (long long)at->found_needed, (long long)at->found_beyond);
}

void fleet_adds_up(struct fleet *fleet)
{
	vms_add_up(fleet);
	find_hosts(fleet);
	for (size_t h = 0; h < fleet->simulation->host_count; h++)
		host_adds_up(fleet, h);
}
