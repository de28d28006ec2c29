/*
 * VMs of a trace on many hosts: placement, waiting for room, life and end.
 *
 * A VM needs what its guest holds when it runs. Room on a host is its memory less what
 * placed VMs need and less what dead ones have not given back yet. An arrival that finds
 * no room anywhere waits, first come first served for each host that gets room, until
 * its patience ends.
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/books.h"
#include "flow/fleet.h"

/* While somebody waits, dead memory comes back in portions of this size. */
static const int64_t portion_bytes = (int64_t)1 << 30;

/* --- placement ------------------------------------------------------------------- */

static int64_t room_on(const struct fleet *fleet, size_t host)
{
	return fleet->simulation->config->host.memory_bytes - fleet->hosts[host].committed_bytes -
	       fleet->hosts[host].lingering_bytes;
}

static bool fits(const struct fleet *fleet, size_t host, const struct vm *vm)
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
		if (!fits(fleet, h, vm))
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

/* --- slots ------------------------------------------------------------------------ */

static event_handler life_over;

static struct slot *slot_new(struct fleet *fleet, struct error *error)
{
	struct slot *slot = memory_array(1, sizeof(*slot), "guest", error);

	if (!slot)
		return NULL;
	if (!memory_grow(&fleet->slots, &fleet->slot_capacity, fleet->slot_count + 1,
			 sizeof(*fleet->slots), "guests", error)) {
		free(slot);
		return NULL;
	}
	fleet->slots[fleet->slot_count++] = slot; /* fleet_fini frees it */
	if (!instance_init(fleet->simulation, fleet->group, &slot->instance, error) ||
	    !event_init(&fleet->simulation->engine, &slot->life, life_over, error))
		return NULL;
	return slot;
}

static struct slot *take_slot(struct fleet *fleet)
{
	struct slot *slot = fleet->free_slots;

	if (slot)
		fleet->free_slots = slot->next;
	else
		slot = slot_new(fleet, &fleet->simulation->engine.error);
	if (!slot)
		engine_stop(&fleet->simulation->engine);
	return slot;
}

void fleet_commit(struct fleet *fleet, const struct vm *vm, size_t host)
{
	struct fleet_host *at = &fleet->hosts[host];

	at->committed_bytes += fleet->need_bytes[vm->request->flavour];
	at->vcpus += fleet->config->flavours[vm->request->flavour].vcpus;
	note_peaks(at);
}

struct slot *fleet_put(struct fleet *fleet, struct vm *vm, size_t host)
{
	struct simulation *simulation = fleet->simulation;
	struct slot *slot = take_slot(fleet);
	struct instance *instance;

	if (!slot)
		return NULL;
	slot->down = slot->moving = false;
	slot->because_of = NULL;
	instance = &slot->instance;
	instance->vm = vm;
	/* each start of a VM draws costs of its own */
	instance->entity = (uint32_t)(simulation->instance_count + (size_t)(vm - fleet->vms) +
				      vm->moves * fleet->config->vm_count);
	instance->guest.config = &fleet->config->flavours[vm->request->flavour];
	instance_settle_on(instance, &simulation->hosts[host]);
	if (!instance_begin(instance, false, &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return NULL;
	}
	instance_request(instance, OPERATION_START, NULL, false);
	return slot;
}

/* The first host of a VM. */
static void place(struct fleet *fleet, struct vm *vm, size_t host)
{
	struct simulation *simulation = fleet->simulation;
	int64_t now_ns = simulation->engine.now_ns;

	vm->end_ns = vm->request->lifetime_ns < 0 ? INT64_MAX : now_ns + vm->request->lifetime_ns;
	fleet_commit(fleet, vm, host);
	if (vm->request->arrival_ns >= simulation->config->record_from_ns)
		books_latency(simulation, fleet->group->metrics.index[METRIC_START_DELAY],
			      now_ns - vm->request->arrival_ns, vm->request->arrival_ns);
	fleet_put(fleet, vm, host);
}

/* --- waiting ------------------------------------------------------------------------ */

static void expect_expiry(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	int64_t at_ns;

	if (!fleet->first) {
		event_cancel(engine, &fleet->expiry);
		return;
	}
	at_ns = fleet->first->request->arrival_ns + fleet->config->patience_ns;
	event_schedule_in(engine, &fleet->expiry,
			  at_ns > engine->now_ns ? at_ns - engine->now_ns : 0);
}

static void wait_for_room(struct fleet *fleet, struct vm *vm)
{
	++*fleet_count(fleet, COUNTER_VMS_WAITED);
	vm->next = NULL;
	if (fleet->last)
		fleet->last->next = vm;
	else
		fleet->first = vm;
	fleet->last = vm;
	if (!fleet->waiting++)
		walk_settle_freed(fleet->simulation, NULL); /* from now on in portions */
	expect_expiry(fleet);
}

/* Take `vm` out of the queue, behind `before` (NULL: it is the first). */
static void stop_waiting(struct fleet *fleet, struct vm *vm, struct vm *before)
{
	if (before)
		before->next = vm->next;
	else
		fleet->first = vm->next;
	if (fleet->last == vm)
		fleet->last = before;
	fleet->waiting--;
}

static void got_room(struct fleet *fleet, size_t host)
{
	fleet->hosts[host].changed = true;
	if (fleet->waiting || fleet->evacuating)
		event_schedule_in(&fleet->simulation->engine, &fleet->retry, 0);
}

static struct fleet *fleet_of_retry(struct event *event)
{
	return (struct fleet *)((char *)event - offsetof(struct fleet, retry));
}

static void try_again(struct engine *engine, struct event *event)
{
	struct fleet *fleet = fleet_of_retry(event);

	(void)engine;
	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		struct vm *before = NULL;

		if (!fleet->hosts[h].changed)
			continue;
		fleet->hosts[h].changed = false;
		for (struct vm *vm = fleet->first, *next; vm; vm = next) {
			next = vm->next;
			if (fits(fleet, h, vm)) {
				stop_waiting(fleet, vm, before);
				place(fleet, vm, h);
			} else {
				before = vm;
			}
		}
	}
	expect_expiry(fleet);
	evacuations_go_on(fleet);
}

