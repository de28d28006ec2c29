/*
 * Comparison of stored results: JSON documents of `sim run`, or pages that hold one. Those of the
 * baseline's seed are compared with it replication by replication.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/memory.h"
#include "decide/compare.h"
#include "decide/compare_parts.h"
#include "document/document.h"
#include "document/shape.h"
#include "report/shapes.h"

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
	metric->min = maybe_of(json_object_get(from, "min"));
	metric->max = maybe_of(json_object_get(from, "max"));
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

static bool read_numbers(int64_t **numbers, const json_t *list, size_t count, struct error *error)
{
	*numbers = memory_array(count, sizeof(**numbers), "replications", error);
	for (size_t i = 0; *numbers && i < count; i++)
		(*numbers)[i] = json_integer_value(json_array_get(list, i));
	return *numbers != NULL;
}

/* What each replication observed, of metrics that the result keeps so. */
static bool read_replications(struct result *result, const json_t *list, struct error *error)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const json_t *sums = json_object_get(item, "sums");
		const json_t *counts = json_object_get(item, "counts");
		const char *name = json_string_value(json_object_get(item, "metric"));
		const char *group = json_string_value(json_object_get(item, "group"));
		bool counted = json_is_array(counts);
		size_t m = 0;

		while (m < result->metric_count &&
		       (!name || !group ||
			!metric_is(result->metrics[m].name, result->metrics[m].group, name, group)))
			m++;
		if (m == result->metric_count || result->metrics[m].sums ||
		    json_array_size(sums) != result->replications ||
		    (counted && json_array_size(counts) != result->replications))
			continue; /* then it is compared as independent */
		if (!read_numbers(&result->metrics[m].sums, sums, result->replications, error) ||
		    (counted && !read_numbers(&result->metrics[m].counts, counts,
					      result->replications, error)))
			return false;
	}
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

/* All that it says of its scenario, and the options that it was run with. */
static bool read_inputs(struct result *result, json_t *root, struct error *error)
{
	json_t *scenario = json_object_get(root, "scenario");
	const json_t *options = json_object_get(json_object_get(root, "provenance"), "options");
	const char *study = json_string_value(json_object_get(options, "study"));

	result->scenario = copy(json_object_get(scenario, "name"), error);
	result->carried = json_dumps(scenario, JSON_COMPACT | JSON_REAL_PRECISION(17));
	for (int s = 0; study && study_names[s]; s++)
		if (strcmp(study_names[s], study) == 0)
			result->study.asked = (enum study)s;
	result->study.draws_asked =
		(uint64_t)json_integer_value(json_object_get(options, "uncertainty"));
	return result->scenario &&
	       (result->carried || error_memory(error, "the scenario of a result"));
}

static bool read_result(struct result *result, const struct document *document, struct error *error)
{
	const json_t *provenance = json_object_get(document->root, "provenance");
	const json_t *answer = json_object_get(document->root, "answer");
	const char *name, *group;
	const struct result_metric *metric;
	bool ok = false;

	*result = (struct result){ .answer = SIZE_MAX };
	if (!shape_check(&result_shape, document, error))
		return false;
	if (!json_object_get(document->root, "metrics") || !provenance)
		return document_error(
			document, "", error,
			"there is no \"metrics\" or no \"provenance\": the result is damaged");
	result->version = copy(json_object_get(provenance, "version"), error);
	if (json_is_string(json_object_get(provenance, "commit")))
		result->commit = copy(json_object_get(provenance, "commit"), error);
	result->stopping = memory_text("stored results", error);
	result->seed = (uint64_t)json_integer_value(json_object_get(provenance, "seed"));
	result->replications =
		(uint64_t)json_integer_value(json_object_get(provenance, "replications"));
	if (json_is_string(json_object_get(provenance, "platform")))
		result->platform = copy(json_object_get(provenance, "platform"), error);
	read_band(&result->uncertainty, json_object_get(document->root, "uncertainty"));
	ok = result->version && result->stopping && read_inputs(result, document->root, error) &&
	     read_lists(result, document->root, error) &&
	     read_replications(result, json_object_get(document->root, "by_replication"), error);
	name = json_string_value(json_object_get(answer, "metric"));
	group = json_string_value(json_object_get(answer, "group"));
	metric = ok && name && group ? result_metric(result, name, group) : NULL;
	if (metric)
		result->answer = (size_t)(metric - result->metrics);
	if (!ok)
		result_fini(result);
	return ok;
}

