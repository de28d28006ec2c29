#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "engine/stream.h"
#include "explain/explain_parts.h"
#include "flow/model.h"
#include "repeat/summary.h"

enum { PURPOSE_COSTS = STREAM_PURPOSES_MAX - 1 };

/* --- draws -------------------------------------------------------------------- */

/* What a price is called names its draws, in any design and scenario. */
static uint32_t name_of(const struct variant *variant, size_t p)
{
	const struct price *price = &variant->prices[p];
	uint32_t hash = hash_text(HASH_BEGIN, price->name);

	if (price->guest == (size_t)PRICE_OF_HOST)
		return hash;
	return hash_text(hash, variant->original->guests[price->guest].model->name);
}

/* The how many-th price of that name it is, by its guest's name: guests of one model may pay
 * differently, and in which order a file has them must not matter. */
static uint32_t number_of(const struct variant *variant, size_t p)
{
	const struct guest_config *guests = variant->original->guests;
	uint32_t name = name_of(variant, p), number = 0;

	if (variant->prices[p].guest == (size_t)PRICE_OF_HOST)
		return 0;
	for (size_t other = 0; other < variant->price_count; other++)
		number += name_of(variant, other) == name &&
			  strcmp(guests[variant->prices[other].guest].name,
				 guests[variant->prices[p].guest].name) < 0;
	return number;
}

/* Each price: one draw in each of `draws` equal strata, in an order of its own. */
static bool draw_hypercube(const struct variant *variant, uint64_t draws, double *u,
			   struct error *error)
{
	for (size_t p = 0; p < variant->price_count; p++) {
		const struct stream_name name = { .seed = variant->original->seed,
						  .replication = STREAM_REPLICATIONS_MAX - 1,
						  .entity = name_of(variant, p),
						  .occurrence = number_of(variant, p),
						  .purpose = PURPOSE_COSTS };
		struct stream stream;

		if (!stream_begin(&stream, &name))
			return error_set(error, ERROR_INTERNAL, "no stream for draws of costs");
		stream_strata(&stream, u + p * draws, draws);
	}
	return true;
}

/* *draws becomes how many were made: the budget may end sooner than was reckoned. */
static bool run_draws(struct variant *variant, const double *u, uint64_t *draws, double *means,
		      struct error *error)
{
	for (uint64_t d = 0; d < *draws; d++) {
		struct maybe mean;

		if (!variant_affords(variant, 1)) {
			*draws = d;
			break;
		}
		for (size_t p = 0; p < variant->price_count; p++) {
			const struct price *price = &variant->prices[p];

			variant_move(variant, price->guest, price->term,
				     price_at(price, u[p * *draws + d]));
		}
		if (!variant_answer(variant, &mean, error))
			return false;
		if (variant->steps)
			variant->steps += variant->step_count;
		means[d] = mean.exists ? mean.value : INFINITY;
	}
	return true;
}

bool uncertainty_means(struct variant *variant, uint64_t *draws, double *means, struct error *error)
{
	double *u = memory_array(variant->price_count * *draws, sizeof(*u), "draws", error);
	bool ok = u && draw_hypercube(variant, *draws, u, error) &&
		  correlations_apply(variant, *draws, u, error) &&
		  run_draws(variant, u, draws, means, error);

	free(u);
	return ok;
}

/* --- their band --------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The p-quantile of sorted values; draws that gave none count as infinite. */
static struct maybe quantile(const double *sorted, uint64_t count, double p)
{
	double value = sorted[(uint64_t)(p * (double)(count - 1) + 0.5)];

	if (!isfinite(value))
		return maybe_none("with such prices the operation does not end in time, or is too "
				  "large to be run again");
	return maybe_some(value);
}

void uncertainty_band(double *values, uint64_t draws, struct result_uncertainty *out)
{
	qsort(values, draws, sizeof(*values), compare);
	out->by = BAND_OF_DRAWS;
	out->draws = draws;
	out->low = quantile(values, draws, 0.025);
	out->median = quantile(values, draws, 0.5);
	out->high = quantile(values, draws, 0.975);
}

bool uncertainty_draw(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      struct error *error)
{
	double *means;
	bool ok;

	out->terms = variant->price_count;
	if (!variant->price_count)
		return true;
	means = memory_array(draws, sizeof(*means), "draws", error);
	ok = means && uncertainty_means(variant, &draws, means, error);
	if (ok && draws >= DRAWS_LEAST)
		uncertainty_band(means, draws, out);
	free(means);
	return ok;
}

/* --- of the answer's parts ------------------------------------------------------ */

/* Of each part of a replication, which of the result's it is; SIZE_MAX: none of the answer's. */
static void find_steps(const struct result *result, const struct variant *variant, size_t *step_of)
{
	size_t count;
	const struct part *parts = simulation_parts(variant->few.names, &count);

	for (size_t p = 0; p < count; p++) {
		step_of[p] = SIZE_MAX;
		for (size_t i = 0; i < result->part_count && parts[p].metric == variant->metric;
		     i++)
			if (result_part_is_of(&result->parts[i],
					      &result->metrics[result->answer]) &&
			    part_is(&result->parts[i], &parts[p]))
				step_of[p] = i;
	}
}

/* From the steps of the draws, carried over to all replications as the answer is. */
static void part_bands(struct result *result, const struct variant *variant, const double *steps,
		       const double *base, double *means)
{
	uint64_t draws = result->uncertainty.draws;

	for (size_t i = 0; i < result->part_count; i++) {
		struct result_part *part = &result->parts[i];
		struct result_uncertainty band;

		if (!result_part_is_of(part, &result->metrics[result->answer]))
			continue;
		for (uint64_t d = 0; d < draws; d++)
			means[d] =
				fmax(0, part->mean + steps[d * variant->step_count + i] - base[i]);
		uncertainty_band(means, draws, &band);
		part->band_low = band.low;
		part->band_high = band.high;
	}
}

bool uncertainty_of(struct result *result, struct variant *variant, uint64_t draws,
		    struct error *error)
{
	size_t count = result->part_count;
	double *steps = memory_array(draws * count, sizeof(*steps), "draws", error);
	double *base = memory_array(count, sizeof(*base), "draws", error);
	double *means = memory_array(draws, sizeof(*means), "draws", error);
	size_t *step_of = memory_array(variant->few.part_count, sizeof(*step_of), "parts", error);
	bool ok = steps && base && means && step_of;

	if (ok) {
		for (size_t i = 0; i < draws * count; i++)
			steps[i] = INFINITY; /* of a draw without an answer */
		find_steps(result, variant, step_of);
		variant->step_of = step_of;
		variant->step_count = count;
		variant_step_means(variant, &variant->few, base);
		variant->steps = steps;
		ok = uncertainty_draw(&result->uncertainty, variant, draws, error);
		variant->steps = NULL;
	}
	if (ok && result->uncertainty.draws)
		part_bands(result, variant, steps, base, means);
	free(steps);
	free(base);
	free(means);
	free(step_of);
	return ok;
}

/* What all prices at either end give, in order: with higher prices an answer may be lower. */
void uncertainty_ends(struct result_uncertainty *out, size_t prices, struct maybe low,
		      struct maybe high)
{
	bool swapped = low.exists && high.exists && high.value < low.value;

	out->terms = prices;
	if (!prices)
		return;
	out->by = BAND_OF_ENDS;
	out->low = swapped ? high : low;
	out->high = swapped ? low : high;
	out->median.reason = "all prices were moved together";
}
