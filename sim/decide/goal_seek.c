#include "decide/goal_seek.h"

#include <math.h>

#include "base/elementary.h"
#include "base/memory.h"

enum { POINTS_MOST = 160, TRIES_MOST = 8 };

/* --- one point ------------------------------------------------------------------------ */

struct seeker {
	const struct goal_source *source;
	const struct goal_options *options;
	struct plan_answer *answer;
	struct error *error;
};

static enum judgement judge(struct plan_point *point, size_t constraints)
{
	enum judgement verdict = LIMIT_MET;
	double least = INFINITY;

	for (size_t c = 0; c < constraints; c++) {
		const struct limit_bounds *bounds = &point->bounds[c];
		double room = (bounds->limit - bounds->high) / fmax(fabs(bounds->limit), 1e-300);

		verdict = judgement_worse(verdict, limit_judgement(bounds));
		if (verdict == LIMIT_MISSED) {
			point->binding = c;
			return verdict;
		}
		/* nothing, where nothing is allowed, does not bind */
		if (room < least && (bounds->high != 0 || bounds->limit != 0)) {
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
		const struct limit_bounds *bounds = &point->bounds[c];
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
	if (seeker->source->known &&
	    seeker->source->known(seeker->source->data, alpha, fresh, point)) {
		answer->replications += point->replications;
		return point;
	}
	for (uint64_t effort = seeker->options->first;; effort += effort / 4 + 1) {
		if (effort > seeker->options->most)
			effort = seeker->options->most;
		point->replications = effort;
		if (!seeker->source->estimate(seeker->source->data, value, effort, alpha, fresh,
					      point->bounds, seeker->error))
			return NULL;
		point->verdict = judge(point, seeker->source->constraints);
		if (point->verdict != LIMIT_UNDECIDED || effort == seeker->options->most ||
		    too_close(point, seeker))
			break;
	}
	answer->replications += point->replications;
	if (seeker->source->looked &&
	    !seeker->source->looked(seeker->source->data, alpha, fresh, point, seeker->error))
		return NULL;
	return point;
}

/* --- the search ------------------------------------------------------------------------ */

/* Steps from the easy end: value 0 is easiest. */
static int64_t value_at(const struct goal_options *options, int64_t step)
{
	return options->maximize ? options->low + step : options->high - step;
}

/*
 * Which part of the way from a value that meets to one that does not its verdict is to turn, if
 * estimates grow in proportion: where the first of them comes to the middle of what is called
 * unresolved. Half, when they do not say.
 */
static double turn(const struct seeker *seeker, const struct plan_point *good,
		   const struct plan_point *bad)
{
	double least = 1;

	for (size_t c = 0; c < seeker->source->constraints; c++) {
		double from = good->bounds[c].estimate, to = bad->bounds[c].estimate;
		double at = good->bounds[c].limit * (1 - seeker->options->tolerance / 2);
		double part = elementary_log(at / from) / elementary_log(to / from);

		if (part > 0 && part < least)
			least = part;
	}
	return least < 1 ? least : 0.5;
}

/*
 * The largest step that meets; -1: not even the easiest. Doubling from it; then, in turn, where
 * estimates say that the verdict turns and halving, so that it ends.
 */
static bool search(struct seeker *seeker, double alpha, int64_t *found)
{
	const struct goal_options *options = seeker->options;
	int64_t last = options->high - options->low, good = -1, bad = last + 1, step = 0;
	const struct plan_point *point, *best = NULL, *worst = NULL;

	for (int64_t stride = 1; step <= last; stride *= 2) {
		point = look(seeker, value_at(options, step), alpha, false);
		if (!point)
			return false;
		if (point->verdict != LIMIT_MET) {
			bad = step;
			worst = point;
			break;
		}
		good = step;
		best = point;
		if (step == last)
			break;
		step = step + stride < last ? step + stride : last;
	}
	for (bool halve = false; bad - good > 1 && good >= 0; halve = !halve) {
		double part = halve ? 0.5 : turn(seeker, best, worst);

		step = good + llround(part * (double)(bad - good));
		step = step <= good ? good + 1 : step >= bad ? bad - 1 : step;
		point = look(seeker, value_at(options, step), alpha, false);
		if (!point)
			return false;
		if (point->verdict == LIMIT_MET) {
			good = step;
			best = point;
		} else {
			bad = step;
			worst = point;
		}
	}
	*found = good;
	return true;
}

static void describe(struct plan_answer *answer, const struct goal_options *options)
{
	int64_t nearest = INT64_MAX;

	answer->first_verdict =
		answer->points[0].verdict == LIMIT_MISSED ? LIMIT_MISSED : LIMIT_UNDECIDED;
	for (size_t i = 0; i < answer->point_count; i++) {
		const struct plan_point *point = &answer->points[i];
		int64_t away = options->maximize ? point->value - answer->value
						 : answer->value - point->value;

		if (point->verdict == LIMIT_UNDECIDED)
			answer->unresolved = true;
		if (i == answer->confirmation || point->verdict == LIMIT_MET)
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
	double alpha = options->alpha;
	int64_t good;

	answer->points = memory_array(POINTS_MOST, sizeof(*answer->points), "points", error);
	if (!answer->points)
		return false;
	answer->confirmation = answer->next = SIZE_MAX;
	answer->alpha_each = alpha / 2;
	if (!search(&seeker, answer->alpha_each, &good))
		return false;
	/* What was selected is optimistic: it must meet on fresh random numbers, too. */
	for (int tries = 0; good >= 0 && !answer->found && tries < TRIES_MOST; tries++, good--) {
		struct plan_point *point = look(&seeker, value_at(options, good), alpha /= 2, true);

		if (!point)
			return false;
		answer->confirmation = answer->point_count - 1;
		answer->value = point->value;
		answer->found = point->verdict == LIMIT_MET;
	}
	describe(answer, options);
	return true;
}