static void give_up(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, expiry));

	while (fleet->first &&
	       fleet->first->request->arrival_ns + fleet->config->patience_ns <= engine->now_ns) {
		stop_waiting(fleet, fleet->first, NULL);
		++*fleet_count(fleet, COUNTER_VMS_REJECTED);
	}
	expect_expiry(fleet);
}

/* --- arrivals and lives --------------------------------------------------------------- */

static void expect_arrival(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	int64_t at_ns;

	if (fleet->arrived == fleet->config->vm_count)
		return;
	at_ns = fleet->config->vms[fleet->arrived].arrival_ns;
	event_schedule_in(engine, &fleet->arrival, at_ns - engine->now_ns);
}

static void arrive(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, arrival));
	struct vm *vm = &fleet->vms[fleet->arrived];
	size_t host;

	(void)engine;
	*vm = (struct vm){ .request = &fleet->config->vms[fleet->arrived] };
	fleet->arrived++;
	++*fleet_count(fleet, COUNTER_VMS_ARRIVED);
	host = fleet_choose(fleet, vm);
	if (host != SIZE_MAX)
		place(fleet, vm, host);
	else if (fleet->config->patience_ns > 0)
		wait_for_room(fleet, vm);
	else
		++*fleet_count(fleet, COUNTER_VMS_REJECTED);
	expect_arrival(fleet);
}

static void life_over(struct engine *engine, struct event *event)
{
	struct slot *slot = (struct slot *)((char *)event - offsetof(struct slot, life));

	(void)engine;
	instance_request(&slot->instance, OPERATION_SHUTDOWN, NULL, false);
}

void fleet_started(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;
	const struct vm *vm = instance->vm;
	struct engine *engine = &fleet->simulation->engine;

	fleet->hosts[instance->host->number].started++;
	if (vm->end_ns < INT64_MAX)
		event_schedule_in(engine, &slot_of(instance)->life,
				  vm->end_ns > engine->now_ns ? vm->end_ns - engine->now_ns : 0);
	if (slot_of(instance)->because_of)
		evacuation_arrived(slot_of(instance));
	else
		++*fleet_count(fleet, COUNTER_VMS_STARTED);
	if (fleet->evacuating) /* of a host, perhaps, that it must leave again */
		event_schedule_in(engine, &fleet->retry, 0);
}

/* What it needed is free again, but for what it still holds. */
static void uncommit(struct fleet *fleet, struct instance *instance)
{
	struct fleet_host *host = &fleet->hosts[instance->host->number];

	host->committed_bytes -= fleet->need_bytes[instance->vm->request->flavour];
	host->vcpus -= instance->guest.config->vcpus;
	host->lingering_bytes += memory_held(instance);
	note_peaks(host);
	got_room(fleet, instance->host->number);
	evacuation_is_over(fleet, instance->host->number);
}

void fleet_down(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;

	slot_of(instance)->down = true;
	if (slot_of(instance)->moving)
		evacuation_down(slot_of(instance));
	else
		++*fleet_count(fleet, COUNTER_VMS_TORN_DOWN);
	uncommit(fleet, instance);
}

