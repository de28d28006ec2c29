#include "repeat/capacities.h"

#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "flow/population.h"

/* Mean of a metric of the host over replications; `member`: of a family, or NULL. */
static double host_mean(const struct result *result, enum metric_id id, const char *member)
{
	const struct result_metric *metric;
	char name[256];

	metric_family_name(name, sizeof(name), &metric_kinds[id], member ? member : "");
	metric = result_metric(result, name, "host");
	return metric && metric->mean.exists ? metric->mean.value : 0;
}

static bool add(struct result *result, const char *name, const char *unit, double amount,
		double used, double lost_ns, struct error *error)
{
	struct result_capacity *out = &result->capacities[result->capacity_count++];

	*out = (struct result_capacity){
		.name = memory_text(name, error),
		.unit = unit ? memory_text(unit, error) : NULL,
		.amount = amount,
		.used = amount > 0 && isfinite(used) ? used / amount : 0,
		.lost_ns = lost_ns,
		.answer_twice = maybe_none("nobody waited for it"),
	};
	return out->name && (!unit || out->unit);
}

static bool add_own(struct result *result, const struct capacity_config *capacity, double hosts,
		    double observed_s, struct error *error)
{
	char unit[256];

	snprintf(unit, sizeof(unit), "%s/s", capacity->unit);
	return add(result, capacity->name, unit, hosts * capacity->per_s,
		   host_mean(result, METRIC_CAPACITY_USED, capacity->name) / observed_s,
		   host_mean(result, METRIC_CAPACITY_SLOWED, capacity->name), error);
}

bool capacities_summarize(struct result *result, const struct simulation_config *config,
			  struct error *error)
{
	const struct host_config *host = &config->host;
	double hosts = config->population ? (double)config->population->hosts : 1;
	double observed_s = host_mean(result, METRIC_OBSERVED_TIME, NULL) * 1e-9;

	if (!add(result, "cores", "cores", hosts * (double)host->cores,
		 host_mean(result, METRIC_CORES_BUSY, NULL) * 1e-9 / observed_s,
		 host_mean(result, METRIC_CORES_WAIT, NULL), error) ||
	    !add(result, "memory bandwidth", "bytes/s", hosts * host->memory_bandwidth,
		 host_mean(result, METRIC_MEMORY_MOVED, NULL) / observed_s,
		 host_mean(result, METRIC_MEMORY_SLOWED, NULL), error))
		return false;
	for (size_t i = 0; i < host->capacity_count; i++)
		if (!add_own(result, &host->capacities[i], hosts, observed_s, error))
			return false;
	return add(result, "crowds", NULL, 0, 0, host_mean(result, METRIC_CROWD_SLOWED, NULL),
		   error);
}
