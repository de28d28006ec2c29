#ifndef SIM_REPEAT_WARM_UP_H
#define SIM_REPEAT_WARM_UP_H

/*
 * Steady state: how long a simulation that starts empty must run before what is
 * observed no longer remembers its beginning.
 *
 * MSER-5 (K. P. White, M. J. Cobb, S. C. Spratt, "A comparison of five steady-state
 * truncation heuristics for simulation", WSC 2000) on the average over replications of
 * the n-th observation of the answer: means of 5 neighbours Z_1 .. Z_m; cut the d that
 * minimises sum (Z_i - mean)^2 / (m - d)^2 over i > d. Applied to a single replication
 * it cuts far too much and biases the mean; on the average it does not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repeat/replicate.h"
#include "scenario/scenario.h"

/* The d of MSER-5 for means of 5: how many of the `count` observations to cut; false: too few
 * (fewer than 50), or more than half would have to go. */
bool mser5_cut(const double *series, size_t count, size_t *cut);

/*
 * When the scenario asks for it, set the time from which its answer is steady, by pilot
 * replications with numbers of their own. ERROR_INPUT, at /experiment/warm_up, when the warm-up takes more
 * than half of the run, or when the answer still grows at its end: then more is asked for
 * than can be served.
 */
bool warm_up_find(struct scenario *scenario, const struct replicate_options *options,
		  struct error *error);

#endif
