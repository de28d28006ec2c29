#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

/* An experiment, and what is found by running it again with other costs: why so long, how sure. */

#include "repeat/experiment.h"

/*
 * Run the scenario's experiment. Then, unless it is of a fleet (which
 * has too much to run again), move every assumed cost term to the ends of its range under the same
 * random numbers, find what the slowest hundredth is made of and what each step costs, and
 * (options->uncertainty) draw all costs at once. *result is the caller's to free; on failure
 * nothing is owned by it.
 */
bool explain_run(const struct scenario *scenario, const struct experiment_options *options,
		 struct result *result, struct error *error);

/* The metric's mean with all assumed costs at their low and at their high ends. */
bool explain_ends(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, const struct replicate_options *options, struct maybe *low,
		  struct maybe *high, struct error *error);

#endif
