#ifndef SIM_EXPLAIN_UNCERTAINTY_H
#define SIM_EXPLAIN_UNCERTAINTY_H

/*
 * Two bands that must not be mixed: how sure the mean is for given costs (sampling noise:
 * more replications make it narrower), and what the ranges of the costs do to it (nothing
 * but a measurement makes that narrower).
 *
 * Outer loop: draws of the assumed costs by Latin hypercube sampling (M. D. McKay, R. J.
 * Beckman, W. J. Conover, Technometrics 21, 1979). A cost's mean is drawn so that half of
 * the draws lie below its value and half above, evenly on a logarithmic scale between the
 * value and either end of the range (a range that begins at 0: evenly). Costs are drawn
 * independently of each other; one price shared by guests is drawn once. Inner loop: a few
 * replications under common random numbers.
 */

#include "repeat/experiment.h"
#include "repeat/replicate.h"
#include "report/result.h"

enum { UNCERTAINTY_DRAWS = 200 };

/* Where in its range a cost lies for u in [0, 1]: 0 low, 0.5 the value itself, 1 high. */
double cost_at(double low, double value, double high, double u);

/* Fill result.uncertainty for the answer of a result that is otherwise filled. */
bool uncertainty_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications, uint64_t draws,
		      const struct experiment_options *options, struct error *error);

#endif
