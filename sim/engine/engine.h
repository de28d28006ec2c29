#ifndef SIM_ENGINE_ENGINE_H
#define SIM_ENGINE_ENGINE_H

/*
 * Clock and event list.
 *
 * Time is int64 nanoseconds from the start of the run. Events fire in order of
 * (time, order of scheduling). An event is a struct embedded in whatever it
 * belongs to; it can be scheduled again (moved) and cancelled at any time, also
 * from handlers at the same instant. Scheduling allocates nothing.
 *
 * Mistakes are recorded, not ignored: an event in the past, a time beyond
 * int64, more than `instant_limit` events at one instant, more than
 * `event_limit` in all, an interruption. The first is kept in `error`, and engine_run returns false.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "engine/heap.h"

struct engine;
struct event;

/* The order of scheduling: 40 bits above those of the slot. */
#define ENGINE_ORDER_STEP (UINT64_C(1) << HEAP_SLOT_BITS)
#define ENGINE_ORDER_LAST (-ENGINE_ORDER_STEP)

typedef void event_handler(struct engine *engine, struct event *event);

struct event {
	event_handler *fire;
	uint32_t slot; /* given by event_init */
};

struct engine {
	int64_t now_ns;
	uint64_t fired; /* events fired since the last reset */
	struct heap pending;
	uint64_t
		order; /* of the last scheduled event; behind ENGINE_ORDER_LAST all are renumbered */
	uint64_t instant_began; /* events fired before now_ns */
	uint64_t instant_limit; /* default 100 million */
	uint64_t event_limit;   /* default UINT64_MAX */
	uint64_t
		look_up_at; /* events fired: then limits, interruption and progress are looked at */
	int64_t until_ns;   /* of the run */
	bool stopped;
	struct error error;
};

bool engine_init(struct engine *engine, struct error *error);
void engine_fini(struct engine *engine);

/* Back to time 0 with no pending events; slots and memory are kept. */
void engine_reset(struct engine *engine);

/* Give an event its slot and handler. May allocate; do it while a simulation is built. */
bool event_init(struct engine *engine, struct event *event, event_handler *fire,
		struct error *error);
/* Cancel the event and give its slot back. */
void event_fini(struct engine *engine, struct event *event);

static inline bool event_pending(const struct engine *engine, const struct event *event)
{
	return heap_has(&engine->pending, event->slot);
}

/* Its key at `at_ns`, behind all that were scheduled before. For event_schedule(). */
static inline heap_key event_next_key(struct engine *engine, const struct event *event,
				      int64_t at_ns)
{
	return (heap_key)(uint64_t)at_ns << 64 | (engine->order += ENGINE_ORDER_STEP) | event->slot;
}

/* In the past, pending already, or behind the last number. For event_schedule(). */
void event_schedule_seldom(struct engine *engine, struct event *event, int64_t at_ns);

/* Fire `event` at `at_ns` (>= now); moves it when it is pending already. */
static inline void event_schedule(struct engine *engine, struct event *event, int64_t at_ns)
{
	if (__builtin_expect(at_ns < engine->now_ns || event_pending(engine, event) ||
				     engine->order == ENGINE_ORDER_LAST,
			     0))
		event_schedule_seldom(engine, event, at_ns);
	else
		heap_push(&engine->pending, event_next_key(engine, event, at_ns));
}

/* Fire `event` `delay_ns` from now; a negative delay or an overflow is recorded as error. */
void event_schedule_in(struct engine *engine, struct event *event, int64_t delay_ns);

/* Take a pending event off the list; nothing happens when it is not pending. */
void event_cancel(struct engine *engine, struct event *event);

/*
 * Fire events until none is left, the next is after `until_ns` (the end is
 * inclusive), engine_stop was called, or an error was recorded. The clock ends at
 * until_ns when it was the limit, else at the last event. False on error.
 */
bool engine_run(struct engine *engine, int64_t until_ns);

/* Make engine_run return after the current handler. */
void engine_stop(struct engine *engine);

/* Record an error found by a handler and stop. */
void engine_fail(struct engine *engine, enum error_kind kind, const char *format, ...)
	__attribute__((cold, format(printf, 3, 4)));

#endif
