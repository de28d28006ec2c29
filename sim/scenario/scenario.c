#include "scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/document.h"
#include "document/json.h"
#include "document/record.h"
#include "flow/model.h"
#include "scenario/carried.h"
#include "scenario/loader.h"
#include "scenario/versions.h"

enum { PATH_SHOWN = 300 };

/* --- the whole ------------------------------------------------------------ */

static bool check_capacities(struct loader *loader)
{
	const struct host_config *host = &loader->scenario->simulation.host;
	char pointer[POINTER_MAX];

	if (host_capacities(host) > HOST_CAPACITIES_MAX)
		return loader_error(loader, "/host/capacities", "more than %d capacities",
				    HOST_CAPACITIES_MAX - CAPACITY_OWN);
	for (size_t i = 0; i < host->capacity_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(host->capacities[i].name, host->capacities[k].name) == 0) {
				pointer_to_index(pointer, "/host/capacities", i);
				return loader_error_at(loader, pointer, "name",
						       "two capacities have this name");
			}
	return true;
}

/* Prices are asked for: those that were resolved for a result do not hold. */
static bool other_prices(const struct origin *origin)
{
	return document_is_set(&origin->document, "/costs") ||
	       document_is_set(&origin->document, "/platform");
}

static bool load_costs(struct loader *loader)
{
	const struct document *document = loader->document;
	struct simulation_config *config = &loader->scenario->simulation;
	double *resolved = &loader->origin->raw.host.config.memory_bandwidth;
	struct origin *origin = loader->origin;

	origin->bandwidth_said =
		json_object_get(json_object_get(document->root, "host"), "memory_bandwidth");
	if (!costs_apply(document, origin->bandwidth_said, config, &origin->designs,
			 &origin->companions, &loader->scenario->platform, loader->error) ||
	    (!other_prices(origin) &&
	     !costs_carried_apply(&origin->result, "/scenario/costs",
				  carried_part(&origin->result, "costs"), config, loader->error)))
		return false;
	*resolved = config->host.memory_bandwidth;
	return resolved_costs_keep(&origin->costs, config, loader->error);
}

