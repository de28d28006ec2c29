#ifndef SIM_REPEAT_FAKE_SIMULATION_H
#define SIM_REPEAT_FAKE_SIMULATION_H

/*
 * For tests: a simulation that is a formula, in place of sim/flow/simulation.c.
 * Each replication has config.events[0].times reboots, which take one draw of
 * "fake.work" plus one of "fake.rest" and end when that is within config.until_ns.
 */

#include <stdlib.h>

#include "base/memory.h"
#include "engine/law.h"
#include "flow/model.h"
#include "flow/simulation.h"
#include "scenario/scenario.h"

enum { FAKE_WORK = FIRST_TERM, FAKE_REST, FAKE_UNUSED, FAKE_TERMS };
enum { FAKE_REBOOTS_MOST = 64, FAKE_METRICS = 3, FAKE_PARTS = 3, FAKE_COUNTERS = 3 };

/* What a test switches on. */
static struct {
	int64_t lost_ns;              /* missing from the parts */
	uint32_t fails_at;            /* replication that fails; 0: none */
	uint64_t interrupted_at;      /* the how many-th replication from now is; 0: none */
	double fails_above_ns;        /* mean of fake.work from which runs fail; 0: never */
	uint64_t events;              /* of a replication; 0: one for each reboot */
	double grows_above_ns;        /* mean of fake.work from which they are 1000 times as many */
	const volatile bool *watched; /* counts runs while this is set */
	unsigned int runs_after;
} fake;

struct simulation {
	const struct simulation_config *config;
	struct metric metrics[FAKE_METRICS];
	struct part parts[FAKE_PARTS];
	struct counter counters[FAKE_COUNTERS];
	int64_t reboots[FAKE_REBOOTS_MOST], slices[FAKE_REBOOTS_MOST];
	size_t tail_metric;
	int64_t tail_from;
	bool random;
};

struct simulation *simulation_new(const struct simulation_config *config, struct error *error)
{
	struct simulation *simulation = memory_array(1, sizeof(*simulation), "fake", error);
	const char *name = config->guests[0].name;

	if (!simulation)
		return NULL;
	simulation->config = config;
	simulation->metrics[0] = (struct metric){
		&metric_kinds[METRIC_START], "start.latency", name, NULL, NULL, 0
	};
	simulation->metrics[1] = (struct metric){
		&metric_kinds[METRIC_REBOOT], "reboot.latency", name, simulation->reboots, NULL, 0
	};
	simulation->metrics[2] = (struct metric){ &metric_kinds[METRIC_LONGEST_SLICE],
						  "slice.max",
						  "host",
						  simulation->slices,
						  NULL,
						  0 };
	simulation->parts[0] =
		(struct part){ 1, "reboot", "fake.work", "fake_reboot", false, false, 0, 0 };
	simulation->parts[1] =
		(struct part){ 1, "reboot", "fake.rest", "fake_reboot", false, false, 0, 0 };
	simulation->parts[2] =
		(struct part){ 1, "reboot", "never", "fake_never", false, false, 0, 0 };
	simulation->counters[0] = (struct counter){ "fake.work", name, 0 };
	simulation->counters[1] = (struct counter){ "fake.unused", name, 0 };
	simulation->counters[2] = (struct counter){ "fake.rest", name, 0 };
	return simulation;
}

bool simulation_adopt(struct simulation *simulation, const struct simulation_config *config)
{
	simulation->config = config;
	simulation->random = false;
	simulation->tail_metric = SIZE_MAX;
	return true;
}

void simulation_free(struct simulation *simulation)
{
	free(simulation);
}

static int64_t fake_draw(struct simulation *simulation, uint32_t replication, uint32_t occurrence,
			 uint32_t term)
{
	const struct stream_name name = { .seed = simulation->config->seed,
					  .replication = replication,
					  .occurrence = occurrence,
					  .purpose = term };
	struct law law = simulation->config->guests[0].costs[term].law;
	struct stream stream;

	if (!law_is_constant(law))
		simulation->random = true;
	return stream_begin(&stream, &name) ? law_sum(law, 1, &stream) : 0;
}

bool simulation_run(struct simulation *simulation, uint32_t replication, struct error *error)
{
	const struct simulation_config *config = simulation->config;
	struct metric *reboots = &simulation->metrics[1], *slices = &simulation->metrics[2];

	if (fake.interrupted_at && !--fake.interrupted_at)
		return error_set(error, ERROR_INTERRUPTED, "interrupted");
	if (fake.fails_at && replication == fake.fails_at)
		return error_set(error, ERROR_INTERNAL, "replication %u failed", replication);
	if (fake.fails_above_ns > 0 &&
	    simulation->config->guests[0].costs[FAKE_WORK].law.mean_ns > fake.fails_above_ns)
		return error_set(error, ERROR_INTERNAL, "too much work");
	if (fake.watched && *fake.watched)
		__atomic_fetch_add(&fake.runs_after, 1, __ATOMIC_RELAXED);
	reboots->count = slices->count = 0;
	simulation->parts[0].total_ns = -fake.lost_ns;
	simulation->parts[1].total_ns = 0;
	simulation->parts[0].tail_ns = simulation->parts[1].tail_ns = 0;
	simulation->counters[0].value = simulation->counters[2].value =
		(uint64_t)config->events[0].times;
	for (uint32_t i = 0; i < config->events[0].times; i++) {
		int64_t work_ns = fake_draw(simulation, replication, i, FAKE_WORK);
		int64_t rest_ns = fake_draw(simulation, replication, i, FAKE_REST);

		if (work_ns + rest_ns > config->until_ns)
			continue;
		simulation->reboots[reboots->count++] = work_ns + rest_ns;
		simulation->parts[0].total_ns += work_ns;
		simulation->parts[1].total_ns += rest_ns;
		if (simulation->tail_metric == 1 && work_ns + rest_ns >= simulation->tail_from) {
			simulation->parts[0].tail_ns += work_ns;
			simulation->parts[1].tail_ns += rest_ns;
		}
	}
	simulation->slices[slices->count++] = 1000;
	return true;
}

