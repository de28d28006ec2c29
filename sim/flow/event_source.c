#include "flow/event_source.h"

#include "base/memory.h"
#include "engine/variate.h"
#include "flow/instance.h"
#include "flow/operation.h"

/* Of an instance that has arrivals of its own. */
static int64_t gap_ns(const struct event_source *source, const struct instance *instance)
{
	struct simulation *simulation = source->simulation;
	const struct event_config *config = source->config;
	struct stream_name name = {
		.seed = simulation->config->seed,
		.replication = simulation->replication,
		.entity = instance->entity,
		.occurrence = (uint32_t)source->count,
		.use = (uint32_t)(config - simulation->config->events),
		.purpose = PURPOSE_EVENT,
	};
	struct stream stream;

	simulation->random = true;
	if (!stream_begin(&stream, &name)) {
		engine_fail(&simulation->engine, ERROR_INPUT,
			    "a guest has more than %d events by rate; shorten experiment.until",
			    STREAM_OCCURRENCES_MAX);
		return 0;
	}
	return (int64_t)stream_exponential(&stream, 1e9 / config->rate_per_s);
}

/* Events beyond the end are not scheduled: the clock ends at the horizon anyway. */
static void expect(struct event_source *source, int64_t from_ns, int64_t delay_ns)
{
	const struct simulation_config *config = source->simulation->config;

	if (delay_ns <= config->until_ns - from_ns)
		event_schedule(&source->simulation->engine, &source->event, from_ns + delay_ns);
}

/* The next instance of a rolling wave, if there is one. A loop, not a recursion: requests of many
 * guests may end at once. */
static void wave_turn(struct event_source *source)
{
	const struct event_config *config = source->config;
	const struct group *group = &source->simulation->groups[config->guest];

	source->turns++;
	if (source->in_turns)
		return;
	source->in_turns = true;
	for (; source->turns; source->turns--)
		if (source->next < group->count)
			instance_request(&source->simulation->instances[group->first_instance +
									source->next++],
					 config->operation, source, config->coalesce);
	source->in_turns = false;
}

static void fire(struct engine *engine, struct event *event)
{
	struct event_source *source =
		(struct event_source *)((char *)event - offsetof(struct event_source, event));
	const struct event_config *config = source->config;
	struct group *group = &source->simulation->groups[config->guest];

	source->count++;
	if (source->instance)
		instance_request(source->instance, config->operation, NULL, config->coalesce);
	source->next = 0;
	for (int64_t i = 0; !source->instance && i < config->concurrency; i++)
		wave_turn(source);
	for (size_t i = 0; !config->concurrency && !source->instance && i < group->count; i++)
		instance_request(&source->simulation->instances[group->first_instance + i],
				 config->operation, NULL, config->coalesce);
	if (config->times && source->count >= config->times)
		return;
	if (source->instance)
		expect(source, engine->now_ns, gap_ns(source, source->instance));
	else if (config->every_ns > 0)
		expect(source, engine->now_ns, config->every_ns);
}

size_t event_sources_count(const struct simulation_config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->event_count; i++)
		count += config->events[i].rate_per_s > 0
				 ? instances_at_start(config, config->events[i].guest)
				 : 1;
	return count;
}

bool event_sources_build(struct simulation *simulation, struct error *error)
{
	const struct simulation_config *config = simulation->config;

	simulation->source_count = event_sources_count(config);
	simulation->sources = memory_array(simulation->source_count, sizeof(*simulation->sources),
					   "events", error);
	if (!simulation->sources)
		return false;
	for (size_t i = 0; i < simulation->source_count; i++) {
		struct event_source *source = &simulation->sources[i];

		source->simulation = simulation;
		source->turn_over = wave_turn;
		if (!event_init(&simulation->engine, &source->event, fire, error))
			return false;
	}
	event_sources_adopt(simulation);
	return true;
}

void event_sources_adopt(struct simulation *simulation)
{
	const struct simulation_config *config = simulation->config;
	struct event_source *source = simulation->sources;

	for (size_t i = 0; i < config->event_count; i++) {
		const struct event_config *event = &config->events[i];
		const struct group *group = &simulation->groups[event->guest];
		bool each = event->rate_per_s > 0;

		for (size_t k = 0; k < (each ? group->count : 1); k++, source++) {
			source->config = event;
			source->instance =
				each ? &simulation->instances[group->first_instance + k] : NULL;
		}
	}
}

void event_sources_reset(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->source_count; i++) {
		struct event_source *source = &simulation->sources[i];

		source->count = 0;
		source->next = source->turns = 0;
		source->in_turns = false;
		expect(source, source->config->at_ns,
		       source->instance ? gap_ns(source, source->instance) : 0);
	}
}
