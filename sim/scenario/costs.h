#ifndef SIM_SCENARIO_COSTS_H
#define SIM_SCENARIO_COSTS_H

/*
 * Cost profiles: JSON objects of cost terms that override the models' defaults.
 *
 *   { "name": "...", "about": "...",
 *     "costs": { "uvc.destroy_page": { "mean": "2us", "cv": 0.1, "range": ["1us", "5us"],
 *                                      "status": "assumed", "source": "..." } } }
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "base/field.h"
#include "design/design.h"
#include "document/companions.h"
#include "flow/config.h"

/* The tables of a cost profile and of one term in it. */
extern const struct record profile_record, cost_record;

/* JSON Schema (draft-07) of cost profiles, and their reference as Markdown. */
bool profile_print_schema(FILE *out, struct error *error);
bool profile_print_reference(FILE *out, struct error *error);

/* Fill *costs (new array, one per term of the model) with the model's defaults. */
bool costs_default(const struct model *model, struct cost **costs, struct error *error);

/*
 * Apply the list at /costs of the scenario to the costs of all guests; the companions own
 * the texts that costs borrow.
 */
bool costs_apply(const struct document *scenario, json_t *list, const struct host_config *host,
		 struct guest_config *guests, size_t guest_count, const struct designs *designs,
		 struct companions *companions, struct error *error);

/* Pages of a hugepage pool go back to that: its guests are not in the way at zone->lock. */
void costs_of_pool(struct guest_config *guest);

/* SHA-256 of the resolved terms of all guests, as hexadecimal text. */
void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65]);

#endif
