#include "scenario/scenario.h"

#include <sha256.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/quantity.h"
#include "flow/model.h"
#include "flow/program.h"
#include "scenario/costs.h"
#include "scenario/document.h"
#include "scenario/record.h"
#include "scenario/tables.h"

enum { INSTANCES_MAX = 1000000 };

/* Behind scenario->document. */
struct origin {
	struct document document;
	struct raw_scenario raw;
	struct profiles profiles;
};

/* --- guests --------------------------------------------------------------- */

struct loader {
	struct scenario *scenario;
	struct document *document;
	struct origin *origin;
	FILE *warnings;
	struct error *error;
};

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

static bool load_guests(struct loader *loader)
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

/* --- events, experiment, objectives --------------------------------------- */

static bool load_event(struct loader *loader, size_t index, const struct raw_event *raw,
		       struct happening *happening)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct guest_config *guest;
	const char *names[128];
	const char *near;
	char pointer[POINTER_MAX];
	size_t count = 0, g = 0;

	while (g < config->guest_count && strcmp(config->guests[g].name, raw->guest) != 0)
		g++;
	if (g == config->guest_count) {
		for (; count < config->guest_count && count < 127; count++)
			names[count] = config->guests[count].name;
		names[count] = NULL;
		near = nearest_name(raw->guest, names);
		snprintf(pointer, sizeof(pointer), "/events/%zu/guests", index);
		return document_error(loader->document, pointer, loader->error,
				      "there is no guest \"%s\"%s%s%s", raw->guest,
				      near ? "; did you mean \"" : "", near ? near : "",
				      near ? "\"?" : "");
	}
	guest = &config->guests[g];
	if (!guest->model->strategies[guest->strategy].flows[raw->operation]) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/do", index);
		return document_error(loader->document, pointer, loader->error,
				      "strategy %s of model %s has no %s",
				      guest->model->strategies[guest->strategy].name,
				      guest->model->name, operation_names[raw->operation]);
	}
	if (raw->every_ns && raw->rate_per_s > 0) {
		snprintf(pointer, sizeof(pointer), "/events/%zu/rate", index);
		return document_error(loader->document, pointer, loader->error,
				      "an event has either \"every\" or \"rate\"");
	}
	*happening = (struct happening){
		.operation = (enum operation)raw->operation,
		.guest = g,
		.at_ns = raw->at_ns,
		.every_ns = raw->every_ns,
		.rate_per_s = raw->rate_per_s,
		.times = raw->times,
	};
	return true;
}

static bool load_events(struct loader *loader)
{
	struct simulation_config *config = &loader->scenario->simulation;
	const struct field_list *events = &loader->origin->raw.events;

	if (!events->count)
		return document_error(
			loader->document, "/events", loader->error,
			"at least one event is needed: "
			"{\"at\": \"10s\", \"do\": \"reboot\", \"guests\": \"NAME\"}");
	config->happenings =
		memory_array(events->count, sizeof(*config->happenings), "events", loader->error);
	if (!config->happenings)
		return false;
	config->happening_count = events->count;
	for (size_t i = 0; i < events->count; i++)
		if (!load_event(loader, i, (const struct raw_event *)events->items + i,
				&config->happenings[i]))
			return false;
	return true;
}

