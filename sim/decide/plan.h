#ifndef SIM_DECIDE_PLAN_H
#define SIM_DECIDE_PLAN_H

/*
 * The plan of a scenario, sought by decide/goal_seek.h.
 *
 * A quantile's limit is decided on the probability to exceed it: of all observations,
 * with the interval of a ratio over replications, and while fewer than 20 exceed it not
 * below Clopper and Pearson's bound for the replications that contain one (which exceed at
 * least as often). "Never" (quantile 1) is decided on the share of replications in which it
 * happens, at most 1 %. A mean's limit is decided on its interval.
 */

#include "repeat/experiment.h"
#include "report/planning.h"

/* Load `file` with `settings`, and seek what its "plan" says. *out is the caller's to free. */
bool plan_run(const char *file, const struct setting *settings, size_t setting_count,
	      const struct experiment_options *options, struct planning *out, struct error *error);

#endif
