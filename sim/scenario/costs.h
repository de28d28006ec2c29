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
#include "scenario/profile.h"

/* The table of one term in a cost profile. */
extern const struct record cost_record;

/* Fill *costs (new array, one per term of the guest's model) with what they are by default. */
bool costs_default(const struct guest_config *guest, struct cost **costs, struct error *error);

/* What one term of a model costs if nobody says more. */
struct cost cost_default(const struct model *model, const struct term *term);
/* The same for a guest: its VMM and the versions that the scenario names may say it. */
struct cost cost_of_guest(const struct guest_config *guest, size_t term);

/*
 * The members of one cost term (object at `pointer`), over what the cost was: a mean without a
 * range scales the range. The source is borrowed from the document.
 */
bool cost_read(const struct document *document, const char *pointer, json_t *object,
	       const struct host_config *host, struct cost *cost, struct error *error);

/* A price that was measured elsewhere: its range holds what is plausible anywhere, too. */
void cost_widen(struct cost *cost, const struct cost *anywhere);

/*
 * Apply the profile at /platform of the scenario, and then the list at /costs, to the costs of all
 * guests, to the host's bandwidth unless the scenario says it, and to the correlations; the
 * companions own the texts that these borrow.
 *
 * The scenario's platform is that of /platform, or else of the first profile of the list that says
 * what it was measured on; a guest that cannot run there is an error. The prices of that profile,
 * of those without a platform and of objects in the list are taken as they are given. Those of a
 * profile that was measured elsewhere have ranges that hold the model's, and do not err together.
 */
bool costs_apply(const struct document *scenario, bool bandwidth_said,
		 struct simulation_config *config, const struct designs *designs,
		 struct companions *companions, struct chosen_platform *platform,
		 struct error *error);

/* Pages of a hugepage pool go back to that: its guests are not in the way at zone->lock. */
void costs_of_pool(struct guest_config *guest);

/* SHA-256 of the resolved terms of all guests, as hexadecimal text. */
void costs_hash(const struct guest_config *guests, size_t guest_count, char hash[65]);

#endif
