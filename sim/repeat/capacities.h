#ifndef SIM_REPEAT_CAPACITIES_H
#define SIM_REPEAT_CAPACITIES_H

/* How much of what threads share was used, and what they lost by it. */

#include <stdbool.h>

#include "flow/config.h"
#include "report/result.h"

/* The result's capacities, by its metrics. False: no memory. */
bool capacities_summarize(struct result *result, const struct simulation_config *config,
			  struct error *error);

#endif
