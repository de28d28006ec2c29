/*
 * VMs of a trace on many hosts: they arrive, run, and end. Placement, waiting for room and
 * evacuations are files of their own.
 */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fleet/fleet_parts.h"
#include "flow/event_source.h"
#include "flow/instance.h"
#include "flow/memory.h"
#include "flow/operation.h"

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
		fleet_place(fleet, vm, host);
	else if (fleet->config->patience_ns > 0)
		fleet_wait_for_room(fleet, vm);
	else
		++*fleet_count(fleet, COUNTER_VMS_REJECTED);
	usage_look_for_end(fleet);
	expect_arrival(fleet);
}

/* The VM runs here: its life ends at its time, or now. */
static void expect_end(struct fleet *fleet, struct slot *slot)
{
	int64_t now_ns = fleet->simulation->engine.now_ns;

	if (slot->vm->end_ns < INT64_MAX)
		life_expect_end(fleet, slot, slot->vm->end_ns > now_ns ? slot->vm->end_ns : now_ns);
}

static void started(struct instance *instance)
{
	struct slot *slot = slot_of(instance);
	struct fleet *fleet = instance->simulation->population;
	struct vm *vm = slot->vm;

	fleet->hosts[instance->host->number].started++;
	expect_end(fleet, slot);
	event_sources_begin(instance, slot->each);
	if (!vm->started)
		++*fleet_count(fleet, COUNTER_VMS_STARTED);
	vm->started = true;
	if (slot->because_of)
		evacuation_arrived(slot);
}

/* What it needed is free again, but for what it still holds; nothing happens to it any more. */
static void gone(struct fleet *fleet, struct slot *slot)
{
	if (slot->vm->slot == slot)
		slot->vm->slot = NULL;
	life_forget_end(fleet, slot);
	event_sources_end(&slot->instance, slot->each);
	fleet_uncommit(fleet, slot);
	evacuation_is_over(fleet, slot->instance.host->number);
}

/* The guest is gone: to another host, as the trace or an event says, or before it ever ran. */
static void down(struct instance *instance)
{
	struct slot *slot = slot_of(instance);
	struct fleet *fleet = instance->simulation->population;

	if (slot->moving && !instance_is_killed(instance)) {
		evacuation_down(slot);
	} else {
		++*fleet_count(fleet,
			       slot->vm->started ? COUNTER_VMS_TORN_DOWN : COUNTER_VMS_FAILED);
		evacuation_given_up(slot);
	}
	gone(fleet, slot);
}

static void idle(struct instance *instance)
{
	struct slot *slot = slot_of(instance);
	struct fleet *fleet = instance->simulation->population;

	if (instance->busy || instance->dying || instance->request_count)
		return; /* what waits is refused first */
	if (instance->process) {
		if (slot->because_of) { /* its shutdown has failed */
			evacuation_given_up(slot);
			expect_end(fleet, slot);
		}
		if (fleet->evacuating) /* of its host, perhaps: it can go now */
			event_schedule_in(&fleet->simulation->engine, &fleet->retry, 0);
		return;
	}
	if (instance->threads)
		return;
	if (!slot->down) { /* it did not start, or has died of something else than its end */
		++*fleet_count(fleet, slot->vm->started ? COUNTER_VMS_LOST : COUNTER_VMS_FAILED);
		evacuation_given_up(slot);
		gone(fleet, slot);
	}
	slot_release(fleet, slot);
}

static void memory_changed(struct instance *instance)
{
	struct slot *slot = slot_of(instance);
	struct fleet *fleet = instance->simulation->population;

	fleet_settle(fleet, slot);
	if (slot->down)
		evacuation_is_over(fleet, instance->host->number);
}

static struct instance *instance_at(const void *driver, size_t index)
{
	const struct fleet *fleet = driver;

	return index < fleet->slot_count ? &fleet->slots[index]->instance : NULL;
}

/* Who moves has one shutdown that is not its end. */
static struct instance *find(const void *driver, uint32_t member)
{
	const struct fleet *fleet = driver;
	struct slot *slot = fleet->vms[member].slot;
	struct instance *instance = slot ? &slot->instance : NULL;

