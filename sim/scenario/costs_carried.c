#include "scenario/costs_carried.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "document/json.h"
#include "flow/model.h"
#include "scenario/costs.h"

/* --- kept ------------------------------------------------------------------- */

static bool keep_model(struct resolved_costs *resolved, const struct guest_config *guest,
		       struct error *error)
{
	size_t count = guest->model->term_count;

	for (size_t i = 0; i < resolved->count; i++)
		if (resolved->items[i].model == guest->model)
			return true;
	resolved->items[resolved->count].model = guest->model;
	resolved->items[resolved->count].costs =
		memory_array(count, sizeof(*guest->costs), "costs", error);
	if (!resolved->items[resolved->count].costs)
		return false;
	memcpy(resolved->items[resolved->count++].costs, guest->costs,
	       count * sizeof(*guest->costs));
	return true;
}

bool resolved_costs_keep(struct resolved_costs *resolved, const struct simulation_config *config,
			 struct error *error)
{
	size_t most =
		config->guest_count < model_table_count ? config->guest_count : model_table_count;
	bool ok;

	resolved->items = memory_array(most, sizeof(*resolved->items), "costs", error);
	ok = resolved->items != NULL;
	for (size_t g = 0; ok && g < config->guest_count; g++)
		ok = keep_model(resolved, &config->guests[g], error);
	return ok;
}

void resolved_costs_fini(struct resolved_costs *resolved)
{
	for (size_t i = 0; i < resolved->count; i++)
		free(resolved->items[i].costs);
	free(resolved->items);
	*resolved = (struct resolved_costs){ 0 };
}

/* --- written ---------------------------------------------------------------- */

/* Quantities have no exponents. */
json_t *costs_quantity(double value, const char *unit)
{
	char text[400];
	int digits = 1;

	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (digits++ < 17 && strtod(text, NULL) != value);
	if (strchr(text, 'e')) {
		snprintf(text, sizeof(text), "%.0f", value);
		for (digits = 1; digits < 320 && strtod(text, NULL) != value; digits++)
			snprintf(text, sizeof(text), "%.*f", digits, value);
	}
	return json_sprintf("%s%s", text, unit);
}

static json_t *interval(double low, double high, const char *unit)
{
	return json_pack("[o, o]", costs_quantity(low, unit), costs_quantity(high, unit));
}

static json_t *speeds_to_json(const struct sharing *sharing)
{
	json_t *list = json_array();

	for (int i = 0; i < CROWD_SPEEDS_MAX && sharing->speeds[i] > 0; i++)
		list = list_with(list, json_real(sharing->speeds[i]));
	return list;
}

static json_t *uses_to_json(const struct sharing *sharing, const struct host_config *host)
{
	json_t *object = json_object();

	for (size_t i = 0; i < host->capacity_count; i++)
		if (sharing->uses[CAPACITY_OWN + i] > 0)
			object = object_with(object, host->capacities[i].name,
					     json_real(sharing->uses[CAPACITY_OWN + i]));
	return object;
}

static json_t *speeds_evidence(json_t *object, const struct sharing *sharing)
{
	object = object_with(object, "speeds_range",
			     json_pack("[f, f]", sharing->slowest, sharing->fastest));
	object = object_with(object, "speeds_status",
			     json_string(term_status_names[sharing->speeds_status]));
	return object_with(object, "speeds_source", json_string(sharing->speeds_source));
}

/* What it shares is said only where it shares something. */
static json_t *cost_to_json(const struct cost *cost, const struct host_config *host)
{
	const struct sharing *sharing = &cost->sharing;
	json_t *object = json_pack("{s:o, s:o, s:o, s:s, s:s}", "mean",
				   costs_quantity(cost->law.mean_ns, "ns"), "cv",
				   json_real(sqrt(cost->law.cv_squared)), "range",
				   interval(cost->low_ns, cost->high_ns, "ns"), "status",
				   term_status_names[cost->status], "source", cost->source);
	json_t *uses = uses_to_json(sharing, host);

	if (sharing->uses[CAPACITY_MEMORY] > 0)
		object = object_with(object, "moves",
				     costs_quantity(sharing->uses[CAPACITY_MEMORY], "B"));
	if (sharing->crowd)
		object = object_with(object, "crowd", json_string(crowd_names[sharing->crowd]));
	if (sharing->crowd && sharing->speeds[0] > 0)
		object = object_with(object, "speeds", speeds_to_json(sharing));
	if (sharing->crowd && sharing->speeds[0] > 0 && sharing->speeds_source)
		object = speeds_evidence(object, sharing);
	if (json_object_size(uses))
		object = object_with(object, "uses", json_incref(uses));
	json_decref(uses);
	return object;
}

static json_t *model_to_json(const struct model *model, const struct cost *costs,
			     const struct host_config *host)
{
	json_t *terms = json_object();

	for (size_t t = FIRST_TERM; t < model->term_count; t++)
		terms = object_with(terms, model->terms[t].name, cost_to_json(&costs[t], host));
	return terms;
}

static json_t *bandwidth_to_json(const struct host_config *host)
{
	const struct bandwidth_range *range = &host->bandwidth;

	return json_pack("{s:o, s:o, s:s, s:s}", "mean",
			 costs_quantity(host->memory_bandwidth, "B/s"), "range",
			 interval(range->low, range->high, "B/s"), "status",
			 term_status_names[range->status], "source", range->source);
}

