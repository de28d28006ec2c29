#include "explain/explain_parts.h"
#include "flow/model.h"

/* What is lost for want of it is a hundredth of the answer, at least. */
static const double share_that_matters = 0.01;

static bool matters(const struct result *result, const struct result_capacity *capacity)
{
	const struct result_metric *metric = &result->metrics[result->answer];
	double each = metric->mean.value * (double)metric->n / (double)result->replications;

	return metric->n && capacity->lost_ns > 0 && capacity->lost_ns >= share_that_matters * each;
}

uint64_t capacities_runs(const struct result *result)
{
	uint64_t runs = 0;

	for (size_t i = 0; i < result->capacity_count; i++)
		runs += matters(result, &result->capacities[i]);
	return runs;
}

static void scatter(struct variant *variant)
{
	struct simulation_config *config = &variant->config;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = 0; t < config->guests[g].model->term_count; t++)
			config->guests[g].costs[t].sharing.crowd = CROWD_NONE;
}

bool capacities_fill(struct result *result, struct variant *variant, struct error *error)
{
	for (size_t i = 0; i < result->capacity_count; i++) {
		struct result_capacity *capacity = &result->capacities[i];

		if (!matters(result, capacity))
			continue;
		capacity->answer_twice.reason = "the scenario is too large to be run again";
		if (!variant_affords(variant, 1))
			continue;
		if (capacity->unit)
			variant_widen(variant, i);
		else
			scatter(variant);
		if (!variant_answer(variant, &capacity->answer_twice, error))
			return false;
	}
	return true;
}
