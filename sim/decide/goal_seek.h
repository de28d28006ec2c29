#ifndef SIM_DECIDE_GOAL_SEEK_H
#define SIM_DECIDE_GOAL_SEEK_H

/*
 * The largest (or smallest) whole number for which constraints hold, when all that can be
 * had are estimates. Bisection on point estimates recommends an unsafe size about every
 * second time; here every decision is made on a confidence bound, and alpha is split over
 * all decisions that the search can make.
 *
 * A point is looked at with 2^k times the first effort until every constraint's upper bound
 * is within its limit (meets), some lower bound is above it (fails), or the effort is used
 * up or the bounds are within the tolerance of the limit (unresolved, which counts as a
 * failure for the recommendation and is told).
 */

#include "report/planning.h"

/* Where estimates come from. */
struct goal_source {
	void *data;
	size_t constraints;
	/*
	 * Estimates at `value` from `effort` replications, with the bounds of each constraint's
	 * quantity at a confidence; `fresh`: of other random numbers.
	 */
	bool (*estimate)(void *data, int64_t value, uint64_t effort, double confidence, bool fresh,
			 struct plan_bounds *bounds, struct error *error);
};

struct goal_options {
	int64_t low, high;    /* both included */
	bool maximize;        /* small values are easy; else large ones */
	uint64_t first, most; /* efforts */
	double alpha;         /* of a wrong recommendation, all decisions together */
	double tolerance;     /* relative to a limit: bounds this near it are not made narrower */
};

/*
 * Fill what an answer says of the search: a value that meets all constraints, confirmed, the
 * points that were looked at, and the nearest that did not meet.
 */
bool goal_seek(const struct goal_source *source, const struct goal_options *options,
	       struct plan_answer *answer, struct error *error);

/* Clopper and Pearson's bounds of a probability from k of n: (1 - confidence) / 2 each side. */
void binomial_bounds(uint64_t k, uint64_t n, double confidence, double *low, double *high);

#endif