	if (!slot || !(instance->guest.running || slot->because_of) ||
	    instance_is_killed(instance) || instance_shutdowns(instance) > slot->moving)
		return NULL;
	return instance;
}

/* --- building --- */

/* What a running guest of each flavour holds: its pages, and what the model adds. */
static bool find_needs(struct fleet *fleet, struct error *error)
{
	const struct guest_config *config = fleet->group->config;
	struct slot *slot = slot_new(fleet, error);
	struct guest *guest;

	if (!slot)
		return false;
	fleet->room_bytes = host_pool_bytes(&fleet->simulation->config->host,
					    config->hugetlb ? config->page_size : PAGE_4K);
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

static void free_fleet(void *driver)
{
	struct fleet *fleet = driver;

	for (size_t i = 0; i < fleet->slot_count; i++) {
		slot_fini(fleet->slots[i]);
		free(fleet->slots[i]);
	}
	lives_fini(fleet);
	free(fleet->slots);
	free(fleet->hosts);
	rooms_fini(&fleet->rooms);
	free(fleet->vms);
	free(fleet->need_bytes);
	free(fleet->evacuations);
	free(fleet);
}

static void *build(struct simulation *simulation, const struct population *population,
		   struct error *error)
{
	const struct fleet_config *config = (const struct fleet_config *)population;
	struct fleet *fleet = memory_array(1, sizeof(*fleet), "fleet", error);

	if (!fleet)
		return NULL;
	fleet->config = config;
	fleet->simulation = simulation;
	fleet->group = &simulation->groups[population->guest];
	fleet->hosts = memory_array(simulation->host_count, sizeof(*fleet->hosts), "hosts", error);
	fleet->vms = memory_array(config->vm_count, sizeof(*fleet->vms), "VMs", error);
	fleet->need_bytes =
		memory_array(config->flavour_count, sizeof(*fleet->need_bytes), "flavours", error);
	if (fleet->hosts && rooms_init(&fleet->rooms, simulation->host_count, error) &&
	    fleet->vms && fleet->need_bytes && fleet_build_metrics(fleet, error) &&
	    event_init(&simulation->engine, &fleet->arrival, arrive, error) &&
	    lives_build(fleet, error) && waiting_build(fleet, error) && usage_build(fleet, error) &&
	    evacuations_build(fleet, error) && find_needs(fleet, error))
		return fleet;
	free_fleet(fleet);
	return NULL;
}

static void reset(void *driver)
{
	struct fleet *fleet = driver;

	memset(fleet->hosts, 0, fleet->simulation->host_count * sizeof(*fleet->hosts));
	for (size_t h = 0; h < fleet->simulation->host_count; h++)
		fleet_room_changed(fleet, h);
	memset(fleet->counts, 0, sizeof(fleet->counts));
	fleet->arrived = 0;
	fleet->first = fleet->last = NULL;
	fleet->waiting = 0;
	fleet->evacuating = fleet->present = 0;
	lives_reset(fleet);
	fleet->free_slots = NULL;
	for (size_t i = fleet->slot_count; i-- > 0;) {
		struct slot *slot = fleet->slots[i];

		slot->vm = NULL;
		slot->instance.listener = NULL;
		slot->instance.in_use = false;
		slot->instance.threads = NULL;
		slot->instance.busy = slot->instance.dying = false;
		slot->instance.request_count = 0;
		slot->next = fleet->free_slots;
		fleet->free_slots = slot;
	}
	expect_arrival(fleet);
	evacuations_reset(fleet);
	if (!fleet->simulation->config->record_from_ns)
		usage_begin(fleet);
}

const struct population_ops fleet_ops = {
	.build = build,
	.reset = reset,
	.warm_up_over = fleet_warm_up_over,
	.finish = fleet_finish,
	.free = free_fleet,
	.instance = instance_at,
	.find = find,
	.started = started,
	.down = down,
	.idle = idle,
	.memory_changed = memory_changed,
};
