#ifndef SIM_DECIDE_LIMIT_H
#define SIM_DECIDE_LIMIT_H

/*
 * What replications say of a limit (an objective that a plan is subject to).
 *
 * A quantile's limit is decided on the probability to exceed it: of all observations,
 * with the interval of a ratio over replications, and while fewer than 20 exceed it not
 * below Clopper and Pearson's bound for the replications that contain one (which exceed at
 * least as often). "Never" (quantile 1) is decided on the share of replications in which it
 * happens, at most 1 %. A mean's limit is decided on its interval.
 */

#include "repeat/replicate.h"
#include "report/planning.h"
#include "scenario/scenario.h"

/* Bounds of what is limited, of the worst of all groups that have the metric. */
bool limit_bounds(const struct objective *limit, const struct replications *replications,
		  double confidence, struct plan_bounds *bounds, struct error *error);

#endif
