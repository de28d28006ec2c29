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

static void move(struct variant *variant, size_t guest, size_t term, enum end end)
{
	const struct cost *cost = &variant->original->guests[guest].costs[term];

	variant_move(variant, guest, term, end == LOW ? cost->low_ns : cost->high_ns);
}

/* The answer with the terms as they are now; then they are put back. */
static bool answer_moved(struct variant *variant, struct maybe *mean, struct error *error)
{
	bool ok = variant_answer(variant, mean, error);

	variant_restore(variant);
	return ok;
}

static bool one_term(struct result_assumption *out, struct variant *variant, size_t guest,
		     size_t term, struct error *error)
{
	const struct guest_config *config = &variant->original->guests[guest];
	const struct cost *cost = &config->costs[term];
	struct maybe low, high;

	out->term = memory_text(config->model->terms[term].name, error);
	out->group = memory_text(variant_is_shared(variant, guest, term) ? config->model->name
									 : config->name,
				 error);
	out->source = memory_text(cost->source, error);
	out->mean_ns = cost->law.mean_ns;
	out->low_ns = cost->low_ns;
	out->high_ns = cost->high_ns;
	if (!out->term || !out->group || !out->source)
		return false;
	move(variant, guest, term, LOW);
	if (!answer_moved(variant, &low, error))
		return false;
	move(variant, guest, term, HIGH);
	if (!answer_moved(variant, &high, error))
		return false;
	out->answer_low = low.exists ? low.value : NAN;
	out->answer_high = high.exists ? high.value : NAN;
	/* Not ending at all is the largest movement of all. */
	out->mattered = !low.exists || !high.exists ||
			fmax(fabs(high.value - low.value), fmax(fabs(high.value - variant->full),
								fabs(low.value - variant->full))) >=
				share_that_matters * fabs(variant->full);
	return true;
}

/* All assumed terms whose names begin with `prefix`, at one end. */
static bool terms_like(struct variant *variant, const char *prefix, enum end end, struct maybe *out,
		       struct error *error)
{
	const struct simulation_config *config = variant->original;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			if (term_is_uncertain(config->guests[g].costs[t].status) &&
			    strncmp(config->guests[g].model->terms[t].name, prefix,
				    strlen(prefix)) == 0)
				move(variant, g, t, end);
	return answer_moved(variant, out, error);
}

static bool all_terms(struct variant *variant, enum end end, struct maybe *out, struct error *error)
{
	return terms_like(variant, "", end, out, error);
}

/* The first model that has something to say. */
static bool say_caveat(struct result *result, struct variant *variant, struct error *error)
{
	const struct simulation_config *config = variant->original;

	for (size_t g = 0; g < config->guest_count && !result->caveat; g++) {
		const struct model *model = config->guests[g].model;

		if (!model->caveat)
			continue;
		result->caveat = memory_text(model->caveat, error);
		result->caveat_terms = memory_text(model->caveat_terms, error);
		if (!result->caveat || !result->caveat_terms ||
		    !terms_like(variant, model->caveat_terms, LOW, &result->caveat_low, error) ||
		    !terms_like(variant, model->caveat_terms, HIGH, &result->caveat_high, error))
			return false;
	}
	return true;
}

bool assumptions_ends(const struct scenario *scenario, const struct replications *replications,
		      size_t metric, uint64_t count, const struct experiment_options *options,
		      struct maybe *low, struct maybe *high, struct error *error)
{
	struct variant variant;
	bool ok = variant_init(&variant, &scenario->simulation, metric, count, replications,
			       &options->replicate, error) &&
		  all_terms(&variant, LOW, low, error) && all_terms(&variant, HIGH, high, error);

	variant_fini(&variant);
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
static bool is_relevant(const struct variant *variant, const struct replications *replications,
			size_t guest, size_t term)
{
	const struct guest_config *config = &variant->original->guests[guest];

	return term_is_uncertain(config->costs[term].status) &&
	       variant_concerns(variant, replications, guest, term);
}

static bool each_term(struct result *result, struct variant *variant,
		      const struct replications *replications, struct error *error)
{
	const struct simulation_config *config = variant->original;
	size_t terms = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			terms += is_relevant(variant, replications, g, t);
	result->assumptions =
		memory_array(terms, sizeof(*result->assumptions), "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t g = 0; g < config->guest_count; g++) {
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++) {
			if (!is_relevant(variant, replications, g, t))
				continue;
			if (!one_term(&result->assumptions[result->assumption_count++], variant, g,
				      t, error))
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
	struct variant variant;
	bool ok;

	result->answer_low.reason = result->answer_high.reason = "no term was moved";
	if (result->answer == SIZE_MAX)
		return true;
	ok = variant_init(&variant, &scenario->simulation, result->answer, REPLICATIONS,
			  replications, &options->replicate, error) &&
	     each_term(result, &variant, replications, error);
	if (ok && result->assumption_count)
		ok = all_terms(&variant, LOW, &result->answer_low, error) &&
		     all_terms(&variant, HIGH, &result->answer_high, error);
	ok = ok && say_caveat(result, &variant, error) &&
	     variant_note_failures(&variant, result, error);
	variant_fini(&variant);
	return ok;
}
