#include "decide/plan_look.h"

#include <math.h>
#include <string.h>

#include "flow/step_kind.h"

size_t plan_limit_count(const struct plan_config *config)
{
	return config->limit_count + 1;
}

/* --- failures ------------------------------------------------------------------------------ */

/* Whether a limit of the plan speaks of failures with that errno. */
static bool is_limited(const struct plan_config *config, const char *errno_name)
{
	char metric[64];

	metric_family_name(metric, sizeof(metric), &metric_kinds[METRIC_FAILURES], errno_name);
	for (size_t i = 0; i < config->limit_count; i++)
		if (strcmp(config->limits[i].metric, metric) == 0)
			return true;
	return false;
}

static uint64_t counted(const struct replications *replications, const char *name)
{
	size_t count;
	const struct counter *counters = simulation_counters(replications->names, &count);
	uint64_t sum = 0;

	for (size_t c = 0; c < count; c++)
		if (strcmp(counters[c].name, name) == 0)
			sum += replications->counters[c];
	return sum;
}

static void judge_failures(const struct plan_config *config,
			   const struct replications *replications, struct limit_bounds *bounds)
{
	uint64_t requested = counted(replications, counter_kinds[COUNTER_REQUESTED].name);
	uint64_t failed = 0;
	double share;

	for (size_t i = 0; i < replications->failures.count; i++) {
		const struct failure *failure = &replications->failures.list[i];

		if (!failure->recovered && !is_limited(config, step_errno_name(failure->error)))
			failed += failure->count;
	}
	share = failed ? (double)failed / fmax((double)requested, (double)failed) : 0;
	*bounds = (struct limit_bounds){ share, share, share, 0, (double)failed, 0 };
}

bool plan_judge(const struct plan_config *config, const struct replications *replications,
		const struct limit_look *look, struct limit_bounds *bounds, struct error *error)
{
	for (size_t i = 0; i < config->limit_count; i++)
		if (!limit_judge_all(&config->limits[i], replications, look, &bounds[i], error))
			return false;
	judge_failures(config, replications, &bounds[config->limit_count]);
	return true;
}

/* --- what was observed ---------------------------------------------------------------------- */

static bool observe(const struct objective *limit, const struct observations *observations,
		    double *value, struct error *error)
{
	struct distribution values;

	if (limit->quantile < 0) {
		*value = mean_of(observations);
		return true;
	}
	if (limit->quantile >= 1) {
		*value = (double)observations->largest;
		return true;
	}
	if (!observations_distribution(observations, &values, error))
		return false;
	*value = (double)distribution_quantile(&values, limit->quantile);
	distribution_fini(&values);
	return true;
}

bool plan_observe(const struct plan_config *config, const struct replications *replications,
		  struct limit_bounds *bounds, struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (size_t i = 0; i < config->limit_count; i++) {
		const struct objective *limit = &config->limits[i];

		for (size_t m = 0; m < count; m++) {
			const struct observations *observations = &replications->metrics[m];
			double value;

			if (!observations->count || !metric_is(metrics[m].name, metrics[m].group,
							       limit->metric, limit->group))
				continue;
			if (!observe(limit, observations, &value, error))
				return false;
			bounds[i].observed = fmax(bounds[i].observed, value);
		}
	}
	return true;
}
