#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "engine/stream.h"
#include "explain/explain_parts.h"
#include "flow/model.h"

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
			variant->steps += variant->result->part_count;
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

/* Draws and their band. *made: how many there are (0: no band). */
static bool draw_band(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      uint64_t *made, struct error *error)
{
	double *means;
	bool ok;

	*made = 0;
	out->terms = variant->price_count;
	if (!variant->price_count)
		return true;
	means = memory_array(draws, sizeof(*means), "draws", error);
	ok = means && uncertainty_means(variant, &draws, means, error);
	if (ok && draws >= DRAWS_LEAST) {
		uncertainty_band(means, draws, out);
		*made = draws;
	}
	free(means);
	return ok;
}

bool uncertainty_draw(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      struct error *error)
{
	uint64_t made;

	return draw_band(out, variant, draws, &made, error);
}

/* Of so many draws, one after another, the means of all parts. */
static bool part_bands(struct result *result, const double *steps, uint64_t draws,
		       struct error *error)
{
	double *means = memory_array(draws, sizeof(*means), "draws", error);
	bool ok;

	for (size_t i = 0; means && i < result->part_count; i++) {
		struct result_part *part = &result->parts[i];
		struct result_uncertainty band;

		if (!result_part_is_of(part, &result->metrics[result->answer]))
			continue;
		for (uint64_t d = 0; d < draws; d++)
			means[d] = steps[d * result->part_count + i];
		uncertainty_band(means, draws, &band);
		part->band_low = band.low;
		part->band_high = band.high;
	}
	ok = means != NULL;
	free(means);
	return ok;
}

bool uncertainty_of(struct result *result, struct variant *variant, uint64_t draws,
		    struct error *error)
{
	double *steps = memory_array(draws * result->part_count, sizeof(*steps), "draws", error);
	uint64_t made;
	bool ok;

	if (!steps)
		return false;
	variant->result = result;
	variant->steps = steps;
	ok = draw_band(&result->uncertainty, variant, draws, &made, error);
	variant->steps = NULL;
	ok = ok && (!made || part_bands(result, steps, made, error));
	free(steps);
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
