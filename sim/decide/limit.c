#include "decide/limit.h"

#include <math.h>

#include "decide/bounds.h"

enum { FEW = 20 };

static const double never_share = 0.01;

/* Bounds of a mean from its standard error (NAN: there is none, and are none). */
static struct plan_bounds around(double mean, double error, size_t replications, double limit,
				 const struct limit_look *look)
{
	struct plan_bounds bounds = { -INFINITY, mean, INFINITY, limit };
	double half;

	if (!isfinite(error))
		return bounds;
	half = line_half_width(error, replications, look->alpha, look->tolerance * fabs(limit) / 4,
			       look->most);
	bounds.low = mean - half;
	bounds.high = mean + half;
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
			 const struct limit_look *look, struct plan_bounds *bounds,
			 struct error *error)
{
	bool never = limit->quantile >= 1;
	struct plan_bounds exact = { .limit = never ? never_share : 1 - limit->quantile };
	struct observations exceeding;
	uint64_t with_one, all;
	double ratio, ratio_error;

	if (!count_exceeding(observations, limit->at_most, &exceeding, &with_one, &all, error)) {
		observations_fini(&exceeding);
		return false;
	}
	exact.estimate = (double)with_one / (double)observations->replications;
	binomial_bounds(with_one, observations->replications, look->alpha, exact.limit, &exact.low,
			&exact.high);
	*bounds = exact;
	if (!never && observations->several) {
		ratio_error = ratio_of_sums_error(&exceeding, observations, &ratio);
		*bounds = around(ratio, ratio_error, observations->replications, exact.limit, look);
		/* a replication with one may hold many: only the ratio bounds from below */
		bounds->low = fmax(bounds->low, 0);
		if (all < FEW)
			bounds->high = fmax(bounds->high, exact.high);
	}
	observations_fini(&exceeding);
	return true;
}

bool limit_bounds(const struct objective *limit, const struct replications *replications,
		  const struct limit_look *look, struct plan_bounds *out, struct error *error)
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
			bounds = around(mean_of(observations), mean_error(observations),
					observations->replications, limit->at_most, look);
		else if (!share_bounds(observations, limit, look, &bounds, error))
			return false;
		if (!any || bounds.high > out->high)
			*out = bounds;
		any = true;
	}
	return true;
}
