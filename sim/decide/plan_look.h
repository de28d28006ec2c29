#ifndef SIM_DECIDE_PLAN_LOOK_H
#define SIM_DECIDE_PLAN_LOOK_H

/*
 * All limits of a plan at one value: those of its own, and behind them that operations do not
 * fail. What fails has no latency, so without that a plan would recommend a value at which starts
 * fail and those that are left are fast.
 */

#include "repeat/limit.h"

/* Its limits and the one of failures. */
size_t plan_limit_count(const struct plan_config *config);

/*
 * How the replications stand to each limit. Failures are no matter of bounds: one that was seen
 * misses, unless the plan itself limits failures of that errno (metric failures.ERRNO).
 */
bool plan_judge(const struct plan_config *config, const struct replications *replications,
		const struct limit_look *look, struct limit_bounds *bounds, struct error *error);

/* Fill in what was observed of each limit's mean, quantile or largest, of the worst group. */
bool plan_observe(const struct plan_config *config, const struct replications *replications,
		  struct limit_bounds *bounds, struct error *error);

#endif
