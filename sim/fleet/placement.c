/*
 * Room on hosts. A VM needs what its guest holds when it runs. Room on a host is its memory
 * (of the pool that VMs' pages come from) less what placed VMs need, less what dead ones have
 * not given back yet, and less what VMs hold beyond their need: a reboot, perhaps, has left
 * memory that is reclaimed in the background.
 */

#include "fleet/fleet_parts.h"
#include "flow/memory.h"

/* While somebody waits, dead memory comes back in portions of this size. */
static const int64_t portion_bytes = (int64_t)1 << 30;

/* The order in which hosts with room are chosen. */
static int64_t rank_of(const struct fleet *fleet, const struct fleet_host *host, int64_t free_bytes)
{
	switch (fleet->config->placement) {
	case PLACEMENT_BEST_FIT:
		return free_bytes;
	case PLACEMENT_LEAST_LIMBO:
		return host->lingering_bytes;
	case PLACEMENT_FIRST_FIT:
		break;
	}
	return 0;
}

void fleet_room_changed(struct fleet *fleet, size_t host)
{
	const struct fleet_host *at = &fleet->hosts[host];
	int64_t free_bytes = fleet->room_bytes - at->committed_bytes - at->lingering_bytes;
	struct room room = { .free_bytes = at->closed ? INT64_MIN : free_bytes,
			     .vcpus = at->vcpus,
			     .rank = rank_of(fleet, at, free_bytes) };

	rooms_set(&fleet->rooms, host, room);
	usage_changed(fleet, host);
}

/* So many vCPUs a host may have already that is to take the VM. */
static int64_t vcpus_most(const struct fleet *fleet, const struct vm *vm)
{
	const struct fleet_config *config = fleet->config;
	double most = config->vcpus_per_core * (double)fleet->simulation->config->host.cores;

	if (config->vcpus_per_core <= 0)
		return INT64_MAX;
	return (int64_t)most - config->flavours[vm->request->flavour].vcpus;
}

bool fleet_fits(const struct fleet *fleet, size_t host, const struct vm *vm)
{
	return rooms_fits(&fleet->rooms, host, fleet->need_bytes[vm->request->flavour],
			  vcpus_most(fleet, vm));
}

size_t fleet_choose(const struct fleet *fleet, const struct vm *vm)
{
	return rooms_find(&fleet->rooms, fleet->need_bytes[vm->request->flavour],
			  vcpus_most(fleet, vm));
}

static void note_peaks(struct fleet_host *host)
{
	if (host->committed_bytes + host->lingering_bytes > host->peak_bytes)
		host->peak_bytes = host->committed_bytes + host->lingering_bytes;
	if (host->lingering_bytes > host->lingering_peak_bytes)
		host->lingering_peak_bytes = host->lingering_bytes;
}

void fleet_commit(struct fleet *fleet, const struct vm *vm, size_t host)
{
	struct fleet_host *at = &fleet->hosts[host];

	at->committed_bytes += fleet->need_bytes[vm->request->flavour];
	at->vcpus += fleet->config->flavours[vm->request->flavour].vcpus;
	note_peaks(at);
	fleet_room_changed(fleet, host);
}

static void uncommit(struct fleet *fleet, const struct vm *vm, size_t host)
{
	fleet->hosts[host].committed_bytes -= fleet->need_bytes[vm->request->flavour];
	fleet->hosts[host].vcpus -= fleet->config->flavours[vm->request->flavour].vcpus;
}

void fleet_commit_no_more(struct fleet *fleet, const struct vm *vm, size_t host)
{
	uncommit(fleet, vm, host);
	fleet_got_room(fleet, host);
}

/* By how much what the slot's VM holds beyond its need has grown. */
static int64_t settle(struct fleet *fleet, struct slot *slot)
{
	const struct instance *instance = &slot->instance;
	struct fleet_host *host = &fleet->hosts[instance->host->number];
	int64_t need = slot->down ? 0 : fleet->need_bytes[slot->vm->request->flavour];
	int64_t beyond = memory_held(instance) - need, growth;

	beyond = beyond > 0 ? beyond : 0;
	growth = beyond - slot->beyond_bytes;
	slot->beyond_bytes = beyond;
	host->lingering_bytes += growth;
	if (growth)
		note_peaks(host);
	return growth;
}

void fleet_uncommit(struct fleet *fleet, struct slot *slot)
{
	slot->down = true;
	uncommit(fleet, slot->vm, slot->instance.host->number);
	(void)settle(fleet, slot);
	fleet_got_room(fleet, slot->instance.host->number);
}

void fleet_settle(struct fleet *fleet, struct slot *slot)
{
	int64_t growth = settle(fleet, slot);

	if (growth < 0)
		fleet_got_room(fleet, slot->instance.host->number);
	else if (growth > 0)
		fleet_room_changed(fleet, slot->instance.host->number);
}

void fleet_got_room(struct fleet *fleet, size_t host)
{
	fleet->hosts[host].changed = true;
	fleet_room_changed(fleet, host);
	if (fleet->waiting || fleet->evacuating)
		event_schedule_in(&fleet->simulation->engine, &fleet->retry, 0);
}

void fleet_choose_portions(struct fleet *fleet)
{
	bool somebody_waits = fleet->waiting || fleet->evacuating;

	fleet->simulation->portion_bytes = somebody_waits ? portion_bytes : INT64_MAX;
}
