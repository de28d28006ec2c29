/* Events of a scenario: what happens to which guest, and when. */

#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "document/record.h"
#include "flow/model.h"
#include "scenario/loader.h"

/* What is said of an event but cannot matter. */
static void warn_event(struct loader *loader, size_t index, const struct raw_event *raw)
{
	char pointer[POINTER_MAX];

	if (raw->at_ns >= loader->origin->raw.experiment.until_ns) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/at", index);
		loader_warning(loader, pointer,
			       "this event never happens: a replication ends at /experiment/until");
	}
	if (raw->concurrency && raw->rate_per_s > 0) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/concurrency", index);
		loader_warning(
			loader, pointer,
			"this has no effect: with \"rate\" each guest has arrivals of its own");
	}
	if (raw->times && !raw->every_ns && raw->rate_per_s <= 0) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/times", index);
		loader_warning(
			loader, pointer,
			"this has no effect: without \"every\" or \"rate\" an event happens once");
	}
}

static bool load_event(struct loader *loader, size_t index, const struct raw_event *raw,
		       struct event_config *event)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct guest_config *guest;
	char hint[HINT_MAX];
	char pointer[POINTER_MAX];
	int64_t g = loader_guest(loader, raw->guest, hint);

	if (g < 0) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/guests", index);
		return document_error(loader->document, pointer, loader->error,
				      "there is no guest \"%s\"%s", raw->guest, hint);
	}
	guest = &config->guests[g];
	if (!guest->design->flows[raw->operation]) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/do", index);
		return document_error(loader->document, pointer, loader->error,
				      "strategy %s of model %s has no %s", guest->design->name,
				      guest->model->name, operation_names[raw->operation]);
	}
	if (raw->every_ns && raw->rate_per_s > 0) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/rate", index);
		return document_error(loader->document, pointer, loader->error,
				      "an event has either \"every\" or \"rate\"");
	}
	warn_event(loader, index, raw);
	*event = (struct event_config){
		.operation = (enum operation)raw->operation,
		.guest = (size_t)g,
		.at_ns = raw->at_ns,
		.every_ns = raw->every_ns,
		.rate_per_s = raw->rate_per_s,
		.times = raw->times,
		.concurrency = raw->concurrency,
		.coalesce = raw->coalesce,
	};
	return true;
}

bool load_events(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct field_list *events = &loader->origin->raw.events;

	if (!events->count && !json_is_object(json_object_get(loader->document->root, "fleet")))
		return document_error(loader->document, "/events", loader->error,
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