static void release(struct fleet *fleet, struct instance *instance)
{
	books_instance(instance);
	instance->host->written_off_bytes += memory_held(instance);
	instance->in_use = false;
	instance->vm = NULL;
	slot_of(instance)->next = fleet->free_slots;
	fleet->free_slots = slot_of(instance);
}

void fleet_idle(struct instance *instance)
{
	struct fleet *fleet = instance->simulation->fleet;

	if (slot_of(instance)->down) {
		release(fleet, instance);
	} else if (!instance->process && !instance->busy && !instance->request_count) {
		++*fleet_count(fleet, COUNTER_VMS_FAILED); /* it did not start */
		if (slot_of(instance)->because_of)
			slot_of(instance)->because_of->moving--;
		uncommit(fleet, instance);
		release(fleet, instance);
	}
}

void fleet_memory_back(struct instance *instance, int64_t bytes)
{
	struct fleet *fleet = instance->simulation->fleet;

	if (!instance->vm || !slot_of(instance)->down)
		return;
	fleet->hosts[instance->host->number].lingering_bytes -= bytes;
	got_room(fleet, instance->host->number);
	evacuation_is_over(fleet, instance->host->number);
}

uint64_t fleet_chunk_pages(const struct instance *instance)
{
	const struct fleet *fleet = instance->simulation->fleet;

	if (!fleet || !(fleet->waiting || fleet->evacuating))
		return UINT64_MAX;
	return (uint64_t)(portion_bytes / instance->guest.config->page_bytes);
}

/* --- building, and the books -------------------------------------------------------- */

/* What a running guest of each flavour holds: its pages, and what the model adds. */
static bool find_needs(struct fleet *fleet, struct error *error)
{
	struct slot *slot = slot_new(fleet, error);
	struct guest *guest;

	if (!slot)
		return false;
	guest = &slot->instance.guest;
	for (size_t f = 0; f < fleet->config->flavour_count; f++) {
		const struct guest_config *flavour = &fleet->config->flavours[f];

		guest->config = flavour;
		memset(guest->state, 0, flavour->model->state_size);
		guest->running = true;
		flavour->model->begin(guest, true);
		fleet->need_bytes[f] = memory_needed(guest);
	}
	memset(slot->instance.resources->shared, 0, fleet->group->config->model->shared_size);
	return true;
}

bool fleet_build(struct simulation *simulation, struct error *error)
{
	const struct fleet_config *config = simulation->config->fleet;
	struct engine *engine = &simulation->engine;
	struct fleet *fleet = simulation->fleet;

	if (!config)
		return true;
	fleet->hosts = memory_array(simulation->host_count, sizeof(*fleet->hosts), "hosts", error);
	fleet->vms = memory_array(config->vm_count, sizeof(*fleet->vms), "VMs", error);
	fleet->need_bytes =
		memory_array(config->flavour_count, sizeof(*fleet->need_bytes), "flavours", error);
	return fleet->hosts && fleet->vms && fleet->need_bytes &&
	       event_init(engine, &fleet->arrival, arrive, error) &&
	       event_init(engine, &fleet->retry, try_again, error) &&
	       event_init(engine, &fleet->expiry, give_up, error) &&
	       evacuations_build(fleet, error) && find_needs(fleet, error);
}

void fleet_fini(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->slot_count; i++) {
		instance_fini(&fleet->slots[i]->instance);
		free(fleet->slots[i]);
	}
	free(fleet->slots);
	free(fleet->hosts);
	free(fleet->vms);
	free(fleet->need_bytes);
	free(fleet->evacuations);
	free(fleet);
}

void fleet_reset(struct simulation *simulation)
{
	struct fleet *fleet = simulation->fleet;

	if (!fleet)
		return;
	memset(fleet->hosts, 0, simulation->host_count * sizeof(*fleet->hosts));
	memset(fleet->counts, 0, sizeof(fleet->counts));
	fleet->arrived = 0;
	fleet->first = fleet->last = NULL;
	fleet->waiting = 0;
	fleet->evacuating = 0;
	fleet->free_slots = NULL;
	for (size_t i = fleet->slot_count; i-- > 0;) {
		struct slot *slot = fleet->slots[i];

		slot->instance.vm = NULL;
		slot->instance.in_use = false;
		slot->instance.threads = NULL;
		slot->instance.busy = slot->instance.dying = false;
		slot->instance.request_count = 0;
		slot->next = fleet->free_slots;
		fleet->free_slots = slot;
	}
	expect_arrival(fleet);
	evacuations_reset(fleet);
}
