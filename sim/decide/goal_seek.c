#include "decide/goal_seek.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"

enum { POINTS_MOST = 160 };

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
	struct plan_answer *answer;
	struct error *error;
};

static enum plan_verdict judge(struct plan_point *point, size_t constraints)
{
	enum plan_verdict verdict = PLAN_MEETS;
	double least = INFINITY;

	for (size_t c = 0; c < constraints; c++) {
		const struct plan_bounds *bounds = &point->bounds[c];
		double room = (bounds->limit - bounds->high) / fmax(fabs(bounds->limit), 1e-300);

		if (bounds->low > bounds->limit) {
			point->binding = c;
			return PLAN_FAILS;
		}
		if (!(bounds->high <= bounds->limit))
			verdict = PLAN_UNRESOLVED;
		if (room < least) {
			least = room;
			point->binding = c;
		}
	}
	return verdict;
}

/* Whether each bound that does not decide lies within the tolerance of its limit. */
static bool too_close(const struct plan_point *point, const struct seeker *seeker)
{
	for (size_t c = 0; c < seeker->source->constraints; c++) {
		const struct plan_bounds *bounds = &point->bounds[c];
		double near = seeker->options->tolerance * fabs(bounds->limit);

		if (!(bounds->high <= bounds->limit) &&
		    !(bounds->high - bounds->limit <= near && bounds->limit - bounds->low <= near))
			return false;
	}
	return true;
}

static struct plan_point *look(struct seeker *seeker, int64_t value, double alpha, bool fresh)
{
	struct plan_answer *answer = seeker->answer;
	struct plan_point *point = &answer->points[answer->point_count];

	if (answer->point_count == POINTS_MOST) {
		error_set(seeker->error, ERROR_INTERNAL, "the search for a goal does not end");
		return NULL;
	}
	answer->point_count++;
	point->value = value;
	point->bounds = memory_array(seeker->source->constraints, sizeof(*point->bounds), "bounds",
				     seeker->error);
	if (!point->bounds)
		return NULL;
	for (uint64_t effort = seeker->options->first;; effort *= 2) {
		if (effort > seeker->options->most)
			effort = seeker->options->most;
		point->replications = effort;
		if (!seeker->source->estimate(seeker->source->data, value, effort, 1 - alpha, fresh,
					      point->bounds, seeker->error))
			return NULL;
		point->verdict = judge(point, seeker->source->constraints);
		if (point->verdict != PLAN_UNRESOLVED || effort == seeker->options->most ||
		    too_close(point, seeker))
			break;
	}
	answer->replications += point->replications;
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
		struct plan_point *point = look(seeker, value_at(options, step), alpha, false);

		if (!point)
			return false;
		if (point->verdict != PLAN_MEETS) {
			bad = step;
			break;
		}
		good = step;
		if (step == last)
			break;
		step = step + stride < last ? step + stride : last;
	}
	while (bad - good > 1 && good >= 0) {
		struct plan_point *point;

		step = good + (bad - good) / 2;
		point = look(seeker, value_at(options, step), alpha, false);
		if (!point)
			return false;
		if (point->verdict == PLAN_MEETS)
			good = step;
		else
			bad = step;
	}
	*found = good;
	return true;
}

static void describe(struct plan_answer *answer, const struct goal_options *options)
{
	int64_t nearest = INT64_MAX;

	answer->first_verdict =
		answer->points[0].verdict == PLAN_FAILS ? PLAN_FAILS : PLAN_UNRESOLVED;
	for (size_t i = 0; i < answer->point_count; i++) {
		const struct plan_point *point = &answer->points[i];
		int64_t away = options->maximize ? point->value - answer->value
						 : answer->value - point->value;

		if (point->verdict == PLAN_UNRESOLVED)
			answer->unresolved = true;
		if (i == answer->confirmation || point->verdict == PLAN_MEETS)
			continue;
		if (answer->found && away < 0)
			answer->not_monotone = true;
		if (!answer->found || (away > 0 && away < nearest)) {
			nearest = away;
			answer->next = i;
		}
	}
}

bool goal_seek(const struct goal_source *source, const struct goal_options *options,
	       struct plan_answer *answer, struct error *error)
{
	struct seeker seeker = { source, options, answer, error };
	int64_t range = options->high - options->low + 1, good;
	double steps = 2 * ceil(log2((double)range + 1)) + 1;

	answer->points = memory_array(POINTS_MOST, sizeof(*answer->points), "points", error);
	if (!answer->points)
		return false;
	answer->confirmation = answer->next = SIZE_MAX;
	/* half of alpha for the search, half for the confirmation */
	answer->alpha_each = options->alpha / 2 / (steps * looks_most(options));
	if (!search(&seeker, answer->alpha_each, &good))
		return false;
	/* What was selected is optimistic: it must meet on fresh random numbers, too. */
	for (int tries = 0; good >= 0 && !answer->found && tries < 8; tries++, good--) {
		double alpha = options->alpha / 2 / 8 / looks_most(options);
		struct plan_point *point = look(&seeker, value_at(options, good), alpha, true);

		if (!point)
			return false;
		answer->confirmation = answer->point_count - 1;
		answer->value = point->value;
		answer->found = point->verdict == PLAN_MEETS;
	}
	describe(answer, options);
	return true;
}
