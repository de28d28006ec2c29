#include "flow/event_target.h"

#include <stdlib.h>

#include "flow/instance.h"

static bool comes_and_goes(const struct event_source *source)
{
	const struct population *population = source->simulation->config->population;

	return population && population->guest == source->config->guest;
}

static struct instance *find(const struct event_source *source, uint32_t member)
{
	struct simulation *simulation = source->simulation;
	const struct group *group = &simulation->groups[source->config->guest];

	if (comes_and_goes(source))
		return population_ops(simulation)->find(simulation->population, member);
	return &simulation->instances[group->first_instance + member];
}

/* Drawn for the guest, not for where it is: two designs ask the same ones. */
static bool is_of_share(const struct event_source *source, const struct instance *instance,
			uint32_t occurrence)
{
	struct simulation *simulation = source->simulation;
	struct stream_name name = {
		.seed = simulation->config->seed,
		.replication = simulation->replication,
		.entity = instance->member,
		.occurrence = occurrence,
		.use = (uint32_t)(source->config - simulation->config->events),
		.purpose = PURPOSE_SHARE,
	};
	struct stream stream;

	if (source->config->share >= 1)
		return true;
	simulation->random = true;
	if (!stream_begin(&stream, &name)) {
		engine_fail(&simulation->engine, ERROR_INPUT,
			    "an event with \"share\" happens more than %d times; shorten "
			    "experiment.until",
			    STREAM_OCCURRENCES_MAX);
		return false;
	}
	return stream_uniform(&stream) < source->config->share;
}

bool event_meets_ever(const struct event_source *source, const struct instance *instance)
{
	return is_of_share(source, instance, 0);
}

bool event_meets_now(const struct event_source *source, const struct instance *instance)
{
	const struct event_config *config = source->config;
	int64_t age_ns = source->simulation->engine.now_ns - instance->started_ns;

	if (comes_and_goes(source) && find(source, instance->member) != instance)
		return false;
	if (config->host >= 0 && instance->host->number != (uint32_t)config->host)
		return false;
	return !config->older_than_ns ||
	       (instance->guest.running && age_ns >= config->older_than_ns);
}

struct instance *event_target(const struct event_source *source, size_t n)
{
	return find(source, source->targets[n]);
}

static bool add(struct event_source *source, struct instance *instance)
{
	if (!instance->in_use ||
	    &source->simulation->groups[source->config->guest] != instance->group ||
	    !event_meets_now(source, instance) ||
	    !is_of_share(source, instance, (uint32_t)source->count))
		return true;
	if (!memory_grow(&source->targets, &source->target_capacity, source->target_count + 1,
			 sizeof(*source->targets), "events", &source->simulation->engine.error)) {
		engine_stop(&source->simulation->engine);
		return false;
	}
	source->targets[source->target_count++] = instance->member;
	return true;
}

static int by_member(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

bool event_targets_find(struct event_source *source)
{
	const struct simulation *simulation = source->simulation;
	const struct group *group = &simulation->groups[source->config->guest];
	struct instance *instance;

	source->target_count = 0;
	if (!comes_and_goes(source)) {
		for (size_t i = 0; i < group->count; i++)
			if (!add(source, &simulation->instances[group->first_instance + i]))
				return false;
		return true;
	}
	for (size_t i = simulation->instance_count; (instance = simulation_instance(simulation, i));
	     i++)
		if (!add(source, instance))
			return false;
	if (source->target_count)
		qsort(source->targets, source->target_count, sizeof(*source->targets), by_member);
	return true;
}
