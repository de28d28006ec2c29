#include "flow/metrics_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *metrics_keep_name(struct simulation *simulation, struct error *error,
			      const char *format, const char *a, const char *b)
{
	char text[256];

	snprintf(text, sizeof(text), format, a, b);
	return memory_keep_text(&simulation->names, text, error);
}

/* `total`: its one observation in each replication; NULL: metrics_sample() gives them. */
static bool add_named(struct simulation *simulation, const char *group,
		      const struct metric_kind *kind, const char *name, const int64_t *total,
		      struct error *error)
{
	size_t needed = simulation->metric_count + 1;

	if (!name ||
	    !memory_grow(&simulation->metrics, &simulation->metric_capacity, needed,
			 sizeof(*simulation->metrics), "metrics", error) ||
	    !memory_grow(&simulation->samples, &simulation->sample_capacity, needed,
			 sizeof(*simulation->samples), "samples", error))
		return false;
	simulation->metrics[simulation->metric_count++] = (struct metric){
		.kind = kind, .name = name, .group = group, .samples = total, .count = total != NULL
	};
	return true;
}

static const char *member_name(struct simulation *simulation, enum metric_id family,
			       const char *member, struct error *error)
{
	char name[256];

	metric_family_name(name, sizeof(name), &metric_kinds[family], member);
	return memory_keep_text(&simulation->names, name, error);
}

bool metrics_add(struct simulation *simulation, struct group *group, enum metric_id id,
		 struct error *error)
{
	const struct metric_kind *kind = &metric_kinds[id];
	bool of_host = kind->of == OF_HOST;
	struct metric_set *set = of_host ? &simulation->host_metrics : &group->metrics;

	set->index[id] = simulation->metric_count;
	return add_named(simulation, of_host ? "host" : group->config->name, kind, kind->name,
			 metric_is_total(kind) ? &set->total[id] : NULL, error);
}

static bool has_stalls(const struct group *group)
{
	for (int i = 0; i < OPERATION_COUNT; i++)
		for (size_t k = 0; group->offers[i] && k < group->programs[i].step_count; k++)
			if (group->programs[i].steps[k].step->stall)
				return true;
	return false;
}

/* Those of fleets are not among them: what drives guests adds them. */
static bool exists(const struct group *group, const struct metric_kind *kind)
{
	switch (kind->needs) {
	case NEEDS_OPERATION:
		return group->offers[kind - &metric_kinds[METRIC_START]];
	case NEEDS_STALLS:
		return has_stalls(group);
	case NEEDS_WAVES:
		return has_waves(group->simulation->config,
				 (size_t)(group - group->simulation->groups));
	case NEEDS_FAULTS:
		return group->config->fault_count > 0;
	case NEEDS_NODES: /* of the host */
	case NEEDS_FLEET:
	case NEEDS_EVACUATIONS:
		return false;
	case NEEDS_NOTHING:
		break;
	}
	return true;
}

static bool add_failures(struct simulation *simulation, struct group *group, struct error *error)
{
	for (size_t i = 0; i < step_errno_count; i++)
		if (!add_named(simulation, group->config->name, &metric_kinds[METRIC_FAILURES],
			       member_name(simulation, METRIC_FAILURES,
					   step_errno_name(step_errnos[i]), error),
			       &group->failures[i], error))
			return false;
	return true;
}

static bool build_group_metrics(struct simulation *simulation, struct group *group,
				struct error *error)
{
	for (size_t id = 0; id < METRIC_KINDS; id++)
		group->metrics.index[id] = SIZE_MAX;
	for (enum metric_id id = 0; id < METRIC_KINDS; id++) {
		const struct metric_kind *kind = &metric_kinds[id];

		if (kind->of != OF_GUEST || !exists(group, kind))
			continue;
		if (id == METRIC_FAILURES ? !add_failures(simulation, group, error)
					  : !metrics_add(simulation, group, id, error))
			return false;
	}
	return true;
}

/* Waits and holds of the lock; models may share one, by its name. */
static bool add_lock(struct simulation *simulation, const struct lock_kind *lock, size_t *index,
		     struct error *error)
{
	const char *wait = member_name(simulation, METRIC_LOCK_WAIT, lock->metric, error);
	size_t first = simulation->metric_count - simulation->lock_sum_count;

