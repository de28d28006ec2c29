#include "experiment/assumptions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/model.h"

/* Under common random numbers a few replications show the movement well. */
enum { REPLICATIONS = 8 };

static const double share_that_matters = 0.01;

enum end { LOW, HIGH };

/* The answer's mean over the first replications, with the costs as they are now. */
static bool answer_mean(const struct scenario *scenario, size_t answer, uint64_t count,
			const struct experiment_options *options, double *mean, struct error *error)
{
	struct replications replications;
	bool ok;

	if (!replications_init(&replications, &scenario->simulation, error))
		return false;
	ok = replications_run(&replications, &scenario->simulation, count, &options->replicate, error);
	*mean = ok && replications.metrics[answer].count ? mean_of(&replications.metrics[answer]) : NAN;
	replications_fini(&replications);
	return ok;
}

static void move(struct cost *cost, enum end end)
{
	cost->law.mean_ns = end == LOW ? cost->low_ns : cost->high_ns;
}

static bool one_term(struct result_assumption *out, const struct scenario *scenario, size_t guest,
		     size_t term, size_t answer, uint64_t count, double base,
		     const struct experiment_options *options, struct error *error)
{
	const struct guest_config *config = &scenario->simulation.guests[guest];
	struct cost *cost = &config->costs[term], before = *cost;
	bool ok;

	out->term = memory_text(config->model->terms[term].name, error);
	out->group = memory_text(config->name, error);
	out->source = memory_text(cost->source, error);
	out->mean_ns = before.law.mean_ns;
	out->low_ns = before.low_ns;
	out->high_ns = before.high_ns;
	if (!out->term || !out->group || !out->source)
		return false;
	move(cost, LOW);
	ok = answer_mean(scenario, answer, count, options, &out->answer_low, error);
	move(cost, HIGH);
	ok = ok && answer_mean(scenario, answer, count, options, &out->answer_high, error);
	*cost = before;
	out->mattered = fabs(out->answer_high - out->answer_low) >= share_that_matters * base;
	return ok;
}

static bool all_terms(const struct scenario *scenario, enum end end, size_t answer, uint64_t count,
		      const struct experiment_options *options, struct maybe *out,
		      struct error *error)
{
	const struct simulation_config *config = &scenario->simulation;
	struct cost **before = memory_array(config->guest_count, sizeof(*before), "costs", error);
	bool ok = before != NULL;
	double mean = NAN;

	for (size_t g = 0; ok && g < config->guest_count; g++) {
		size_t terms = config->guests[g].model->term_count;

		before[g] = memory_array(terms, sizeof(**before), "costs", error);
		ok = before[g] != NULL;
		for (size_t t = 0; ok && t < terms; t++) {
			before[g][t] = config->guests[g].costs[t];
			if (before[g][t].status == TERM_ASSUMED)
				move(&config->guests[g].costs[t], end);
		}
	}
	ok = ok && answer_mean(scenario, answer, count, options, &mean, error);
	for (size_t g = 0; before && g < config->guest_count; g++) {
		if (before[g])
			memcpy(config->guests[g].costs, before[g],
			       config->guests[g].model->term_count * sizeof(**before));
		free(before[g]);
	}
	free(before);
	out->exists = ok && isfinite(mean);
	out->value = mean;
	out->reason = "the operation did not end in time with these costs";
	return ok;
}

static double effect(const struct result_assumption *assumption)
{
	double moved = fabs(assumption->answer_high - assumption->answer_low);

	return isfinite(moved) ? moved : INFINITY;
}

static int compare_effects(const void *a, const void *b)
{
	const struct result_assumption *left = a, *right = b;

	if (effect(left) != effect(right))
		return effect(left) < effect(right) ? 1 : -1;
	return strcmp(left->term, right->term);
}

bool assumptions_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct experiment_options *options, struct error *error)
{
	const struct simulation_config *config = &scenario->simulation;
	uint64_t count = replications->count < REPLICATIONS ? replications->count : REPLICATIONS;
	size_t terms = 0, answer = result->answer;
	double base;

	if (answer == SIZE_MAX || config->exact_pages)
		return true;
	if (!answer_mean(scenario, answer, count, options, &base, error))
		return false;
	for (size_t g = 0; g < config->guest_count; g++)
		terms += config->guests[g].model->term_count;
	result->assumptions = memory_array(terms, sizeof(*result->assumptions), "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		for (size_t t = 0; t < config->guests[g].model->term_count; t++) {
			if (config->guests[g].costs[t].status != TERM_ASSUMED)
				continue;
			result->assumption_count++;
			if (!one_term(&result->assumptions[result->assumption_count - 1], scenario, g, t,
				      answer, count, base, options, error))
				return false;
		}
	}
	qsort(result->assumptions, result->assumption_count, sizeof(*result->assumptions),
	      compare_effects);
	return all_terms(scenario, LOW, answer, count, options, &result->answer_low, error) &&
	       all_terms(scenario, HIGH, answer, count, options, &result->answer_high, error);
}
