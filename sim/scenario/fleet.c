/* The fleet of a scenario: hosts, placement, and the VMs of a trace. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "document/record.h"
#include "fleet/fleet.h"
#include "flow/model.h"
#include "scenario/loader.h"
#include "scenario/trace.h"

enum { FLAVOURS_MOST = 4096 };

/* The flavour of a line; a new one when none is like it. SIZE_MAX: an error is set. */
static size_t flavour_of(struct loader *loader, struct fleet_config *fleet, size_t *capacity,
			 const struct trace_line *line, const char *path)
{
	const struct simulation_config *config = &loader->scenario->simulation;
	const struct guest_config *template = &config->guests[fleet->population.guest];
	struct error why = { 0 };
	const char *key = "memory";
	struct guest_config *flavour;

	for (size_t f = 0; f < fleet->flavour_count; f++)
		if (fleet->flavours[f].vcpus == line->vcpus &&
		    fleet->flavours[f].memory_bytes == line->memory_bytes)
			return f;
	if (fleet->flavour_count == FLAVOURS_MOST) {
		error_set(loader->error, ERROR_INPUT, "%s:%zu: error: more than %d flavours", path,
			  line->line, FLAVOURS_MOST);
		return SIZE_MAX;
	}
	if (!memory_grow(&fleet->flavours, capacity, fleet->flavour_count + 1,
			 sizeof(*fleet->flavours), "flavours", loader->error))
		return SIZE_MAX;
	flavour = &fleet->flavours[fleet->flavour_count];
	*flavour = *template;
	flavour->vcpus = line->vcpus;
	flavour->memory_bytes = line->memory_bytes / template->page_bytes * template->page_bytes;
	if (flavour->memory_bytes < template->page_bytes)
		flavour->memory_bytes = template->page_bytes;
	if (template->model->check && !template->model->check(flavour, &config->host, &key, &why)) {
		error_set(loader->error, ERROR_INPUT, "%s:%zu: error: %s: %s", path, line->line,
			  key, why.message);
		return SIZE_MAX;
	}
	/* what was asked for, so that lines like it are found */
	flavour->memory_bytes = line->memory_bytes;
	return fleet->flavour_count++;
}

static bool take_vms(struct loader *loader, struct fleet_config *fleet, const struct trace *trace,
		     const char *path)
{
	size_t capacity = 0;

	fleet->vms = memory_array(trace->count, sizeof(*fleet->vms), "VMs", loader->error);
	if (!fleet->vms)
		return false;
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_line *line = &trace->lines[i];
		size_t flavour = flavour_of(loader, fleet, &capacity, line, path);

		if (flavour == SIZE_MAX)
			return false;
		fleet->vms[i] = (struct vm_request){ line->arrival_ns, line->lifetime_ns,
						     (uint32_t)flavour };
	}
	fleet->vm_count = trace->count;
	return true;
}

static bool load_trace(struct loader *loader, struct fleet_config *fleet, const char *name)
{
	const struct attachment *text;
	char path[PATH_MAX];
	struct trace trace;
	bool ok;

	text = attachments_take(&loader->origin->attachments, loader->document, "/fleet/trace",
				name, "file", path, sizeof(path), loader->error);
	if (!text || !(text->text ? trace_read_text(&trace, path, text->text, loader->error)
				  : trace_read(&trace, path, loader->error)))
		return false;
	ok = take_vms(loader, fleet, &trace, path);
	trace_fini(&trace);
	return ok;
}

static bool check_evacuations(struct loader *loader, const struct fleet_config *fleet)
{
	const struct evacuation_config *list = fleet->evacuations;

	for (size_t i = 0; i < fleet->evacuation_count; i++) {
		char pointer[64];

		snprintf(pointer, sizeof(pointer), "/fleet/evacuations/%zu/host", i);
		if (list[i].host >= fleet->population.hosts)
			return loader_error(loader, pointer, "there are hosts 0 to %lld",
					    (long long)fleet->population.hosts - 1);
		for (size_t before = 0; before < i; before++)
			if (list[before].host == list[i].host)
				return loader_error(loader, pointer, "a host can be emptied once");
	}
	return true;
}

bool load_fleet(struct loader *loader)
{
	json_t *object = json_object_get(loader->document->root, "fleet");
	struct raw_fleet *raw = &loader->origin->fleet;
	struct fleet_config *fleet = &raw->config;
	char hint[HINT_MAX];
	int64_t guest;

	if (!object || json_is_null(object))
		return true;
	if (!record_read_whole(loader->document, &fleet_record, object, "/fleet", raw,
			       loader->error))
		return false;
	guest = loader_guest(loader, raw->guest, hint);
	if (guest < 0)
		return loader_error(loader, "/fleet/guests", "there is no guest \"%.60s\"%s",
				    raw->guest, hint);
	if (loader->scenario->simulation.host.numa_nodes > 1)
		return loader_error_at(loader, "/host", "numa_nodes",
				       "hosts of a fleet have one node: no VM is placed by nodes");
	fleet->placement = (enum placement)raw->placement;
	fleet->evacuations = raw->evacuations.items;
	fleet->evacuation_count = raw->evacuations.count;
	fleet->population.ops = &fleet_ops;
	fleet->population.guest = (size_t)guest;
	loader->scenario->fleet = fleet;
	loader->scenario->simulation.population = &fleet->population;
	return check_evacuations(loader, fleet) && load_trace(loader, fleet, raw->trace);
}