static bool load_experiment(struct loader *loader)
{
	const struct raw_experiment *raw = &loader->origin->raw.experiment;
	struct scenario *scenario = loader->scenario;
	json_t *experiment = json_object_get(loader->document->root, "experiment");
	json_t *replications = json_object_get(experiment, "replications");
	const char *text = json_string_value(replications);

	scenario->simulation.until_ns = raw->until_ns;
	scenario->simulation.seed = (uint64_t)raw->seed;
	scenario->simulation.exact_pages = raw->exact_pages;
	scenario->experiment.precision = raw->precision;
	scenario->experiment.spread = raw->spread;
	scenario->experiment.replications = 0;
	if (!replications || (text && strcmp(text, "auto") == 0))
		return true;
	scenario->experiment.replications = json_integer_value(replications);
	if (!json_is_integer(replications) || scenario->experiment.replications < 1 ||
	    scenario->experiment.replications > 1 << 24)
		return document_error(loader->document, "/experiment/replications", loader->error,
				      "\"auto\" or a whole number from 1 to 16777216 is needed");
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* The limit of an objective, in the metric's unit. */
static bool load_limit(struct loader *loader, const char *pointer, const char *metric,
		       json_t *value, double *limit)
{
	bool duration = ends_with(metric, ".latency") || ends_with(metric, ".wait") ||
			ends_with(metric, ".hold") || strcmp(metric, "slice.max") == 0 ||
			strcmp(metric, "cpu.background") == 0;
	bool bytes = strncmp(metric, "limbo.", 6) == 0;
	struct error why = { 0 };

	if (duration || bytes) {
		if (json_is_string(value) &&
		    quantity_read(json_string_value(value),
				  duration ? QUANTITY_DURATION : QUANTITY_BYTES, limit, &why))
			return true;
		return document_error(loader->document, pointer, loader->error, "%s",
				      json_is_string(value) ? why.message
				      : duration ? "a duration is needed, for example \"2s\""
						 : "a size is needed, for example \"64GiB\"");
	}
	*limit = json_number_value(value);
	if (!json_is_number(value))
		return document_error(loader->document, pointer, loader->error,
				      "a number is needed");
	return true;
}

static bool known_metric(const char *name)
{
	static const char *const names[] = {
		"start.latency",    "reboot.latency",
		"shutdown.latency", "teardown.latency",
		"update.latency",   "limbo.peak",
		"limbo.mean",       "slice.max",
		"cpu.background",   "pages.foreground",
		"pages.background", "pages.touched",
		"fallbacks",        NULL,
	};

	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return strncmp(name, "failures.", 9) == 0 || strncmp(name, "lock.", 5) == 0;
}

static bool load_objectives(struct loader *loader)
{
	const struct field_list *list = &loader->origin->raw.objectives;
	struct scenario *scenario = loader->scenario;
	json_t *array = json_object_get(loader->document->root, "objectives");

	scenario->objectives = memory_array(list->count, sizeof(*scenario->objectives),
					    "objectives", loader->error);
	if (!scenario->objectives)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct raw_objective *raw = (const struct raw_objective *)list->items + i;
		struct objective *objective = &scenario->objectives[i];
		const struct record *records[] = { &objective_record, NULL };
		char pointer[POINTER_MAX];

		snprintf(pointer, sizeof(pointer), "/objectives/%zu", i);
		if (!record_check_keys(loader->document, json_array_get(array, i), pointer, records,
				       loader->error))
			return false;
		objective->quantile = raw->quantile > 0 ? raw->quantile : -1;
		objective->metric = memory_text(raw->metric, loader->error);
		objective->group = raw->group ? memory_text(raw->group, loader->error) : NULL;
		scenario->objective_count++;
		if (!objective->metric || (raw->group && !objective->group))
			return false;
		if (!known_metric(raw->metric)) {
			pointer_add_key(pointer, "metric");
			return document_error(loader->document, pointer, loader->error,
					      "there is no metric \"%.60s\"", raw->metric);
		}
		pointer_add_key(pointer, "at_most");
		if (!load_limit(loader, pointer, raw->metric,
				json_object_get(json_array_get(array, i), "at_most"),
				&objective->at_most))
			return false;
	}
	return true;
}

/* --- the whole ------------------------------------------------------------ */

