#ifndef SIM_EXPLAIN_EXPLAIN_PARTS_H
#define SIM_EXPLAIN_EXPLAIN_PARTS_H

/*
 * What explain_run finds, a file each: they fill a result that is otherwise filled and has an
 * answer, with a variant of its experiment that moves the assumed costs. What the variant cannot
 * afford is left out, and counted in result->study.
 */

#include "explain/variant.h"

/*
 * assumptions.c: how far the answer moves across the ranges of assumed cost terms, under the
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

/* The answer with all assumed costs whose names begin so at their low and at their high ends. */
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
 * Outer loop: draws of the assumed costs by Latin hypercube sampling (M. D. McKay, R. J.
 * Beckman, W. J. Conover, Technometrics 21, 1979), each by price_at. Costs are drawn
 * independently of each other; one price shared by guests is drawn once. Inner loop: a few
 * replications under common random numbers.
 */
bool uncertainty_fill(struct result *result, struct variant *variant, uint64_t draws,
		      struct error *error);

/* The same of a variant without a result. */
bool uncertainty_draw(struct result_uncertainty *out, struct variant *variant, uint64_t draws,
		      struct error *error);

#endif
