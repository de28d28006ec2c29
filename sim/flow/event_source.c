#include "flow/event_source.h"

#include <stdlib.h>

#include "base/memory.h"
#include "engine/variate.h"
#include "flow/event_target.h"
#include "flow/instance.h"
#include "flow/metrics.h"
#include "flow/operation.h"

_Static_assert((int)EVENT_OCCURRENCES_MAX <= (int)STREAM_OCCURRENCES_MAX,
	       "each occurrence has a stream");

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

/* The next guest of a rolling wave that is still there. */
static void wave_ask(struct event_source *source)
{
	const struct event_config *config = source->config;

	while (source->next < source->target_count) {
		struct instance *target = event_target(source, source->next++);

		if (!target)
			continue;
		source->under_way++;
		instance_request(target, config->operation, source, config->coalesce);
		return;
	}
}

static void wave_over(struct event_source *source)
{
	struct simulation *simulation = source->simulation;
	const struct group *group = &simulation->groups[source->config->guest];

	source->wave = false;
	if (source->wave_began_ns >= simulation->config->record_from_ns)
		metrics_latency(simulation, group->metrics.index[METRIC_WAVE],
				simulation->engine.now_ns - source->wave_began_ns,
				source->wave_began_ns);
}

/* Give the turns that there are. A loop, not a recursion: requests of many guests may end at once. */
static void wave_go_on(struct event_source *source)
{
	if (source->in_turns)
		return;
	source->in_turns = true;
	for (; source->turns; source->turns--)
		wave_ask(source);
	source->in_turns = false;
	if (source->wave && !source->under_way)
		wave_over(source);
}

static void wave_turn(struct event_source *source)
{
	source->turns++;
	source->under_way--;
	wave_go_on(source);
}

/* All that the event meets: so many at once, if it is a wave. */
static void ask_all(struct event_source *source)
{
	const struct event_config *config = source->config;

	if (!event_targets_find(source))
		return;
	if (!config->concurrency) {
		for (size_t i = 0; i < source->target_count; i++)
			instance_request(event_target(source, i), config->operation, NULL,
					 config->coalesce);
		return;
	}
	source->next = 0;
	source->wave = source->target_count > 0;
	source->wave_began_ns = source->simulation->engine.now_ns;
	source->turns += (size_t)config->concurrency;
	wave_go_on(source);
}

static void fire(struct engine *engine, struct event *event)
{
	struct event_source *source =
		(struct event_source *)((char *)event - offsetof(struct event_source, event));
	const struct event_config *config = source->config;

	source->count++;
	if (!source->instance)
		ask_all(source);
	else if (event_meets_now(source, source->instance))
		instance_request(source->instance, config->operation, NULL, config->coalesce);
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

size_t event_sources_of_each(const struct simulation_config *config, size_t guest)
{
	size_t count = 0;

	for (size_t i = 0; i < config->event_count; i++)
		count += config->events[i].guest == guest && config->events[i].rate_per_s > 0;
	return count;
}

static bool source_init(struct simulation *simulation, struct event_source *source,
			struct error *error)
{
	source->simulation = simulation;
	source->turn_over = wave_turn;
	return event_init(&simulation->engine, &source->event, fire, error);
}

bool event_sources_build(struct simulation *simulation, struct error *error)
{
	const struct simulation_config *config = simulation->config;

	simulation->source_count = event_sources_count(config);
	simulation->sources = memory_array(simulation->source_count, sizeof(*simulation->sources),
					   "events", error);
	if (!simulation->sources)
		return false;
	for (size_t i = 0; i < simulation->source_count; i++)
		if (!source_init(simulation, &simulation->sources[i], error))
			return false;
	event_sources_adopt(simulation);
	return true;
}

void event_sources_fini(struct simulation *simulation)
{
	for (size_t i = 0; simulation->sources && i < simulation->source_count; i++)
		free(simulation->sources[i].targets);
	free(simulation->sources);
}

void event_sources_adopt(struct simulation *simulation)
{
	const struct simulation_config *config = simulation->config;
	struct event_source *source = simulation->sources;

	for (size_t i = 0; i < config->event_count; i++) {
		const struct event_config *event = &config->events[i];
		const struct group *group = &simulation->groups[event->guest];
		size_t of_each = instances_at_start(config, event->guest);
		bool each = event->rate_per_s > 0;

		for (size_t k = 0; k < (each ? of_each : 1); k++, source++) {
			source->config = event;
			source->instance =
				each ? &simulation->instances[group->first_instance + k] : NULL;
		}
	}
}

/* The first arrival of one with arrivals of its own. */
static void expect_first(struct event_source *source)
{
	int64_t now_ns = source->simulation->engine.now_ns;
	int64_t from_ns = source->config->at_ns > now_ns ? source->config->at_ns : now_ns;

	if (event_meets_ever(source, source->instance))
		expect(source, from_ns, gap_ns(source, source->instance));
}

void event_sources_reset(struct simulation *simulation)
{
	for (size_t i = 0; i < simulation->source_count; i++) {
		struct event_source *source = &simulation->sources[i];

		source->count = 0;
		source->next = source->turns = source->under_way = 0;
		source->in_turns = source->wave = false;
		source->target_count = 0;
		if (source->instance)
			expect_first(source);
		else
			expect(source, source->config->at_ns, 0);
	}
}

/* --- of guests that come and go --- */

bool event_sources_join(struct instance *instance, struct event_source *sources,
			struct error *error)
{
	struct simulation *simulation = instance->simulation;
	size_t count = event_sources_of_each(simulation->config,
					     (size_t)(instance->group - simulation->groups));

	for (size_t i = 0; i < count; i++) {
		sources[i].instance = instance;
		if (!source_init(simulation, &sources[i], error))
			return false;
	}
	return true;
}

void event_sources_begin(struct instance *instance, struct event_source *sources)
{
	const struct simulation *simulation = instance->simulation;
	const struct simulation_config *config = simulation->config;
	size_t guest = (size_t)(instance->group - simulation->groups);

	for (size_t i = 0; i < config->event_count; i++) {
		if (config->events[i].guest != guest || config->events[i].rate_per_s <= 0)
			continue;
		sources->config = &config->events[i];
		sources->count = 0;
		expect_first(sources++);
	}
}

void event_sources_end(struct instance *instance, struct event_source *sources)
{
	const struct simulation *simulation = instance->simulation;
	size_t count = event_sources_of_each(simulation->config,
					     (size_t)(instance->group - simulation->groups));

	for (size_t i = 0; i < count; i++)
		event_cancel(&instance->simulation->engine, &sources[i].event);
}
