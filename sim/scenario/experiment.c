/* How a scenario is repeated, and what its result is judged by. */

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "document/record.h"
#include "flow/metric_kind.h"
#include "flow/model.h"
#include "scenario/loader.h"
#include <stdlib.h>
#include <string.h>

/* "There is no such metric", with the nearest name. */
static bool no_metric(struct loader *loader, const char *pointer, const char *name)
{
	char hint[HINT_MAX];

	return document_error(loader->document, pointer, loader->error,
			      "there is no metric \"%.60s\"%s", name,
			      metric_did_you_mean(hint, name));
}

static bool check_metrics(struct loader *loader)
{
	const struct experiment_config *experiment = &loader->scenario->experiment;
	char pointer[POINTER_MAX];

	for (size_t i = 0; i < experiment->metric_count; i++) {
		if (metric_kind_of(experiment->metrics[i]))
			continue;
		snprintf(pointer, sizeof(pointer), "/experiment/metrics/%zu", i);
		return no_metric(loader, pointer, experiment->metrics[i]);
	}
	return true;
}

static bool load_warm_up(struct loader *loader, json_t *value)
{
	struct scenario *scenario = loader->scenario;
	const char *text = json_string_value(value);
	struct error why = { 0 };
	double warm_up_ns = 0;

	scenario->experiment.find_warm_up = text && strcmp(text, "auto") == 0;
	if (!value || scenario->experiment.find_warm_up)
		return true;
	if (!text || !quantity_read(text, QUANTITY_DURATION, &warm_up_ns, &why))
		return document_error(
			loader->document, "/experiment/warm_up", loader->error, "%s",
			text ? why.message
			     : "\"auto\" or a duration is needed, for example \"10s\"");
	if (warm_up_ns >= (double)scenario->simulation.until_ns)
		return document_error(loader->document, "/experiment/warm_up", loader->error,
				      "the warm-up must end before /experiment/until");
	scenario->simulation.record_from_ns = (int64_t)warm_up_ns;
	return true;
}

bool load_experiment(struct loader *loader)
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
	scenario->experiment.metrics = raw->metrics.items;
	scenario->experiment.metric_count = raw->metrics.count;
	if (!load_warm_up(loader, json_object_get(experiment, "warm_up")) || !check_metrics(loader))
		return false;
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

/* The limit of an objective, in the metric's unit. */
static bool load_limit(struct loader *loader, const char *pointer, enum unit unit, json_t *value,
		       double *limit)
{
	bool duration = unit == UNIT_NANOSECONDS;
	struct error why = { 0 };

	if (duration || unit == UNIT_BYTES) {
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
	if (!json_is_number(value) || *limit < 0)
		return document_error(loader->document, pointer, loader->error,
				      "a number from 0 on is needed");
	return true;
}

/* The metric exists, and so does the group that it is asked of. */
static bool check_subject(struct loader *loader, const char *pointer,
			  const struct raw_objective *raw)
{
	char hint[HINT_MAX];
	char inner[POINTER_MAX];

	snprintf(inner, sizeof(inner), "%s", pointer);
	if (!metric_kind_of(raw->metric)) {
		pointer_add_key(inner, "metric");
		return no_metric(loader, inner, raw->metric);
	}
	if (!raw->group || strcmp(raw->group, "host") == 0 ||
	    loader_guest(loader, raw->group, hint) >= 0)
		return true;
	pointer_add_key(inner, "group");
	return document_error(loader->document, inner, loader->error,
			      "there is no guest \"%.60s\"%s", raw->group, hint);
}

void limits_free(struct objective *objectives, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(objectives[i].metric);
		free(objectives[i].group);
	}
	free(objectives);
}

bool load_limits(struct loader *loader, const char *list_pointer, const struct field_list *list,
		 const json_t *array, struct objective **objectives, size_t *count)
{
	*count = 0;
	*objectives = memory_array(list->count, sizeof(**objectives), "objectives", loader->error);
	if (!*objectives)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		const struct raw_objective *raw = (const struct raw_objective *)list->items + i;
		struct objective *objective = &(*objectives)[i];
		char pointer[POINTER_MAX];

		snprintf(pointer, sizeof(pointer), "%s/%zu", list_pointer, i);
		objective->quantile = raw->quantile > 0 ? raw->quantile : -1;
		objective->metric = memory_text(raw->metric, loader->error);
		objective->group = raw->group ? memory_text(raw->group, loader->error) : NULL;
		++*count;
		if (!objective->metric || (raw->group && !objective->group))
			return false;
		if (!check_subject(loader, pointer, raw))
			return false;
		pointer_add_key(pointer, "at_most");
		objective->unit = metric_kind_of(raw->metric)->unit;
		if (!load_limit(loader, pointer, objective->unit,
				json_object_get(json_array_get(array, i), "at_most"),
				&objective->at_most))
			return false;
	}
	return true;
}

bool load_objectives(struct loader *loader)
{
	struct scenario *scenario = loader->scenario;

	return load_limits(loader, "/objectives", &loader->origin->raw.objectives,
			   json_object_get(loader->document->root, "objectives"),
			   &scenario->objectives, &scenario->objective_count);
}
