/* Comparison of stored results: JSON documents of `sim run`. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "decide/compare.h"
#include "document/document.h"

static struct maybe maybe_of(const json_t *value)
{
	if (!json_is_number(value))
		return maybe_none("the stored result does not say");
	return maybe_some(json_number_value(value));
}

static char *copy(const json_t *value, struct error *error)
{
	return memory_text(json_is_string(value) ? json_string_value(value) : "-", error);
}

static bool read_metric(struct result_metric *metric, const json_t *from, struct error *error)
{
	const json_t *interval = json_object_get(from, "ci95");
	const char *unit = json_string_value(json_object_get(from, "unit"));

	metric->name = copy(json_object_get(from, "name"), error);
	metric->group = copy(json_object_get(from, "group"), error);
	for (int u = 0; unit && u < UNITS; u++)
		if (strcmp(unit_names[u], unit) == 0)
			metric->unit = (enum unit)u;
	metric->n = (uint64_t)json_integer_value(json_object_get(from, "n"));
	metric->mean = maybe_of(json_object_get(from, "mean"));
	metric->ci_low = maybe_of(json_array_get(interval, 0));
	metric->ci_high = maybe_of(json_array_get(interval, 1));
	metric->p50 = maybe_of(json_object_get(from, "p50"));
	metric->p99 = maybe_of(json_object_get(from, "p99"));
	return metric->name && metric->group;
}

static bool read_part(struct result_part *part, const json_t *from, struct error *error)
{
	part->metric = copy(json_object_get(from, "metric"), error);
	part->group = copy(json_object_get(from, "group"), error);
	part->flow = copy(json_object_get(from, "flow"), error);
	part->step = copy(json_object_get(from, "step"), error);
	part->where = copy(json_object_get(from, "where"), error);
	part->mean = json_number_value(json_object_get(from, "mean"));
	return part->metric && part->group && part->flow && part->step && part->where;
}

static bool read_lists(struct result *result, const json_t *root, struct error *error)
{
	const json_t *metrics = json_object_get(root, "metrics");
	const json_t *parts = json_object_get(root, "breakdown");

	result->metrics =
		memory_array(json_array_size(metrics), sizeof(*result->metrics), "metrics", error);
	result->parts =
		memory_array(json_array_size(parts), sizeof(*result->parts), "parts", error);
	if (!result->metrics || !result->parts)
		return false;
	for (size_t i = 0; i < json_array_size(metrics); i++)
		if (!read_metric(&result->metrics[result->metric_count++],
				 json_array_get(metrics, i), error))
			return false;
	for (size_t i = 0; i < json_array_size(parts); i++)
		if (!read_part(&result->parts[result->part_count++], json_array_get(parts, i),
			       error))
			return false;
	return true;
}

static void read_band(struct result_uncertainty *band, const json_t *from)
{
	const json_t *ends = json_object_get(from, "band95");
	const char *by = json_string_value(json_object_get(from, "by"));

	for (int i = BAND_OF_NOTHING; by && i <= BAND_OF_ENDS; i++)
		if (strcmp(band_names[i], by) == 0)
			band->by = (enum band_by)i;
	band->draws = (uint64_t)json_integer_value(json_object_get(from, "draws"));
	band->terms = (uint64_t)json_integer_value(json_object_get(from, "terms"));
	band->low = maybe_of(json_array_get(ends, 0));
	band->high = maybe_of(json_array_get(ends, 1));
}

static bool read_result(struct result *result, const char *path, struct error *error)
{
	struct document document;
	const json_t *provenance, *answer;
	const char *format, *name, *group;
	const struct result_metric *metric;
	bool ok = false;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!document_read(&document, path, error))
		return false;
	format = json_string_value(json_object_get(document.root, "format"));
	provenance = json_object_get(document.root, "provenance");
	answer = json_object_get(document.root, "answer");
	if (!format || strcmp(format, "sim-result") != 0) {
		document_error(&document, "/format", error,
			       "a result of `sim run --format json` is needed");
		goto out;
	}
	result->scenario =
		copy(json_object_get(json_object_get(document.root, "scenario"), "name"), error);
	result->version = copy(json_object_get(provenance, "version"), error);
	result->stopping = memory_text("stored results", error);
	result->seed = (uint64_t)json_integer_value(json_object_get(provenance, "seed"));
	result->replications =
		(uint64_t)json_integer_value(json_object_get(provenance, "replications"));
	if (json_is_string(json_object_get(provenance, "platform")))
		result->platform = copy(json_object_get(provenance, "platform"), error);
	read_band(&result->uncertainty, json_object_get(document.root, "uncertainty"));
	ok = result->scenario && result->version && result->stopping &&
	     read_lists(result, document.root, error);
	name = json_string_value(json_object_get(answer, "metric"));
	group = json_string_value(json_object_get(answer, "group"));
	metric = ok && name && group ? result_metric(result, name, group) : NULL;
	if (metric)
		result->answer = (size_t)(metric - result->metrics);
out:
	document_fini(&document);
	if (!ok)
		result_fini(result);
	return ok;
}

/* Half-widths of independent intervals add as squares. */
static void combine(struct comparison_design *design, const struct result_metric *own,
		    const struct result_metric *base)
{
	double half = NAN, ratio;

	if (!own->mean.exists || !base->mean.exists)
		return;
	design->difference = maybe_some(own->mean.value - base->mean.value);
	if (own->ci_low.exists && base->ci_low.exists)
		half = hypot(own->ci_high.value - own->ci_low.value,
			     base->ci_high.value - base->ci_low.value) /
		       2;
	if (isfinite(half)) {
		design->difference_low = maybe_some(design->difference.value - half);
		design->difference_high = maybe_some(design->difference.value + half);
	}
	if (base->mean.value == 0)
		return;
	ratio = own->mean.value / base->mean.value;
	design->ratio = maybe_some(ratio);
}

bool compare_stored(const char *const *paths, size_t count, size_t baseline, const char *metric,
		    struct comparison *out, struct error *error)
{
	const struct result_metric *base;
	struct result *first;

	*out = (struct comparison){ .baseline = baseline };
	out->over = memory_text("stored result", error);
	out->designs = memory_array(count, sizeof(*out->designs), "designs", error);
	if (!out->over || !out->designs)
		goto fail;
	for (size_t i = 0; i < count; i++) {
		out->designs[i].label = memory_text(paths[i], error);
		out->design_count++;
		if (!out->designs[i].label ||
		    !read_result(&out->designs[i].result, paths[i], error))
			goto fail;
	}
	first = &out->designs[baseline].result;
	if (!metric && first->answer < first->metric_count)
		metric = first->metrics[first->answer].name;
	if (!metric) {
		error_set(error, ERROR_INPUT, "%s has no answer to compare with", paths[baseline]);
		goto fail;
	}
	out->metric_name = memory_text(metric, error);
	if (!out->metric_name)
		goto fail;
	for (size_t i = 0; i < count; i++) {
		struct comparison_design *design = &out->designs[i];

		design->metric = result_find_observed(&design->result, metric);
		if (design->metric == design->result.answer)
			design->band = design->result.uncertainty;
	}
	base = comparison_metric(&out->designs[baseline]);
	if (!base) {
		error_set(error, ERROR_INPUT, "%s has not observed the metric \"%.60s\"",
			  paths[baseline], metric);
		goto fail;
	}
	out->unit = base->unit;
	for (size_t i = 0; i < count; i++)
		if (i != baseline && out->designs[i].metric != SIZE_MAX)
			combine(&out->designs[i], comparison_metric(&out->designs[i]), base);
	return true;
fail:
	comparison_fini(out);
	return false;
}
