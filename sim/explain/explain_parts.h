#ifndef SIM_EXPLAIN_EXPLAIN_PARTS_H
#define SIM_EXPLAIN_EXPLAIN_PARTS_H

/*
 * What explain_run finds, a file each: they fill a result that is otherwise filled and has an
 * answer, with a variant of its experiment that moves prices within their ranges. What the variant cannot
 * afford is left out, and counted in result->study.
 */

#include "explain/variant.h"

/*
 * explain.c: events that a study may fire after an experiment of so many, and how many draws of
 * the band are paid for by what is left of them (0: too few to be one).
 */
uint64_t study_budget(enum study study, uint64_t experiment_events);
uint64_t study_draws(const struct variant *variant, enum study asked);

/*
 * assumptions.c: how far the answer moves across the ranges of prices, under the
 * same random numbers. So many runs are for it:
 */
uint64_t assumptions_runs(const struct variant *variant);

/*
 * All of them together at their low and high ends, and those of which a model has a caveat.
 */
bool assumptions_together(struct result *result, struct variant *variant, struct error *error);

/*
 * One term at a time; those first whose ends differ most in what is charged. A term matters
 * when the answer moves by 1 % or more, or when the operation does not end at one end.
 */
bool assumptions_each(struct result *result, struct variant *variant, struct error *error);

/* The answer with all costs whose names begin so at their low and at their high ends. */
bool assumptions_ends(struct variant *variant, const char *prefix, struct maybe *low,
		      struct maybe *high, struct error *error);

/*
 * attribution.c: which steps make the answer long: in its slowest hundredth, whose shares
 * differ from those of the mean, and by running again with one step free. The latter is more
 * than a share: work under a lock, or on a core that others wait for, costs others too.
 *
 * It fills tail and if_free of the answer's parts. The replications that hold the slowest
 * hundredth are run again (each is a function of its number) with their slow operations summed
 * by themselves; fewer than 100 observations have no slowest hundredth. When not all of these
 * are affordable beside the other runs, it is the first, as many as a run has. Steps of at least
 * 5 % (the eight largest) are made free under common random numbers.
 */
bool attribution_fill(struct result *result, struct variant *variant, struct error *error);

/* So many runs are for steps made free. */
uint64_t attribution_runs(const struct result *result, const struct variant *variant);

/*
 * capacities.c: what the answer would be if what threads share were twice as large, each of these
 * by itself; of crowds, if nobody got in the way of others. Only where threads lost as much time
 * for want of it as a hundredth of the answer.
 */
bool capacities_fill(struct result *result, struct variant *variant, struct error *error);
uint64_t capacities_runs(const struct result *result);

/*
 * uncertainty.c: two bands that must not be mixed: how sure the mean is for given costs
 * (sampling noise: more replications make it narrower), and what the ranges of the costs do to
 * it (nothing but a measurement makes that narrower).
 *
 * Outer loop: draws of all prices by Latin hypercube sampling (M. D. McKay, R. J. Beckman, W. J.
 * Conover, Technometrics 21, 1979), each by price_at. They are named by what the price is called,
 * so that designs draw the same for the same price; one price shared by guests is drawn once.
 * Prices are independent of each other but for the correlations of the scenario. Inner loop: a
 * few replications under common random numbers.
 */
enum { DRAWS_LEAST = 20 }; /* fewer say little of a band's ends: then there is none by draws */
bool uncertainty_draw(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      struct error *error);

/* The same of a result, and of the parts of its answer: each by itself, so the ends do not add up. */
bool uncertainty_of(struct result *result, struct variant *variant, uint64_t draws,
		    struct error *error);

/*
 * The means of these draws, in their order; INFINITY: the operation did not end. *draws becomes
 * fewer when the budget ends before.
 */
bool uncertainty_means(struct variant *variant, uint64_t *draws, double *means,
		       struct error *error);

/* The band of such values, which are sorted. */
void uncertainty_band(double *values, uint64_t draws, struct result_uncertainty *out);

/* The band when draws cannot be paid for: all `prices` at their low and at their high ends. */
void uncertainty_ends(struct result_uncertainty *out, size_t prices, struct maybe low,
		      struct maybe high);

/*
 * correlations.c: reorder u[price * draws + draw], uniform draws in [0, 1), so that prices are
 * correlated as the scenario says. False: such correlations cannot be.
 */
bool correlations_apply(const struct variant *variant, uint64_t draws, double *u,
			struct error *error);

#endif
