#include "decide/limit.h"

#include <math.h>

#include "decide/goal_seek.h"

enum { FEW = 20 };

static const double never_share = 0.01;

static struct plan_bounds mean_bounds(const struct observations *observations, double limit,
				      double confidence)
{
	struct interval interval = mean_interval_at(observations, confidence);
	struct plan_bounds bounds = { -INFINITY, mean_of(observations), INFINITY, limit };

	if (interval.exists) {
		bounds.low = interval.low;
		bounds.high = interval.high;
	}
	return bounds;
}

/* How many observations of each replication exceed the limit. */
static bool count_exceeding(const struct observations *observations, double limit,
			    struct observations *exceeding, uint64_t *with_one, uint64_t *all,
			    struct error *error)
{
	*exceeding = (struct observations){ .limit = (size_t)1 << 40 };
	*with_one = *all = 0;
	for (size_t r = 0; r < observations->replications; r++) {
		size_t count;
		const int64_t *values = observations_of(observations, r, &count);
		int64_t above = 0;

		for (size_t i = 0; i < count; i++)
			above += (double)values[i] > limit;
		*all += (uint64_t)above;
		*with_one += above > 0;
		if (!observations_add(exceeding, &above, 1, error))
			return false;
	}
	return true;
}

static bool share_bounds(const struct observations *observations, const struct objective *limit,
			 double confidence, struct plan_bounds *bounds, struct error *error)
{
	bool never = limit->quantile >= 1;
	struct observations exceeding;
	uint64_t with_one, all;
	double low, high;

	if (!count_exceeding(observations, limit->at_most, &exceeding, &with_one, &all, error)) {
		observations_fini(&exceeding);
		return false;
	}
	binomial_bounds(with_one, observations->replications, confidence, &low, &high);
	*bounds = (struct plan_bounds){
		.low = low,
		.estimate = never ? (double)with_one / (double)observations->replications
				  : (double)all / (double)observations->count,
		.high = high,
		.limit = never ? never_share : 1 - limit->quantile,
	};
	if (!never && observations->several) {
		double saved;
		struct interval interval =
			ratio_of_sums_interval(&exceeding, observations, confidence, &saved);

		/* a replication with one may hold many: only the ratio bounds from below */
		bounds->low = interval.exists ? fmax(0, interval.low) : 0;
		if (interval.exists && all >= FEW)
			bounds->high = interval.high;
		else if (interval.exists)
			bounds->high = fmax(bounds->high, interval.high);
	}
	observations_fini(&exceeding);
	return true;
}

bool limit_bounds(const struct objective *limit, const struct replications *replications,
		  double confidence, struct plan_bounds *out, struct error *error)
{
	size_t count;
	const struct metric *metrics = simulation_metrics(replications->names, &count);
	bool any = false;

	/* never observed: nothing shows that it holds */
	*out = (struct plan_bounds){ INFINITY, INFINITY, INFINITY, limit->at_most };
	for (size_t m = 0; m < count; m++) {
		const struct observations *observations = &replications->metrics[m];
		struct plan_bounds bounds;

		if (!metric_is(metrics[m].name, metrics[m].group, limit->metric, limit->group) ||
		    !observations->count)
			continue;
		if (limit->quantile < 0)
			bounds = mean_bounds(observations, limit->at_most, confidence);
		else if (!share_bounds(observations, limit, confidence, &bounds, error))
			return false;
		if (!any || bounds.high > out->high)
			*out = bounds;
		any = true;
	}
	return true;
}
