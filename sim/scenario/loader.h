#ifndef SIM_SCENARIO_LOADER_H
#define SIM_SCENARIO_LOADER_H

/* What the parts of scenario_load share. Private to sim/scenario. */

#include <stdio.h>

#include "base/nearest.h"
#include "document/document.h"
#include "scenario/costs.h"
#include "scenario/costs_carried.h"
#include "scenario/scenario.h"
#include "scenario/tables.h"

/* Behind scenario->document. */
struct origin {
	struct document document;
	struct raw_scenario raw;
	struct raw_fleet fleet;
	struct raw_plan plan;
	struct companions companions;
	struct attachments attachments;
	struct designs designs;
	struct resolved_costs costs;
	struct document result; /* that it was carried by; no root: it was read itself */
	bool bandwidth_said;
};

struct loader {
	struct scenario *scenario;
	struct document *document;
	struct origin *origin;
	FILE *warnings;
	struct error *error;
	json_t *guest_numbers; /* guest name -> index into guests */
	bool *emptied;         /* hosts of a fleet that an event has emptied; NULL: no fleet */
	size_t warned;
};

/* An error at a pointer, or at a key of the object there; both return false. */
#define loader_error(loader_, pointer_, ...)                                                       \
	document_error((loader_)->document, pointer_, (loader_)->error, __VA_ARGS__)
#define loader_error_at(loader_, pointer_, key_, ...)                                              \
	document_error_at((loader_)->document, pointer_, key_, (loader_)->error, __VA_ARGS__)

/* Index of the guest called `name`, or -1; then the hint is as did_you_mean() has it. */
int64_t loader_guest(const struct loader *loader, const char *name, char hint[HINT_MAX]);

/* A warning at a pointer of the document; after some twenty it says so and falls silent. */
void loader_warning(struct loader *loader, const char *pointer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Fill the guests, events, experiment and objectives of the scenario from the document. */
bool load_guests(struct loader *loader);
bool load_events(struct loader *loader);
bool load_experiment(struct loader *loader);
bool load_objectives(struct loader *loader);
/* Hosts and the trace; its end is that of an experiment which names none. */
bool load_fleet(struct loader *loader);
/* After costs are applied: the VMs' sizes become kinds of the guest. */
bool load_flavours(struct loader *loader);
bool load_plan(struct loader *loader);
bool load_sweep(struct loader *loader);

/* The objectives of `list` (JSON `array`, at `pointer`), checked; their texts are borrowed. */
bool load_limits(struct loader *loader, const char *pointer, const struct field_list *list,
		 const json_t *array, struct objective **objectives, size_t *count);

#endif