	for (*index = 0; wait && *index < simulation->lock_sum_count; ++*index)
		if (strcmp(simulation->metrics[first + *index].name, wait) == 0)
			return true;
	simulation->lock_sum_count += 2;
	return add_named(simulation, "host", &metric_kinds[METRIC_LOCK_WAIT], wait,
			 &simulation->lock_sums[*index], error) &&
	       add_named(simulation, "host", &metric_kinds[METRIC_LOCK_HOLD],
			 member_name(simulation, METRIC_LOCK_HOLD, lock->metric, error),
			 &simulation->lock_sums[*index + 1], error);
}

static bool add_locks(struct simulation *simulation, struct error *error)
{
	size_t most = 0;

	for (size_t g = 0; g < simulation->config->guest_count; g++)
		most += 2 * simulation->config->guests[g].model->lock_count;
	simulation->lock_sums = memory_array(most, sizeof(*simulation->lock_sums), "locks", error);
	if (!simulation->lock_sums)
		return false;
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];
		const struct model *model = group->config->model;

		group->lock_sums =
			memory_array(model->lock_count, sizeof(*group->lock_sums), "locks", error);
		if (!group->lock_sums)
			return false;
		for (size_t k = 0; k < model->lock_count; k++)
			if (!add_lock(simulation, model->locks[k], &group->lock_sums[k], error))
				return false;
	}
	return true;
}

/* Of those that the scenario names: what was used, and what was lost by it. */
static bool add_capacities(struct simulation *simulation, struct error *error)
{
	const struct host_config *host = &simulation->config->host;

	for (size_t i = 0; i < host->capacity_count; i++) {
		const char *name = host->capacities[i].name;

		if (!add_named(simulation, "host", &metric_kinds[METRIC_CAPACITY_USED],
			       member_name(simulation, METRIC_CAPACITY_USED, name, error),
			       &simulation->capacity_used[i], error) ||
		    !add_named(simulation, "host", &metric_kinds[METRIC_CAPACITY_SLOWED],
			       member_name(simulation, METRIC_CAPACITY_SLOWED, name, error),
			       &simulation->capacity_slowed[i], error))
			return false;
	}
	return true;
}

static bool build_host_metrics(struct simulation *simulation, struct error *error)
{
	for (size_t id = 0; id < METRIC_KINDS; id++)
		simulation->host_metrics.index[id] = SIZE_MAX;
	for (enum metric_id id = 0; id < METRIC_KINDS; id++) {
		const struct metric_kind *kind = &metric_kinds[id];

		if (kind->of == OF_HOST &&
		    (kind->needs == NEEDS_NOTHING ||
		     (kind->needs == NEEDS_NODES && simulation->hosts[0].node_count > 1)) &&
		    !metric_is_family(kind) && !metrics_add(simulation, NULL, id, error))
			return false;
	}
	return add_locks(simulation, error) && add_capacities(simulation, error);
}

static const char slowed[] = "slowed";

/*
 * "STEP (WHAT IT WAITS FOR)" and "STEP (slowed)" of all steps, one behind another: there
 * are hundreds, so they are copied rather than printed.
 */
static const char *lost_names(struct simulation *simulation, const struct program *program,
			      struct error *error)
{
	size_t size = 1;
	char *names, *end;

	for (size_t i = 0; i < program->step_count; i++)
		size += 2 * (strlen(program->steps[i].name) + sizeof(" ()")) + strlen(slowed) +
			strlen(step_waits_for(program->steps[i].step));
	names = end = memory_keep_array(&simulation->names, size, 1, "names", error);
	for (size_t i = 0; names && i < program->step_count; i++) {
		end = stpcpy(stpcpy(end, program->steps[i].name), " (");
		end = stpcpy(stpcpy(end, step_waits_for(program->steps[i].step)), ")") + 1;
		end = stpcpy(stpcpy(end, program->steps[i].name), " (");
		end = stpcpy(stpcpy(end, slowed), ")") + 1;
	}
	return names;
}

