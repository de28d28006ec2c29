#ifndef SIM_DECIDE_GOAL_SEEK_H
#define SIM_DECIDE_GOAL_SEEK_H

/*
 * The largest (or smallest) whole number for which constraints hold, when all that can be
 * had are estimates. Bisection on point estimates recommends an unsafe size about every
 * second time; here every decision is made on bounds that hold at all looks at once.
 *
 * A value is looked at with more and more effort, by quarters, until every constraint's upper
 * bound is within its limit (meets), some lower bound is above it (fails), or the effort is used
 * up or the bounds are within the tolerance of the limit (unresolved, which counts as a
 * failure for the recommendation and is told).
 *
 * That the recommendation is safe hangs on its confirmation alone, by numbers that the search has
 * not seen: the first value that is tried has half of alpha, the next one a quarter, and so
 * on. A verdict of the search is by itself as sure as the first of these.
 */

#include "report/planning.h"

/* Where estimates come from. */
struct goal_source {
	void *data;
	size_t constraints;
	/*
	 * Estimates at `value` from `effort` replications, with bounds of each constraint's
	 * quantity, either of which holds at all efforts with 1 - alpha; `fresh`: of other
	 * random numbers.
	 */
	bool (*estimate)(void *data, int64_t value, uint64_t effort, double alpha, bool fresh,
			 struct limit_bounds *bounds, struct error *error);
	/* Fill in a look that is known already, but for its value; false: it is not. Or NULL. */
	bool (*known)(void *data, double alpha, bool fresh, struct plan_point *point);
	/* A look is complete. Or NULL. */
	bool (*looked)(void *data, double alpha, bool fresh, struct plan_point *point,
		       struct error *error);
};

struct goal_options {
	int64_t low, high;    /* both included */
	bool maximize;        /* small values are easy; else large ones */
	uint64_t first, most; /* efforts */
	double alpha;         /* of an unsafe recommendation */
	double tolerance;     /* relative to a limit: bounds this near it are not made narrower */
};

/*
 * Fill what an answer says of the search: a value that meets all constraints, confirmed, the
 * points that were looked at, and the nearest that did not meet.
 */
bool goal_seek(const struct goal_source *source, const struct goal_options *options,
	       struct plan_answer *answer, struct error *error);

#endif
