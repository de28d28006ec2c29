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

#include "base/error.h"
#include "flow/config.h"
#include "scenario/document.h"

/* Profiles that have been read; they own the texts that costs borrow. */
struct profiles {
	struct document *documents;
	size_t count, capacity;
};

/* Fill *costs (new array, one per term of the model) with the model's defaults. */
bool costs_default(const struct model *model, struct cost **costs, struct error *error);

/*
 * Apply the list at /costs of the scenario to the costs of all guests. A path is
 * looked for beside the scenario, in the folders of $SIM_PATH, and in the data
 * folder of the program (../share/sim from its executable).
 */
bool costs_apply(const struct document *scenario, json_t *list, struct guest_config *guests,
		 size_t guest_count, struct profiles *profiles, struct error *error);
void profiles_fini(struct profiles *profiles);

/* SHA-256 of the resolved terms of all guests, as hexadecimal text. */
void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65]);

#endif
