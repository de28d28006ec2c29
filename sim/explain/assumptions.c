#include "explain/assumptions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/variant.h"
#include "flow/model.h"

/* Under common random numbers a few replications show the movement well. */
enum { REPLICATIONS = 8 };

static const double share_that_matters = 0.01;
enum end { LOW, HIGH };

static void move(struct study *study, size_t guest, size_t term, enum end end)
{
	const struct cost *cost = &study->original->guests[guest].costs[term];

	study_move(study, guest, term, end == LOW ? cost->low_ns : cost->high_ns);
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
	out->group = memory_text(
		study_is_shared(study, guest, term) ? config->model->name : config->name, error);
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

/* All assumed terms whose names begin with `prefix`, at one end. */
static bool terms_like(struct study *study, const char *prefix, enum end end, struct maybe *out,
		       struct error *error)
{
	const struct simulation_config *config = study->original;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			if (term_is_uncertain(config->guests[g].costs[t].status) &&
			    strncmp(config->guests[g].model->terms[t].name, prefix,
				    strlen(prefix)) == 0)
				move(study, g, t, end);
	return answer_moved(study, out, error);
}

static bool all_terms(struct study *study, enum end end, struct maybe *out, struct error *error)
{
	return terms_like(study, "", end, out, error);
}

/* The first model that has something to say. */
static bool say_caveat(struct result *result, struct study *study, struct error *error)
{
	const struct simulation_config *config = study->original;

	for (size_t g = 0; g < config->guest_count && !result->caveat; g++) {
		const struct model *model = config->guests[g].model;

		if (!model->caveat)
			continue;
		result->caveat = memory_text(model->caveat, error);
		result->caveat_terms = memory_text(model->caveat_terms, error);
		if (!result->caveat || !result->caveat_terms ||
		    !terms_like(study, model->caveat_terms, LOW, &result->caveat_low, error) ||
		    !terms_like(study, model->caveat_terms, HIGH, &result->caveat_high, error))
			return false;
	}
	return true;
}

bool assumptions_ends(const struct scenario *scenario, const struct replications *replications,
		      size_t metric, uint64_t count, const struct experiment_options *options,
		      struct maybe *low, struct maybe *high, struct error *error)
{
	struct study study;
	bool ok = study_init(&study, &scenario->simulation, metric, count, replications,
			     &options->replicate, error) &&
		  all_terms(&study, LOW, low, error) && all_terms(&study, HIGH, high, error);

	study_fini(&study);
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

	return term_is_uncertain(config->costs[term].status) &&
	       study_concerns(study, replications, guest, term);
}

static bool each_term(struct result *result, struct study *study,
		      const struct replications *replications, struct error *error)
{
	const struct simulation_config *config = study->original;
	size_t terms = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			terms += is_relevant(study, replications, g, t);
	result->assumptions =
		memory_array(terms, sizeof(*result->assumptions), "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++) {
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
	ok = ok && say_caveat(result, &study, error) && study_note_failures(&study, result, error);
	study_fini(&study);
	return ok;
}