static bool check_all_keys(struct loader *loader)
{
	const struct record *top[] = { &scenario_record, NULL }, *host[] = { &host_record, NULL };
	const struct record *experiment[] = { &experiment_record, NULL };
	const struct record *event[] = { &event_record, NULL };
	json_t *root = loader->document->root;
	json_t *events = json_object_get(root, "events"), *object;
	size_t index;

	if (!record_check_keys(loader->document, root, "", top, loader->error) ||
	    !record_check_keys(loader->document, json_object_get(root, "host"), "/host", host,
			       loader->error) ||
	    !record_check_keys(loader->document, json_object_get(root, "experiment"), "/experiment",
			       experiment, loader->error))
		return false;
	json_array_foreach(events, index, object)
	{
		char pointer[POINTER_MAX];

		snprintf(pointer, sizeof(pointer), "/events/%zu", index);
		if (!record_check_keys(loader->document, object, pointer, event, loader->error))
			return false;
	}
	return true;
}

static void hash_document(const struct document *document, char hash[65])
{
	char *text = document->set_count
			     ? json_dumps(document->root, JSON_SORT_KEYS | JSON_REAL_PRECISION(17))
			     : NULL;
	const char *bytes = text ? text : document->text;

	SHA256Data((const uint8_t *)bytes, text ? strlen(text) : document->length, hash);
	free(text);
}

static bool resolve(struct loader *loader)
{
	struct scenario *scenario = loader->scenario;
	struct simulation_config *config = &scenario->simulation;

	if (!json_is_object(loader->document->root))
		return document_error(loader->document, "", loader->error,
				      "a scenario is an object with host, guests and events");
	if (!check_all_keys(loader) ||
	    !record_read(loader->document, &scenario_record, loader->document->root, "",
			 &loader->origin->raw, loader->error))
		return false;
	config->host = loader->origin->raw.host;
	scenario->name = memory_text(loader->origin->raw.name, loader->error);
	scenario->file = memory_text(loader->document->path, loader->error);
	if (!scenario->name || !scenario->file || !load_guests(loader) || !load_events(loader) ||
	    !load_experiment(loader) || !load_objectives(loader) ||
	    !costs_apply(loader->document, json_object_get(loader->document->root, "costs"),
			 config->guests, config->guest_count, &loader->origin->profiles,
			 loader->error))
		return false;
	for (size_t g = 0; !scenario->experiment.spread && g < config->guest_count; g++)
		for (size_t t = 0; t < config->guests[g].model->term_count; t++)
			config->guests[g].costs[t].law.cv = 0;
	hash_document(loader->document, scenario->sha256);
	costs_hash(config->guests, config->guest_count, scenario->costs_sha256);
	return true;
}

static bool load(struct scenario *scenario, struct origin *origin, const struct setting *settings,
		 size_t setting_count, FILE *warnings, struct error *error)
{
	struct loader loader = { scenario, &origin->document, origin, warnings, error };

	scenario->document = origin;
	for (size_t i = 0; i < setting_count; i++)
		if (!document_set(&origin->document, settings[i].text, error))
			goto fail;
	if (resolve(&loader))
		return true;
fail:
	scenario_fini(scenario);
	return false;
}

bool scenario_load(struct scenario *scenario, const char *path, const struct setting *settings,
		   size_t setting_count, FILE *warnings, struct error *error)
{
	struct origin *origin = memory_array(1, sizeof(*origin), "scenario", error);

	*scenario = (struct scenario){ 0 };
	if (!origin)
		return false;
	if (!document_read(&origin->document, path, error)) {
		free(origin);
		return false;
	}
	return load(scenario, origin, settings, setting_count, warnings, error);
}

bool scenario_load_text(struct scenario *scenario, const char *text, size_t length,
			struct error *error)
{
	struct origin *origin = memory_array(1, sizeof(*origin), "scenario", error);

	*scenario = (struct scenario){ 0 };
	if (!origin)
		return false;
	if (!document_parse(&origin->document, "<memory>", text, length, error)) {
		free(origin);
		return false;
	}
	return load(scenario, origin, NULL, 0, NULL, error);
}

