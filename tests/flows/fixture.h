#ifndef TESTS_FLOWS_FIXTURE_H
#define TESTS_FLOWS_FIXTURE_H

/* What the tests of flows share: scenarios from text, and numbers out of a run. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow/simulation.h"
#include "scenario/scenario.h"

/* Load a scenario from a format; a failure prints the message and fails the test. */
static inline void load(struct scenario *scenario, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static inline void load(struct scenario *scenario, const char *format, ...)
{
	char text[32768];
	struct error error = { 0 };
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (!scenario_load_text(scenario, "<memory>", text, strlen(text), &error))
		fail_msg("%s\n%s", error.message, text);
}

/* A new simulation that has run one replication. */
static inline struct simulation *simulate(const struct scenario *scenario, uint32_t replication)
{
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(&scenario->simulation, &error);

	if (!simulation || !simulation_run(simulation, replication, &error))
		fail_msg("%s", error.message);
	return simulation;
}

static inline const struct metric *metric_of(const struct simulation *simulation, const char *name)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	fail_msg("there is no metric %s", name);
	return NULL;
}

/* The n-th observation of a metric (which must be there). */
static inline int64_t observation(const struct simulation *simulation, const char *name, size_t n)
{
	const struct metric *metric = metric_of(simulation, name);

	if (n >= metric->count)
		fail_msg("%s has %zu observations, number %zu is wanted", name, metric->count, n);
	return metric->samples[n];
}

/* How many observations it has. */
static inline size_t times_done(const struct simulation *simulation, const char *name)
{
	return metric_of(simulation, name)->count;
}

/* The sum of a metric's observations; 0 when there is none. */
static inline int64_t total_of(const struct simulation *simulation, const char *name)
{
	const struct metric *metric = metric_of(simulation, name);
	int64_t sum = 0;

	for (size_t i = 0; i < metric->count; i++)
		sum += metric->samples[i];
	return sum;
}

static inline uint64_t counter_of(const struct simulation *simulation, const char *name)
{
	size_t count;
	const struct counter *counters = simulation_counters(simulation, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(counters[i].name, name) == 0)
			return counters[i].value;
	fail_msg("there is no counter %s", name);
	return 0;
}

#endif
