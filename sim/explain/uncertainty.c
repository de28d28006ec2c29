#include "explain/uncertainty.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "engine/stream.h"
#include "explain/variant.h"
#include "flow/model.h"

enum { INNER = 8, PURPOSE_COSTS = STREAM_PURPOSES_MAX - 1 };

double cost_at(double low, double value, double high, double u)
{
	if (u < 0.5)
		return low > 0 ? low * pow(value / low, 2 * u) : value * 2 * u;
	return value > 0 ? value * pow(high / value, 2 * u - 1) : high * (2 * u - 1);
}

/* The terms that are drawn, and the draws of each: u[term * draws + draw]. */
struct design {
	struct {
		size_t guest, term;
	} * terms;
	size_t term_count;
	double *u;
	uint64_t draws;
};

static bool choose_terms(struct design *design, const struct variant *variant,
			 const struct replications *replications, struct error *error)
{
	const struct simulation_config *config = variant->original;
	size_t most = 0;

	for (size_t g = 0; g < config->guest_count; g++)
		most += config->guests[g].model->term_count;
	design->terms = memory_array(most, sizeof(*design->terms), "terms", error);
	if (!design->terms)
		return false;
	for (size_t g = 0; g < config->guest_count; g++)
		for (size_t t = FIRST_TERM; t < config->guests[g].model->term_count; t++)
			if (term_is_uncertain(config->guests[g].costs[t].status) &&
			    variant_concerns(variant, replications, g, t)) {
				design->terms[design->term_count].guest = g;
				design->terms[design->term_count++].term = t;
			}
	return true;
}

/* Each term: one draw in each of `draws` equal strata, in an order of its own. */
static bool draw_hypercube(struct design *design, uint64_t seed, struct error *error)
{
	uint64_t draws = design->draws;

	design->u =
		memory_array(design->term_count * draws + 1, sizeof(*design->u), "draws", error);
	if (!design->u)
		return false;
	for (size_t t = 0; t < design->term_count; t++) {
		const struct stream_name name = { .seed = seed,
						  .replication = STREAM_REPLICATIONS_MAX - 1,
						  .entity = (uint32_t)t,
						  .purpose = PURPOSE_COSTS };
		struct stream stream;

		if (!stream_begin(&stream, &name))
			return error_set(error, ERROR_INTERNAL, "no stream for draws of costs");
		stream_strata(&stream, design->u + t * draws, draws);
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

static bool run_draws(const struct design *design, struct variant *variant, double *means,
		      struct error *error)
{
	for (uint64_t d = 0; d < design->draws; d++) {
		struct maybe mean;

		for (size_t t = 0; t < design->term_count; t++) {
			size_t guest = design->terms[t].guest, term = design->terms[t].term;
			const struct cost *cost = &variant->original->guests[guest].costs[term];

			variant_move(variant, guest, term,
				     cost_at(cost->low_ns, cost->law.mean_ns, cost->high_ns,
					     design->u[t * design->draws + d]));
		}
		if (!variant_answer(variant, &mean, error))
			return false;
		variant_restore(variant);
		means[d] = mean.exists ? mean.value : INFINITY;
	}
	return true;
}

bool uncertainty_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications, uint64_t draws,
		      const struct experiment_options *options, struct error *error)
{
	struct result_uncertainty *out = &result->uncertainty;
	struct design design = { .draws = draws };
	struct variant variant;
	double *means = NULL;
	bool ok = false;

	out->low.reason = out->median.reason = out->high.reason = "no assumed cost was charged";
	if (result->answer == SIZE_MAX)
		return true;
	means = memory_array(draws, sizeof(*means), "draws", error);
	if (variant_init(&variant, &scenario->simulation, result->answer, INNER, replications,
			 &options->replicate, error) &&
	    means && choose_terms(&design, &variant, replications, error) &&
	    draw_hypercube(&design, scenario->simulation.seed, error))
		ok = !design.term_count || run_draws(&design, &variant, means, error);
	if (ok && design.term_count) {
		qsort(means, draws, sizeof(*means), compare);
		out->draws = draws;
		out->terms = design.term_count;
		out->low = quantile(means, draws, 0.025);
		out->median = quantile(means, draws, 0.5);
		out->high = quantile(means, draws, 0.975);
	}
	ok = ok && variant_note_failures(&variant, result, error);
	variant_fini(&variant);
	free(design.terms);
	free(design.u);
	free(means);
	return ok;
}
