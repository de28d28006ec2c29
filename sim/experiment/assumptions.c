#include "experiment/assumptions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "experiment/study.h"
#include "flow/model.h"

/* Under common random numbers a few replications show the movement well. */
enum { REPLICATIONS = 8 };

static const double share_that_matters = 0.01;
enum end { LOW, HIGH };

static void move(struct study *study, size_t guest, size_t term, enum end end)
{
	struct cost *cost = study_cost(study, guest, term);

	cost->law.mean_ns = end == LOW ? cost->low_ns : cost->high_ns;
}

/* The answer with the terms as they are now; then they are put back. */
static bool answer_moved(struct study *study, struct maybe *mean, struct error *error)
{
	bool ok = study_answer(study, mean, error);

	study_restore(study);
	return ok;
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

/* Assumed, and charged at least once in these replications. */
static bool is_relevant(const struct study *study, const struct replications *replications,
			size_t guest, size_t term)
{
	const struct guest_config *config = &study->original->guests[guest];

	return config->costs[term].status == TERM_ASSUMED &&
	       study_term_used(replications, config, term);
}

static bool each_term(struct result *result, struct study *study,
		      const struct replications *replications, struct error *error)
{
	const struct simulation_config *config = study->original;
	size_t terms = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = 0; t < config->guests[g].model->term_count; t++)
			terms += is_relevant(study, replications, g, t);
	result->assumptions =
		memory_array(terms, sizeof(*result->assumptions), "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		for (size_t t = 0; t < config->guests[g].model->term_count; t++) {
			if (!is_relevant(study, replications, g, t))
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
	struct study study;
	bool ok;

	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	if (result->answer == SIZE_MAX)
		return true;
	ok = study_init(&study, &scenario->simulation, result->answer, REPLICATIONS, replications,
			&options->replicate, error) &&
	     each_term(result, &study, replications, error);
	if (ok && result->assumption_count)
		ok = all_terms(&study, LOW, &result->answer_low, error) &&
		     all_terms(&study, HIGH, &result->answer_high, error);
	study_fini(&study);
	return ok;
}
