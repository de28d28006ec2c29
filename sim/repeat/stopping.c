#include "repeat/stopping.h"

#include <math.h>
#include <string.h>

#include "repeat/answer.h"

double relative_half_width(const struct observations *observations, double confidence)
{
	struct interval interval = mean_interval_at(observations, confidence);
	double mean;

	if (!interval.exists)
		return INFINITY;
	mean = mean_of(observations);
	if (mean == 0)
		return interval.high == interval.low ? 0 : INFINITY;
	return (interval.high - interval.low) / 2 / fabs(mean);
}

/* True when every quantile that an objective asks for has the observations it needs. */
static bool objectives_judgeable(const struct scenario *scenario,
				 const struct replications *replications)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);

	for (size_t i = 0; i < scenario->objective_count; i++) {
		const struct objective *objective = &scenario->objectives[i];
		size_t needed;

		if (objective->quantile < 0 || objective->quantile >= 1)
			continue; /* no number of observations is enough for the largest possible */
		needed = quantile_least_count(objective->quantile);
		for (size_t m = 0; m < count; m++)
			if (metric_is(metrics[m].name, metrics[m].group, objective->metric,
				      objective->group) &&
			    replications->metrics[m].count &&
			    replications->metrics[m].count < needed)
				return false;
	}
	return true;
}

static bool is_requested(const struct scenario *scenario, const char *name)
{
	for (size_t i = 0; i < scenario->experiment.metric_count; i++)
		if (strcmp(scenario->experiment.metrics[i], name) == 0)
			return true;
	return false;
}

/* The largest relative half-width among the requested metrics, or the answer's. */
static double worst(const struct scenario *scenario, const struct replications *replications,
		    size_t answer)
{
	size_t count, requested = 0;
	const struct metric *metrics = simulation_metrics(replications->names, &count);
	double reached = 0;

	for (size_t m = 0; m < count; m++)
		requested +=
			replications->metrics[m].count && is_requested(scenario, metrics[m].name);
	if (!requested)
		return relative_half_width(&replications->metrics[answer], 0.95);
	for (size_t m = 0; m < count; m++)
		if (replications->metrics[m].count && is_requested(scenario, metrics[m].name))
			reached = fmax(reached, relative_half_width(&replications->metrics[m],
								    1 - 0.05 / (double)requested));
	return reached;
}

bool stopping_sure(const struct scenario *scenario, const struct replications *replications,
		   double *reached)
{
	double precision = scenario->experiment.precision;
	size_t answer = answer_of(replications);

	*reached = INFINITY;
	if (answer == SIZE_MAX)
		return true;
	*reached = worst(scenario, replications, answer);
	return *reached <= precision / (1 + precision) &&
	       replications->metrics[answer].count >= quantile_least_count(0.99) &&
	       objectives_judgeable(scenario, replications);
}
