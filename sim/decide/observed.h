#ifndef SIM_DECIDE_OBSERVED_H
#define SIM_DECIDE_OBSERVED_H

/*
 * Measurements explained by a scenario: which strategy, or which price, gives what was seen.
 *
 * 1. Each strategy of the guest's model with the prices as they are, unless the measurements say
 *    which it was.
 * 2. Each price that is charged, whatever its status, moved alone to where it explains the
 *    measurements best; ranked by how far that is within its range.
 * 3. For the best of these: which other measurement (another metric, size or strategy) they
 *    predict most differently, by the noise of one such measurement.
 * 4. With several measurements, or when terms are named: a joint estimate (decide/price_fit.h).
 *    Intervals are 95 % of the normal law: the spread is known from the simulation and the
 *    stated error of measuring, not from the few residuals. Where the residuals are too large
 *    for that (1 % of chi-squared) the intervals are widened by the root of chi-squared per degree
 *    of freedom (R. T. Birge, Physical Review 40, 1932). Prices that are not estimated lie
 *    anywhere in their ranges, unless they are told to be fixed.
 *
 * A direction in which the estimated prices could go further than their ranges without the
 * measurements telling (singular values of the slopes, prices in units of half their ranges) is
 * not known: the prices along it are named, and which sum of theirs is known.
 */

#include "decide/measurement.h"
#include "repeat/experiment.h"
#include "report/explanation.h"

struct observed_options {
	const char *file; /* the scenario */
	const struct setting *settings;
	size_t setting_count;
	const char *const *observed; /* METRIC=VALUE */
	size_t observed_count;
	const struct attachment *csv; /* a file of measurements, or NULL */
	const char *group;            /* the guest; NULL: the first that has the metric */
	double error;                 /* relative, of a measurement that has none of its own */
	const char *const *terms;     /* to estimate; none: those that the measurements tell */
	size_t term_count;
	bool others_fixed;
	bool estimate_only; /* strategies and single prices are not looked at */
	const struct experiment_options *experiment;
};

/* ERROR_INPUT when there is nothing to explain, or the scenario does not predict it. */
bool observed_explain(const struct observed_options *options, struct explanation *out,
		      struct error *error);

#endif
