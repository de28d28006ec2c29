#ifndef SIM_REPEAT_STOPPING_H
#define SIM_REPEAT_STOPPING_H

/*
 * When enough replications have been made. Looks are taken at ordered prefixes of 32,
 * 64, 128, ... replications, so the answer does not depend on which thread was faster.
 * Doubling without spending of alpha keeps the coverage of a 95 % interval near 93.5 %
 * for very skewed observations and at 94 to 95 % otherwise.
 */

#include "repeat/limit.h"
#include "repeat/replicate.h"
#include "scenario/scenario.h"

enum {
	FIRST_LOOK = 32,
	MOST_REPLICATIONS = 65536,
	LOOKS_MOST = 12,            /* from the one to the other */
	MOST_FOR_OBJECTIVES = 16384 /* once the answer is sure */
};

/*
 * True when every requested metric (experiment.metrics; none: the answer) has the
 * wanted precision, half-width / |mean| <= g / (1 + g) (A. M. Law, Simulation Modeling and
 * Analysis, 5th ed., section 9.4.1), at a confidence of 95 % for all of them together (k
 * metrics: 1 - 0.05 / k each, Bonferroni); the answer's p99 can have an interval; every
 * objective is decided, or would not be by 16384 replications. *reached: the largest relative
 * half-width; infinite when there is none.
 */
bool stopping_sure(const struct scenario *scenario, const struct replications *replications,
		   double *reached, bool *sure, struct error *error);

/*
 * How the objectives of a run are looked at, 95 % sure: once, or, when the number of replications
 * is automatic, at each of so many looks.
 */
struct limit_look stopping_look(const struct scenario *scenario);

/* Half-width of the mean's interval relative to the mean, at the given confidence. */
double relative_half_width(const struct observations *observations, double confidence);

#endif
