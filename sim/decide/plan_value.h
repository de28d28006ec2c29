#ifndef SIM_DECIDE_PLAN_VALUE_H
#define SIM_DECIDE_PLAN_VALUE_H

/* The scenario of a plan at one value of what varies, and which values can run at all. */

#include "report/planning.h"
#include "scenario/scenario.h"

struct plan_values {
	const char *file;
	const struct setting *settings;
	size_t setting_count;
	const struct plan_config *config;
	const char *each_value; /* of the second quantity; or NULL */
};

/* The scenario there, with `seed` unless that is 0. */
bool plan_value_load(const struct plan_values *values, int64_t value, uint64_t seed,
		     struct scenario *scenario, struct error *error);

/*
 * Take from [*low, *high] what cannot run (invalid, or its guests do not fit the host), so that
 * nothing is simulated there; the answer gets the first such value and why.
 */
bool plan_value_bracket(const struct plan_values *values, int64_t *low, int64_t *high,
			struct plan_answer *answer, struct error *error);

#endif
