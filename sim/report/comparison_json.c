/* A comparison as one JSON document, format "sim-comparison", version 2. */

#include <string.h>

#include "report/comparison.h"
#include "report/json_tools.h"
#include "report/shapes.h"

enum { PARTS_MOST = 64 };

static json_t *beside(const struct comparison_design *design)
{
	json_t *object = json_object();

	for (int m = 0; object && m < COMPARISON_BESIDE; m++) {
		const struct metric_kind *kind = &metric_kinds[comparison_beside[m]];
		struct maybe value = comparison_also(design, comparison_beside[m]);

		if (json_object_set_new(object, kind->name,
					json_pack("{s:s, s:o}", "unit", unit_names[kind->unit],
						  "mean", json_maybe(value))) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *why(const struct comparison *comparison, const struct comparison_design *design)
{
	struct comparison_part parts[PARTS_MOST];
	size_t count = comparison_parts(comparison, design, parts, PARTS_MOST);
	json_t *array = json_array();

	for (size_t p = 0; p < count; p++)
		json_add(&array, json_pack("{s:o, s:o, s:o}", "step", json_text(parts[p].step),
					   "where", json_text(parts[p].where), "difference",
					   json_number(parts[p].difference)));
	return array;
}

static json_t *breakdown(const struct comparison_design *design)
{
	const struct result_metric *metric = comparison_metric(design);
	json_t *array = json_array();

	for (size_t p = 0; metric && p < design->result.part_count; p++) {
		const struct result_part *part = &design->result.parts[p];

		if (result_part_is_of(part, metric))
			json_add(&array,
				 json_pack("{s:o, s:o, s:o, s:o, s:o}", "metric",
					   json_text(part->metric), "flow", json_text(part->flow),
					   "step", json_text(part->step), "where",
					   json_text(part->where), "mean",
					   json_number(part->mean)));
	}
	return array;
}

static json_t *band(const struct comparison_design *design)
{
	const struct result_uncertainty *item = &design->band;

	return json_pack("{s:s, s:I, s:I}", "by", band_names[item->by], "draws",
			 (json_int_t)item->draws, "terms", (json_int_t)item->terms);
}

/* What a design's scenario has else than the baseline's, and its name. */
static json_t *scenario(const struct comparison *comparison, size_t index)
{
	const struct result *result = &comparison->designs[index].result;
	const struct result *base = &comparison->designs[comparison->baseline].result;
	json_t *own, *other, *value;
	const char *key;

	if (index == comparison->baseline)
		return json_null();
	own = json_carried(result->scenario, result->carried);
	other = json_carried(base->scenario, base->carried);
	json_object_foreach(other, key, value)
	{
		if (strcmp(key, "name") != 0 && json_equal(value, json_object_get(own, key)))
			json_object_del(own, key);
	}
	json_decref(other);
	return own;
}

/* Of a stored result: what it was run with beside its scenario. */
static json_t *options(const struct comparison *comparison, const struct result *result)
{
	return comparison->stored ? json_study_options(result) : json_null();
}

static json_t *design_to_json(const struct comparison *comparison, size_t index)
{
	const struct comparison_design *design = &comparison->designs[index];
	const struct result_metric *metric = comparison_shown(design);

	return json_pack(
		"{s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o, s:o, s:o, s:o}",
		"design", json_text(design->label), "baseline", index == comparison->baseline,
		"scenario", scenario(comparison, index), "options",
		options(comparison, &design->result), "n", json_integer((json_int_t)metric->n),
		"mean", json_maybe(metric->mean), "ci95",
		json_interval(metric->ci_low, metric->ci_high), "p50", json_observed(metric->p50),
		"p99", json_observed(metric->p99), "difference", json_maybe(design->difference),
		"difference_ci95", json_interval(design->difference_low, design->difference_high),
		"ratio", json_maybe(design->ratio), "ratio_ci95",
		json_interval(design->ratio_low, design->ratio_high), "variance_saved",
		json_maybe(design->variance_saved), "paired_replications",
		design->paired ? json_integer((json_int_t)design->paired) : json_null(), "band95",
		json_interval(design->band.low, design->band.high), "difference_band95",
		json_interval(design->difference_band.low, design->difference_band.high), "band",
		band(design), "breakdown_difference",
		index == comparison->baseline ? json_null() : why(comparison, design), "beside",
		beside(design), "breakdown", breakdown(design));
}

bool comparison_write_json(const void *what, FILE *out, struct error *error)
{
	const struct comparison *comparison = what;
	const struct result *result = &comparison->designs[comparison->baseline].result;
	json_t *designs = json_array();

	for (size_t i = 0; i < comparison->design_count; i++)
		json_add(&designs, design_to_json(comparison, i));
	return json_write(
		json_pack("{s:s, s:i, s:o, s:o, s:o, s:s, s:b, s:{s:o, s:o, s:o, s:o, s:o, s:o}, "
			  "s:o}",
			  "format", "sim-comparison", "version", 2, "scenario",
			  json_carried(result->scenario, result->carried), "over",
			  json_text(comparison->over), "metric", json_text(comparison->metric_name),
			  "unit", unit_names[comparison->unit], "paired", comparison->paired,
			  "provenance", "version", json_text(result->version), "commit",
			  json_text(result->commit), "platform",
			  result->platform ? json_text(result->platform) : json_null(), "seed",
			  json_integer((json_int_t)result->seed), "replications",
			  json_integer((json_int_t)result->replications), "stopping",
			  json_text(result->stopping), "designs", designs),
		&comparison_shape, out, error);
}
