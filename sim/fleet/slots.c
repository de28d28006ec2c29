/* Guests of the simulation, each used by one VM after another. */

#include <stdlib.h>

#include "base/memory.h"
#include "fleet/fleet_parts.h"
#include "flow/event_source.h"
#include "flow/host.h"
#include "flow/instance.h"
#include "flow/memory.h"
#include "flow/metrics.h"
#include "flow/operation.h"

struct slot *slot_new(struct fleet *fleet, struct error *error)
{
	struct slot *slot = memory_array(1, sizeof(*slot), "guest", error);

	if (!slot)
		return NULL;
	if (!memory_grow(&fleet->slots, &fleet->slot_capacity, fleet->slot_count + 1,
			 sizeof(*fleet->slots), "guests", error)) {
		free(slot);
		return NULL;
	}
	fleet->slots[fleet->slot_count++] = slot; /* fleet_free frees it */
	slot->each = memory_array(
		event_sources_of_each(fleet->simulation->config, fleet->config->population.guest),
		sizeof(*slot->each), "events", error);
	if (!slot->each ||
	    !instance_init(fleet->simulation, fleet->group, &slot->instance, error) ||
	    !event_sources_join(&slot->instance, slot->each, error) ||
	    !heap_enter(&fleet->lives.ends, slot, &slot->number, error))
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

struct slot *slot_put(struct fleet *fleet, struct vm *vm, size_t host)
{
	struct simulation *simulation = fleet->simulation;
	struct slot *slot = take_slot(fleet);
	struct instance *instance;

	if (!slot)
		return NULL;
	slot->down = slot->moving = false;
	slot->because_of = NULL;
	slot->beyond_bytes = 0;
	instance = &slot->instance;
	slot->vm = vm;
	vm->slot = slot;
	fleet->present++;
	instance->listener = population_ops(simulation);
	/* each start of a VM draws costs of its own */
	instance->number = (uint32_t)(simulation->instance_count + (size_t)(vm - fleet->vms) +
				      vm->moves * fleet->config->vm_count);
	instance->entity = instance->number;
	instance->member = (uint32_t)(vm - fleet->vms);
	instance->guest.config = &fleet->config->flavours[vm->request->flavour];
	instance_settle_on(instance, &simulation->hosts[host]);
	if (!instance_begin(instance, false, &simulation->engine.error)) {
		engine_stop(&simulation->engine);
		return NULL;
	}
	/* what it waited for room is a part of its first start */
	instance_request_since(instance, OPERATION_START,
			       vm->moves ? simulation->engine.now_ns : vm->request->arrival_ns,
			       NULL, false);
	instance_next(&simulation->engine, &instance->next); /* who kills it finds a process */
	return slot;
}

void slot_release(struct fleet *fleet, struct slot *slot)
{
	struct instance *instance = &slot->instance;

	metrics_instance(instance);
	instance->host->written_off_bytes += memory_held(instance);
	instance->in_use = false;
	instance->listener = NULL;
	slot->vm = NULL;
	slot->next = fleet->free_slots;
	fleet->free_slots = slot;
	fleet->present--;
	usage_look_for_end(fleet);
}

void slot_fini(struct slot *slot)
{
	instance_fini(&slot->instance);
	free(slot->each);
}
