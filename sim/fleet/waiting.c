/*
 * An arrival that finds no room anywhere waits, first come first served for each host that
 * gets room, until its patience ends.
 */

#include "fleet/fleet_parts.h"
#include "flow/loop_piece.h"
#include "flow/metrics.h"

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

void fleet_wait_for_room(struct fleet *fleet, struct vm *vm)
{
	++*fleet_count(fleet, COUNTER_VMS_WAITED);
	vm->next = NULL;
	if (fleet->last)
		fleet->last->next = vm;
	else
		fleet->first = vm;
	fleet->last = vm;
	if (!fleet->waiting++)
		loops_settle_freed(fleet->simulation, NULL); /* from now on in portions */
	fleet_choose_portions(fleet);
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
	fleet_choose_portions(fleet);
}

void fleet_place(struct fleet *fleet, struct vm *vm, size_t host)
{
	struct simulation *simulation = fleet->simulation;
	int64_t now_ns = simulation->engine.now_ns;

	vm->end_ns = vm->request->lifetime_ns < 0 ? INT64_MAX : now_ns + vm->request->lifetime_ns;
	fleet_commit(fleet, vm, host);
	if (vm->request->arrival_ns >= simulation->config->record_from_ns)
		metrics_latency(simulation, fleet->group->metrics.index[METRIC_START_DELAY],
				now_ns - vm->request->arrival_ns, vm->request->arrival_ns);
	slot_put(fleet, vm, host);
}

static void try_again(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, retry));

	(void)engine;
	for (size_t h = 0; h < fleet->simulation->host_count; h++) {
		struct vm *before = NULL;

		if (!fleet->hosts[h].changed)
			continue;
		fleet->hosts[h].changed = false;
		for (struct vm *vm = fleet->first, *next; vm; vm = next) {
			next = vm->next;
			if (fleet_fits(fleet, h, vm)) {
				stop_waiting(fleet, vm, before);
				fleet_place(fleet, vm, h);
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
	usage_look_for_end(fleet);
	expect_expiry(fleet);
}

bool waiting_build(struct fleet *fleet, struct error *error)
{
	struct engine *engine = &fleet->simulation->engine;

	return event_init(engine, &fleet->retry, try_again, error) &&
	       event_init(engine, &fleet->expiry, give_up, error);
}
