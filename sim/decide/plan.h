#ifndef SIM_DECIDE_PLAN_H
#define SIM_DECIDE_PLAN_H

/* The plan of a scenario, sought by decide/goal_seek.h. */

#include "repeat/experiment.h"
#include "report/planning.h"

/* Load `file` with `settings`, and seek what its "plan" says. *out is the caller's to free. */
bool plan_run(const char *file, const struct setting *settings, size_t setting_count,
	      const struct experiment_options *options, struct planning *out, struct error *error);

#endif
