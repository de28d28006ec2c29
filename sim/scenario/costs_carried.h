#ifndef SIM_SCENARIO_COSTS_CARRIED_H
#define SIM_SCENARIO_COSTS_CARRIED_H

/*
 * The resolved prices of a scenario as JSON, in the words of cost profiles: what a result carries,
 * so that the same prices are charged when it is replayed, whatever the models' defaults have
 * become.
 *
 *   { "memory_bandwidth": {"mean": "204800000000B/s", "range": [...], ...} or null,
 *     "models": { "s390-pv": { "uvc.destroy_page": {"mean": "2000ns", "cv": 0.1, ...} } } }
 */

#include "document/document.h"
#include "flow/config.h"

/* The prices of each model, before what guests and experiments make of them; zeroed: none. */
struct resolved_costs {
	struct {
		const struct model *model;
		struct cost *costs; /* one per term; owned */
	} * items;
	size_t count;
};

/* Keep a copy of the costs of the guests' models. resolved_costs_fini in any case. */
bool resolved_costs_keep(struct resolved_costs *resolved, const struct simulation_config *config,
			 struct error *error);
void resolved_costs_fini(struct resolved_costs *resolved);

/*
 * What differs from other prices, in the same form: empty when nothing does. New reference, or
 * NULL: no memory.
 */
json_t *costs_carried_changes(const struct resolved_costs *base,
			      const struct host_config *base_host,
			      const struct resolved_costs *resolved,
			      const struct host_config *host);

/* The shortest text that is read as this quantity again, "0.25ns"; new reference, or NULL: no memory. */
json_t *costs_quantity(double value, const char *unit);

/* New reference, or NULL: no memory. `said`: the scenario itself says the bandwidth. */
json_t *costs_carried_to_json(const struct resolved_costs *resolved, const struct host_config *host,
			      bool said);

/*
 * Read them back from `pointer` of a result, over the costs of all guests and the host's bandwidth;
 * terms that are not there stay. The result outlives the costs.
 */
bool costs_carried_apply(const struct document *result, const char *pointer, const json_t *carried,
			 struct simulation_config *config, struct error *error);

#endif
