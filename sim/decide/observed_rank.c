/* Strategies with their prices, and single prices moved to where they explain what was measured. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"
#include "decide/observed_parts.h"
#include "decide/price_fit.h"
#include "flow/model.h"

enum { REFINED_MOST = 6 }; /* candidates of a strategy that are fitted, the most promising */

/* A straight line may be wrong, but not by so much of what chance would give. */
static const double hopeless = 30;

static const double farthest = 1e3; /* a price is not looked for beyond so many times its value */

/* No more than what chance gives in 95 % of cases. */
static bool misfit_fits(double misfit, size_t freedom)
{
	return misfit <= (freedom ? gsl_cdf_chisq_Pinv(0.95, (double)freedom) : 1e-2);
}

static double share_of_way(const struct cost *cost, double needed)
{
	double value = cost->law.mean_ns, end = needed > value ? cost->high_ns : cost->low_ns;

	if (end == value)
		return INFINITY;
	return end > 0 ? log(needed / value) / log(end / value) : (value - needed) / value;
}

/* --- where a price would have to be, by straight lines to its ends --------------------- */

struct guess {
	const struct bed_price *price;
	double needed, share, misfit;
};

/* How far towards an end (1: there) the measurements are explained best, and how well. */
static double towards(const struct testbed *bed, const struct prediction *end, double *misfit)
{
	double along = 0, across = 0, s;

	for (size_t m = 0; m < bed->measurements->count; m++) {
		double noise = testbed_noise(bed, m, &bed->base[m]);
		double moved = (end[m].value - bed->base[m].value) / noise;

		along += moved * (bed->measurements->items[m].value - bed->base[m].value) / noise;
		across += moved * moved;
	}
	s = across > 0 ? along / across : 0;
	*misfit = testbed_misfit(bed, bed->base) - s * s * across;
	return s;
}

static bool guess_price(const struct testbed *bed, const struct bed_price *price,
			struct guess *guess)
{
	const struct cost *cost = price->cost;
	double value = cost->law.mean_ns, misfits[2];
	const double ends[2] = { cost->low_ns, cost->high_ns };
	bool found = false;

	for (int e = 0; e < 2; e++) {
		double s = towards(bed, price->ends + (size_t)e * bed->measurements->count,
				   &misfits[e]);
		double needed = value + s * (ends[e] - value);

		if (s <= 0 || needed > value * farthest || needed < value / farthest ||
		    (found && misfits[e] >= guess->misfit))
			continue;
		*guess = (struct guess){ price, needed, share_of_way(cost, needed), misfits[e] };
		found = true;
	}
	return found;
}

static int compare_guesses(const void *a, const void *b)
{
	const struct guess *left = a, *right = b;

	/* Where one measurement is explained exactly by all, what is near comes first. */
	if (fabs(left->misfit - right->misfit) > 1e-6)
		return left->misfit < right->misfit ? -1 : 1;
	if (left->share != right->share)
		return left->share < right->share ? -1 : 1;
	return strcmp(left->price->name, right->price->name);
}

/* --- candidates -------------------------------------------------------------------------- */

static bool refine(struct observed *observed, struct testbed *bed, const struct guess *guess,
		   const struct explanation_strategy *strategy, struct error *error)
{
	struct explanation *out = observed->out;
	struct explanation_candidate *candidate = &out->candidates[out->candidate_count];
	const struct cost *cost = guess->price->cost;
	struct price_fit fit = { .bed = bed,
				 .names = { guess->price->name },
				 .start_ns = { guess->needed },
				 .count = 1 };
	bool ok = price_fit_run(&fit, error);

	*candidate = (struct explanation_candidate){
		.strategy = strategy->name,
		.alike = "",
		.own = strategy->own,
		.term = memory_keep_text(&out->keeper, guess->price->name, error),
		.unit = testbed_unit(bed, guess->price->name),
		.value = cost->law.mean_ns,
		.low = cost->low_ns,
		.high = cost->high_ns,
		.needed = fit.mean_ns[0],
		.share = share_of_way(cost, fit.mean_ns[0]),
		.misfit = fit.misfit,
		.fits = misfit_fits(fit.misfit, bed->measurements->count - 1),
	};
	price_fit_fini(&fit);
	out->candidate_count += ok;
	return ok && candidate->term;
}

static bool rank_prices(struct observed *observed, struct testbed *bed,
			const struct explanation_strategy *strategy, struct error *error)
{
	struct guess *guesses = memory_array(bed->price_count, sizeof(*guesses), "prices", error);
	size_t count = 0;
	bool ok = guesses && testbed_move_each(bed, error);

	for (size_t p = 0; ok && p < bed->price_count; p++)
		count += guess_price(bed, &bed->prices[p], &guesses[count]);
	if (ok && count)
		qsort(guesses, count, sizeof(*guesses), compare_guesses);
	/* What needs no moving is explained already. */
	for (size_t g = 0; ok && !strategy->fits && g < count && g < REFINED_MOST; g++)
		if (guesses[g].misfit < hopeless * (double)bed->measurements->count)
			ok = refine(observed, bed, &guesses[g], strategy, error);
	free(guesses);
	return ok;
}

/* --- strategies ---------------------------------------------------------------------------- */

