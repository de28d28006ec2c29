#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "engine/stream.h"
#include "explain/explain_parts.h"

enum { PURPOSE_COSTS = STREAM_PURPOSES_MAX - 1 };

/* Each price: one draw in each of `draws` equal strata, in an order of its own. */
static bool draw_hypercube(double *u, size_t prices, uint64_t draws, uint64_t seed,
			   struct error *error)
{
	for (size_t p = 0; p < prices; p++) {
		const struct stream_name name = { .seed = seed,
						  .replication = STREAM_REPLICATIONS_MAX - 1,
						  .entity = (uint32_t)p,
						  .purpose = PURPOSE_COSTS };
		struct stream stream;

		if (!stream_begin(&stream, &name))
			return error_set(error, ERROR_INTERNAL, "no stream for draws of costs");
		stream_strata(&stream, u + p * draws, draws);
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The p-quantile of sorted means; draws that never ended count as infinite. */
static struct maybe quantile(const double *sorted, uint64_t count, double p)
{
	double value = sorted[(uint64_t)(p * (double)(count - 1) + 0.5)];

	if (!isfinite(value))
		return maybe_none("the operation does not end in time with such "
				  "costs");
	return maybe_some(value);
}

static bool run_draws(struct variant *variant, const double *u, uint64_t draws, double *means,
		      struct error *error)
{
	for (uint64_t d = 0; d < draws; d++) {
		struct maybe mean;

		for (size_t p = 0; p < variant->price_count; p++) {
			const struct price *price = &variant->prices[p];

			variant_move(variant, price->guest, price->term,
				     price_at(price, u[p * draws + d]));
		}
		if (!variant_answer(variant, &mean, error))
			return false;
		means[d] = mean.exists ? mean.value : INFINITY;
	}
	return true;
}

bool uncertainty_draw(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      struct error *error)
{
	size_t prices = variant->price_count;
	double *means, *u;
	bool ok;

	if (!prices)
		return true;
	means = memory_array(draws, sizeof(*means), "draws", error);
	u = memory_array(prices * draws, sizeof(*u), "draws", error);
	ok = means && u && draw_hypercube(u, prices, draws, variant->original->seed, error) &&
	     run_draws(variant, u, draws, means, error);
	if (ok) {
		qsort(means, draws, sizeof(*means), compare);
		out->draws = draws;
		out->terms = prices;
		out->low = quantile(means, draws, 0.025);
		out->median = quantile(means, draws, 0.5);
		out->high = quantile(means, draws, 0.975);
	}
	free(means);
	free(u);
	return ok;
}

bool uncertainty_fill(struct result *result, struct variant *variant, uint64_t draws,
		      struct error *error)
{
	return uncertainty_draw(&result->uncertainty, variant, draws, error) &&
	       variant_note_failures(variant, result, error);
}
