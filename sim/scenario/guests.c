/* The guests of a scenario: common keys, the keys of their model, faults. */

#include <string.h>

#include "base/memory.h"
#include "flow/model.h"
#include "flow/program.h"
#include "scenario/loader.h"
#include "scenario/record.h"

enum { INSTANCES_MAX = 1000000 };

static bool find_model(struct loader *loader, const char *pointer, const struct raw_guest *raw,
		       struct guest_config *guest)
{
	char inner[POINTER_MAX];
	const char *names[128];
	const char *near;
	size_t count = 0;

	guest->model = model_find(raw->model);
	snprintf(inner, sizeof(inner), "%s", pointer);
	pointer_add_key(inner, "model");
	if (!guest->model) {
		for (; count < model_table_count && count < 127; count++)
			names[count] = model_table[count]->name;
		names[count] = NULL;
		near = nearest_name(raw->model, names);
		return document_error(loader->document, inner, loader->error,
				      "there is no model \"%.60s\"%s%s%s (`sim models` lists them)",
				      raw->model, near ? "; did you mean \"" : "", near ? near : "",
				      near ? "\"?" : "");
	}
	guest->strategy = strategy_find(guest->model, raw->strategy);
	snprintf(inner, sizeof(inner), "%s", pointer);
	pointer_add_key(inner, "strategy");
	if (guest->strategy < 0) {
		for (; count < guest->model->strategy_count && count < 127; count++)
			names[count] = guest->model->strategies[count].name;
		names[count] = NULL;
		near = nearest_name(raw->strategy, names);
		return document_error(
			loader->document, inner, loader->error,
			"%s has no strategy \"%.60s\"; it has %s%s%s%s%s%s%s%s", guest->model->name,
			raw->strategy, names[0], count > 1 ? ", " : "", count > 1 ? names[1] : "",
			count > 2 ? ", " : "", count > 2 ? names[2] : "",
			near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	return true;
}

/* The steps of a guest's flows that can be made to fail. */
static bool check_fault(struct loader *loader, const char *pointer,
			const struct guest_config *guest, const struct fault_config *fault)
{
	const struct strategy *strategy = &guest->model->strategies[guest->strategy];
	const char *names[256];
	const char *near;
	size_t count = 0;

	if ((fault->probability > 0) == (fault->call > 0))
		return document_error(loader->document, pointer, loader->error,
				      "a fault needs either \"probability\" or \"call\"");
	for (int i = 0; i < OPERATION_COUNT; i++) {
		struct program program;

		if (!strategy->flows[i])
			continue;
		if (!program_build(&program, guest->model, strategy->flows[i], loader->error))
			return false;
		for (size_t s = 0; s < program.step_count && count < 255; s++) {
			const char *name = program_fault_name(guest->model, program.steps[s].step);

			if (name)
				names[count++] = name;
		}
		program_fini(&program);
	}
	names[count] = NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], fault->step) == 0)
			return true;
	near = nearest_name(fault->step, names);
	return document_error(loader->document, pointer, loader->error,
			      "no step of %s/%s that can fail is called \"%.60s\"%s%s%s",
			      guest->model->name, strategy->name, fault->step,
			      near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void warn_ignored(struct loader *loader, const char *pointer,
			 const struct guest_config *guest, json_t *object)
{
	const char *key;
	json_t *value;

	if (!guest->model->ignored)
		return;
	json_object_foreach(object, key, value)
	{
		const char *why =
			guest->model->ignored(guest, &loader->scenario->simulation.host, key);
		char inner[POINTER_MAX];

		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, key);
		if (why)
			document_warning(loader->document, inner, loader->warnings,
					 "this has no effect: %s", why);
	}
}

static bool check_guest(struct loader *loader, const char *pointer, struct guest_config *guest,
			json_t *object)
{
	char inner[POINTER_MAX];
	struct error why = { 0 };
	const char *key = "";

	if (guest->memory_bytes % 4096) {
		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, "memory");
		return document_error(loader->document, inner, loader->error,
				      "the memory must be a multiple of 4 KiB");
	}
	for (size_t i = 0; i < guest->fault_count; i++) {
		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, "faults");
		pointer_add_index(inner, i);
		if (!check_fault(loader, inner, guest, &guest->faults[i]))
			return false;
	}
	if (guest->model->check &&
	    !guest->model->check(guest, &loader->scenario->simulation.host, &key, &why)) {
		snprintf(inner, sizeof(inner), "%s", pointer);
		pointer_add_key(inner, key);
		return document_error(loader->document, inner, loader->error, "%s", why.message);
	}
	warn_ignored(loader, pointer, guest, object);
	return true;
}

static bool load_guest(struct loader *loader, const char *pointer, json_t *object,
		       struct guest_config *guest)
{
	struct raw_guest raw = { 0 };
	const struct record *records[] = { &guest_record, NULL, NULL };
	bool ok = false;

	if (!json_is_object(object))
		return document_error(loader->document, pointer, loader->error,
				      "a guest is an object");
	if (!record_read(loader->document, &guest_record, object, pointer, &raw, loader->error) ||
	    !find_model(loader, pointer, &raw, guest))
		goto out;
	records[1] = guest->model->parameters;
	guest->parameters =
		memory_array(1, guest->model->parameters->size, "parameters", loader->error);
	if (!guest->parameters ||
	    !record_check_keys(loader->document, object, pointer, records, loader->error) ||
	    !record_read(loader->document, guest->model->parameters, object, pointer,
			 guest->parameters, loader->error) ||
	    !costs_default(guest->model, &guest->costs, loader->error))
		goto out;
	guest->name = raw.name;
	raw.name = NULL;
	guest->count = raw.count;
	guest->vcpus = raw.vcpus;
	guest->memory_bytes = raw.memory_bytes;
	guest->resident = raw.resident;
	guest->page_bytes = page_size_bytes[raw.page_size];
	guest->faults = raw.faults.items;
	guest->fault_count = raw.faults.count;
	raw.faults = (struct field_list){ 0 };
	ok = check_guest(loader, pointer, guest, object);
out:
	record_fini(&guest_record, &raw);
	return ok;
}

bool load_guests(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	json_t *list = json_object_get(loader->document->root, "guests");
	int64_t instances = 0;
	size_t index;
	json_t *object;

	if (!json_is_array(list) || json_array_size(list) == 0)
		return document_error(loader->document, "/guests", loader->error,
				      "a list of at least one guest is needed");
	config->guests = memory_array(json_array_size(list), sizeof(*config->guests), "guests",
				      loader->error);
	if (!config->guests)
		return false;
	config->guest_count = json_array_size(list);
	json_array_foreach(list, index, object)
	{
		char pointer[POINTER_MAX] = "/guests";

		pointer_add_index(pointer, index);
		if (!load_guest(loader, pointer, object, &config->guests[index]))
			return false;
		for (size_t other = 0; other < index; other++) {
			if (strcmp(config->guests[other].name, config->guests[index].name) == 0) {
				pointer_add_key(pointer, "name");
				return document_error(loader->document, pointer, loader->error,
						      "two guests have this name");
			}
		}
		instances += config->guests[index].count;
		if (instances > INSTANCES_MAX) {
			pointer_add_key(pointer, "count");
			return document_error(loader->document, pointer, loader->error,
					      "more than %d guests in all", INSTANCES_MAX);
		}
	}
	return true;
}
