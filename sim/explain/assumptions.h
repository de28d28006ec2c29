#ifndef SIM_EXPLAIN_ASSUMPTIONS_H
#define SIM_EXPLAIN_ASSUMPTIONS_H

/*
 * How far the answer moves across the ranges of assumed cost terms: one at a time,
 * then all together at their low and high ends, under the same random numbers.
 */

#include "repeat/experiment.h"

/*
 * Each variant runs the first few replications, page loops as one piece of work.
 * The answer's mean is carried over by the difference of the variant's mean to that
 * of the same replications with the costs as they are. A term matters when the answer
 * moves by 1 % or more, or when the operation does not end at one end of the range.
 */
bool assumptions_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct experiment_options *options, struct error *error);

/* The metric's mean with all assumed costs at their low and at their high ends. */
bool assumptions_ends(const struct scenario *scenario, const struct replications *replications,
		      size_t metric, uint64_t count, const struct experiment_options *options,
		      struct maybe *low, struct maybe *high, struct error *error);

#endif
