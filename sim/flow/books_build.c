/*
 * Which metrics, parts of latencies and counters a simulation keeps: fixed when it is
 * built, so that replications can be merged by index.
 */

#include "flow/books.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *books_keep_name(struct simulation *simulation, struct error *error, const char *format,
			    const char *a, const char *b)
{
	char text[256];

	snprintf(text, sizeof(text), format, a, b);
	return memory_keep_text(&simulation->names, text, error);
}

bool books_add_metric(struct simulation *simulation, size_t *index, const char *name,
		      const char *group, enum metric_unit unit, size_t *capacity,
		      struct error *error)
{
	if (!name || !memory_grow(&simulation->metrics, capacity, simulation->metric_count + 1,
				  sizeof(*simulation->metrics), "metrics", error))
		return false;
	*index = simulation->metric_count;
	simulation->metrics[simulation->metric_count++] =
		(struct metric){ .name = name, .group = group, .unit = unit };
	return true;
}

static bool has_stalls(const struct group *group)
{
	for (int i = 0; i < OPERATION_COUNT; i++)
		for (size_t k = 0; group->offers[i] && k < group->programs[i].step_count; k++)
			if (group->programs[i].steps[k].step->stall)
				return true;
	return false;
}

static bool build_group_metrics(struct simulation *simulation, struct group *group,
				size_t *capacity, struct error *error)
{
	static const char *const latency_names[OPERATION_COUNT] = {
		[OPERATION_START] = "start.latency",       [OPERATION_REBOOT] = "reboot.latency",
		[OPERATION_SHUTDOWN] = "shutdown.latency", [OPERATION_UPDATE] = "update.latency",
		[OPERATION_RELOCK] = "relock.latency",
	};
	struct group_metrics *metrics = &group->metrics;
	const struct {
		size_t *index;
		const char *name;
		enum metric_unit unit;
	} rows[] = {
		{ &metrics->teardown, "teardown.latency", METRIC_NANOSECONDS },
		{ &metrics->background, "cpu.background", METRIC_NANOSECONDS },
		{ &metrics->foreground_pages, "pages.foreground", METRIC_PAGES },
		{ &metrics->background_pages, "pages.background", METRIC_PAGES },
		{ &metrics->touched_pages, "pages.touched", METRIC_PAGES },
		{ &metrics->fallbacks, "fallbacks", METRIC_COUNT },
	};
	const char *name = group->config->name;

	for (int i = 0; i < OPERATION_COUNT; i++)
		if (latency_names[i] && group->offers[i] &&
		    !books_add_metric(simulation, &metrics->latency[i], latency_names[i], name,
				      METRIC_NANOSECONDS, capacity, error))
			return false;
	metrics->latency[OPERATION_KILL] = metrics->latency[OPERATION_SHUTDOWN];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!books_add_metric(simulation, rows[i].index, rows[i].name, name, rows[i].unit,
				      capacity, error))
			return false;
	metrics->stall = SIZE_MAX;
	if (has_stalls(group) && !books_add_metric(simulation, &metrics->stall, "guest.stall", name,
						   METRIC_NANOSECONDS, capacity, error))
		return false;
	for (size_t i = 0; i < step_errno_count; i++) {
		size_t index;
		const char *failure = books_keep_name(simulation, error, "failures.%s%s",
						      step_errno_name(step_errnos[i]), "");

		if (!books_add_metric(simulation, &index, failure, name, METRIC_COUNT, capacity,
				      error))
			return false;
		if (i == 0)
			metrics->failures = index;
	}
	return true;
}

static bool lock_known(const struct simulation *simulation, size_t first, const char *name)
{
	for (size_t i = first; i < simulation->metric_count; i++)
		if (strcmp(simulation->metrics[i].name, name) == 0)
			return true;
	return false;
}

static bool build_host_metrics(struct simulation *simulation, size_t *capacity, struct error *error)
{
	size_t index;

	if (!books_add_metric(simulation, &simulation->limbo_peak, "limbo.peak", "host",
			      METRIC_BYTES, capacity, error) ||
	    !books_add_metric(simulation, &simulation->limbo_mean, "limbo.mean", "host",
			      METRIC_BYTES, capacity, error) ||
	    !books_add_metric(simulation, &simulation->slice_max, "slice.max", "host",
			      METRIC_NANOSECONDS, capacity, error))
		return false;
	simulation->first_lock = simulation->metric_count;
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		const struct model *model = simulation->groups[g].config->model;

		for (size_t i = 0; i < model->lock_count; i++) {
			const char *metric = model->locks[i]->metric;
			const char *wait =
				books_keep_name(simulation, error, "lock.%s.%s", metric, "wait");
			const char *hold =
				books_keep_name(simulation, error, "lock.%s.%s", metric, "hold");

			if (!wait || !hold)
				return false;
			if (lock_known(simulation, simulation->first_lock, wait))
				continue;
			if (!books_add_metric(simulation, &index, wait, "host", METRIC_NANOSECONDS,
					      capacity, error) ||
			    !books_add_metric(simulation, &index, hold, "host", METRIC_NANOSECONDS,
					      capacity, error))
				return false;
		}
	}
	return true;
}

