/* Events of a scenario: what happens to which guest, and when. */

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "document/record.h"
#include "flow/model.h"
#include "scenario/loader.h"

/* What is said of an event but cannot matter. */
static void warn_event(struct loader *loader, const char *event, const struct event_config *config)
{
	char pointer[POINTER_MAX];

	if (config->at_ns >= loader->origin->raw.experiment.until_ns) {
		pointer_to_key(pointer, event, "at");
		loader_warning(loader, pointer,
			       "this event never happens: a replication ends at /experiment/until");
	}
	if (config->concurrency && config->rate_per_s > 0) {
		pointer_to_key(pointer, event, "concurrency");
		loader_warning(
			loader, pointer,
			"this has no effect: with \"rate\" each guest has arrivals of its own");
	}
	if (config->times && !config->every_ns && config->rate_per_s <= 0) {
		pointer_to_key(pointer, event, "times");
		loader_warning(loader, pointer,
			       "this has no effect: without \"every\" or \"rate\" an event "
			       "happens once");
	}
}

/* As many occurrences as streams can name, by period as by rate: more take all memory. */
static bool check_often(struct loader *loader, const char *pointer,
			const struct event_config *config)
{
	int64_t span_ns = loader->origin->raw.experiment.until_ns - config->at_ns;
	double often = config->every_ns ? (double)span_ns / (double)config->every_ns + 1
					: (double)span_ns * 1e-9 * config->rate_per_s;

	if (config->times)
		often = fmin(often, (double)config->times);
	if (span_ns <= 0 || often <= EVENT_OCCURRENCES_MAX)
		return true;
	return loader_error_at(loader, pointer, config->every_ns ? "every" : "rate",
			       "this is %.3g times until /experiment/until (%d at most): a longer "
			       "period, a lower rate, \"times\" or an earlier end",
			       often, EVENT_OCCURRENCES_MAX);
}

/* Whom it meets; of a fleet, VMs that run. */
static bool check_targets(struct loader *loader, const char *pointer, json_t *object,
			  const struct raw_event *raw)
{
	const struct fleet_config *fleet = loader->scenario->fleet;

	if (!fleet && raw->action == ACTION_EVACUATE)
		return loader_error_at(loader, pointer, "do",
				       "there is one host: \"evacuate\" is for those of a fleet");
	if (!fleet)
		return !json_is_integer(json_object_get(object, "host")) ||
		       loader_error_at(loader, pointer, "host",
				       "there is one host: \"host\" is for those of a fleet");
	if (raw->config.host >= fleet->population.hosts)
		return loader_error_at(loader, pointer, "host", "there are hosts 0 to %lld",
				       (long long)fleet->population.hosts - 1);
	return raw->action != OPERATION_START ||
	       loader_error_at(loader, pointer, "do",
			       "VMs of a fleet start when they arrive: each has a line in the "
			       "trace");
}

/* A host is emptied once, of all its VMs. */
static bool load_evacuation(struct loader *loader, const char *pointer, json_t *object,
			    const struct raw_event *raw)
{
	static const char *const others[] = { "share", "older_than", "every",
					      "rate",  "times",      "coalesce" };
	struct fleet_config *fleet = loader->scenario->fleet;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!json_is_null(json_object_get(object, others[i])) &&
		    json_object_get(object, others[i]))
			return loader_error_at(loader, pointer, others[i],
					       "an evacuation empties a host once, of all its VMs");
	if (!json_is_integer(json_object_get(object, "host")))
		return loader_error_at(loader, pointer, "do",
				       "evacuate needs \"host\", the number of the host to empty");
	if (loader->emptied[raw->config.host])
		return loader_error_at(loader, pointer, "host", "a host can be emptied once");
	loader->emptied[raw->config.host] = true;
	fleet->evacuations[fleet->evacuation_count++] =
		(struct evacuation_config){ .at_ns = raw->config.at_ns,
					    .host = raw->config.host,
					    .concurrency = raw->config.concurrency,
					    .back_after_ns = raw->back_after_ns };
	return true;
}

/* An operation on guests, or something else, which others keep. */
static bool load_event(struct loader *loader, size_t index, const struct raw_event *raw)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct guest_config *guest;
	struct event_config *event = &config->events[config->event_count];
	char hint[HINT_MAX], pointer[POINTER_MAX];
	json_t *object = json_array_get(json_object_get(loader->document->root, "events"), index);
	int64_t g = loader_guest(loader, raw->guest, hint);

	pointer_to_index(pointer, "/events", index);
	if (g < 0)
		return loader_error_at(loader, pointer, "guests", "there is no guest \"%s\"%s",
				       raw->guest, hint);
	if (!check_targets(loader, pointer, object, raw) ||
	    !check_often(loader, pointer, &raw->config))
		return false;
	warn_event(loader, pointer, &raw->config);
	if (raw->action == ACTION_EVACUATE)
		return load_evacuation(loader, pointer, object, raw);
	guest = &config->guests[g];
	if (!guest->design->flows[raw->action])
		return loader_error_at(loader, pointer, "do", "strategy %s of model %s has no %s",
				       guest->design->name, guest->model->name,
				       operation_names[raw->action]);
	if (raw->config.every_ns && raw->config.rate_per_s > 0)
		return loader_error_at(loader, pointer, "rate",
				       "an event has either \"every\" or \"rate\"");
	if (raw->back_after_ns)
		return loader_error_at(loader, pointer, "back_after",
				       "only hosts that \"evacuate\" empties come back");
	*event = raw->config;
	event->operation = (enum operation)raw->action;
	event->guest = (size_t)g;
	if (!json_is_integer(json_object_get(object, "host")))
		event->host = -1;
	config->event_count++;
	return true;
}

bool load_events(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	struct fleet_config *fleet = loader->scenario->fleet;
	const struct field_list *events = &loader->origin->raw.events;

	if (!events->count && !fleet)
		return loader_error(loader, "/events",
				    "at least one event is needed: {\"at\": \"10s\", \"do\": "
				    "\"reboot\", \"guests\": \"NAME\"}");
	config->events =
		memory_array(events->count, sizeof(*config->events), "events", loader->error);
	if (fleet) {
		fleet->evacuations = memory_array(events->count, sizeof(*fleet->evacuations),
						  "evacuations", loader->error);
		loader->emptied = memory_array((size_t)fleet->population.hosts,
					       sizeof(*loader->emptied), "hosts", loader->error);
	}
	if (!config->events || (fleet && (!fleet->evacuations || !loader->emptied)))
		return false;
	for (size_t i = 0; i < events->count; i++)
		if (!load_event(loader, i, (const struct raw_event *)events->items + i))
			return false;
	return true;
}