static bool resolve(struct loader *loader)
{
	struct scenario *scenario = loader->scenario;
	struct simulation_config *config = &scenario->simulation;

	loader->guest_numbers = json_object();
	if (!loader->guest_numbers)
		return error_memory(loader->error, "guests");
	if (!json_is_object(loader->document->root))
		return loader_error(loader, "",
				    "a scenario is an object with host, guests and events");
	if (document_is_design(loader->document))
		return document_key_error(loader->document, "", "extends", loader->error,
					  "this is a design, not a scenario: a scenario names it "
					  "in \"designs\" (`sim check` checks it alone)");
	if (!json_object_get(loader->document->root, "guests") &&
	    !json_object_get(loader->document->root, "fleet") &&
	    document_kind(loader->document->root))
		return loader_error(loader, "", "this is %s, a scenario is needed",
				    document_kind(loader->document->root));
	if (!record_read_whole(loader->document, &scenario_record, loader->document->root, "",
			       &loader->origin->raw, loader->error))
		return false;
	config->host = loader->origin->raw.host.config;
	config->host.capacities = loader->origin->raw.host.capacities.items;
	config->host.capacity_count = loader->origin->raw.host.capacities.count;
	scenario->name = memory_text(loader->origin->raw.name, loader->error);
	scenario->file = memory_text(loader->document->path, loader->error);
	if (!scenario->name || !scenario->file ||
	    !designs_load(&loader->origin->designs, loader->document,
			  json_object_get(loader->document->root, "designs"),
			  &loader->origin->companions, loader->error) ||
	    !check_capacities(loader) || !load_guests(loader) || !load_fleet(loader) ||
	    !load_events(loader) || !load_experiment(loader) || !load_objectives(loader) ||
	    !load_costs(loader))
		return false;
	for (size_t g = 0; g < config->guest_count; g++)
		costs_of_pool(&config->guests[g]);
	for (size_t g = 0; !scenario->experiment.spread && g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			config->guests[g].costs[t].law.cv_squared = 0;
	return load_flavours(loader) && load_plan(loader) && load_sweep(loader);
}

bool scenario_same_place(const struct scenario *scenario, const char *one, const char *other)
{
	const struct origin *origin = scenario->document;
	char first[POINTER_MAX], second[POINTER_MAX];

	document_numbers(&origin->document, one, first);
	document_numbers(&origin->document, other, second);
	return strcmp(first, second) == 0;
}

static bool apply(struct document *document, const struct setting *setting, struct error *error)
{
	size_t size;
	char *whole;
	bool ok;

	if (!setting->value)
		return document_set(document, &scenario_record, setting->text, setting->file,
				    error);
	size = strlen(setting->text) + strlen(setting->value) + 2;
	whole = memory_array(size, 1, "setting", error);
	if (!whole)
		return false;
	snprintf(whole, size, "%s=%s", setting->text, setting->value);
	ok = document_set(document, &scenario_record, whole, setting->file, error);
	free(whole);
	return ok;
}

/* Takes the document and the result that carries it (NULL: none does) over, also on failure. */
static bool load(struct scenario *scenario, struct document *document, struct document *result,
		 struct library *library, const struct setting *settings, size_t setting_count,
		 FILE *warnings, struct error *error)
{
	struct origin *origin = memory_array(1, sizeof(*origin), "scenario", error);
	struct loader loader = {
		.scenario = scenario, .origin = origin, .warnings = warnings, .error = error
	};
	bool ok = true;

	*scenario = (struct scenario){ 0 };
	if (!origin) {
		document_fini(document);
		if (result)
			document_fini(result);
		return false;
	}
	origin->document = *document;
	origin->companions.library = library;
	*document = (struct document){ 0 };
	if (result) {
		origin->result = *result;
		*result = (struct document){ 0 };
		origin->companions.embedded = json_incref(carried_part(&origin->result, "files"));
		origin->attachments.carried = json_incref(carried_part(&origin->result, "traces"));
	}
	loader.document = &origin->document;
	scenario->document = origin;
	for (size_t i = 0; ok && i < setting_count; i++)
		ok = apply(&origin->document, &settings[i], error);
	ok = ok && resolve(&loader);
	json_decref(loader.guest_numbers);
	free(loader.emptied);
	if (!ok)
		scenario_fini(scenario);
	return ok;
}

/* The scenario of a stored result; the result is taken over, also on failure. */
static bool load_stored(struct scenario *scenario, struct document *result,
			const struct setting *settings, size_t setting_count, FILE *warnings,
			struct error *error)
{
	struct error inner = { 0 };
	struct document document;
	char path[PATH_SHOWN];

	*scenario = (struct scenario){ 0 };
	snprintf(path, sizeof(path), "%s", result->path);
	if (!carried_scenario(result, &document, error))
		document_fini(result);
	else if (load(scenario, &document, result, NULL, settings, setting_count, warnings, &inner))
		return true;
	if (inner.kind == ERROR_INPUT && strncmp(inner.message, path, strlen(path)) != 0)
		error_set(error, inner.kind, "%s: in the scenario that it carries:\n%s", path,
			  inner.message);
	else if (inner.kind != ERROR_NONE)
		error_set(error, inner.kind, "%s", inner.message);
	return false;
}

bool scenario_take(struct scenario *scenario, struct document *document,
		   const struct setting *settings, size_t setting_count, FILE *warnings,
		   struct error *error)
{
	if (carried_is_result(document))
		return load_stored(scenario, document, settings, setting_count, warnings, error);
	return load(scenario, document, NULL, NULL, settings, setting_count, warnings, error);
}

bool scenario_load(struct scenario *scenario, const char *path, const struct setting *settings,
		   size_t setting_count, FILE *warnings, struct error *error)
{
	struct document document;

	*scenario = (struct scenario){ 0 };
	return document_read(&document, path, error) &&
	       scenario_take(scenario, &document, settings, setting_count, warnings, error);
}

bool scenario_load_by(struct scenario *scenario, struct library *library, const char *path,
		      const struct setting *settings, size_t setting_count, struct error *error)
{
	const struct document *file = library_read(library, path, error);
	struct document document;

	*scenario = (struct scenario){ 0 };
	if (!file || !document_copy(&document, file, error))
		return false;
	if (carried_is_result(&document))
		return load_stored(scenario, &document, settings, setting_count, NULL, error);
	return load(scenario, &document, NULL, library, settings, setting_count, NULL, error);
}

bool scenario_load_text(struct scenario *scenario, const char *path, const char *text,
			size_t length, struct error *error)
{
	struct document document;

	*scenario = (struct scenario){ 0 };
	return document_parse(&document, path, text, length, error) &&
	       scenario_take(scenario, &document, NULL, 0, NULL, error);
}

bool scenario_hash(const struct scenario *scenario, struct scenario_hashes *hashes,
		   struct error *error)
{
	const struct simulation_config *config = &scenario->simulation;
	const struct origin *origin = scenario->document;

	*hashes = (struct scenario_hashes){ 0 };
	if (!origin)
		return true;
	costs_hash(config->guests, config->guest_count, hashes->costs);
	if (origin->result.root && !origin->document.set_count) { /* it is of the file's bytes */
		const char *sha256 = json_string_value(carried_part(&origin->result, "sha256"));

		snprintf(hashes->document, sizeof(hashes->document), "%s", sha256 ? sha256 : "");
		return true;
	}
	return digest_document(&origin->document, &origin->companions, &origin->attachments,
			       hashes->document, error);
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
		free(guest->versions);
		free(guest->costs);
		free(guest->name);
	}
	free(scenario->objectives);
	for (size_t v = 0; v < scenario->variation_count; v++)
		variation_fini(&scenario->variations[v]);
	free(scenario->variations);
	free(config->guests);
	free(config->events);
	free(config->correlations);
	chosen_platform_fini(&scenario->platform);
	free(scenario->name);
	free(scenario->file);
	if (origin) {
		free(origin->fleet.config.flavours); /* what they point to is the guest's */
		free(origin->fleet.config.vms);
		free(origin->fleet.config.evacuations);
		free(origin->plan.config.limits);
		variation_fini(&origin->plan.config.each);
		record_fini(&fleet_record, &origin->fleet);
		record_fini(&plan_record, &origin->plan);
		record_fini(&scenario_record, &origin->raw);
		designs_fini(&origin->designs);
		companions_fini(&origin->companions);
		attachments_fini(&origin->attachments);
		resolved_costs_fini(&origin->costs);
		document_fini(&origin->result);
		document_fini(&origin->document);
		free(origin);
	}
	*scenario = (struct scenario){ 0 };
}

