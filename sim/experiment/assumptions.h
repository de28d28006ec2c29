#ifndef SIM_EXPERIMENT_ASSUMPTIONS_H
#define SIM_EXPERIMENT_ASSUMPTIONS_H

/*
 * How far the answer moves across the ranges of assumed cost terms: one at a time,
 * then all together at their low and high ends, under the same random numbers.
 */

#include "experiment/experiment.h"

/* The metric that a report leads with (first group, in this order: reboot, start,
 * shutdown, update latency), or SIZE_MAX when nothing was observed. */
size_t experiment_answer(const struct replications *replications);

bool assumptions_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct experiment_options *options, struct error *error);

#endif
