#include "repeat/answer.h"

/* The first of these that was observed. */
static const enum metric_id headlines[] = { METRIC_REBOOT, METRIC_START, METRIC_SHUTDOWN,
					    METRIC_UPDATE, METRIC_RELOCK };

/* Observed in `observations`, or (NULL) by the simulation itself. */
static size_t find(const struct simulation *simulation, const struct observations *observations)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);

	for (size_t i = 0; i < sizeof(headlines) / sizeof(headlines[0]); i++)
		for (size_t m = 0; m < count; m++)
			if (metrics[m].kind == &metric_kinds[headlines[i]] &&
			    (observations ? observations[m].count : metrics[m].count))
				return m;
	return SIZE_MAX;
}

size_t answer_of(const struct replications *replications)
{
	return find(replications->names, replications->metrics);
}

size_t answer_of_simulation(const struct simulation *simulation)
{
	return find(simulation, NULL);
}