/* --- sim check --resolved ------------------------------------------------- */

static json_t *resolved_guest(struct origin *origin, const struct scenario *scenario, size_t index,
			      json_t *origins)
{
	const struct guest_config *guest = &scenario->simulation.guests[index];
	json_t *list = json_object_get(origin->document.root, "guests");
	json_t *object = json_array_get(list, index);
	struct raw_guest raw = { 0 };
	struct error ignored = { 0 };
	json_t *resolved = NULL, *parameters = NULL;
	char pointer[POINTER_MAX];

	snprintf(pointer, sizeof(pointer), "/guests/%zu", index);
	if (record_read(&origin->document, &guest_record, object, pointer, &raw, &ignored) &&
	    record_origins(&origin->document, &guest_record, object, pointer, origins) &&
	    record_origins(&origin->document, guest->model->parameters, object, pointer, origins) &&
	    versions_origins(guest, &scenario->simulation.host, pointer, origins)) {
		resolved = record_to_json(&guest_record, &raw);
		parameters = record_to_json(guest->model->parameters, guest->parameters);
		if (json_object_update(resolved, parameters) != 0) {
			json_decref(resolved);
			resolved = NULL;
		}
	}
	json_decref(parameters);
	record_fini(&guest_record, &raw);
	return resolved;
}

