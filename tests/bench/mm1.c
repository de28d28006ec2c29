/*
 * M/M/1 on the engine and as a bare loop. The queue holds the times of arrival; a customer's
 * time in system ends with its departure.
 */

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bare_heap.h"
#include "engine/engine.h"
#include "rounds.h"
#include "subjects.h"

static const double arrival_rate = 0.9, service_rate = 1;

/*
 * n Var(mean) of the time T in system of successive customers. T is a Markov chain, exponential of
 * rate d = mu - lambda; g(t) = t^2 lambda mu / (2 d) + t solves its Poisson equation, and
 * 2 Cov(T, g(T)) - Var(T) = 4 lambda mu / d^4 + 1 / d^2 (compare W. Whitt, "Planning Queueing
 * Simulations", Management Science 35(11), 1989, for the time in queue).
 */
double mm1_standard_error(double customers)
{
	double d = service_rate - arrival_rate;

	return sqrt((4 * arrival_rate * service_rate / (d * d * d * d) + 1 / (d * d)) / customers);
}

/* A ring of arrival times: far more room than a queue of this load ever needs. */
enum { RING = 1 << 16 };

struct station {
	int64_t times[RING];
	uint64_t arrived, departed, customers;
	double time_in_system;
	double mean_gap_ns, mean_service_ns;
};

static void begin_station(struct station *station, const struct task *task)
{
	station->arrived = station->departed = 0;
	station->customers = task->count;
	station->time_in_system = 0;
	station->mean_gap_ns = 1e9 / arrival_rate * task->stretch;
	station->mean_service_ns = 1e9 / service_rate * task->stretch;
}

/* True when the server was idle. */
static inline bool customer_arrives(struct station *station, int64_t now_ns)
{
	station->times[station->arrived % RING] = now_ns;
	return station->arrived++ == station->departed;
}

/* True when another customer waits. */
static inline bool customer_departs(struct station *station, int64_t now_ns)
{
	station->time_in_system += (double)(now_ns - station->times[station->departed++ % RING]);
	return station->departed < station->arrived;
}

static double mean_time_in_system(const struct station *station)
{
	return station->time_in_system / (double)station->departed / 1e9;
}

/* --- on the engine -------------------------------------------------------- */

struct simulation {
	struct event arrival, departure;
	struct stream stream;
	struct station *station;
};

static inline __attribute__((always_inline)) void schedule(struct engine *engine,
							   struct simulation *simulation,
							   struct event *event, double mean_ns)
{
	event_schedule(engine, event,
		       engine->now_ns + (int64_t)stream_exponential(&simulation->stream, mean_ns));
}

static void departs(struct engine *engine, struct event *event)
{
	struct simulation *simulation =
		(struct simulation *)((char *)event - offsetof(struct simulation, departure));

	if (customer_departs(simulation->station, engine->now_ns))
		schedule(engine, simulation, event, simulation->station->mean_service_ns);
}

static void arrives(struct engine *engine, struct event *event)
{
	struct simulation *simulation =
		(struct simulation *)((char *)event - offsetof(struct simulation, arrival));
	struct station *station = simulation->station;

	if (customer_arrives(station, engine->now_ns))
		schedule(engine, simulation, &simulation->departure, station->mean_service_ns);
	if (station->arrived < station->customers)
		schedule(engine, simulation, event, station->mean_gap_ns);
}

static double on_engine(struct station *station, uint64_t seed)
{
	struct error error = { 0 };
	struct engine engine;
	struct simulation simulation = { .station = station };
	double seconds;

	stream_begin(&simulation.stream, &(struct stream_name){ .seed = seed });
	if (!engine_init(&engine, &error) ||
	    !event_init(&engine, &simulation.arrival, arrives, &error) ||
	    !event_init(&engine, &simulation.departure, departs, &error))
		abort();
	seconds = cpu_seconds();
	schedule(&engine, &simulation, &simulation.arrival, station->mean_gap_ns);
	if (!engine_run(&engine, INT64_MAX))
		abort();
	seconds = cpu_seconds() - seconds;
	engine_fini(&engine);
	return seconds;
}

/* --- the bare loop -------------------------------------------------------- */

/* With two events at most, pop and push are faster than to replace the top. */

enum { ARRIVAL, DEPARTURE, SLOTS };

static inline __attribute__((always_inline)) double bare(struct station *station, draw *draw_from,
							 void *source)
{
	struct bare_heap heap;
	double seconds;

	if (!bare_init(&heap, SLOTS))
		abort();
	seconds = cpu_seconds();
	bare_push(&heap,
		  bare_next_key(&heap, (int64_t)draw_from(source, station->mean_gap_ns), ARRIVAL));
	while (heap.end > BARE_ROOT) {
		bare_key top = heap.keys[BARE_ROOT];
		int64_t now_ns = bare_time(top);
		uint32_t slot = bare_slot(top);
		double next;

		bare_drop_top(&heap);
		if (slot == ARRIVAL) {
			if (customer_arrives(station, now_ns)) {
				next = draw_from(source, station->mean_service_ns);
				bare_push(&heap,
					  bare_next_key(&heap, now_ns + (int64_t)next, DEPARTURE));
			}
			if (station->arrived == station->customers)
				continue;
			next = draw_from(source, station->mean_gap_ns);
		} else {
			if (!customer_departs(station, now_ns))
				continue;
			next = draw_from(source, station->mean_service_ns);
		}
		bare_push(&heap, bare_next_key(&heap, now_ns + (int64_t)next, slot));
	}
	seconds = cpu_seconds() - seconds;
	free(heap.keys);
	return seconds;
}

static double bare_ours(struct station *station, uint64_t seed)
{
	struct stream stream;

	stream_begin(&stream, &(struct stream_name){ .seed = seed });
	return bare(station, draw_ours, &stream);
}

static double bare_fastest(struct station *station, uint64_t seed)
{
	struct fast fast;

	fast_begin(&fast, seed);
	return bare(station, draw_fastest, &fast);
}

struct outcome mm1_run(enum contender contender, const struct task *task)
{
	static double (*const run[CONTENDERS])(struct station *, uint64_t) = { on_engine, bare_ours,
									       bare_fastest };
	static struct station station;
	double seconds;

	begin_station(&station, task);
	seconds = run[contender](&station, task->seed);
	return (struct outcome){ seconds, mean_time_in_system(&station) };
}
