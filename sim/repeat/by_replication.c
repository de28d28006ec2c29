#include <stdlib.h>

#include "base/memory.h"
#include "repeat/summary.h"

/* How many numbers a metric takes; 0: it is not kept. */
static size_t size_of(const struct observations *observations)
{
	size_t replications = observations->replications;
	bool one_each = observations->count == replications && !observations->several;

	if (observations->kept < replications || !observations->count ||
	    observations->smallest == observations->largest)
		return 0;
	return one_each ? replications : 2 * replications;
}

static bool keep(const struct observations *observations, struct result_metric *metric, bool counts,
		 struct error *error)
{
	size_t replications = observations->replications;

	metric->sums = memory_array(replications, sizeof(*metric->sums), "replications", error);
	metric->counts =
		counts ? memory_array(replications, sizeof(*metric->counts), "replications", error)
		       : NULL;
	if (error->kind != ERROR_NONE)
		return false;
	for (size_t r = 0; r < replications; r++) {
		struct replication_sum sum = observations_sum(observations, r);

		if (sum.sum > INT64_MAX || sum.sum < INT64_MIN) { /* no reader has such numbers */
			free(metric->sums);
			free(metric->counts);
			metric->sums = metric->counts = NULL;
			return true;
		}
		metric->sums[r] = (int64_t)sum.sum;
		if (counts)
			metric->counts[r] = (int64_t)sum.count;
	}
	return true;
}

bool replications_keep(const struct replications *replications, struct result *result,
		       struct error *error)
{
	size_t count = result->metric_count, left = REPLICATION_VALUES_MOST;

	for (size_t i = 0; i <= count; i++) {
		size_t m = i ? i - 1 : result->answer, size;

		if (m >= count || (i && m == result->answer))
			continue;
		size = size_of(&replications->metrics[m]);
		if (!size || size > left)
			continue;
		left -= size;
		if (!keep(&replications->metrics[m], &result->metrics[m],
			  size > replications->metrics[m].replications, error))
			return false;
	}
	return true;
}
