#include "repeat/answer.h"

#include <string.h>

static const char *const names[] = { "reboot.latency", "start.latency",  "shutdown.latency",
				     "update.latency", "relock.latency", NULL };

/* Observed in `observations`, or (NULL) by the simulation itself. */
static size_t find(const struct simulation *simulation, const struct observations *observations)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(simulation, &count);

	for (int i = 0; names[i]; i++)
		for (size_t m = 0; m < count; m++)
			if (strcmp(metrics[m].name, names[i]) == 0 &&
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
