/*
 * HOLD on the engine and as a bare loop (D. W. Jones, "An Empirical Comparison of Priority-Queue
 * and Event-Set Implementations", CACM 29(4), 1986).
 */

#include <stdlib.h>

#include "bare_heap.h"
#include "engine/engine.h"
#include "rounds.h"
#include "subjects.h"

static struct outcome outcome_of(double seconds, int64_t now_ns, const struct task *task)
{
	return (struct outcome){ seconds,
				 (double)now_ns * task->pending / (double)task->count / 1e9 };
}

/* --- on the engine -------------------------------------------------------- */

static struct {
	struct stream stream;
	double mean_ns;
	uint64_t left;
} holder;

static void hold(struct engine *engine, struct event *event)
{
	if (--holder.left == 0)
		engine_stop(engine);
	else
		event_schedule(engine, event,
			       engine->now_ns +
				       (int64_t)stream_exponential(&holder.stream, holder.mean_ns));
}

static struct outcome on_engine(const struct task *task)
{
	struct error error = { 0 };
	struct engine engine;
	struct event *events = calloc(task->pending, sizeof(*events));
	double seconds;
	int64_t now_ns;

	if (!events || !engine_init(&engine, &error))
		abort();
	stream_begin(&holder.stream, &(struct stream_name){ .seed = task->seed });
	holder.mean_ns = 1e9 * task->stretch;
	holder.left = task->count;
	for (uint32_t i = 0; i < task->pending; i++) {
		if (!event_init(&engine, &events[i], hold, &error))
			abort();
		event_schedule(&engine, &events[i],
			       (int64_t)stream_exponential(&holder.stream, holder.mean_ns));
	}
	seconds = cpu_seconds();
	if (!engine_run(&engine, INT64_MAX))
		abort();
	seconds = cpu_seconds() - seconds;
	now_ns = engine.now_ns;
	engine_fini(&engine);
	free(events);
	return outcome_of(seconds, now_ns, task);
}

/* --- the bare loop -------------------------------------------------------- */

/* The clock after so many holds. */
static inline __attribute__((always_inline)) int64_t holds(struct bare_heap *heap, uint64_t count,
							   double mean_ns, draw *draw_from,
							   void *source, bool large)
{
	while (--count) {
		bare_key top = heap->keys[BARE_ROOT];
		int64_t at_ns = bare_time(top) + (int64_t)draw_from(source, mean_ns);

		bare_replace_top(heap, bare_next_key(heap, at_ns, bare_slot(top)), large);
	}
	return bare_time(heap->keys[BARE_ROOT]);
}

static inline __attribute__((always_inline)) struct outcome bare(const struct task *task,
								 draw *draw_from, void *source)
{
	struct bare_heap heap;
	double seconds, mean_ns = 1e9 * task->stretch;
	int64_t now_ns;

	if (!bare_init(&heap, task->pending))
		abort();
	for (uint32_t i = 0; i < task->pending; i++)
		bare_push(&heap, bare_next_key(&heap, (int64_t)draw_from(source, mean_ns), i));
	seconds = cpu_seconds();
	if (task->pending > BARE_LARGE)
		now_ns = holds(&heap, task->count, mean_ns, draw_from, source, true);
	else
		now_ns = holds(&heap, task->count, mean_ns, draw_from, source, false);
	seconds = cpu_seconds() - seconds;
	free(heap.keys);
	return outcome_of(seconds, now_ns, task);
}

struct outcome hold_run(enum contender contender, const struct task *task)
{
	struct stream stream;
	struct fast fast;

	if (contender == ON_ENGINE)
		return on_engine(task);
	if (contender == BARE_FASTEST) {
		fast_begin(&fast, task->seed);
		return bare(task, draw_fastest, &fast);
	}
	stream_begin(&stream, &(struct stream_name){ .seed = task->seed });
	return bare(task, draw_ours, &stream);
}
