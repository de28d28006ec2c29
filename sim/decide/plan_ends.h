#ifndef SIM_DECIDE_PLAN_ENDS_H
#define SIM_DECIDE_PLAN_ENDS_H

/* Limits with all prices at one end of their ranges: whether a plan holds on other machines. */

#include "decide/plan_look.h"

enum price_end { PRICES_LOW, PRICES_HIGH };

/*
 * Estimates of all limits in so many replications of the scenario, whose own prices are moved for
 * good; *bounds is a new array, the caller's.
 */
bool plan_at_end(struct scenario *scenario, const struct plan_config *config, enum price_end end,
		 const struct replicate_options *options, struct limit_bounds **bounds,
		 struct error *error);

#endif
