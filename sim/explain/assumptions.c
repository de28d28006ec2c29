#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explain/explain_parts.h"
#include "flow/model.h"

static const double share_that_matters = 0.01;
static const char too_large[] = "the scenario is too large to be run again";
enum end { LOW, HIGH };

/* The model of the first guest whose model has something to say, or NULL. */
static const struct model *with_caveat(const struct simulation_config *config)
{
	for (size_t g = 0; g < config->guest_count; g++)
		if (config->guests[g].model->caveat)
			return config->guests[g].model;
	return NULL;
}

uint64_t assumptions_runs(const struct variant *variant)
{
	return 2 * variant->price_count + (variant->price_count ? 2 : 0) +
	       (with_caveat(variant->original) ? 2 : 0);
}

/* --- together ----------------------------------------------------------------- */
/* All terms whose names begin with `prefix`, at one end. */
static bool terms_like(struct variant *variant, const char *prefix, enum end end, struct maybe *out,
		       struct error *error)
{
	const struct simulation_config *config = variant->original;

	for (size_t g = 0; g < config->guest_count; g++) {
		const struct model *model = config->guests[g].model;

		for (size_t t = FIRST_TERM; t < model->term_count; t++) {
			const struct cost *cost = &config->guests[g].costs[t];

			if (price_has_range(cost) &&
			    strncmp(model->terms[t].name, prefix, strlen(prefix)) == 0)
				variant_move(variant, g, t,
					     end == LOW ? cost->low_ns : cost->high_ns);
		}
	}
	for (size_t p = 0; p < variant->price_count; p++) {
		const struct price *price = &variant->prices[p];

		if (price->guest == (size_t)PRICE_OF_HOST &&
		    strncmp(price->name, prefix, strlen(prefix)) == 0)
			variant_move(variant, price->guest, price->term,
				     end == LOW ? price->cost->low_ns : price->cost->high_ns);
	}
	return variant_answer(variant, out, error);
}

bool assumptions_ends(struct variant *variant, const char *prefix, struct maybe *low,
		      struct maybe *high, struct error *error)
{
	return terms_like(variant, prefix, LOW, low, error) &&
	       terms_like(variant, prefix, HIGH, high, error);
}

/* Both ends, unless they cannot be paid for. */
static bool affordable_ends(struct variant *variant, const char *prefix, struct maybe *low,
			    struct maybe *high, struct error *error)
{
	*low = *high = maybe_none(too_large);
	return !variant_affords(variant, 2) || assumptions_ends(variant, prefix, low, high, error);
}

static bool say_caveat(struct result *result, struct variant *variant, struct error *error)
{
	const struct model *model = with_caveat(variant->original);

	if (!model)
		return true;
	result->caveat = memory_text(model->caveat, error);
	result->caveat_terms = memory_text(model->caveat_terms, error);
	return result->caveat && result->caveat_terms &&
	       affordable_ends(variant, model->caveat_terms, &result->caveat_low,
			       &result->caveat_high, error);
}

bool assumptions_together(struct result *result, struct variant *variant, struct error *error)
{
	return (!variant->price_count ||
		affordable_ends(variant, "", &result->answer_low, &result->answer_high, error)) &&
	       say_caveat(result, variant, error);
}

/* --- one at a time -------------------------------------------------------------- */

static double at_stake(const struct price *price)
{
	return (price->cost->high_ns - price->cost->low_ns) * (double)price->units;
}

static int compare_stakes(const void *a, const void *b)
{
	const struct price *left = *(const struct price *const *)a;
	const struct price *right = *(const struct price *const *)b;

	if (at_stake(left) != at_stake(right))
		return at_stake(left) < at_stake(right) ? 1 : -1;
	return left < right ? -1 : 1;
}

static bool describe(struct result_assumption *out, const struct variant *variant,
		     const struct price *price, struct error *error)
{
	const struct observations *answer = &variant->replications->metrics[variant->metric];

	out->term = memory_text(price->name, error);
	out->group = memory_text(price->group, error);
	out->source = memory_text(price->cost->source, error);
	out->status = term_status_names[price->cost->status];
	out->mean_ns = price->cost->law.mean_ns;
	out->low_ns = price->cost->low_ns;
	out->high_ns = price->cost->high_ns;
	out->at_stake = at_stake(price) / (double)answer->count;
	out->answer_low = out->answer_high = NAN;
	return out->term && out->group && out->source;
}

static bool move(struct result_assumption *out, struct variant *variant, const struct price *price,
		 struct error *error)
{
	uint64_t given_up = variant->given_up;
	struct maybe low, high;

	if (!variant_affords(variant, 2))
		return true;
	if (!variant_ends(variant, price, &low, &high, error))
		return false;
	out->moved = variant->given_up == given_up;
	if (!out->moved)
		return true;
	out->answer_low = low.exists ? low.value : NAN;
	out->answer_high = high.exists ? high.value : NAN;
	/* Not ending at all is the largest movement of all. */
	out->mattered = !low.exists || !high.exists ||
			fmax(fabs(high.value - low.value), fmax(fabs(high.value - variant->full),
								fabs(low.value - variant->full))) >=
				share_that_matters * fabs(variant->full);
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

	if (left->moved != right->moved)
		return left->moved ? -1 : 1;
	if (effect(left) != effect(right))
		return effect(left) < effect(right) ? 1 : -1;
	order = strcmp(left->term, right->term);
	return order ? order : strcmp(left->group, right->group);
}

bool assumptions_each(struct result *result, struct variant *variant, struct error *error)
{
	size_t count = variant->price_count;
	const struct price **order = memory_array(count, sizeof(struct price *), "terms", error);
	bool ok;

	result->assumptions =
		memory_array(count, sizeof(*result->assumptions), "assumptions", error);
	ok = order && result->assumptions;
	for (size_t p = 0; ok && p < count; p++)
		order[p] = &variant->prices[p];
	if (ok)
		qsort(order, count, sizeof(struct price *), compare_stakes);
	for (size_t p = 0; ok && p < count; p++) {
		struct result_assumption *out = &result->assumptions[result->assumption_count++];

		ok = describe(out, variant, order[p], error) && move(out, variant, order[p], error);
		result->study.terms_left += !out->moved;
	}
	if (ok)
		qsort(result->assumptions, count, sizeof(*result->assumptions), compare_effects);
	free(order);
	return ok;
}
