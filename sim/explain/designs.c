#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "explain/explain.h"
#include "explain/explain_parts.h"

/* Variants of those designs that have the metric; the others' stay empty. */
static bool begin(struct variant *variants, const struct explain_design *designs, size_t count,
		  const struct replicate_options *options, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct explain_design *design = &designs[i];

		if (design->metric == SIZE_MAX)
			continue;
		if (!variant_init(&variants[i], &design->scenario->simulation, design->metric,
				  design->replications, price_has_range, options, error))
			return false;
		variants[i].budget = study_budget(STUDY_BOUNDED, design->replications->events);
		if (!variant_begin(&variants[i], 1, error))
			return false;
	}
	return true;
}

static uint64_t draws_for_all(const struct variant *variants, const struct explain_design *designs,
			      size_t count)
{
	uint64_t draws = UINT64_MAX;

	for (size_t i = 0; i < count; i++) {
		uint64_t own = study_draws(&variants[i], STUDY_BOUNDED);

		if (designs[i].metric != SIZE_MAX && own < draws)
			draws = own;
	}
	return draws;
}

/* What a design has more than the baseline in each draw; what has no end has no difference. */
static void subtract(double *differences, const double *own, const double *baseline, uint64_t draws)
{
	for (uint64_t d = 0; d < draws; d++)
		differences[d] =
			isfinite(own[d]) && isfinite(baseline[d]) ? own[d] - baseline[d] : INFINITY;
}

/* *made is how many draws all designs have; too few of them: no bands yet. */
static bool by_draws(struct explain_design *designs, struct variant *variants, size_t count,
		     size_t baseline, uint64_t *made, struct error *error)
{
	uint64_t draws = *made;
	double *means = memory_array(count * draws, sizeof(*means), "draws", error);
	double *differences = memory_array(draws, sizeof(*differences), "draws", error);
	bool ok = means && differences;

	for (size_t i = 0; ok && i < count; i++) {
		uint64_t own = draws;

		ok = designs[i].metric == SIZE_MAX ||
		     uncertainty_means(&variants[i], &own, means + i * draws, error);
		*made = own < *made ? own : *made;
	}
	ok = ok && *made >= DRAWS_LEAST;
	for (size_t i = 0; ok && i < count; i++) {
		if (designs[i].metric == SIZE_MAX || i == baseline ||
		    designs[baseline].metric == SIZE_MAX)
			continue;
		subtract(differences, means + i * draws, means + baseline * draws, *made);
		uncertainty_band(differences, *made, &designs[i].difference);
	}
	for (size_t i = 0; ok && i < count; i++)
		if (designs[i].metric != SIZE_MAX && variants[i].price_count)
			uncertainty_band(means + i * draws, *made, &designs[i].band);
	free(means);
	free(differences);
	return ok;
}

static struct maybe less(struct maybe own, struct maybe baseline)
{
	if (!own.exists)
		return own;
	return baseline.exists ? maybe_some(own.value - baseline.value) : baseline;
}

static bool by_ends(struct explain_design *designs, struct variant *variants, size_t count,
		    size_t baseline, struct error *error)
{
	struct maybe *low = memory_array(count, sizeof(*low), "ends", error);
	struct maybe *high = memory_array(count, sizeof(*high), "ends", error);
	bool ok = low && high;

	for (size_t i = 0; ok && i < count; i++)
		if (designs[i].metric != SIZE_MAX) {
			ok = assumptions_ends(&variants[i], "", &low[i], &high[i], error);
			uncertainty_ends(&designs[i].band, variants[i].price_count, low[i],
					 high[i]);
		}
	for (size_t i = 0; ok && i < count; i++)
		if (designs[i].metric != SIZE_MAX && i != baseline &&
		    designs[baseline].metric != SIZE_MAX)
			uncertainty_ends(&designs[i].difference,
					 variants[i].price_count + variants[baseline].price_count,
					 less(low[i], low[baseline]),
					 less(high[i], high[baseline]));
	free(low);
	free(high);
	return ok;
}

bool explain_designs(struct explain_design *designs, size_t count, size_t baseline,
		     const struct replicate_options *options, struct error *error)
{
	struct variant *variants = memory_array(count, sizeof(*variants), "designs", error);
	uint64_t draws;
	bool ok;

	for (size_t i = 0; i < count; i++) {
		static const struct maybe none = { .reason = "no price has a range" };

		designs[i].band = designs[i].difference =
			(struct result_uncertainty){ .low = none, .median = none, .high = none };
	}
	ok = variants && begin(variants, designs, count, options, error);
	if (ok) {
		draws = draws_for_all(variants, designs, count);
		if (draws)
			by_draws(designs, variants, count, baseline, &draws, error);
		ok = error->kind == ERROR_NONE;
		if (ok && draws < DRAWS_LEAST)
			ok = by_ends(designs, variants, count, baseline, error);
	}
	for (size_t i = 0; variants && i < count; i++) {
		designs[i].band.terms = variants[i].price_count;
		variant_fini(&variants[i]);
	}
	free(variants);
	return ok;
}
