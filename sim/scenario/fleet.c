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

/* More for each vCPU, in most VMs: the trace's unit is another. */
static const int64_t wide_bytes = (int64_t)128 << 30;

/* The flavour of a line, of which sizes are known so far. SIZE_MAX: an error is set. */
static size_t flavour_of(struct loader *loader, size_t *capacity, const struct trace_line *line,
			 const char *path)
{
	struct fleet_config *fleet = loader->scenario->fleet;

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
	fleet->flavours[fleet->flavour_count] =
		(struct guest_config){ .vcpus = line->vcpus, .memory_bytes = line->memory_bytes };
	return fleet->flavour_count++;
}

static void note_end(struct fleet_config *fleet, const struct trace_line *line)
{
	int64_t end_ns = line->arrival_ns + (line->lifetime_ns > 0 ? line->lifetime_ns : 0);

	if (end_ns > fleet->end_ns)
		fleet->end_ns = end_ns;
}

static bool take_vms(struct loader *loader, const struct trace *trace, const char *path)
{
	struct fleet_config *fleet = loader->scenario->fleet;
	size_t capacity = 0;

	fleet->vms = memory_array(trace->count, sizeof(*fleet->vms), "VMs", loader->error);
	if (!fleet->vms)
		return false;
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_line *line = &trace->lines[i];
		size_t flavour = flavour_of(loader, &capacity, line, path);

		if (flavour == SIZE_MAX)
			return false;
		fleet->vms[i] = (struct vm_request){ line->arrival_ns, line->lifetime_ns,
						     (uint32_t)flavour };
		note_end(fleet, line);
	}
	fleet->vm_count = trace->count;
	return true;
}

/* What does not fit a machine. */
static void warn_sizes(struct loader *loader, const struct trace *trace)
{
	const struct simulation_config *config = &loader->scenario->simulation;
	const struct fleet_config *fleet = loader->scenario->fleet;
	const struct guest_config *guest = &config->guests[fleet->population.guest];
	enum page_size pool = guest->hugetlb ? guest->page_size : PAGE_4K;
	double room = (double)host_pool_bytes(&config->host, pool);
	double cores = fleet->vcpus_per_core * (double)config->host.cores;
	size_t wide = 0, large = 0, first = 0;

	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_line *line = &trace->lines[i];
		double present = (double)line->memory_bytes * guest_resident(guest);

		wide += line->memory_bytes / line->vcpus > wide_bytes;
		if (present <= room && (cores <= 0 || (double)line->vcpus <= cores))
			continue;
		if (!large++)
			first = i;
	}
	if (wide > trace->count / 2)
		loader_warning(loader, "/fleet/trace",
			       "more than half of the VMs have over 128 GiB for each vCPU: "
			       "memory_gib looks like MiB (`sim trace import --format sim "
			       "--memory-unit MiB` mends it)");
	if (large)
		loader_warning(loader, "/fleet/trace",
			       "%zu of %zu VMs fit no host, even an empty one, and will be "
			       "rejected: the first, line %zu, has %lld vCPUs and %.6g GiB",
			       large, trace->count, trace->lines[first].line,
			       (long long)trace->lines[first].vcpus,
			       (double)trace->lines[first].memory_bytes / 0x1p30);
}

static size_t vms_after(const struct fleet_config *fleet, int64_t until_ns)
{
	size_t count = 0;

	while (count < fleet->vm_count &&
	       fleet->vms[fleet->vm_count - 1 - count].arrival_ns > until_ns)
		count++;
	return count;
}