json_t *costs_carried_to_json(const struct resolved_costs *resolved, const struct host_config *host,
			      bool said)
{
	json_t *models = json_object();

	for (size_t i = 0; i < resolved->count; i++)
		models = object_with(
			models, resolved->items[i].model->name,
			model_to_json(resolved->items[i].model, resolved->items[i].costs, host));
	return json_pack("{s:o, s:o}", "memory_bandwidth",
			 said || !host->bandwidth.source ? json_null() : bandwidth_to_json(host),
			 "models", models);
}

static bool same_numbers(const double *one, const double *other, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (one[i] != other[i])
			return false;
	return true;
}

static bool same_text(const char *one, const char *other)
{
	return one == other || (one && other && strcmp(one, other) == 0);
}

static bool same_sharing(const struct sharing *one, const struct sharing *other)
{
	return one->crowd == other->crowd && one->slowest == other->slowest &&
	       one->fastest == other->fastest && one->speeds_status == other->speeds_status &&
	       same_text(one->speeds_source, other->speeds_source) &&
	       same_numbers(one->uses, other->uses, HOST_CAPACITIES_MAX) &&
	       same_numbers(one->speeds, other->speeds, CROWD_SPEEDS_MAX);
}

static bool same_cost(const struct cost *one, const struct cost *other)
{
	return one->law.mean_ns == other->law.mean_ns &&
	       one->law.cv_squared == other->law.cv_squared && one->low_ns == other->low_ns &&
	       one->high_ns == other->high_ns && one->status == other->status &&
	       strcmp(one->source, other->source) == 0 &&
	       same_sharing(&one->sharing, &other->sharing);
}

/* The cost of a term of that name in a model of that name: designs make models anew. */
static const struct cost *find_cost(const struct resolved_costs *resolved,
				    const struct model *model, size_t term)
{
	for (size_t i = 0; i < resolved->count; i++) {
		const struct model *other = resolved->items[i].model;

		if (strcmp(other->name, model->name) == 0 && term < other->term_count &&
		    strcmp(other->terms[term].name, model->terms[term].name) == 0)
			return &resolved->items[i].costs[term];
	}
	return NULL;
}

json_t *costs_carried_changes(const struct resolved_costs *base,
			      const struct host_config *base_host,
			      const struct resolved_costs *resolved, const struct host_config *host)
{
	json_t *changes = json_object(), *models = json_object();

	for (size_t i = 0; i < resolved->count; i++) {
		const struct model *model = resolved->items[i].model;
		const struct cost *costs = resolved->items[i].costs;
		json_t *terms = json_object();

		for (size_t t = FIRST_TERM; t < model->term_count; t++) {
			const struct cost *before = find_cost(base, model, t);

			if (!before || !same_cost(&costs[t], before))
				terms = object_with(terms, model->terms[t].name,
						    cost_to_json(&costs[t], host));
		}
		if (terms && !json_object_size(terms))
			json_decref(terms);
		else
			models = object_with(models, model->name, terms);
	}
	if (json_object_size(models))
		changes = object_with(changes, "models", json_incref(models));
	json_decref(models);
	if (host->bandwidth.source && (host->memory_bandwidth != base_host->memory_bandwidth ||
				       host->bandwidth.low != base_host->bandwidth.low ||
				       host->bandwidth.high != base_host->bandwidth.high))
		changes = object_with(changes, "memory_bandwidth", bandwidth_to_json(host));
	return changes;
}

/* --- read ------------------------------------------------------------------- */

static bool read_model(const struct document *result, const char *models, const struct model *model,
		       json_t *terms, const struct host_config *host, struct cost *costs,
		       struct error *error)
{
	char pointer[POINTER_MAX], inner[POINTER_MAX];

	pointer_to_key(pointer, models, model->name);
	for (size_t t = FIRST_TERM; t < model->term_count; t++) {
		json_t *object = json_object_get(terms, model->terms[t].name);
		struct cost cost = { 0 };

		if (!object)
			continue;
		pointer_to_key(inner, pointer, model->terms[t].name);
		if (!json_is_object(object))
			return document_error(result, inner, error, "a cost term is needed");
		if (!cost_read(result, inner, object, host, &cost, error))
			return false;
		costs[t] = cost;
	}
	return true;
}

bool costs_carried_apply(const struct document *result, const char *pointer, const json_t *carried,
			 struct simulation_config *config, struct error *error)
{
	json_t *models = json_object_get(carried, "models");
	json_t *bandwidth = json_object_get(carried, "memory_bandwidth");
	const struct profile profile = { .bandwidth =
						 json_is_object(bandwidth) ? bandwidth : NULL };
	char inner[POINTER_MAX];

	pointer_to_key(inner, pointer, "models");
	if (!profile_bandwidth(result, &profile, &config->host, error))
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		struct guest_config *guest = &config->guests[g];
		json_t *terms = json_object_get(models, guest->model->name);

		if (!read_model(result, inner, guest->model, terms, &config->host, guest->costs,
				error))
			return false;
	}
	return true;
}
