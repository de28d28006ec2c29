#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/explain_parts.h"
#include "flow/model.h"

static const double share_that_matters = 0.01;
enum end { LOW, HIGH };

static bool one_term(struct result_assumption *out, struct variant *variant,
		     const struct price *price, struct error *error)
{
	struct maybe low, high;

	out->term = memory_text(price->name, error);
	out->group = memory_text(price->group, error);
	out->source = memory_text(price->cost->source, error);
	out->mean_ns = price->cost->law.mean_ns;
	out->low_ns = price->cost->low_ns;
	out->high_ns = price->cost->high_ns;
	if (!out->term || !out->group || !out->source ||
	    !variant_ends(variant, price, &low, &high, error))
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

	for (size_t g = 0; g < config->guest_count; g++) {
		const struct model *model = config->guests[g].model;

		for (size_t t = FIRST_TERM; t < model->term_count; t++) {
			const struct cost *cost = &config->guests[g].costs[t];

			if (term_is_uncertain(cost->status) &&
			    strncmp(model->terms[t].name, prefix, strlen(prefix)) == 0)
				variant_move(variant, g, t,
					     end == LOW ? cost->low_ns : cost->high_ns);
		}
	}
	return variant_answer(variant, out, error);
}

bool assumptions_ends(struct variant *variant, const char *prefix, struct maybe *low,
		      struct maybe *high, struct error *error)
{
	return terms_like(variant, prefix, LOW, low, error) &&
	       terms_like(variant, prefix, HIGH, high, error);
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
		    !assumptions_ends(variant, model->caveat_terms, &result->caveat_low,
				      &result->caveat_high, error))
			return false;
	}
	return true;
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

bool assumptions_fill(struct result *result, struct variant *variant, struct error *error)
{
	result->assumptions = memory_array(variant->price_count, sizeof(*result->assumptions),
					   "assumptions", error);
	if (!result->assumptions)
		return false;
	for (size_t p = 0; p < variant->price_count; p++)
		if (!one_term(&result->assumptions[result->assumption_count++], variant,
			      &variant->prices[p], error))
			return false;
	qsort(result->assumptions, result->assumption_count, sizeof(*result->assumptions),
	      compare_effects);
	return (!variant->price_count ||
		assumptions_ends(variant, "", &result->answer_low, &result->answer_high, error)) &&
	       say_caveat(result, variant, error) && variant_note_failures(variant, result, error);
}