static bool build_parts(struct simulation *simulation, struct group *group, struct error *error)
{
	for (int operation = 0; operation < OPERATION_COUNT; operation++) {
		const struct program *program = &group->programs[operation];
		size_t metric =
			group->metrics.index[metric_of_operation((enum operation)operation)];
		const char *name;
		struct part *part;

		if (!group->offers[operation])
			continue;
		if (!memory_grow(&simulation->parts, &simulation->part_capacity,
				 simulation->part_count +
					 part_of_step(program->step_count, PART_WORK),
				 sizeof(*simulation->parts), "parts", error) ||
		    !memory_grow(&simulation->spent_parts, &simulation->spent_capacity,
				 simulation->part_capacity, sizeof(*simulation->spent_parts),
				 "parts", error))
			return false;
		group->first_part[operation] = simulation->part_count;
		part = &simulation->parts[simulation->part_count];
		*part++ = (struct part){ .metric = metric,
					 .flow = program->flows[0].flow->name,
					 .step = "queued behind another operation",
					 .where = "-" };
		name = lost_names(simulation, program, error);
		if (!name)
			return false;
		for (size_t i = 0; i < program->step_count; i++) {
			const struct program_step *step = &program->steps[i];

			for (int p = 0; p < PARTS_OF_STEP; p++) {
				*part++ = (struct part){
					.metric = metric,
					.flow = program->flows[step->flow].flow->name,
					.step = p == PART_WORK ? step->name : name,
					.where = step->step->where ? step->step->where : "-",
					.retries = program_retries(program, i),
				};
				name += p == PART_WORK ? 0 : strlen(name) + 1;
			}
		}
		simulation->part_count += part_of_step(program->step_count, PART_WORK);
	}
	return true;
}

bool metrics_add_counter(struct simulation *simulation, const char *name, const char *group,
			 struct error *error)
{
	if (!memory_grow(&simulation->counters, &simulation->counter_capacity,
			 simulation->counter_count + 1, sizeof(*simulation->counters), "counters",
			 error))
		return false;
	simulation->counters[simulation->counter_count++] =
		(struct counter){ .name = name, .group = group };
	return true;
}

static bool build_counters(struct simulation *simulation, struct group *group, struct error *error)
{
	const struct model *model = group->config->model;

	group->first_counter = simulation->counter_count;
	for (size_t term = FIRST_TERM; term < model->term_count; term++)
		if (!metrics_add_counter(simulation, model->terms[term].name, group->config->name,
					 error))
			return false;
	group->extra_counters = simulation->counter_count;
	for (size_t i = 0; i < COUNTERS_OF_GUEST; i++)
		if (!metrics_add_counter(simulation, counter_kinds[i].name, group->config->name,
					 error))
			return false;
	return true;
}

bool metrics_build(struct simulation *simulation, struct error *error)
{
	for (size_t g = 0; g < simulation->config->guest_count; g++) {
		struct group *group = &simulation->groups[g];

		group->failures =
			memory_array(step_errno_count, sizeof(*group->failures), "failures", error);
		if (!group->failures || !build_group_metrics(simulation, group, error) ||
		    !build_parts(simulation, group, error) ||
		    !build_counters(simulation, group, error))
			return false;
	}
	return build_host_metrics(simulation, error);
}

void metrics_rename(struct simulation *simulation, const char *old, const char *new)
{
	for (size_t i = 0; i < simulation->metric_count; i++)
		if (simulation->metrics[i].group == old)
			simulation->metrics[i].group = new;
	for (size_t i = 0; i < simulation->counter_count; i++)
		if (simulation->counters[i].group == old)
			simulation->counters[i].group = new;
}

void metrics_fini(struct simulation *simulation)
{
	for (size_t i = 0; simulation->samples && i < simulation->metric_count; i++)
		free(simulation->samples[i].values);
	for (size_t i = 0; simulation->samples && i < simulation->metric_count; i++)
		free(simulation->samples[i].times);
	for (size_t g = 0; simulation->groups && g < simulation->config->guest_count; g++) {
		free(simulation->groups[g].failures);
		free(simulation->groups[g].lock_sums);
	}
	free(simulation->samples);
	free(simulation->lock_sums);
	memory_keeper_fini(&simulation->names);
	free(simulation->metrics);
	free(simulation->parts);
	free(simulation->spent_parts);
	free(simulation->counters);
}