/* An experiment that says no end goes on for an hour behind that of the trace. */
static void find_end(struct loader *loader)
{
	static const int64_t hour_ns = 3600 * (int64_t)1000000000;
	int64_t *until_ns = &loader->origin->raw.experiment.until_ns;
	const struct fleet_config *fleet = loader->scenario->fleet;
	const json_t *experiment = json_object_get(loader->document->root, "experiment");
	size_t left_out = vms_after(fleet, *until_ns);

	if (!json_object_get(experiment, "until"))
		*until_ns = fleet->end_ns + hour_ns;
	else if (left_out)
		loader_warning(loader, "/experiment/until",
			       "the trace goes on for %.3g h: %zu of its %zu VMs arrive later and "
			       "are left out (without \"until\" a fleet runs to the trace's end)",
			       (double)(fleet->end_ns - *until_ns) / 3.6e12, left_out,
			       fleet->vm_count);
}

static bool load_trace(struct loader *loader, const char *name)
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
	ok = take_vms(loader, &trace, path);
	if (ok) {
		warn_sizes(loader, &trace);
		find_end(loader);
	}
	trace_fini(&trace);
	return ok;
}

/* What a guest says that is the trace's to say, and guests that nobody places. */
static bool check_guest(struct loader *loader, size_t guest)
{
	json_t *list = json_object_get(loader->document->root, "guests");
	json_t *object = json_array_get(list, guest);
	static const enum operation needed[] = { OPERATION_START, OPERATION_SHUTDOWN };
	const struct guest_config *config = &loader->scenario->simulation.guests[guest];
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!config->design->flows[needed[i]])
			return loader_error(
				loader, "/fleet/guests",
				"VMs of a fleet start and shut down, but strategy %s of "
				"model %s has no %s",
				config->design->name, config->model->name,
				operation_names[needed[i]]);
	for (size_t g = 0; g < json_array_size(list); g++) {
		pointer_to_index(pointer, "/guests", g);
		if (g != guest)
			return loader_error_at(loader, pointer, "name",
					       "a fleet has guests of one kind, \"%.60s\": nobody "
					       "would place this one",
					       config->name);
	}
	pointer_to_index(pointer, "/guests", guest);
	if (json_object_get(object, "count"))
		return loader_error_at(
			loader, pointer, "count",
			"the trace says how many VMs there are: leave \"count\" out");
	pointer_to_key(pointer, pointer, "vcpus");
	if (json_object_get(object, "vcpus"))
		loader_warning(loader, pointer,
			       "this has no effect: the trace says it for each VM");
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
	fleet->population.ops = &fleet_ops;
	fleet->population.guest = (size_t)guest;
	loader->scenario->fleet = fleet;
	loader->scenario->simulation.population = &fleet->population;
	return check_guest(loader, (size_t)guest) && load_trace(loader, raw->trace);
}

/* The guest with the sizes of the flavour. */
static bool make_flavour(struct loader *loader, const struct guest_config *guest,
			 struct guest_config *flavour)
{
	const struct host_config *host = &loader->scenario->simulation.host;
	const int64_t vcpus = flavour->vcpus, bytes = flavour->memory_bytes;
	struct error why = { 0 };
	const char *key = "memory";

	*flavour = *guest;
	flavour->vcpus = vcpus;
	flavour->memory_bytes = bytes / guest->page_bytes * guest->page_bytes;
	if (flavour->memory_bytes < guest->page_bytes)
		flavour->memory_bytes = guest->page_bytes;
	return !guest->model->check || guest->model->check(flavour, host, &key, &why) ||
	       loader_error(loader, "/fleet/trace", "a VM of %lld vCPUs and %.6g GiB: %s: %s",
			    (long long)vcpus, (double)bytes / 0x1p30, key, why.message);
}

bool load_flavours(struct loader *loader)
{
	struct fleet_config *fleet = loader->scenario->fleet;

	for (size_t f = 0; fleet && f < fleet->flavour_count; f++)
		if (!make_flavour(loader,
				  &loader->scenario->simulation.guests[fleet->population.guest],
				  &fleet->flavours[f]))
			return false;
	return true;
}

int64_t scenario_trace_left_ns(const struct scenario *scenario)
{
	int64_t left_ns =
		scenario->fleet ? scenario->fleet->end_ns - scenario->simulation.until_ns : 0;

	return left_ns > 0 ? left_ns : 0;
}
