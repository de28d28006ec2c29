#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

/* An experiment, and what is found by running it again with other costs: why so long, how sure. */

#include "repeat/experiment.h"

/*
 * Run the scenario's experiment. Then study it: move every assumed cost term to the ends of its
 * range under the same random numbers, find what the slowest hundredth is made of and what each
 * step costs, and (options->uncertainty) draw all costs at once. *result is the caller's to
 * free; on failure nothing is owned by it.
 *
 * A bounded study may fire as many events as the experiment has, or 4 million if these are more.
 * When that is too few, its runs have fewer replications, at least one. When it still is, these
 * come first: all terms together, those of a caveat, the slowest hundredth (or some of it), steps
 * made free, and then single terms, first those whose ends differ most in what is charged.
 * result->study says what was left out. The bound may be passed by one replication, and by the
 * draws, which are asked for by their number.
 */
bool explain_run(const struct scenario *scenario, const struct experiment_options *options,
		 struct result *result, struct error *error);

/* The metric's mean with all assumed costs at their low and at their high ends. */
bool explain_ends(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, const struct replicate_options *options, struct maybe *low,
		  struct maybe *high, struct error *error);

/*
 * The band of the metric's mean: 95 % of so many draws of all its costs, whatever their status,
 * over their ranges. No draws when none was charged.
 */
bool explain_band(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, uint64_t draws, const struct replicate_options *options,
		  struct result_uncertainty *band, struct error *error);

#endif
