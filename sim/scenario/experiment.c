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

	return loader_error(loader, pointer, "there is no metric \"%.60s\"%s", name,
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
		return loader_error(loader, "/experiment/warm_up", "%s",
				    text ? why.message
					 : "\"auto\" or a duration is needed, for example \"10s\"");
	if (warm_up_ns >= (double)scenario->simulation.until_ns)
		return loader_error(loader, "/experiment/warm_up",
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
	scenario->experiment = raw->config;
	scenario->experiment.metrics = raw->metrics.items;
	scenario->experiment.metric_count = raw->metrics.count;
	if (!load_warm_up(loader, json_object_get(experiment, "warm_up")) || !check_metrics(loader))
		return false;
	if (!replications || (text && strcmp(text, "auto") == 0))
		return true;
	scenario->experiment.replications = json_integer_value(replications);
	if (!json_is_integer(replications) || scenario->experiment.replications < 1 ||
	    scenario->experiment.replications > 1 << 24)
		return loader_error(loader, "/experiment/replications",
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
		return loader_error(loader, pointer, "%s",
				    json_is_string(value) ? why.message
				    : duration ? "a duration is needed, for example \"2s\""
					       : "a size is needed, for example \"64GiB\"");
	}
	*limit = json_number_value(value);
	if (!json_is_number(value) || *limit < 0)
		return loader_error(loader, pointer, "a number from 0 on is needed");
	if (unit == UNIT_SHARE)
		*limit *= WHOLE_SHARE;
	return true;
}

/* The metric exists, and so does the group that it is asked of. */
static bool check_subject(struct loader *loader, const char *pointer,
			  const struct objective *objective)
{
	const char *group = objective->group;
	char hint[HINT_MAX], inner[POINTER_MAX];

	if (!metric_kind_of(objective->metric)) {
		pointer_to_key(inner, pointer, "metric");
		return no_metric(loader, inner, objective->metric);
	}
	return !group || strcmp(group, "host") == 0 || loader_guest(loader, group, hint) >= 0 ||
	       loader_error_at(loader, pointer, "group", "there is no guest \"%.60s\"%s", group,
			       hint);
}

/* A limit on the fastest few: somebody meant the slowest. */
static void warn_of_low_quantile(struct loader *loader, const char *pointer, double quantile)
{
	char inner[POINTER_MAX];

	if (quantile <= 0 || quantile > 0.1)
		return;
	pointer_to_key(inner, pointer, "quantile");
	loader_warning(loader, inner,
		       "quantile %g is the fastest %g %%, which says little of the others; the "
		       "slowest %g %% begin at %g",
		       quantile, 100 * quantile, 100 * quantile, 1 - quantile);
}

bool load_limits(struct loader *loader, const char *list_pointer, const struct field_list *list,
		 const json_t *array, struct objective **objectives, size_t *count)
{
	*objectives = memory_array(list->count, sizeof(**objectives), "objectives", loader->error);
	if (!*objectives)
		return false;
	*count = list->count;
	for (size_t i = 0; i < list->count; i++) {
		struct objective *objective = &(*objectives)[i];
		char pointer[POINTER_MAX];

		*objective = ((const struct objective *)list->items)[i];
		objective->quantile = objective->quantile > 0 ? objective->quantile : -1;
		pointer_to_index(pointer, list_pointer, i);
		warn_of_low_quantile(loader, pointer, objective->quantile);
		if (!check_subject(loader, pointer, objective))
			return false;
		objective->unit = metric_kind_of(objective->metric)->unit;
		pointer_to_key(pointer, pointer, "at_most");
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
