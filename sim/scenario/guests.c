/* The guests of a scenario: common keys, the keys of their model, faults, warnings. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "document/record.h"
#include "flow/fault_points.h"
#include "flow/model.h"
#include "flow/model_check.h"
#include "flow/version.h"
#include "scenario/loader.h"
#include "scenario/versions.h"

enum { INSTANCES_MAX = 1000000, ENTRIES_MAX = 10000 };

/*
 * Complain about a key that is another model's, or one that is said otherwise here; what nobody
 * knows is left to record_check_keys().
 */
static bool check_keys(struct loader *loader, const char *pointer, const struct guest_config *guest,
		       json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		char names[128] = "";
		size_t used = 0;

		if (record_field(&guest_record, key) || record_field(guest->model->parameters, key))
			continue;
		for (size_t m = 0; m < model_table_count; m++)
			if (record_field(model_table[m]->parameters, key) && used < sizeof(names))
				used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
							 used ? ", " : "", model_table[m]->name);
		if (used)
			return document_key_error(loader->document, pointer, key, loader->error,
						  "the model %s has no key \"%s\"; it is one of %s",
						  guest->model->name, key, names);
	}
	return true;
}

/* "sev-snp" is sev with its parameter snp. */
static const char *model_hint(char hint[HINT_MAX], const char *name)
{
	const char *dash = strchr(name, '-');

	for (size_t m = 0; dash && m < model_table_count; m++) {
		const struct model *model = model_table[m];

		if (strlen(model->name) == (size_t)(dash - name) &&
		    strncasecmp(model->name, name, (size_t)(dash - name)) == 0 &&
		    record_field(model->parameters, dash + 1)) {
			snprintf(hint, HINT_MAX, "; did you mean \"%s\" with \"%s\": true?",
				 model->name, dash + 1);
			return hint;
		}
	}
	return did_you_mean(hint, name, model_names);
}

static bool find_model(struct loader *loader, const char *pointer, const struct raw_guest *raw,
		       struct guest_config *guest)
{
	const char *slash = strchr(raw->model, '/');
	const char *strategy = raw->strategy || !slash ? raw->strategy : slash + 1;
	char hint[HINT_MAX], name[64];
	int index;

	snprintf(name, sizeof(name), "%.*s", slash ? (int)(slash - raw->model) : 63, raw->model);
	guest->model = model_find(name);
	if (!guest->model)
		return loader_error_at(loader, pointer, "model",
				       "there is no model \"%.60s\"%s (`sim models` lists them)",
				       name, model_hint(hint, name));
	if (!model_is_sound(guest->model, loader->error))
		return false;
	guest->model = designs_model(&loader->origin->designs, guest->model);
	index = strategy ? strategy_find(guest->model, strategy) : 0;
	if (index >= 0) {
		guest->design = &guest->model->strategies[index];
		guest->strategy =
			designs_origin(&loader->origin->designs, guest->model, (size_t)index);
		return true;
	}
	return strategy_unknown(loader->document, pointer, raw->strategy ? "strategy" : "model",
				guest->model, strategy, loader->error);
}

static bool unknown_fault(struct loader *loader, const char *pointer,
			  const struct guest_config *guest, const struct fault_points *points,
			  const char *step)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX];

	for (size_t i = 0; i < points->count; i++)
		candidates_add(&known, points->points[i].name);
	return loader_error(loader, pointer,
			    "no step of %s/%s that can fail is called \"%.60s\"%s (`sim models "
			    "%s` lists them)",
			    guest->model->name, guest->design->name, step,
			    did_you_mean(hint, step, known.names), guest->model->name);
}