void scenario_fini(struct scenario *scenario)
{
	struct origin *origin = scenario->document;
	struct simulation_config *config = &scenario->simulation;

	for (size_t g = 0; config->guests && g < config->guest_count; g++) {
		struct guest_config *guest = &config->guests[g];

		if (guest->parameters)
			record_fini(guest->model->parameters, guest->parameters);
		for (size_t i = 0; i < guest->fault_count; i++)
			free(guest->faults[i].step);
		free(guest->faults);
		free(guest->parameters);
		free(guest->costs);
		free(guest->name);
	}
	for (size_t i = 0; i < scenario->objective_count; i++) {
		free(scenario->objectives[i].metric);
		free(scenario->objectives[i].group);
	}
	free(scenario->objectives);
	free(config->guests);
	free(config->happenings);
	free(scenario->name);
	free(scenario->file);
	if (origin) {
		record_fini(&scenario_record, &origin->raw);
		profiles_fini(&origin->profiles);
		document_fini(&origin->document);
		free(origin);
	}
	*scenario = (struct scenario){ 0 };
}

/* --- sim check --resolved ------------------------------------------------- */

static json_t *resolved_guest(struct origin *origin, const struct guest_config *guest, size_t index,
			      json_t *origins)
{
	json_t *list = json_object_get(origin->document.root, "guests");
	json_t *object = json_array_get(list, index);
	struct raw_guest raw = { 0 };
	struct error ignored = { 0 };
	json_t *resolved = NULL, *parameters = NULL;
	char pointer[POINTER_MAX];

	snprintf(pointer, sizeof(pointer), "/guests/%zu", index);
	if (record_read(&origin->document, &guest_record, object, pointer, &raw, &ignored) &&
	    record_origins(&origin->document, &guest_record, object, pointer, origins) &&
	    record_origins(&origin->document, guest->model->parameters, object, pointer, origins)) {
		resolved = record_to_json(&guest_record, &raw);
		parameters = record_to_json(guest->model->parameters, guest->parameters);
		json_object_update(resolved, parameters);
	}
	json_decref(parameters);
	record_fini(&guest_record, &raw);
	return resolved;
}

bool scenario_print_resolved(const struct scenario *scenario, FILE *out, struct error *error)
{
	struct origin *origin = scenario->document;
	json_t *resolved = record_to_json(&scenario_record, &origin->raw);
	json_t *origins = json_object(), *guests = json_array();
	json_t *costs = json_object_get(origin->document.root, "costs");
	json_t *whole;
	bool ok = resolved && origins && guests;

	ok = ok && record_origins(&origin->document, &scenario_record, origin->document.root, "",
				  origins);
	for (size_t g = 0; ok && g < scenario->simulation.guest_count; g++)
		ok = json_array_append_new(guests,
					   resolved_guest(origin, &scenario->simulation.guests[g],
							  g, origins)) == 0;
	ok = ok && json_object_set(resolved, "guests", guests) == 0;
	ok = ok && (!costs || json_object_set(resolved, "costs", costs) == 0);
	for (size_t i = 0; ok && i < scenario->objective_count; i++)
		ok = json_object_set(
			     json_array_get(json_object_get(resolved, "objectives"), i), "at_most",
			     json_object_get(json_array_get(json_object_get(origin->document.root,
									    "objectives"),
							    i),
					     "at_most")) == 0;
	ok = ok && json_object_set_new(json_object_get(resolved, "experiment"), "replications",
				       scenario->experiment.replications
					       ? json_integer(scenario->experiment.replications)
					       : json_string("auto")) == 0;
	whole = json_pack("{s:O*, s:O*}", "resolved", resolved, "origins", origins);
	if (!ok || !whole)
		error_memory(error, "resolved scenario");
	else if (json_dumpf(whole, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0 ||
		 fputc('\n', out) == EOF)
		ok = error_set(error, ERROR_OUTPUT, "cannot write the resolved scenario");
	json_decref(whole);
	json_decref(resolved);
	json_decref(origins);
	json_decref(guests);
	return ok;
}