void simulation_watch_tail(struct simulation *simulation, size_t metric, int64_t at_least)
{
	simulation->tail_metric = metric;
	simulation->tail_from = at_least;
}

const struct metric *simulation_metrics(const struct simulation *simulation, size_t *count)
{
	*count = FAKE_METRICS;
	return simulation->metrics;
}

const struct part *simulation_parts(const struct simulation *simulation, size_t *count)
{
	*count = FAKE_PARTS;
	return simulation->parts;
}

const struct failure *simulation_failures(const struct simulation *simulation, size_t *count)
{
	(void)simulation;
	*count = 0;
	return NULL;
}

const size_t *simulation_spent_parts(const struct simulation *simulation, size_t *count)
{
	static const size_t all[FAKE_PARTS] = { 0, 1, 2 };

	(void)simulation;
	*count = FAKE_PARTS;
	return all;
}

const struct counter *simulation_counters(const struct simulation *simulation, size_t *count)
{
	*count = FAKE_COUNTERS;
	return simulation->counters;
}

uint64_t simulation_events(const struct simulation *simulation)
{
	uint64_t times = (uint64_t)simulation->config->events[0].times;
	uint64_t events = fake.events ? fake.events : times;
	double work_ns = simulation->config->guests[0].costs[FAKE_WORK].law.mean_ns;

	if (fake.grows_above_ns > 0 && work_ns > fake.grows_above_ns)
		events *= 1000;
	return simulation->config->exact_pages ? 1000 * events : events;
}

bool simulation_is_random(const struct simulation *simulation)
{
	return simulation->random;
}

size_t simulation_blocked(const struct simulation *simulation, char (*texts)[BLOCKED_TEXT],
			  size_t most)
{
	(void)simulation;
	(void)texts;
	(void)most;
	return 0;
}

/* A configuration with one guest "db" and one reboot: mean_work_ns (cv) plus 1 s. */
struct fake_case {
	struct model model;
	struct term terms[FAKE_TERMS];
	struct cost costs[FAKE_TERMS];
	struct guest_config guest;
	struct event_config event;
	struct simulation_config config;
};

static inline void fake_case_init(struct fake_case *fake_case, double mean_work_ns, double cv)
{
	static const char *const names[FAKE_TERMS] = {
		[FAKE_WORK] = "fake.work", [FAKE_REST] = "fake.rest", [FAKE_UNUSED] = "fake.unused"
	};

	*fake_case = (struct fake_case){ 0 };
	for (int i = FIRST_TERM; i < FAKE_TERMS; i++) {
		double mean_ns = i == FAKE_WORK ? mean_work_ns : 1e9;

		fake_case->terms[i].name = names[i];
		fake_case->costs[i] = (struct cost){
			.law = law_of(mean_ns, i == FAKE_WORK ? cv : 0),
			.low_ns = mean_ns / 2,
			.high_ns = mean_ns * 2,
			.status = TERM_ASSUMED,
			.source = "made up",
		};
	}
	fake_case->model = (struct model){ .name = "fake",
					   .terms = fake_case->terms,
					   .term_count = FAKE_TERMS };
	fake_case->guest = (struct guest_config){ .name = (char *)(uintptr_t) "db",
						  .count = 1,
						  .model = &fake_case->model,
						  .costs = fake_case->costs };
	fake_case->event = (struct event_config){ .operation = OPERATION_REBOOT, .times = 1 };
	fake_case->config = (struct simulation_config){ .guests = &fake_case->guest,
							.guest_count = 1,
							.events = &fake_case->event,
							.event_count = 1,
							.until_ns = INT64_MAX,
							.seed = 7 };
	fake.lost_ns = 0;
	fake.fails_at = 0;
	fake.interrupted_at = 0;
	fake.fails_above_ns = fake.grows_above_ns = 0;
	fake.events = 0;
	fake.watched = NULL;
	fake.runs_after = 0;
}

/* The scenario around a fake configuration. */
static inline struct scenario fake_scenario(const struct fake_case *fake_case, int64_t replications)
{
	return (struct scenario){
		.name = (char *)(uintptr_t) "a test",
		.file = (char *)(uintptr_t) "test.json",
		.simulation = fake_case->config,
		.experiment = { .replications = replications, .precision = 0.01 },
	};
}

#endif
