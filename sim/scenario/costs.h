#ifndef SIM_SCENARIO_COSTS_H
#define SIM_SCENARIO_COSTS_H

/*
 * Prices: the models' defaults, and cost profiles (scenario/profile.h) and objects of cost terms
 * over them.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/field.h"
#include "design/design.h"
#include "document/companions.h"
#include "flow/config.h"

/* The table of one term in a cost profile. */
extern const struct record cost_record;

/* Fill *costs (new array, one per term of the model) with the model's defaults. */
bool costs_default(const struct model *model, struct cost **costs, struct error *error);

/*
 * Apply the list at /costs of the scenario to the costs of all guests, to the host's bandwidth
 * unless the scenario says it, and to the correlations; the companions own the texts that these
 * borrow. A mean without a range scales the range that was there.
 */
bool costs_apply(const struct document *scenario, bool bandwidth_said,
		 struct simulation_config *config, const struct designs *designs,
		 struct companions *companions, struct error *error);

/* Pages of a hugepage pool go back to that: its guests are not in the way at zone->lock. */
void costs_of_pool(struct guest_config *guest);

/* SHA-256 of the resolved terms of all guests, as hexadecimal text. */
void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65]);

#endif
