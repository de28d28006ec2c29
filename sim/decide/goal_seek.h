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

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum verdict_of_plan { MEETS, FAILS, UNRESOLVED };

/* Bounds of a constraint's quantity at a confidence, against its limit. */
struct goal_bounds {
	double low, estimate, high, limit;
};

enum { CONSTRAINTS_MOST = 16 };

/* Where estimates come from. */
struct goal_source {
	void *data;
	int constraints; /* at most CONSTRAINTS_MOST */
	/* Estimates at `value` from `effort` replications; `fresh`: of other random numbers. */
	bool (*estimate)(void *data, int64_t value, uint64_t effort, double confidence, bool fresh,
			 struct goal_bounds *bounds, struct error *error);
};

struct goal_options {
	int64_t low, high;    /* both included */
	bool maximize;        /* small values are easy; else large ones */
	uint64_t first, most; /* efforts */
	double alpha;         /* of a wrong recommendation, all decisions together */
	double tolerance;     /* relative to a limit: bounds this near it are not made narrower */
};

struct goal_point {
	int64_t value;
	enum verdict_of_plan verdict;
	uint64_t effort;
	int binding; /* constraint that failed, is unresolved, or has the least room */
	struct goal_bounds bounds[CONSTRAINTS_MOST];
};

enum { GOAL_POINTS_MOST = 160 };

struct goal {
	bool found;        /* some value meets all constraints, confirmed */
	int64_t value;     /* it */
	bool unresolved;   /* the search met its effort's end: a larger value may do */
	bool not_monotone; /* an easier value failed where a harder one met */
	struct goal_point points[GOAL_POINTS_MOST]; /* in the order they were looked at */
	int point_count;
	int confirmation;  /* index of the confirming look on fresh random numbers; -1: none */
	int next;          /* index of the nearest point that did not meet; -1: none */
	uint64_t effort;   /* of all points together */
	double alpha_each; /* of one look */
};

bool goal_seek(const struct goal_source *source, const struct goal_options *options,
	       struct goal *goal, struct error *error);

/* Clopper and Pearson's bounds of a probability from k of n: (1 - confidence) / 2 each side. */
void binomial_bounds(uint64_t k, uint64_t n, double confidence, double *low, double *high);

#endif
