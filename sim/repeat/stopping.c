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

struct limit_look stopping_look(const struct scenario *scenario)
{
	bool grows = !scenario->experiment.replications && !scenario->fleet;

	return (struct limit_look){ .alpha = 0.025, .looks = grows ? LOOKS_MOST : 1 };
}

/*
 * Whether every objective is decided, or will not be by the replications that may be made for
 * its sake.
 */
static bool objectives_decided(const struct scenario *scenario,
			       const struct replications *replications, bool *decided,
			       struct error *error)
{
	const struct limit_look look = stopping_look(scenario);

	*decided = true;
	for (size_t i = 0; *decided && i < scenario->objective_count; i++) {
		struct limit_bounds bounds;

		if (!limit_judge_all(&scenario->objectives[i], replications, &look, &bounds, error))
			return false;
		*decided = limit_judgement(&bounds) != LIMIT_UNDECIDED ||
			   bounds.needed > MOST_FOR_OBJECTIVES;
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
		   double *reached, bool *sure, struct error *error)
{
	double precision = scenario->experiment.precision;
	size_t answer = answer_of(replications);

	*reached = INFINITY;
	*sure = true;
	if (answer == SIZE_MAX)
		return true;
	*reached = worst(scenario, replications, answer);
	*sure = *reached <= precision / (1 + precision) &&
		replications->metrics[answer].count >= quantile_least_count(0.99);
	return !*sure || objectives_decided(scenario, replications, sure, error);
}
