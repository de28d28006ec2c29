/*
 * Room on hosts. A VM needs what its guest holds when it runs. Room on a host is its memory
 * less what placed VMs need and less what dead ones have not given back yet.
 */

#include "fleet/fleet_parts.h"
#include "flow/memory.h"

/* While somebody waits, dead memory comes back in portions of this size. */
static const int64_t portion_bytes = (int64_t)1 << 30;

static int64_t room_on(const struct fleet *fleet, size_t host)
{
	return fleet->simulation->config->host.memory_bytes - fleet->hosts[host].committed_bytes -
	       fleet->hosts[host].lingering_bytes;
}

bool fleet_fits(const struct fleet *fleet, size_t host, const struct vm *vm)
{
	const struct fleet_config *config = fleet->config;
	double most = config->vcpus_per_core * (double)fleet->simulation->config->host.cores;
	int64_t vcpus = config->flavours[vm->request->flavour].vcpus;

	return !fleet->hosts[host].closed &&
	       room_on(fleet, host) >= fleet->need_bytes[vm->request->flavour] &&
	       (config->vcpus_per_core <= 0 || (double)(fleet->hosts[host].vcpus + vcpus) <= most);
}

static bool is_better(const struct fleet *fleet, size_t host, size_t than)
{
	if (fleet->config->placement == PLACEMENT_BEST_FIT)
		return room_on(fleet, host) < room_on(fleet, than);
	return fleet->hosts[host].lingering_bytes < fleet->hosts[than].lingering_bytes;
}

size_t fleet_choose(const struct fleet *fleet, const struct vm *vm)
{
	size_t best = SIZE_MAX;

	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		if (!fleet_fits(fleet, h, vm))
			continue;
		if (fleet->config->placement == PLACEMENT_FIRST_FIT)
			return h;
		if (best == SIZE_MAX || is_better(fleet, h, best))
			best = h;
	}
	return best;
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
}

void fleet_uncommit(struct fleet *fleet, struct slot *slot)
{
	const struct instance *instance = &slot->instance;
	const struct guest_config *flavour = instance->guest.config;
	struct fleet_host *host = &fleet->hosts[instance->host->number];

	host->committed_bytes -= fleet->need_bytes[flavour - fleet->config->flavours];
	host->vcpus -= flavour->vcpus;
	host->lingering_bytes += memory_held(instance);
	note_peaks(host);
	fleet_got_room(fleet, instance->host->number);
}

void fleet_got_room(struct fleet *fleet, size_t host)
{
	fleet->hosts[host].changed = true;
	if (fleet->waiting || fleet->evacuating)
		event_schedule_in(&fleet->simulation->engine, &fleet->retry, 0);
}

void fleet_choose_portions(struct fleet *fleet)
{
	bool somebody_waits = fleet->waiting || fleet->evacuating;

	fleet->simulation->portion_bytes = somebody_waits ? portion_bytes : INT64_MAX;
}
