#include "decide/plan_ends.h"

#include "base/memory.h"
#include "explain/variant.h"

bool plan_at_end(struct scenario *scenario, const struct plan_config *config, enum price_end end,
		 const struct replicate_options *options, struct limit_bounds **bounds,
		 struct error *error)
{
	const struct limit_look look = { config->alpha, config->tolerance, (size_t)config->most,
					 0 };
	struct replications replications;
	bool ok;

	*bounds = memory_array(plan_limit_count(config), sizeof(**bounds), "limits", error);
	if (!*bounds)
		return false;
	prices_move_all(&scenario->simulation, end == PRICES_HIGH);
	if (!replications_init(&replications, &scenario->simulation, NULL, error))
		return false;
	for (size_t m = 0; m < replications.metric_count; m++)
		replications.metrics[m].limit = (size_t)1 << 40; /* every value is needed */
	ok = replications_run(&replications, &scenario->simulation, (uint64_t)config->first,
			      options, error);
	ok = ok && plan_judge(config, &replications, &look, *bounds, error);
	replications_fini(&replications);
	return ok;
}
