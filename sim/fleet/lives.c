/*
 * When the lives of VMs end. Most VMs live for hours while a few start and shut down: their
 * ends are in a list of their own, of which the event list sees the next one alone.
 */

#include "fleet/fleet_parts.h"
#include "flow/operation.h"

/*
 * A VM has not been touched for hours: it is on its way to the caches while others are at
 * work. First the slot of the one whose life ends next; when it ends, what that slot points to.
 */
static void foresee(const void *what, size_t bytes)
{
	enum { LINE = 64 };

	for (size_t i = 0; i < bytes; i += LINE)
		__builtin_prefetch((const char *)what + i);
}

static void foresee_parts(const struct instance *instance)
{
	const struct model *model = instance->guest.config->model;

	foresee(instance->guest.state, model->state_size);
	foresee(instance->requests, sizeof(*instance->requests));
	foresee(instance->guest.pages.runs, sizeof(struct page_run));
	foresee(instance->locks, model->lock_count * sizeof(*instance->locks));
}

static void expect_end(struct fleet *fleet)
{
	struct engine *engine = &fleet->simulation->engine;
	struct lives *lives = &fleet->lives;
	heap_key next;

	if (!lives->ends.count) {
		event_cancel(engine, &lives->next);
		return;
	}
	next = heap_top(&lives->ends);
	foresee(heap_owner(&lives->ends, heap_slot(next)), sizeof(struct slot));
	event_schedule(engine, &lives->next, (int64_t)(uint64_t)(next >> 64));
}

static void life_over(struct engine *engine, struct event *event)
{
	struct fleet *fleet = (struct fleet *)((char *)event - offsetof(struct fleet, lives.next));
	struct heap *ends = &fleet->lives.ends;
	struct slot *slot = heap_owner(ends, heap_slot(heap_pop(ends)));

	(void)engine;
	expect_end(fleet); /* at one instant all lives end before anything comes of it */
	foresee_parts(&slot->instance);
	if (!instance_is_leaving(&slot->instance)) /* for another reason */
		instance_request(&slot->instance, OPERATION_SHUTDOWN, NULL, false);
}

void life_expect_end(struct fleet *fleet, struct slot *slot, int64_t at_ns)
{
	struct lives *lives = &fleet->lives;

	heap_push(&lives->ends, (heap_key)(uint64_t)at_ns << 64 |
					(heap_key)lives->expected++ << HEAP_SLOT_BITS |
					slot->number);
	if (heap_slot(heap_top(&lives->ends)) == slot->number)
		expect_end(fleet);
}

void life_forget_end(struct fleet *fleet, const struct slot *slot)
{
	struct heap *ends = &fleet->lives.ends;
	bool is_next;

	if (!heap_has(ends, slot->number))
		return;
	is_next = heap_slot(heap_top(ends)) == slot->number;
	heap_remove(ends, slot->number);
	if (is_next)
		expect_end(fleet);
}

bool lives_build(struct fleet *fleet, struct error *error)
{
	return heap_init(&fleet->lives.ends, "VMs", error) &&
	       event_init(&fleet->simulation->engine, &fleet->lives.next, life_over, error);
}

void lives_reset(struct fleet *fleet)
{
	heap_clear(&fleet->lives.ends);
	fleet->lives.expected = 0;
}

void lives_fini(struct fleet *fleet)
{
	heap_fini(&fleet->lives.ends);
}
