/*
 * Hosts that are emptied for maintenance. The host takes no VM any more. Each of its VMs
 * that runs is given room elsewhere, shuts down, and starts there; so many are on their way
 * at once. The host is empty when the memory of all that left is back.
 */

#include "base/memory.h"
#include "fleet/fleet_parts.h"
#include "flow/loop_piece.h"
#include "flow/metrics.h"
#include "flow/operation.h"

static struct slot *next_to_move(const struct fleet *fleet, size_t host)
{
	for (size_t i = 0; i < fleet->slot_count; i++) {
		struct slot *slot = fleet->slots[i];
		const struct instance *instance = &slot->instance;

		if (slot->vm && instance->host->number == host && instance->guest.running &&
		    !slot->down && !slot->moving && !instance->busy && !instance->request_count &&
		    !instance_is_killed(instance))
			return slot;
	}
	return NULL;
}

static void go_on(struct evacuation *evacuation)
{
	const struct evacuation_config *config = evacuation->config;
	struct fleet *fleet = evacuation->fleet;
	struct engine *engine = &fleet->simulation->engine;

	while (!config->concurrency || evacuation->moving < (uint64_t)config->concurrency) {
		struct slot *slot = next_to_move(fleet, (size_t)config->host);
		size_t target = slot ? fleet_choose(fleet, slot->vm) : SIZE_MAX;

		if (target == SIZE_MAX)
			return;
		slot->moving = true;
		slot->target = target;
		slot->because_of = evacuation;
		slot->asked_ns = engine->now_ns;
		evacuation->moving++;
		fleet_commit(fleet, slot->vm, target);
		life_forget_end(fleet, slot);
		instance_request(&slot->instance, OPERATION_SHUTDOWN, NULL, false);
	}
}

void evacuations_go_on(struct fleet *fleet)
{
	for (size_t i = 0; fleet->evacuating && i < fleet->config->evacuation_count; i++)
		if (fleet->evacuations[i].under_way)
			go_on(&fleet->evacuations[i]);
}

/* Its room on the host where it was to go is free again. */
static void give_room_back(struct slot *slot)
{
	struct fleet *fleet = slot->because_of->fleet;

	fleet_commit_no_more(fleet, slot->vm, slot->target);
	evacuation_is_over(fleet, slot->target);
}

/* A host that is to be empty itself since it was chosen takes nobody for whom another has room. */
static void choose_again(struct slot *slot)
{
	struct fleet *fleet = slot->because_of->fleet;
	size_t other;

	if (!fleet->hosts[slot->target].closed)
		return;
	other = fleet_choose(fleet, slot->vm);
	if (other == SIZE_MAX)
		return;
	give_room_back(slot);
	slot->target = other;
	fleet_commit(fleet, slot->vm, other);
}

void evacuation_down(struct slot *slot)
{
	struct evacuation *evacuation = slot->because_of;
	struct vm *vm = slot->vm;
	struct slot *there;

	choose_again(slot);
	slot->moving = false;
	slot->because_of = NULL;
	vm->moves++;
	there = slot_put(evacuation->fleet, vm, slot->target);
	if (!there)
		return;
	there->because_of = evacuation;
	there->asked_ns = slot->asked_ns;
	instance_hand_over(&slot->instance, &there->instance);
}

void evacuation_given_up(struct slot *slot)
{
	struct evacuation *evacuation = slot->because_of;

	if (!evacuation)
		return;
	evacuation->moving--;
	if (slot->moving)
		give_room_back(slot);
	slot->moving = false;
	slot->because_of = NULL;
}

void evacuation_arrived(struct slot *slot)
{
	struct evacuation *evacuation = slot->because_of;
	struct fleet *fleet = evacuation->fleet;

	slot->because_of = NULL;
	evacuation->moving--;
	++*fleet_count(fleet, COUNTER_VMS_MOVED);
	if (slot->asked_ns >= fleet->simulation->config->record_from_ns)
		metrics_latency(fleet->simulation, fleet->group->metrics.index[METRIC_MOVE],
				fleet->simulation->engine.now_ns - slot->asked_ns, slot->asked_ns);
}

void evacuation_is_over(struct fleet *fleet, size_t host)
{
	struct simulation *simulation = fleet->simulation;

	if (!fleet->evacuating || fleet->hosts[host].committed_bytes ||
	    fleet->hosts[host].lingering_bytes)
		return;
	for (size_t i = 0; i < fleet->config->evacuation_count; i++) {
		struct evacuation *evacuation = &fleet->evacuations[i];
		const struct evacuation_config *config = evacuation->config;

		if (!evacuation->under_way || (size_t)config->host != host)
			continue;
		evacuation->under_way = false;
		fleet->evacuating--;
		fleet_choose_portions(fleet);
		if (config->at_ns >= simulation->config->record_from_ns)
			metrics_latency(simulation,
					simulation->host_metrics.index[METRIC_EVACUATION],
					simulation->engine.now_ns - config->at_ns, config->at_ns);
		if (config->back_after_ns)
			event_schedule_in(&simulation->engine, &evacuation->turn,
					  config->back_after_ns);
	}
}

/* It begins; and when it is over, the host is back. */
static void turn(struct engine *engine, struct event *event)
{
	struct evacuation *evacuation =
		(struct evacuation *)((char *)event - offsetof(struct evacuation, turn));
	struct fleet *fleet = evacuation->fleet;
	struct fleet_host *host = &fleet->hosts[evacuation->config->host];

	if (evacuation->begun) {
		host->closed = false;
		host->changed = true;
		fleet_room_changed(fleet, (size_t)evacuation->config->host);
		event_schedule_in(engine, &fleet->retry, 0);
		return;
	}
	evacuation->begun = evacuation->under_way = true;
	host->closed = true;
	fleet_room_changed(fleet, (size_t)evacuation->config->host);
	if (!fleet->evacuating++)
		loops_settle_freed(fleet->simulation, NULL); /* from now on in portions */
	fleet_choose_portions(fleet);
	go_on(evacuation);
	evacuation_is_over(fleet, (size_t)evacuation->config->host);
}

bool evacuations_build(struct fleet *fleet, struct error *error)
{
	size_t count = fleet->config->evacuation_count;

	fleet->evacuations =
		memory_array(count + 1, sizeof(*fleet->evacuations), "evacuations", error);
	if (!fleet->evacuations)
		return false;
	for (size_t i = 0; i < count; i++) {
		fleet->evacuations[i].config = &fleet->config->evacuations[i];
		fleet->evacuations[i].fleet = fleet;
		if (!event_init(&fleet->simulation->engine, &fleet->evacuations[i].turn, turn,
				error))
			return false;
	}
	return true;
}

void evacuations_reset(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->config->evacuation_count; i++) {
		struct evacuation *evacuation = &fleet->evacuations[i];

		evacuation->begun = evacuation->under_way = false;
		evacuation->moving = 0;
		event_schedule_in(&fleet->simulation->engine, &evacuation->turn,
				  evacuation->config->at_ns);
	}
}