static bool build_parts(struct simulation *simulation, struct group *group, size_t *capacity,
			struct error *error)
{
	for (int operation = 0; operation < OPERATION_COUNT; operation++) {
		const struct program *program = &group->programs[operation];
		struct part *part;

		if (!group->offers[operation])
			continue;
		if (!memory_grow(&simulation->parts, capacity,
				 simulation->part_count + 1 + 2 * program->step_count,
				 sizeof(*simulation->parts), "parts", error))
			return false;
		group->first_part[operation] = simulation->part_count;
		part = &simulation->parts[simulation->part_count];
		*part++ = (struct part){ .metric = group->metrics.latency[operation],
					 .flow = program->flows[0].flow->name,
					 .step = "queued behind another operation",
					 .where = "-" };
		for (size_t i = 0; i < program->step_count; i++) {
			const struct program_step *step = &program->steps[i];
			const char *name =
				books_keep_name(simulation, error, "%s%s", step->name, "");
			const char *waiting =
				books_keep_name(simulation, error, "%s (%s)", step->name,
						step_waits_for(step->step));

			if (!name || !waiting)
				return false;
			for (int w = 0; w < 2; w++)
				*part++ = (struct part){
					.metric = group->metrics.latency[operation],
					.flow = program->flows[step->flow].flow->name,
					.step = w ? waiting : name,
					.where = step->step->where ? step->step->where : "-",
					.retries = program_retries(program, i),
				};
		}
		simulation->part_count += 1 + 2 * program->step_count;
	}
	return true;
}

static bool build_counters(struct simulation *simulation, struct group *group, size_t *capacity,
			   struct error *error)
{
	static const char *const extra[COUNTERS_EXTRA] = {
		[COUNTER_LOST_PAGES] = "pages.lost",
		[COUNTER_LEAKED_BYTES] = "memory.leaked_bytes",
		[COUNTER_UNFINISHED] = "operations.unfinished",
		[COUNTER_REQUESTED] = "operations.requested",
		[COUNTER_REQUEST_ENDS + REQUEST_DONE] = "operations.done",
		[COUNTER_REQUEST_ENDS + REQUEST_FAILED] = "operations.failed",
		[COUNTER_REQUEST_ENDS + REQUEST_REFUSED] = "operations.refused",
		[COUNTER_REQUEST_ENDS + REQUEST_COALESCED] = "operations.coalesced",
	};
	const struct model *model = group->config->model;
	size_t count = model->term_count - FIRST_TERM + COUNTERS_EXTRA;

	group->first_counter = simulation->counter_count;
	group->extra_counters = group->first_counter + model->term_count - FIRST_TERM;
	if (!memory_grow(&simulation->counters, capacity, group->first_counter + count,
			 sizeof(*simulation->counters), "counters", error))
		return false;
	for (size_t term = FIRST_TERM; term < model->term_count; term++)
		simulation->counters[simulation->counter_count++] = (struct counter){
			.name = model->terms[term].name,
			.group = group->config->name,
		};
	for (size_t i = 0; i < COUNTERS_EXTRA; i++)
		simulation->counters[simulation->counter_count++] = (struct counter){
			.name = extra[i],
			.group = group->config->name,
		};
	return true;
}

bool books_add_counter(struct simulation *simulation, const char *name, const char *group,
		       size_t *capacity, struct error *error)
{
	if (!memory_grow(&simulation->counters, capacity, simulation->counter_count + 1,
			 sizeof(*simulation->counters), "counters", error))
		return false;
	simulation->counters[simulation->counter_count++] =
		(struct counter){ .name = name, .group = group };
	return true;
}

bool books_build(struct simulation *simulation, struct error *error)
{
	size_t metrics = 0, parts = 0, counters = 0;

	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		group->failures =
			memory_array(step_errno_count, sizeof(*group->failures), "failures", error);
		if (!group->failures || !build_group_metrics(simulation, group, &metrics, error) ||
		    !build_parts(simulation, group, &parts, error) ||
		    !build_counters(simulation, group, &counters, error))
			return false;
	}
	if (!build_host_metrics(simulation, &metrics, error))
		return false;
	simulation->last_lock = simulation->metric_count;
	simulation->lock_sums = memory_array(simulation->last_lock - simulation->first_lock + 1,
					     sizeof(*simulation->lock_sums), "locks", error);
	if (!simulation->lock_sums || !fleet_build_metrics(simulation, &metrics, &counters, error))
		return false;
	simulation->samples = memory_array(simulation->metric_count, sizeof(*simulation->samples),
					   "samples", error);
	return simulation->samples != NULL;
}

void books_fini(struct simulation *simulation)
{
	for (size_t i = 0; simulation->samples && i < simulation->metric_count; i++)
		free(simulation->samples[i].values);
	for (size_t i = 0; simulation->samples && i < simulation->metric_count; i++)
		free(simulation->samples[i].times);
	for (size_t g = 0; simulation->groups && g < simulation->config->guest_count; g++)
		free(simulation->groups[g].failures);
	free(simulation->samples);
	free(simulation->lock_sums);
	memory_keeper_fini(&simulation->names);
	free(simulation->metrics);
	free(simulation->parts);
	free(simulation->counters);
}