static bool at_ends(struct testbed *bed, struct explanation_strategy *row, struct error *error)
{
	struct moved_price *prices = memory_array(bed->price_count, sizeof(*prices), "ends", error);
	struct prediction *out =
		memory_array(bed->measurements->count, sizeof(*out), "ends", error);
	bool ok = prices && out;

	for (int end = 0; ok && end < 2; end++) {
		for (size_t p = 0; p < bed->price_count; p++)
			prices[p] = (struct moved_price){ bed->prices[p].name,
							  end ? bed->prices[p].cost->high_ns
							      : bed->prices[p].cost->low_ns };
		ok = testbed_predict(bed, prices, bed->price_count, out, error);
		*(end ? &row->high : &row->low) = maybe_some(out[0].value);
	}
	free(prices);
	free(out);
	return ok;
}

static bool rank_bed(struct observed *observed, struct testbed *bed,
		     struct explanation_strategy *row, struct error *error)
{
	if (bed->problem) {
		row->problem = memory_keep_text(&observed->out->keeper, bed->problem, error);
		return row->problem != NULL;
	}
	row->predicted = bed->base[0].value;
	row->misfit = testbed_misfit(bed, bed->base);
	row->fits = misfit_fits(row->misfit, observed->measurements.count);
	return at_ends(bed, row, error) && rank_prices(observed, bed, row, error);
}

static bool rank_other(struct observed *observed, struct explanation_strategy *row,
		       struct error *error)
{
	char pointer[POINTER_MAX];
	const struct setting setting = { pointer, row->name, NULL };
	struct testbed bed;
	bool ok;

	observed_pointer(observed, "strategy", pointer);
	ok = testbed_init(&bed, &observed->measurements, observed->options->group,
			  observed->options->error, &observed->source, &setting, 1, error) &&
	     rank_bed(observed, &bed, row, error);
	testbed_fini(&bed);
	return ok;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct explanation_candidate *left = a, *right = b;

	if (left->fits != right->fits)
		return left->fits ? -1 : 1;
	if (!left->fits && left->misfit != right->misfit)
		return left->misfit < right->misfit ? -1 : 1;
	if (left->share != right->share)
		return left->share < right->share ? -1 : 1;
	if (left->own != right->own)
		return left->own ? -1 : 1;
	return strcmp(left->term, right->term);
}

/* The same movement of the same price, of which one is as good as the other. */
static bool is_alike(const struct explanation_candidate *a, const struct explanation_candidate *b)
{
	return strcmp(a->term, b->term) == 0 && a->fits == b->fits &&
	       fabs(log(a->needed / b->needed)) < 0.02;
}

static bool add_alike(struct explanation *out, struct explanation_candidate *candidate,
		      const char *strategy, struct error *error)
{
	char text[256];

	snprintf(text, sizeof(text), "%.150s%s%.80s", candidate->alike,
		 *candidate->alike ? ", " : "", strategy);
	candidate->alike = memory_keep_text(&out->keeper, text, error);
	return candidate->alike != NULL;
}

/*
 * Of strategies that need the same one stays, the scenario's if it is among them; and what needs
 * another strategy and yet no smaller movement explains nothing.
 */
static bool merge_alike(struct explanation *out, struct error *error)
{
	size_t kept = 0;

	for (size_t c = 0; c < out->candidate_count; c++) {
		struct explanation_candidate *row = &out->candidates[c];
		bool stays = true;

		for (size_t k = 0; stays && k < kept; k++) {
			struct explanation_candidate *other = &out->candidates[k];
			const char *strategy = row->strategy;

			if (is_alike(row, other)) {
				stays = false;
				if (row->own) {
					strategy = other->strategy;
					row->alike = other->alike;
					*other = *row;
				}
				if (!add_alike(out, other, strategy, error))
					return false;
			} else if (other->own && other->fits &&
				   strcmp(row->term, other->term) == 0) {
				stays = false;
			}
		}
		if (stays)
			out->candidates[kept++] = *row;
	}
	out->candidate_count = kept;
	return true;
}

bool observed_rank(struct observed *observed, struct error *error)
{
	struct explanation *out = observed->out;
	const struct model *model = observed->model;
	const char *own = observed->own.setups[0]
				  .base.scenario.simulation.guests[observed->guest]
				  .design->name;
	size_t count = model->strategy_count;

	out->strategies = memory_keep_array(&out->keeper, count, sizeof(*out->strategies),
					    "strategies", error);
	out->candidates = memory_keep_array(&out->keeper, count * REFINED_MOST,
					    sizeof(*out->candidates), "candidates", error);
	if (!out->strategies || !out->candidates)
		return false;
	for (size_t s = 0; s < count; s++) {
		struct explanation_strategy *row = &out->strategies[out->strategy_count];
		bool is_own = strcmp(model->strategies[s].name, own) == 0;

		if (observed->strategy_known && !is_own)
			continue;
		row->own = is_own;
		row->name = memory_keep_text(&out->keeper,
					     observed->strategy_known ? "as measured"
								      : model->strategies[s].name,
					     error);
		out->strategy_count++;
		if (!row->name || !(is_own ? rank_bed(observed, &observed->own, row, error)
					   : rank_other(observed, row, error)))
			return false;
	}
	qsort(out->candidates, out->candidate_count, sizeof(*out->candidates), compare_candidates);
	return merge_alike(out, error);
}
