#include "report/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const enum metric_id comparison_beside[COMPARISON_BESIDE] = { METRIC_TEARDOWN, METRIC_LIMBO_PEAK,
							      METRIC_BACKGROUND_CPU,
							      METRIC_LONGEST_SLICE,
							      METRIC_FALLBACKS };

void comparison_fini(struct comparison *comparison)
{
	for (size_t i = 0; comparison->designs && i < comparison->design_count; i++) {
		free(comparison->designs[i].label);
		result_fini(&comparison->designs[i].result);
	}
	free(comparison->designs);
	free(comparison->over);
	free(comparison->metric_name);
	*comparison = (struct comparison){ 0 };
}

const struct result_metric *comparison_metric(const struct comparison_design *design)
{
	return design->metric < design->result.metric_count
		       ? &design->result.metrics[design->metric]
		       : NULL;
}

const struct result_metric *comparison_shown(const struct comparison_design *design)
{
	static const struct result_metric unobserved;
	const struct result_metric *metric = comparison_metric(design);

	return metric ? metric : &unobserved;
}

const char *comparison_no_difference(const struct comparison *comparison,
				     const struct comparison_design *design)
{
	static const double negligible = 0.0005; /* of the baseline */
	const struct result_metric *baseline =
		comparison_metric(&comparison->designs[comparison->baseline]);
	bool sure = design->difference_low.exists && design->difference_high.exists;
	double low = sure ? design->difference_low.value : design->difference.value;
	double high = sure ? design->difference_high.value : design->difference.value;

	if (!design->difference.exists || !baseline || low > 0 || high < 0)
		return NULL;
	return fmax(-low, high) <= negligible * fabs(baseline->mean.value) ? "no difference"
									   : "not told apart";
}

static bool belongs(const struct result_part *part, const struct result_metric *metric)
{
	return metric && result_part_is_of(part, metric);
}

/* Flows differ between designs; a step is known by its name and its function. */
static double step_mean(const struct comparison_design *design, const struct result_part *wanted)
{
	const struct result_metric *metric = comparison_metric(design);
	double mean = 0;

	for (size_t i = 0; i < design->result.part_count; i++) {
		const struct result_part *part = &design->result.parts[i];

		if (belongs(part, metric) && strcmp(part->step, wanted->step) == 0 &&
		    strcmp(part->where, wanted->where) == 0)
			mean += part->mean;
	}
	return mean;
}

/* Keep the list sorted by size; the smallest falls out. A step that is known is skipped. */
static size_t insert(struct comparison_part *parts, size_t count, size_t most,
		     struct comparison_part part)
{
	size_t place = count;

	for (size_t i = 0; i < count; i++)
		if (strcmp(parts[i].step, part.step) == 0 &&
		    strcmp(parts[i].where, part.where) == 0)
			return count;
	while (place && fabs(parts[place - 1].difference) < fabs(part.difference))
		place--;
	if (place >= most)
		return count;
	if (count == most)
		count--;
	memmove(parts + place + 1, parts + place, (count - place) * sizeof(*parts));
	parts[place] = part;
	return count + 1;
}

size_t comparison_parts(const struct comparison *comparison, const struct comparison_design *design,
			struct comparison_part *parts, size_t most)
{
	const struct comparison_design *baseline = &comparison->designs[comparison->baseline];
	const struct comparison_design *both[] = { design, baseline };
	size_t count = 0;

	for (int k = 0; k < 2; k++) {
		const struct result *result = &both[k]->result;

		for (size_t i = 0; i < result->part_count; i++) {
			const struct result_part *part = &result->parts[i];
			double difference;

			if (!belongs(part, comparison_metric(both[k])))
				continue;
			difference = step_mean(design, part) - step_mean(baseline, part);
			if (difference != 0)
				count = insert(parts, count, most,
					       (struct comparison_part){ part->step, part->where,
									 difference });
		}
	}
	return count;
}

struct maybe comparison_also(const struct comparison_design *design, enum metric_id id)
{
	const struct metric_kind *kind = &metric_kinds[id];
	const struct result_metric *own = comparison_metric(design);
	const char *group = own ? own->group : NULL;
	const struct result_metric *metric =
		result_metric(&design->result, kind->name, kind->of == OF_HOST ? "host" : group);

	return metric ? metric->mean : maybe_none("the result has no such metric");
}