/* --- differences -------------------------------------------------------------- */

/*
 * Observations with the stored sum and number in each of the first replications: what intervals of
 * means and their differences depend on. False: they are not known (or memory has run out).
 */
static bool rebuild(const struct result *result, const struct result_metric *metric,
		    uint64_t replications, struct observations *observations, struct error *error)
{
	static const uint64_t most = 10000000;
	bool constant = metric->n == result->replications && metric->min.exists &&
			metric->max.exists && metric->min.value == metric->max.value;
	int64_t *values;
	size_t largest = 1;
	bool ok = true;

	if ((!metric->sums && !constant) || metric->n > most)
		return false;
	for (size_t r = 0; metric->counts && r < replications; r++) {
		if (metric->counts[r] < 0 || metric->counts[r] > (int64_t)metric->n)
			return false;
		if ((size_t)metric->counts[r] > largest)
			largest = (size_t)metric->counts[r];
	}
	values = memory_array(largest, sizeof(*values), "replications", error);
	for (size_t r = 0; values && ok && r < replications; r++) {
		values[0] = metric->sums ? metric->sums[r] : (int64_t)metric->min.value;
		ok = observations_add(observations, values,
				      metric->counts ? (size_t)metric->counts[r] : 1, error);
	}
	free(values);
	return values && ok;
}

/*
 * Replication against replication, as far as both go: what the longer one observed beyond that would
 * only add its noise. False: what they observed is not stored, or too little of it.
 */
static bool pair_stored(struct comparison_design *design, const struct result *own,
			const struct result *base, const struct result_metric *own_metric,
			const struct result_metric *base_metric, struct error *error)
{
	struct observations left = { 0 }, right = { 0 };
	uint64_t both =
		own->replications < base->replications ? own->replications : base->replications;
	bool known = own->seed == base->seed && both > 1 &&
		     rebuild(own, own_metric, both, &left, error) &&
		     rebuild(base, base_metric, both, &right, error) && left.count && right.count;

	if (known)
		compare_pair(design, &left, &right);
	observations_fini(&left);
	observations_fini(&right);
	return known;
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

bool compare_documents(const struct document *documents, const char *const *paths, size_t count,
		       size_t baseline, const char *metric, struct comparison *out,
		       struct error *error)
{
	const struct result_metric *base;
	struct result *first;

	*out = (struct comparison){ .baseline = baseline, .stored = true };
	out->over = memory_text("stored result", error);
	out->designs = memory_array(count, sizeof(*out->designs), "designs", error);
	if (!out->over || !out->designs)
		goto fail;
	for (size_t i = 0; i < count; i++) {
		out->designs[i].label = memory_text(paths[i], error);
		out->design_count++;
		if (!out->designs[i].label ||
		    !read_result(&out->designs[i].result, &documents[i], error))
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
	out->paired = true;
	for (size_t i = 0; i < count; i++) {
		struct comparison_design *design = &out->designs[i];

		if (i == baseline || design->metric == SIZE_MAX ||
		    pair_stored(design, &design->result, first, comparison_metric(design), base,
				error))
			continue;
		out->paired = false;
		if (error->kind != ERROR_NONE)
			goto fail;
		combine(design, comparison_metric(design), base);
	}
	return true;
fail:
	comparison_fini(out);
	return false;
}

bool compare_stored(const char *const *paths, size_t count, size_t baseline, const char *metric,
		    struct comparison *out, struct error *error)
{
	struct document *documents = memory_array(count, sizeof(*documents), "results", error);
	size_t ready = 0;
	bool ok;

	while (documents && ready < count && document_read(&documents[ready], paths[ready], error))
		ready++;
	ok = documents && ready == count &&
	     compare_documents(documents, paths, count, baseline, metric, out, error);
	while (ready)
		document_fini(&documents[--ready]);
	free(documents);
	return ok;
}
