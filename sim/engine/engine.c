#include "engine/engine.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/memory.h"
#include "base/progress.h"

static const uint64_t default_instant_limit = 100 * 1000 * 1000;

bool engine_init(struct engine *engine, struct error *error)
{
	memset(engine, 0, sizeof(*engine));
	engine->instant_limit = default_instant_limit;
	engine->event_limit = UINT64_MAX;
	return heap_init(&engine->pending, "events", error);
}

void engine_fini(struct engine *engine)
{
	heap_fini(&engine->pending);
	memset(engine, 0, sizeof(*engine));
}

void engine_reset(struct engine *engine)
{
	heap_clear(&engine->pending);
	engine->now_ns = 0;
	engine->fired = 0;
	engine->order = 0;
	engine->instant_began = 0;
	engine->stopped = false;
	engine->error.kind = ERROR_NONE;
}

bool event_init(struct engine *engine, struct event *event, event_handler *fire,
		struct error *error)
{
	event->fire = fire;
	return heap_enter(&engine->pending, event, &event->slot, error);
}

void event_fini(struct engine *engine, struct event *event)
{
	heap_leave(&engine->pending, event->slot);
}

/* All sequence numbers are used up: number the pending events 1, 2, ... in their order. */
static void renumber(struct engine *engine)
{
	struct heap *heap = &engine->pending;
	heap_key *keys = heap->keys + HEAP_ROOT;

	heap_sort(heap);
	for (uint32_t i = 0; i < heap->count; i++) /* the order stays */
		keys[i] = keys[i] >> 64 << 64 | (i + 1) * ENGINE_ORDER_STEP | heap_slot(keys[i]);
	engine->order = heap->count * ENGINE_ORDER_STEP;
}

void event_schedule_seldom(struct engine *engine, struct event *event, int64_t at_ns)
{
	if (at_ns < engine->now_ns) {
		engine_fail(engine, ERROR_INTERNAL,
			    "an event at %" PRId64 " ns was scheduled at %" PRId64
			    " ns, in its future",
			    at_ns, engine->now_ns);
		return;
	}
	if (engine->order == ENGINE_ORDER_LAST)
		renumber(engine);
	if (event_pending(engine, event))
		heap_move(&engine->pending, event_next_key(engine, event, at_ns));
	else
		heap_push(&engine->pending, event_next_key(engine, event, at_ns));
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

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/*
 * A limit is reached, or it is time to look up: whether somebody has asked to stop, and to say how far it is. False:
 * the run ends.
 */
__attribute__((cold, noinline)) static bool look_up(struct engine *engine)
{
	static const uint64_t events_between = 1 << 16; /* some 10 ms */

	if (engine->fired > engine->event_limit)
		engine_fail(engine, ERROR_INTERNAL, "more than %" PRIu64 " events in one run",
			    engine->event_limit);
	else if (engine->fired - engine->instant_began > engine->instant_limit)
		engine_fail(engine, ERROR_INTERNAL,
			    "more than %" PRIu64 " events at one instant (%" PRId64
			    " ns): the model makes no progress",
			    engine->instant_limit, engine->now_ns);
	else if (interrupted)
		engine_fail(engine, ERROR_INTERRUPTED, "interrupted");
	progress_within((double)engine->now_ns / (double)engine->until_ns);
	engine->look_up_at = least(least(engine->fired + events_between, engine->event_limit),
				   engine->instant_began + engine->instant_limit);
	return !engine->stopped;
}

/* The clock moves to `at_ns`, or another event fires at the same instant. */
static inline bool advance(struct engine *engine, int64_t at_ns)
{
	if (at_ns != engine->now_ns) {
		engine->now_ns = at_ns;
		engine->instant_began = engine->fired;
	}
	engine->fired++;
	return __builtin_expect(engine->fired <= engine->look_up_at, 1) || look_up(engine);
}

bool engine_run(struct engine *engine, int64_t until_ns)
{
	struct heap *pending = &engine->pending;

	engine->until_ns = until_ns;
	engine->look_up_at = engine->fired;
	for (heap_close(pending); pending->count && !engine->stopped; heap_close(pending)) {
		heap_key top = heap_top(pending);
		int64_t at_ns = (int64_t)(uint64_t)(top >> 64);
		struct event *event;

		if (at_ns > until_ns) {
			engine->now_ns = until_ns;
			break;
		}
		event = heap_owner(pending, heap_slot(top));
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
