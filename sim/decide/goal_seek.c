#include "decide/goal_seek.h"

#include <math.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

/* P(X >= k) rises with p; the p at which it is `wanted`, by bisection. (GSL's inverse of the
 * beta law does not converge in every such case.) */
static double invert(uint64_t k, uint64_t n, double wanted)
{
	double low = 0, high = 1;

	for (int i = 0; i < 200 && high - low > 1e-15; i++) {
		double middle = (low + high) / 2;

		/* P(X >= k) = Q(k - 1) */
		if (gsl_cdf_binomial_Q((unsigned int)(k - 1), middle, (unsigned int)n) < wanted)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

void binomial_bounds(uint64_t k, uint64_t n, double confidence, double *low, double *high)
{
	double tail = (1 - confidence) / 2;

	*low = k == 0 ? 0 : invert(k, n, tail);
	*high = k == n ? 1 : k == 0 ? 1 - pow(tail, 1 / (double)n) : invert(k + 1, n, 1 - tail);
}

/* --- one point ------------------------------------------------------------------------ */

struct seeker {
	const struct goal_source *source;
	const struct goal_options *options;
	struct goal *goal;
	struct error *error;
};

static enum verdict_of_plan judge(struct goal_point *point, int constraints)
{
	enum verdict_of_plan verdict = MEETS;
	double least = INFINITY;

	for (int c = 0; c < constraints; c++) {
		const struct goal_bounds *bounds = &point->bounds[c];
		double room = (bounds->limit - bounds->high) / fmax(fabs(bounds->limit), 1e-300);

		if (bounds->low > bounds->limit) {
			point->binding = c;
			return FAILS;
		}
		if (!(bounds->high <= bounds->limit))
			verdict = UNRESOLVED;
		if (room < least) {
			least = room;
			point->binding = c;
		}
	}
	return verdict;
}

/* Whether each bound that does not decide lies within the tolerance of its limit. */
static bool too_close(const struct goal_point *point, const struct seeker *seeker)
{
	for (int c = 0; c < seeker->source->constraints; c++) {
		const struct goal_bounds *bounds = &point->bounds[c];
		double near = seeker->options->tolerance * fabs(bounds->limit);

		if (!(bounds->high <= bounds->limit) &&
		    !(bounds->high - bounds->limit <= near && bounds->limit - bounds->low <= near))
			return false;
	}
	return true;
}

static struct goal_point *look(struct seeker *seeker, int64_t value, double alpha, bool fresh)
{
	struct goal *goal = seeker->goal;
	struct goal_point *point = &goal->points[goal->point_count];

	if (goal->point_count == GOAL_POINTS_MOST) {
		error_set(seeker->error, ERROR_INTERNAL, "the search for a goal does not end");
		return NULL;
	}
	*point = (struct goal_point){ .value = value };
	for (uint64_t effort = seeker->options->first;; effort *= 2) {
		if (effort > seeker->options->most)
			effort = seeker->options->most;
		point->effort = effort;
		if (!seeker->source->estimate(seeker->source->data, value, effort, 1 - alpha, fresh,
					      point->bounds, seeker->error))
			return NULL;
		point->verdict = judge(point, seeker->source->constraints);
		if (point->verdict != UNRESOLVED || effort == seeker->options->most ||
		    too_close(point, seeker))
			break;
	}
	goal->point_count++;
	goal->effort += point->effort;
	return point;
}

/* --- the search ------------------------------------------------------------------------ */

/* Steps from the easy end: value 0 is easiest. */
static int64_t value_at(const struct goal_options *options, int64_t step)
{
	return options->maximize ? options->low + step : options->high - step;
}

static int looks_most(const struct goal_options *options)
{
	int looks = 1;

	for (uint64_t effort = options->first; effort < options->most; effort *= 2)
		looks++;
	return looks;
}

/* The largest step that meets; -1: not even the easiest. Doubling from it, then bisection. */
static bool search(struct seeker *seeker, double alpha, int64_t *found)
{
	const struct goal_options *options = seeker->options;
	int64_t last = options->high - options->low, good = -1, bad = last + 1, step = 0;

	for (int64_t stride = 1; step <= last; stride *= 2) {
		struct goal_point *point = look(seeker, value_at(options, step), alpha, false);

		if (!point)
			return false;
		if (point->verdict != MEETS) {
			bad = step;
			break;
		}
		good = step;
		if (step == last)
			break;
		step = step + stride < last ? step + stride : last;
	}
	while (bad - good > 1 && good >= 0) {
		struct goal_point *point;

		step = good + (bad - good) / 2;
		point = look(seeker, value_at(options, step), alpha, false);
		if (!point)
			return false;
		if (point->verdict == MEETS)
			good = step;
		else
			bad = step;
	}
	*found = good;
	return true;
}

static void describe(struct goal *goal, const struct goal_options *options)
{
	int64_t nearest = INT64_MAX;

	goal->next = -1;
	for (int i = 0; i < goal->point_count; i++) {
		const struct goal_point *point = &goal->points[i];
		int64_t away =
			options->maximize ? point->value - goal->value : goal->value - point->value;

		if (point->verdict == UNRESOLVED)
			goal->unresolved = true;
		if (i == goal->confirmation || point->verdict == MEETS)
			continue;
		if (goal->found && away < 0)
			goal->not_monotone = true;
		if (!goal->found || (away > 0 && away < nearest)) {
			nearest = away;
			goal->next = i;
		}
	}
}

bool goal_seek(const struct goal_source *source, const struct goal_options *options,
	       struct goal *goal, struct error *error)
{
	struct seeker seeker = { source, options, goal, error };
	int64_t range = options->high - options->low + 1, good;
	double steps = 2 * ceil(log2((double)range + 1)) + 1;

	*goal = (struct goal){ .confirmation = -1, .next = -1 };
	/* half of alpha for the search, half for the confirmation */
	goal->alpha_each = options->alpha / 2 / (steps * looks_most(options));
	if (!search(&seeker, goal->alpha_each, &good))
		return false;
	/* What was selected is optimistic: it must meet on fresh random numbers, too. */
	for (int tries = 0; good >= 0 && !goal->found && tries < 8; tries++, good--) {
		double alpha = options->alpha / 2 / 8 / looks_most(options);
		struct goal_point *point = look(&seeker, value_at(options, good), alpha, true);

		if (!point)
			return false;
		goal->confirmation = goal->point_count - 1;
		goal->value = point->value;
		goal->found = point->verdict == MEETS;
	}
	describe(goal, options);
	return true;
}
