#ifndef SIM_REPEAT_LIMIT_H
#define SIM_REPEAT_LIMIT_H

/*
 * The one judgement of limits: objectives of a run and what a plan is subject to are met, missed
 * or undecided by bounds of what is limited (report/limit.h), which hold at all looks at once
 * (repeat/bounds.h).
 *
 * A quantile's limit is decided on the probability to exceed it, as order statistics decide it:
 * of all observations, with the bounds of a ratio over replications, and while fewer than 20
 * exceed it not below the exact bound for the replications that contain one (which exceed at
 * least as often). "Never" (quantile 1) is decided on the share of replications in which it
 * happens, at most 1 %. A mean's limit is decided on the bounds of the mean. Without random
 * numbers one replication is exact. What was never observed is missed: nothing shows that it holds.
 */

#include "repeat/replicate.h"
#include "report/limit.h"
#include "scenario/scenario.h"

/* How sure bounds are, and where they are to be narrow. */
struct limit_look {
	double alpha;     /* of either bound, at all looks */
	double tolerance; /* relative to the limit: narrower than half of it is not needed */
	/*
	 * Replications at the last look, when each may be one. 0: there are at most `looks`, and
	 * bounds of means are as narrow as they can be at each, with an equal part of alpha.
	 */
	size_t most, looks;
};

/* Bounds of what is limited from observations of one metric; `random`: of replications that differ. */
bool limit_judge(const struct objective *limit, const struct observations *observations,
		 bool random, const struct limit_look *look, struct limit_bounds *bounds,
		 struct error *error);

/* The same of the worst of all groups that have the metric. */
bool limit_judge_all(const struct objective *limit, const struct replications *replications,
		     const struct limit_look *look, struct limit_bounds *bounds,
		     struct error *error);

#endif
