/* Events of a scenario: what happens to which guest, and when. */

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

/* Whom it meets; of a fleet, VMs that run. */
static bool check_targets(struct loader *loader, const char *pointer, json_t *object,
			  const struct raw_event *raw)
{
	const struct fleet_config *fleet = loader->scenario->fleet;

	if (!fleet)
		return !json_is_integer(json_object_get(object, "host")) ||
		       loader_error_at(loader, pointer, "host",
				       "there is one host: \"host\" is for the hosts of a fleet");
	if (raw->config.host >= fleet->population.hosts)
		return loader_error_at(loader, pointer, "host", "there are hosts 0 to %lld",
				       (long long)fleet->population.hosts - 1);
	return raw->operation != OPERATION_START ||
	       loader_error_at(loader, pointer, "do",
			       "VMs of a fleet start when they arrive: each has a line in the "
			       "trace");
}

static bool load_event(struct loader *loader, size_t index, const struct raw_event *raw,
		       struct event_config *event)
{
	const struct guest_config *guest;
	char hint[HINT_MAX], pointer[POINTER_MAX];
	int64_t g = loader_guest(loader, raw->guest, hint);
	json_t *object =
		json_array_get(json_object_get(loader->document->root, "events"), index);

	pointer_to_index(pointer, "/events", index);
	if (g < 0)
		return loader_error_at(loader, pointer, "guests", "there is no guest \"%s\"%s",
				       raw->guest, hint);
	guest = &loader->scenario->simulation.guests[g];
	if (!guest->design->flows[raw->operation])
		return loader_error_at(loader, pointer, "do", "strategy %s of model %s has no %s",
				       guest->design->name, guest->model->name,
				       operation_names[raw->operation]);
	if (raw->config.every_ns && raw->config.rate_per_s > 0)
		return loader_error_at(loader, pointer, "rate",
				       "an event has either \"every\" or \"rate\"");
	if (!check_targets(loader, pointer, object, raw))
		return false;
	*event = raw->config;
	if (!json_is_integer(json_object_get(object, "host")))
		event->host = -1;
	event->operation = (enum operation)raw->operation;
	event->guest = (size_t)g;
	warn_event(loader, pointer, event);
	return true;
}

bool load_events(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct field_list *events = &loader->origin->raw.events;

	if (!events->count && !json_is_object(json_object_get(loader->document->root, "fleet")))
		return loader_error(loader, "/events",
				    "at least one event is needed: {\"at\": \"10s\", \"do\": "
				    "\"reboot\", \"guests\": \"NAME\"}");
	config->events =
		memory_array(events->count, sizeof(*config->events), "events", loader->error);
	if (!config->events)
		return false;
	config->event_count = events->count;
	for (size_t i = 0; i < events->count; i++)
		if (!load_event(loader, i, (const struct raw_event *)events->items + i,
				&config->events[i]))
			return false;
	return true;
}