/* Each fault has one way to strike, at a step of the guest's flows that can fail. */
static bool check_faults(struct loader *loader, const char *pointer,
			 const struct guest_config *guest)
{
	struct fault_points points = { 0 };
	bool ok = !guest->fault_count ||
		  fault_points_add(&points, guest->model, guest->design, loader->error);

	for (size_t i = 0; ok && i < guest->fault_count; i++) {
		const struct fault_config *fault = &guest->faults[i];
		char inner[POINTER_MAX];

		pointer_to_key(inner, pointer, "faults");
		pointer_to_index(inner, inner, i);
		if ((fault->probability > 0) == (fault->call > 0)) {
			ok = loader_error(loader, inner,
					  "a fault needs either \"probability\" or \"call\"");
		} else if (!fault_points_find(&points, fault->step)) {
			ok = unknown_fault(loader, inner, guest, &points, fault->step);
		}
	}
	fault_points_fini(&points);
	return ok;
}

static const char *why_ignored(const struct guest_config *guest, const struct host_config *host,
			       const char *key)
{
	if (strcmp(key, "vmm_memory") == 0 && !host->metadata)
		return "the host's \"metadata\" is false";
	if (strcmp(key, "vmm") == 0 && guest->vmm != VMM_QEMU &&
	    !version_speaks(PROGRAM_VMM, guest, host))
		return "its model knows no boot by this VMM";
	if (strcmp(key, "qemu") == 0 && guest->vmm != VMM_QEMU && guest->vmm != VMM_QEMU_MICROVM)
		return "the guest's \"vmm\" is not QEMU";
	if (strcmp(key, "numa") == 0 && host->numa_nodes <= 1)
		return "the host has one NUMA node";
	return guest->model->ignored ? guest->model->ignored(guest, host, key) : NULL;
}

static void warn_ignored(struct loader *loader, const char *pointer,
			 const struct guest_config *guest, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		const char *why = why_ignored(guest, &loader->scenario->simulation.host, key);
		char inner[POINTER_MAX];

		pointer_to_key(inner, pointer, key);
		if (why)
			loader_warning(loader, inner, "this has no effect: %s", why);
	}
}

static bool check_guest(struct loader *loader, const char *pointer, struct guest_config *guest,
			json_t *object)
{
	char page[32];
	struct error why = { 0 };
	const char *key = "";

	if (guest->memory_bytes % guest->page_bytes) {
		quantity_format_exact(page, QUANTITY_BYTES, guest->page_bytes);
		return loader_error_at(loader, pointer, "memory",
				       "the memory must be a multiple of its page size, %s", page);
	}
	if (guest->numa_node >= loader->scenario->simulation.host.numa_nodes)
		return loader_error_at(loader, pointer, "numa_node",
				       "the host has %lld NUMA nodes, from 0 on (host.numa_nodes)",
				       (long long)loader->scenario->simulation.host.numa_nodes);
	if (guest->numa_node >= 0 && guest->numa != NUMA_BOUND)
		return loader_error_at(loader, pointer, "numa_node",
				       "a guest of one node is \"numa\": \"bound\"");
	if (guest->hugetlb && guest->page_size == PAGE_4K)
		return loader_error_at(loader, pointer, "hugetlb",
				       "a pool has pages of 2 MiB or 1 GiB: \"page_size\" is "
				       "\"4KiB\"");
	if (!check_faults(loader, pointer, guest))
		return false;
	if (guest->model->check &&
	    !guest->model->check(guest, &loader->scenario->simulation.host, &key, &why))
		return loader_error_at(loader, pointer, key, "%s", why.message);
	warn_ignored(loader, pointer, guest, object);
	return true;
}

static bool load_guest(struct loader *loader, const char *pointer, json_t *object,
		       struct guest_config *guest)
{
	struct raw_guest raw = { 0 };
	const struct record *own;
	bool ok = false;

