#include "engine/engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { SEQUENCE_BITS = 40, SLOTS_AT_FIRST = 64 };

static const uint64_t sequence_end = UINT64_C(1) << SEQUENCE_BITS;
static const uint64_t default_instant_limit = 100 * 1000 * 1000;

bool engine_init(struct engine *engine, struct error *error)
{
	memset(engine, 0, sizeof(*engine));
	engine->instant_limit = default_instant_limit;
	engine->event_limit = UINT64_MAX;
	return heap_init(&engine->pending, SLOTS_AT_FIRST, error);
}

void engine_fini(struct engine *engine)
{
	heap_fini(&engine->pending);
	free(engine->events);
	free(engine->free_slots);
	memset(engine, 0, sizeof(*engine));
}

void engine_reset(struct engine *engine)
{
	heap_clear(&engine->pending);
	engine->now_ns = 0;
	engine->fired = 0;
	engine->sequence = 0;
	engine->instant_fired = 0;
	engine->stopped = false;
	engine->error = (struct error){ 0 };
}

/* Room for one more slot in every table that is indexed by slot. */
static bool grow_slots(struct engine *engine, struct error *error)
{
	uint32_t capacity = engine->pending.capacity;
	struct event **events;
	uint32_t *free_slots;

	if (engine->slot_count == HEAP_SLOTS_MAX)
		return error_set(error, ERROR_INPUT, "more than %d events are pending at once",
				 HEAP_SLOTS_MAX);
	if (engine->slot_count == capacity)
		capacity *= 2;
	if (engine->events && capacity == engine->pending.capacity)
		return true;
	events = reallocarray(engine->events, capacity, sizeof(*events));
	if (!events)
		return error_memory(error, "events");
	engine->events = events;
	free_slots = reallocarray(engine->free_slots, capacity, sizeof(*free_slots));
	if (!free_slots)
		return error_memory(error, "event slots");
	engine->free_slots = free_slots;
	return heap_reserve(&engine->pending, capacity, error);
}

bool event_init(struct engine *engine, struct event *event, event_handler *fire,
		struct error *error)
{
	event->fire = fire;
	if (engine->free_count) {
		event->slot = engine->free_slots[--engine->free_count];
	} else {
		if (!grow_slots(engine, error))
			return false;
		event->slot = engine->slot_count++;
	}
	engine->events[event->slot] = event;
	return true;
}

void event_fini(struct engine *engine, struct event *event)
{
	event_cancel(engine, event);
	engine->events[event->slot] = NULL;
	engine->free_slots[engine->free_count++] = event->slot;
}

static int compare_keys(const void *a, const void *b)
{
	heap_key left = *(const heap_key *)a, right = *(const heap_key *)b;

	return (left > right) - (left < right);
}

/* All sequence numbers are used up: number the pending events 0, 1, ... in their order. */
static void renumber(struct engine *engine)
{
	struct heap *heap = &engine->pending;
	heap_key *keys = heap->keys + HEAP_ROOT;

	heap_close(heap);
	qsort(keys, heap->count, sizeof(*keys), compare_keys);
	for (uint32_t i = 0; i < heap->count; i++) {
		uint32_t slot = heap_slot(keys[i]);

		keys[i] = keys[i] >> 64 << 64 | (heap_key)i << HEAP_SLOT_BITS | slot;
		heap->position[slot] = HEAP_ROOT + i; /* a sorted array is a heap */
	}
	engine->sequence = heap->count;
}

void event_schedule(struct engine *engine, struct event *event, int64_t at_ns)
{
	heap_key key;

	if (__builtin_expect(at_ns < engine->now_ns, 0)) {
		engine_fail(engine, ERROR_INTERNAL,
			    "an event at %" PRId64 " ns was scheduled at %" PRId64
			    " ns, in its future",
			    at_ns, engine->now_ns);
		return;
	}
	if (__builtin_expect(engine->sequence == sequence_end, 0))
		renumber(engine);
	key = (heap_key)(uint64_t)at_ns << 64 | (heap_key)engine->sequence++ << HEAP_SLOT_BITS |
	      event->slot;
	if (heap_has(&engine->pending, event->slot))
		heap_move(&engine->pending, key);
	else
		heap_push(&engine->pending, key);
}

void event_schedule_in(struct engine *engine, struct event *event, int64_t delay_ns)
{
	int64_t at_ns;

	if (__builtin_expect(
		    delay_ns < 0 || __builtin_add_overflow(engine->now_ns, delay_ns, &at_ns), 0)) {
		engine_fail(engine, ERROR_INTERNAL,
			    "an event %" PRId64 " ns after %" PRId64
			    " ns lies outside the clock's range of 292 years",
			    delay_ns, engine->now_ns);
		return;
	}
	event_schedule(engine, event, at_ns);
}

void event_cancel(struct engine *engine, struct event *event)
{
	if (heap_has(&engine->pending, event->slot))
		heap_remove(&engine->pending, event->slot);
}

/* The clock moves to `at_ns`, or another event fires at the same instant. */
static bool advance(struct engine *engine, int64_t at_ns)
{
	if (at_ns != engine->now_ns) {
		engine->now_ns = at_ns;
		engine->instant_fired = 0;
	}
	if (__builtin_expect(++engine->instant_fired > engine->instant_limit, 0)) {
		engine_fail(engine, ERROR_INTERNAL,
			    "more than %" PRIu64 " events at one instant (%" PRId64
			    " ns): the model makes no progress",
			    engine->instant_limit, at_ns);
		return false;
	}
	if (__builtin_expect(++engine->fired > engine->event_limit, 0)) {
		engine_fail(engine, ERROR_INTERNAL, "more than %" PRIu64 " events in one run",
			    engine->event_limit);
		return false;
	}
	return true;
}

bool engine_run(struct engine *engine, int64_t until_ns)
{
	struct heap *pending = &engine->pending;

	for (heap_close(pending); pending->count && !engine->stopped; heap_close(pending)) {
		heap_key top = heap_top(pending);
		int64_t at_ns = (int64_t)(uint64_t)(top >> 64);
		struct event *event;

		if (at_ns > until_ns) {
			engine->now_ns = until_ns;
			break;
		}
		event = engine->events[heap_slot(top)];
		heap_open(pending);
		if (!advance(engine, at_ns))
			break;
		event->fire(engine, event);
	}
	return engine->error.kind == ERROR_NONE;
}

void engine_stop(struct engine *engine)
{
	engine->stopped = true;
}

void engine_fail(struct engine *engine, enum error_kind kind, const char *format, ...)
{
	char message[sizeof(engine->error.message)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	error_set(&engine->error, kind, "%s", message);
	engine->stopped = true;
}
