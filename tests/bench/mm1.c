/*
 * Speed of the engine, beside a bare loop in the same run.
 *
 * M/M/1 (arrival rate 0.9, service rate 1.0, one million customers) on the
 * engine's public interface, against a bare C event loop: a 4-ary heap of 16-byte
 * entries without positions, a table of functions, an indirect call. Both draw the
 * same exponential variates from the same Philox stream, so both must see the same
 * mean time in system. HOLD: pop the next event and schedule it again after an
 * exponential time, with 10 to 100,000 events pending.
 */

#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/variate.h"

enum { CUSTOMERS = 1000000, ROUNDS = 9 };

static const double mean_gap_ns = 1e9 / 0.9, mean_service_ns = 1e9;

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void begin_stream(struct stream *stream)
{
	const struct stream_name name = { .seed = 1 };

	if (!stream_begin(stream, &name))
		abort();
}

/* A ring of arrival times: the queue of waiting customers. */
struct ring {
	int64_t *times;
	size_t head, tail, mask;
};

static void ring_put(struct ring *ring, int64_t at_ns)
{
	ring->times[ring->tail++ & ring->mask] = at_ns;
}

static int64_t ring_get(struct ring *ring)
{
	return ring->times[ring->head++ & ring->mask];
}

/* --- on the engine -------------------------------------------------------- */

struct station {
	struct event arrival, departure;
	struct stream stream;
	struct ring queue;
	int64_t arrived, left;
	double time_in_system;
};

static void departs(struct engine *engine, struct event *event)
{
	struct station *station =
		(struct station *)((char *)event - offsetof(struct station, departure));

	station->time_in_system += (double)(engine->now_ns - ring_get(&station->queue));
	station->left++;
	if (station->queue.head != station->queue.tail)
		event_schedule(engine, event,
			       engine->now_ns + (int64_t)stream_exponential(&station->stream,
									    mean_service_ns));
}

static void arrives(struct engine *engine, struct event *event)
{
	struct station *station =
		(struct station *)((char *)event - offsetof(struct station, arrival));

	ring_put(&station->queue, engine->now_ns);
	if (station->queue.tail - station->queue.head == 1)
		event_schedule(engine, &station->departure,
			       engine->now_ns + (int64_t)stream_exponential(&station->stream,
									    mean_service_ns));
	if (++station->arrived < CUSTOMERS)
		event_schedule(engine, event,
			       engine->now_ns +
				       (int64_t)stream_exponential(&station->stream, mean_gap_ns));
}

static double engine_mm1(struct ring queue, double *mean)
{
	struct error error = { 0 };
	struct engine engine;
	struct station station = { .queue = queue };
	double before;

	begin_stream(&station.stream);
	if (!engine_init(&engine, &error) ||
	    !event_init(&engine, &station.arrival, arrives, &error) ||
	    !event_init(&engine, &station.departure, departs, &error))
		abort();
	before = cpu_seconds();
	event_schedule(&engine, &station.arrival,
		       (int64_t)stream_exponential(&station.stream, mean_gap_ns));
	if (!engine_run(&engine, INT64_MAX))
		abort();
	before = cpu_seconds() - before;
	*mean = station.time_in_system / (double)station.left / 1e9;
	engine_fini(&engine);
	return before;
}

/* --- the bare loop -------------------------------------------------------- */

typedef unsigned __int128 entry; /* time, sequence, slot */

struct bare;
typedef void bare_handler(struct bare *bare, uint32_t slot);

struct bare {
	entry *heap; /* root at 3 */
	uint32_t count;
	uint64_t sequence;
	int64_t now_ns;
	bare_handler **handlers;
	struct stream stream;
	struct ring queue;
	int64_t arrived, left, holds;
	double time_in_system;
};

static inline void bare_push(struct bare *bare, int64_t at_ns, uint32_t slot)
{
	entry key = (entry)(uint64_t)at_ns << 64 | (entry)bare->sequence++ << 24 | slot;
	uint32_t i = 3 + bare->count++;

	while (i > 3 && bare->heap[(i >> 2) + 2] > key) {
		bare->heap[i] = bare->heap[(i >> 2) + 2];
		i = (i >> 2) + 2;
	}
	bare->heap[i] = key;
}

static inline uint32_t bare_smaller(const entry *heap, uint32_t a, uint32_t b)
{
	return a ^ ((a ^ b) & -(uint32_t)(heap[b] < heap[a]));
}

static inline entry bare_pop(struct bare *bare)
{
	entry *heap = bare->heap, top = heap[3], last = heap[3 + --bare->count];
	uint32_t i = 3, end = 3 + bare->count;

	for (;;) {
		uint32_t child = (i - 2) << 2, best;

		if (child + 4 <= end) {
			best = bare_smaller(heap, bare_smaller(heap, child, child + 1),
					    bare_smaller(heap, child + 2, child + 3));
		} else if (child < end) {
			best = child;
			while (++child < end)
				best = bare_smaller(heap, best, child);
		} else {
			break;
		}
		if (heap[best] > last)
			break;
		heap[i] = heap[best];
		i = best;
	}
	heap[i] = last;
	return top;
}

static void bare_departs(struct bare *bare, uint32_t slot)
{
	bare->time_in_system += (double)(bare->now_ns - ring_get(&bare->queue));
	bare->left++;
	if (bare->queue.head != bare->queue.tail)
		bare_push(bare,
			  bare->now_ns +
				  (int64_t)stream_exponential(&bare->stream, mean_service_ns),
			  slot);
}