static json_t *resolved_warm_up(const struct scenario *scenario)
{
	if (scenario->experiment.find_warm_up)
		return json_string("auto");
	return json_sprintf("%lldns", (long long)scenario->simulation.record_from_ns);
}

/* Every default filled in; where values come from is added to `origins`. NULL: no memory. */
static json_t *resolved_scenario(const struct scenario *scenario, json_t *origins)
{
	struct origin *origin = scenario->document;
	json_t *resolved = record_to_json(&scenario_record, &origin->raw);
	json_t *experiment = json_object_get(resolved, "experiment");
	json_t *costs = json_object_get(origin->document.root, "costs");
	json_t *given = json_object_get(origin->document.root, "objectives");
	json_t *guests = json_array();
	int64_t replications = scenario->experiment.replications;
	bool ok = resolved && origins;

	ok = ok && record_origins(&origin->document, &scenario_record, origin->document.root, "",
				  origins);
	for (size_t g = 0; g < scenario->simulation.guest_count; g++)
		guests = list_with(guests, resolved_guest(origin, scenario, g, origins));
	ok = ok && json_object_set(resolved, "guests", guests) == 0;
	ok = ok && (!costs || json_object_set(resolved, "costs", costs) == 0);
	for (size_t i = 0; ok && i < scenario->objective_count; i++)
		ok = json_object_set(json_array_get(json_object_get(resolved, "objectives"), i),
				     "at_most",
				     json_object_get(json_array_get(given, i), "at_most")) == 0;
	ok = ok && json_object_set_new(experiment, "replications",
				       replications ? json_integer(replications)
						    : json_string("auto")) == 0;
	ok = ok && json_object_set_new(experiment, "warm_up", resolved_warm_up(scenario)) == 0;
	json_decref(guests);
	if (ok)
		return resolved;
	json_decref(resolved);
	return NULL;
}

bool scenario_print_resolved(const struct scenario *scenario, FILE *out, struct error *error)
{
	json_t *origins = json_object();
	json_t *resolved = resolved_scenario(scenario, origins);

	if (!resolved) {
		json_decref(origins);
		return error_memory(error, "resolved scenario");
	}
	return json_print(json_pack("{s:o, s:o}", "resolved", resolved, "origins", origins),
			  "resolved scenario", 2, out, error);
}

/* --- what a result carries -------------------------------------------------- */

bool scenario_stand_alone(struct document *document, const char *path, json_t *carried,
			  struct error *error)
{
	json_t *root = json_pack("{s:s, s:i, s:o}", "format", "sim-scenario", "version", 1,
				 "scenario", carried);
	char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
	bool ok = text ? document_parse(document, path, text, strlen(text), error)
		       : error_memory(error, "scenario");

	json_decref(root);
	free(text);
	return ok;
}

char *scenario_carried_text(const struct scenario *scenario, struct error *error)
{
	struct scenario_hashes hashes;
	json_t *origins = json_object(), *carried;
	char *text;

	if (!scenario_hash(scenario, &hashes, error)) {
		json_decref(origins);
		return NULL;
	}
	carried = scenario->document
			  ? carried_to_json(scenario, hashes.document,
					    resolved_scenario(scenario, origins))
			  : json_pack("{s:s}", "name", scenario->name ? scenario->name : "");
	text = carried ? json_dumps(carried, JSON_COMPACT | JSON_REAL_PRECISION(17)) : NULL;
	json_decref(origins);
	json_decref(carried);
	if (!text)
		error_memory(error, "scenario");
	return text;
}
