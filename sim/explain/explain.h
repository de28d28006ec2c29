#ifndef SIM_EXPLAIN_EXPLAIN_H
#define SIM_EXPLAIN_EXPLAIN_H

/* An experiment, and what is found by running it again with other costs: why so long, how sure. */

#include "repeat/experiment.h"

/*
 * Run the scenario's experiment. Then study it: move all prices to the ends of their ranges under
 * the same random numbers, and draw them all at once over these; find what the slowest hundredth is
 * made of and what each step costs, and what each price moves alone. *result is the caller's to
 * free; on failure nothing is owned by it.
 *
 * A bounded study may fire as many events as the experiment has, or 4 million if these are more.
 * When that is too few, its runs have fewer replications, at least one. When it still is, these
 * come first: all prices together, those of a caveat, the band (of up to 100 draws, which are half
 * of what is left, or if that is fewer than 20 draws just these; if they cannot be paid for, it is
 * that of both ends), the slowest hundredth (or some of it), steps made free, and then single
 * prices, first those whose ends differ most in what is charged. result->study says what was left
 * out. The bound may be passed by one replication, and by draws that are asked for by their number
 * (options->uncertainty). STUDY_BAND is the band and nothing behind it.
 */
bool explain_run(const struct scenario *scenario, const struct experiment_options *options,
		 struct result *result, struct error *error);

/*
 * The band of the metric's mean: 95 % of so many draws of all its costs, whatever their status,
 * over their ranges. No draws when none was charged.
 */
bool explain_band(const struct scenario *scenario, const struct replications *replications,
		  size_t metric, uint64_t draws, const struct replicate_options *options,
		  struct result_uncertainty *band, struct error *error);

/* One of several experiments that are compared, and what is found of it. */
struct explain_design {
	const struct scenario *scenario;
	const struct replications *replications;
	size_t metric;                              /* SIZE_MAX: it has none */
	struct result_uncertainty band, difference; /* of its mean, and from the baseline's */
};

/*
 * Bands of the same metric in several designs under the same draws of prices, bounded as that of
 * explain_run, and of the difference of each from the baseline: a price that is dear in one is dear
 * in the other.
 */
bool explain_designs(struct explain_design *designs, size_t count, size_t baseline,
		     const struct replicate_options *options, struct error *error);

#endif