static void bare_arrives(struct bare *bare, uint32_t slot)
{
	ring_put(&bare->queue, bare->now_ns);
	if (bare->queue.tail - bare->queue.head == 1)
		bare_push(bare,
			  bare->now_ns +
				  (int64_t)stream_exponential(&bare->stream, mean_service_ns),
			  1);
	if (++bare->arrived < CUSTOMERS)
		bare_push(bare,
			  bare->now_ns + (int64_t)stream_exponential(&bare->stream, mean_gap_ns),
			  slot);
}

static void bare_run(struct bare *bare)
{
	while (bare->count) {
		entry top = bare_pop(bare);
		uint32_t slot = (uint32_t)top & 0xffffff;

		bare->now_ns = (int64_t)(uint64_t)(top >> 64);
		bare->handlers[slot](bare, slot);
	}
}

static double bare_mm1(struct ring queue, double *mean)
{
	bare_handler *handlers[] = { bare_arrives, bare_departs };
	struct bare bare = { .queue = queue, .handlers = handlers };
	double before;

	bare.heap = aligned_alloc(64, 1024);
	if (!bare.heap)
		abort();
	begin_stream(&bare.stream);
	before = cpu_seconds();
	bare_push(&bare, (int64_t)stream_exponential(&bare.stream, mean_gap_ns), 0);
	bare_run(&bare);
	before = cpu_seconds() - before;
	*mean = bare.time_in_system / (double)bare.left / 1e9;
	free(bare.heap);
	return before;
}

/* --- HOLD ----------------------------------------------------------------- */

struct holder {
	struct engine *engine;
	struct stream stream;
	int64_t holds;
};

static struct holder holder;

static void hold(struct engine *engine, struct event *event)
{
	if (--holder.holds == 0)
		engine_stop(engine);
	event_schedule(engine, event,
		       engine->now_ns + (int64_t)stream_exponential(&holder.stream, 1e9));
}

static double engine_hold(uint32_t pending, int64_t holds)
{
	struct error error = { 0 };
	struct engine engine;
	struct event *events = calloc(pending, sizeof(*events));
	double before;

	if (!events || !engine_init(&engine, &error))
		abort();
	begin_stream(&holder.stream);
	holder.holds = holds;
	for (uint32_t i = 0; i < pending; i++) {
		if (!event_init(&engine, &events[i], hold, &error))
			abort();
		event_schedule(&engine, &events[i],
			       (int64_t)stream_exponential(&holder.stream, 1e9));
	}
	before = cpu_seconds();
	if (!engine_run(&engine, INT64_MAX))
		abort();
	before = cpu_seconds() - before;
	engine_fini(&engine);
	free(events);
	return before;
}

static void bare_hold_handler(struct bare *bare, uint32_t slot)
{
	if (--bare->holds == 0)
		bare->count = 0;
	else
		bare_push(bare, bare->now_ns + (int64_t)stream_exponential(&bare->stream, 1e9),
			  slot);
}

static double bare_hold(uint32_t pending, int64_t holds)
{
	struct bare bare = { .holds = holds };
	double before;

	bare.heap = aligned_alloc(64, ((size_t)pending + 16) * 16 / 64 * 64 + 64);
	bare.handlers = calloc(pending, sizeof(*bare.handlers));
	if (!bare.heap || !bare.handlers)
		abort();
	begin_stream(&bare.stream);
	for (uint32_t i = 0; i < pending; i++) {
		bare.handlers[i] = bare_hold_handler;
		bare_push(&bare, (int64_t)stream_exponential(&bare.stream, 1e9), i);
	}
	before = cpu_seconds();
	bare_run(&bare);
	before = cpu_seconds() - before;
	free(bare.heap);
	free(bare.handlers);
	return before;
}

/* --- side by side --------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(*values), compare);
	return values[ROUNDS / 2];
}

static void report(const char *name, double engine[ROUNDS], double bare[ROUNDS], double events)
{
	double ratios[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		ratios[i] = bare[i] / engine[i];
	printf("%-22s %10.1f %10.1f %10.2f\n", name, median(engine) / events * 1e9,
	       median(bare) / events * 1e9, median(ratios));
}

int main(void)
{
	static const uint32_t sizes[] = { 10, 1000, 100000 };
	struct ring queue = { .mask = (1 << 20) - 1 };
	double engine[ROUNDS], bare[ROUNDS], mean[2];
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one) != 0)
		fprintf(stderr, "not pinned to one core\n");
	queue.times = calloc(queue.mask + 1, sizeof(*queue.times));
	if (!queue.times)
		return 1;
	printf("%-22s %10s %10s %10s\n", "CPU ns per event", "engine", "bare loop", "bare/engine");
	for (int i = -1; i < ROUNDS; i++) { /* the first round warms up */
		double time = engine_mm1(queue, &mean[0]), other = bare_mm1(queue, &mean[1]);

		if (i >= 0)
			engine[i] = time, bare[i] = other;
	}
	report("M/M/1", engine, bare, 2.0 * CUSTOMERS);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		char name[32];

		for (int i = 0; i < ROUNDS; i++) {
			engine[i] = engine_hold(sizes[s], CUSTOMERS);
			bare[i] = bare_hold(sizes[s], CUSTOMERS);
		}
		snprintf(name, sizeof(name), "HOLD, %u pending", sizes[s]);
		report(name, engine, bare, CUSTOMERS);
	}
	printf("M/M/1 mean time in system: engine %.6f s, bare loop %.6f s (theory 10; same "
	       "variates)\n",
	       mean[0], mean[1]);
	free(queue.times);
	return mean[0] == mean[1] ? 0 : 1;
}