	if (!json_is_object(object))
		return loader_error(loader, pointer, "a guest is an object");
	if (!record_read(loader->document, &guest_record, object, pointer, &raw, loader->error))
		goto out;
	*guest = raw.config;
	raw.config.name = NULL;
	guest->page_bytes = page_size_bytes[guest->page_size];
	if (!json_object_get(object, "numa_node"))
		guest->numa_node = -1;
	guest->faults = raw.faults.items;
	guest->fault_count = raw.faults.count;
	raw.faults = (struct field_list){ 0 };
	if (!find_model(loader, pointer, &raw, guest))
		goto out;
	own = guest->model->parameters;
	guest->parameters = memory_array(1, own->size, "parameters", loader->error);
	if (!guest->parameters || !check_keys(loader, pointer, guest, object) ||
	    !record_check_keys(loader->document, &guest_record, own, object, pointer,
			       loader->error) ||
	    !record_read(loader->document, own, object, pointer, guest->parameters,
			 loader->error) ||
	    !versions_apply(loader, pointer, object, guest) ||
	    !costs_default(guest, &guest->costs, loader->error))
		goto out;
	ok = check_guest(loader, pointer, guest, object);
out:
	record_fini(&guest_record, &raw);
	return ok;
}

/* The sum is a double: a million guests of a pebibyte are beyond 63 bits. */
static void warn_full(struct loader *loader)
{
	static const char *const keys[PAGE_SIZES] = { "/host/memory", "/host/hugepages_2m",
						      "/host/hugepages_1g" };
	const struct simulation_config *config = &loader->scenario->simulation;
	char size[32];

	for (enum page_size pool = PAGE_4K; pool < PAGE_SIZES; pool++) {
		double present = 0;

		for (size_t g = 0; g < config->guest_count; g++) {
			const struct guest_config *guest = &config->guests[g];

			if (pool == (guest->hugetlb ? guest->page_size : PAGE_4K))
				present += (double)guest->count * (double)guest->memory_bytes *
					   guest_resident(guest);
		}
		if (present <= (double)host_pool_bytes(&config->host, pool))
			continue;
		quantity_format_exact(size, QUANTITY_BYTES, host_pool_bytes(&config->host, pool));
		loader_warning(loader, keys[pool],
			       "the guests' present memory is %.4g GiB, the %s has %s",
			       present / 0x1p30, pool == PAGE_4K ? "host" : "pool", size);
	}
}

static bool take_name(struct loader *loader, const char *pointer, size_t index)
{
	const char *name = loader->scenario->simulation.guests[index].name;

	if (json_object_get(loader->guest_numbers, name))
		return loader_error_at(loader, pointer, "name", "two guests have this name");
	if (json_object_set_new(loader->guest_numbers, name, json_integer((json_int_t)index)) != 0)
		return error_memory(loader->error, "guests");
	return true;
}

bool load_guests(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	json_t *list = json_object_get(loader->document->root, "guests");
	int64_t instances = 0;
	size_t index;
	json_t *object;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return loader_error(loader, "/guests", "a list of at least one guest is needed");
	if (json_array_size(list) > ENTRIES_MAX)
		return loader_error(loader, "/guests",
				    "more than %d entries; \"count\" makes many guests of one",
				    ENTRIES_MAX);
	config->guests = memory_array(json_array_size(list), sizeof(*config->guests), "guests",
				      loader->error);
	if (!config->guests)
		return false;
	config->guest_count = json_array_size(list);
	json_array_foreach(list, index, object)
	{
		char pointer[POINTER_MAX];

		pointer_to_index(pointer, "/guests", index);
		if (!load_guest(loader, pointer, object, &config->guests[index]) ||
		    !take_name(loader, pointer, index))
			return false;
		instances += config->guests[index].count;
		if (instances > INSTANCES_MAX)
			return loader_error_at(loader, pointer, "count",
					       "more than %d guests in all", INSTANCES_MAX);
	}
	if (config->host.numa_nodes > config->host.cores)
		return loader_error_at(loader, "/host", "numa_nodes",
				       "each of the nodes needs a core");
	if (host_pool_bytes(&config->host, PAGE_4K) < 0)
		return loader_error(loader, "/host",
				    "the pools of hugepages take more than the host's memory");
	warn_full(loader);
	return true;
}
