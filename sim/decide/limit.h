#ifndef SIM_DECIDE_LIMIT_H
#define SIM_DECIDE_LIMIT_H

/*
 * What replications say of a limit (an objective that a plan is subject to), at one of many
 * looks: bounds that hold at all looks at once (decide/bounds.h).
 *
 * A quantile's limit is decided on the probability to exceed it: of all observations,
 * with the bounds of a ratio over replications, and while fewer than 20 exceed it not
 * below the exact bound for the replications that contain one (which exceed at
 * least as often). "Never" (quantile 1) is decided on the share of replications in which it
 * happens, at most 1 %. A mean's limit is decided on the bounds of the mean.
 */

#include "repeat/replicate.h"
#include "report/planning.h"
#include "scenario/scenario.h"

/* How sure bounds are, and where they are to be narrow. */
struct limit_look {
	double alpha;     /* of either bound, at all looks */
	double tolerance; /* relative to the limit: narrower than half of it is not needed */
	size_t most;      /* replications, at the last look */
};

/* Bounds of what is limited, of the worst of all groups that have the metric. */
bool limit_bounds(const struct objective *limit, const struct replications *replications,
		  const struct limit_look *look, struct plan_bounds *bounds, struct error *error);

#endif
