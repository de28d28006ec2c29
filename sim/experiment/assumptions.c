#include "experiment/assumptions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "flow/model.h"

/* Under common random numbers a few replications show the movement well. */
enum { REPLICATIONS = 8 };

static const double share_that_matters = 0.01;
static const char no_end[] = "the operation did not end in time with these costs";

enum end { LOW, HIGH };

/* What moving costs needs: the configuration with costs of our own. */
struct study {
	const struct simulation_config *original;
	struct simulation_config config;
	size_t answer;
	uint64_t count; /* replications of each variant */
	double base;    /* their mean with the costs as they are */
	double full;    /* the answer's mean over all replications */
	const struct replicate_options *options;
};

static void study_fini(struct study *study)
{
	for (size_t g = 0; study->config.guests && g < study->config.guest_count; g++)
		free(study->config.guests[g].costs);
	free(study->config.guests);
}

static bool copy_costs(struct study *study, struct error *error)
{
	const struct simulation_config *original = study->original;
	struct guest_config *guests =
		memory_array(original->guest_count, sizeof(*guests), "guests", error);

	study->config = *original;
	study->config.guests = guests;
	/* The page-by-page mode has the same law and is far slower. */
	study->config.exact_pages = false;
	if (!guests)
		return false;
	for (size_t g = 0; g < original->guest_count; g++) {
		size_t terms = original->guests[g].model->term_count;

		guests[g] = original->guests[g];
		guests[g].costs = memory_array(terms, sizeof(*guests[g].costs), "costs", error);
		if (!guests[g].costs) {
			study->config.guest_count = g + 1;
			return false;
		}
		memcpy(guests[g].costs, original->guests[g].costs,
		       terms * sizeof(*guests[g].costs));
	}
	return true;
}

/* The answer's mean with the costs as they are now; does not exist when it never ended. */
static bool answer_mean(const struct study *study, struct maybe *mean, struct error *error)
{
	struct replications replications;
	const struct observations *observations;
	bool ok;

	*mean = (struct maybe){ .reason = no_end };
	if (!replications_init(&replications, &study->config, error))
		return false;
	ok = replications_run(&replications, &study->config, study->count, study->options, error);
	observations = &replications.metrics[study->answer];
	if (ok && observations->count)
		*mean = (struct maybe){ .exists = true, .value = mean_of(observations) };
	replications_fini(&replications);
	return ok;
}

/*
 * The same, carried over to all replications: their mean, moved by the paired
 * ratio of the few. The range so found encloses the headline that it explains.
 */
static bool answer_moved(const struct study *study, struct maybe *mean, struct error *error)
{
	if (!answer_mean(study, mean, error))
		return false;
	if (mean->exists && study->base > 0)
		mean->value *= study->full / study->base;
	return true;
}

static void move(struct study *study, size_t guest, size_t term, enum end end)
{
	struct cost *cost = &study->config.guests[guest].costs[term];

	cost->law.mean_ns = end == LOW ? cost->low_ns : cost->high_ns;
}

static void restore(struct study *study, size_t guest, size_t term)
{
	study->config.guests[guest].costs[term] = study->original->guests[guest].costs[term];
}

static bool one_term(struct result_assumption *out, struct study *study, size_t guest, size_t term,
		     struct error *error)
{
	const struct guest_config *config = &study->original->guests[guest];
	const struct cost *cost = &config->costs[term];
	struct maybe low, high;

	out->term = memory_text(config->model->terms[term].name, error);
	out->group = memory_text(config->name, error);
	out->source = memory_text(cost->source, error);
	out->mean_ns = cost->law.mean_ns;
	out->low_ns = cost->low_ns;
	out->high_ns = cost->high_ns;
	if (!out->term || !out->group || !out->source)
		return false;
	move(study, guest, term, LOW);
	if (!answer_moved(study, &low, error))
		return false;
	move(study, guest, term, HIGH);
	if (!answer_moved(study, &high, error))
		return false;
	restore(study, guest, term);
	out->answer_low = low.exists ? low.value : NAN;
	out->answer_high = high.exists ? high.value : NAN;
	/* Not ending at all is the largest movement of all. */
	out->mattered = !low.exists || !high.exists ||
			fmax(fabs(high.value - low.value),
			     fmax(fabs(high.value - study->full), fabs(low.value - study->full))) >=
				share_that_matters * fabs(study->full);
	return true;
}

static bool all_terms(struct study *study, enum end end, struct maybe *out, struct error *error)
{
	const struct simulation_config *config = study->original;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = 0; t < config->guests[g].model->term_count; t++)
			if (config->guests[g].costs[t].status == TERM_ASSUMED)
				move(study, g, t, end);
	return answer_moved(study, out, error);
}

static double effect(const struct result_assumption *assumption)
{
	double moved = fabs(assumption->answer_high - assumption->answer_low);

	return isfinite(moved) ? moved : INFINITY;
}

static int compare_effects(const void *a, const void *b)
{
	const struct result_assumption *left = a, *right = b;
	int order;

	if (effect(left) != effect(right))
		return effect(left) < effect(right) ? 1 : -1;
	order = strcmp(left->term, right->term);
	return order ? order : strcmp(left->group, right->group);
}

static bool each_term(struct result *result, struct study *study, struct error *error)
{
	const struct simulation_config *config = study->original;
	size_t terms = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = 0; t < config->guests[g].model->term_count; t++)
			terms += config->guests[g].costs[t].status == TERM_ASSUMED;
	result->assumptions =
		memory_array(terms, sizeof(*result->assumptions), "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		for (size_t t = 0; t < config->guests[g].model->term_count; t++) {
			if (config->guests[g].costs[t].status != TERM_ASSUMED)
				continue;
			if (!one_term(&result->assumptions[result->assumption_count++], study, g, t,
				      error))
				return false;
		}
	}
	qsort(result->assumptions, result->assumption_count, sizeof(*result->assumptions),
	      compare_effects);
	return true;
}

bool assumptions_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct experiment_options *options, struct error *error)
{
	struct study study = { .original = &scenario->simulation,
			       .options = &options->replicate,
			       .answer = result->answer };
	struct maybe base;
	bool ok;

	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	if (result->answer == SIZE_MAX)
		return true;
	study.count = replications->count < REPLICATIONS ? replications->count : REPLICATIONS;
	study.full = result->metrics[result->answer].mean.value;
	ok = copy_costs(&study, error) && answer_mean(&study, &base, error);
	/* An answer too rare for a few replications: then as many as the answer has. */
	if (ok && !base.exists) {
		study.count = replications->count;
		ok = answer_mean(&study, &base, error);
	}
	study.base = ok && base.exists ? base.value : 0;
	ok = ok && each_term(result, &study, error);
	if (ok && result->assumption_count)
		ok = all_terms(&study, LOW, &result->answer_low, error) &&
		     all_terms(&study, HIGH, &result->answer_high, error);
	study_fini(&study);
	return ok;
}
