#include "report/planning.h"

#include <math.h>
#include <stdlib.h>

#include "report/json_tools.h"
#include "report/output.h"
#include "report/shapes.h"
#include "report/text_tools.h"

const char *const plan_verdict_names[] = { "meets", "fails", "unresolved" };

void planning_fini(struct planning *planning)
{
	for (size_t a = 0; a < planning->answer_count; a++) {
		struct plan_answer *answer = &planning->answers[a];

		for (size_t p = 0; p < answer->point_count; p++)
			free(answer->points[p].bounds);
		for (size_t i = 0; i < answer->part_count; i++) {
			free(answer->parts[i].step);
			free(answer->parts[i].where);
		}
		free(answer->points);
		free(answer->at_low);
		free(answer->at_high);
		free(answer->failure);
		free(answer->each);
		free(answer->impossible);
	}
	for (size_t i = 0; i < planning->limit_count; i++) {
		free(planning->limits[i].metric);
		free(planning->limits[i].group);
	}
	free(planning->answers);
	free(planning->limits);
	free(planning->scenario);
	free(planning->version);
	free(planning->commit);
	free(planning->carried);
	free(planning->platform);
	free(planning->vary);
	free(planning->each);
	*planning = (struct planning){ 0 };
}

int planning_status(const struct planning *planning)
{
	int status = 0;

	for (size_t a = 0; a < planning->answer_count; a++) {
		const struct plan_answer *answer = &planning->answers[a];

		if (answer->found)
			continue;
		if (answer->first_verdict == PLAN_FAILS && status == 0)
			status = 3;
		else if (answer->first_verdict != PLAN_FAILS)
			status = 4;
	}
	return status;
}

static void print_limit(FILE *out, const struct plan_limit *limit)
{
	print_visible(out, "%s%s%s", limit->metric, limit->group ? " of " : "",
		      limit->group ? limit->group : "");
	if (limit->quantile < 0)
		fputs(", mean", out);
	else if (limit->quantile >= 1)
		fputs(", never", out);
	else
		fprintf(out, ", p%g", 100 * limit->quantile);
	fprintf(out, " %s %s", limit->quantile >= 1 ? "above" : "at most",
		VALUE(limit->unit, limit->at_most));
}

/* A mean in the metric's unit, or a probability in percent. */
static const char *quantity(char cell[CELL_SIZE], const struct plan_limit *limit, double value)
{
	if (!isfinite(value))
		return "?";
	if (limit->quantile < 0)
		return value_text(cell, limit->unit, value);
	snprintf(cell, CELL_SIZE, "%.3g %%", 100 * value);
	return cell;
}

/* A limit, and how a point stands to it. */
static void print_bounds(FILE *out, const struct plan_limit *limit,
			 const struct plan_bounds *bounds)
{
	print_limit(out, limit);
	fprintf(out, ": %s %s (%s .. %s, allowed %s)\n",
		limit->quantile < 0 ? "mean" : "exceeded with",
		quantity(CELL, limit, bounds->estimate), quantity(CELL, limit, bounds->low),
		quantity(CELL, limit, bounds->high), quantity(CELL, limit, bounds->limit));
}

bool planning_missed_at(const struct plan_bounds *end)
{
	return !(end->estimate <= end->limit);
}

static bool missed_within_ranges(const struct planning *planning, const struct plan_answer *answer)
{
	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++)
		if (planning_missed_at(&answer->at_low[i]) ||
		    planning_missed_at(&answer->at_high[i]))
			return true;
	return false;
}

/* What a limit is with all prices at either end, where the answer does not hold for all of them. */
static void print_ends(FILE *out, const struct planning *planning, const struct plan_answer *answer)
{
	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++) {
		const struct plan_limit *limit = &planning->limits[i];
		const struct plan_bounds *low = &answer->at_low[i], *high = &answer->at_high[i];

		fputs("  all prices low .. high: ", out);
		print_visible(out, "%s", limit->metric);
		fprintf(out, " %s%s .. %s%s\n", limit->quantile < 0 ? "" : "exceeded with ",
			quantity(CELL, limit, low->estimate), quantity(CELL, limit, high->estimate),
			planning_missed_at(low) || planning_missed_at(high)
				? "   MISSED within the ranges of prices"
				: "");
	}
}

static void print_headline(FILE *out, const struct planning *planning,
			   const struct plan_answer *answer)
{
	if (answer->each)
		fprintf(out, "%s ", TEXT_IN(answer->each, 24));
	if (answer->found)
		fprintf(out, "%lld  (meets every limit; confirmed on fresh random numbers; %s)\n",
			(long long)answer->value,
			!answer->at_low ? "prices were not moved"
			: missed_within_ranges(planning, answer)
				? "not with all prices anywhere in their ranges"
				: "also with all prices at either end of their ranges");
	else if (answer->first_verdict == PLAN_FAILS)
		fprintf(out, "infeasible: not even %lld meets the limits\n",
			(long long)(planning->maximize ? planning->low : planning->high));
	else
		fputs("unresolved: the replications allowed do not tell\n", out);
}

static void print_why_not(FILE *out, const struct planning *planning,
			  const struct plan_answer *answer)
{
	const struct plan_point *point;

	if (answer->impossible)
		print_visible(out, "  %lld cannot run: %s\n", (long long)answer->impossible_value,
			      answer->impossible);
	if (answer->next == SIZE_MAX) {
		if (answer->found && !answer->impossible)
			fputs("  the end of the range: nothing was looked at beyond\n", out);
		return;
	}
	point = &answer->points[answer->next];
	fprintf(out, "  why not %lld: %s: ", (long long)point->value,
		plan_verdict_names[point->verdict]);
	print_bounds(out, &planning->limits[point->binding], &point->bounds[point->binding]);
	for (size_t i = 0; i < answer->part_count; i++)
		print_visible(out, "    %4.1f %%  %s  %s\n", 100 * answer->parts[i].share,
			      answer->parts[i].step, answer->parts[i].where);
	if (answer->failure)
		print_visible(out, "    %s\n", answer->failure);
}

static void print_answer(FILE *out, const struct planning *planning,
			 const struct plan_answer *answer)
{
	if (planning->each)
		print_visible(out, "\n%s:\n", answer->each);
	if (answer->found) {
		const struct plan_point *point = &answer->points[answer->confirmation];

		for (size_t i = 0; i < planning->limit_count; i++) {
			fputs(i == point->binding ? "  binds: " : "         ", out);
			print_bounds(out, &planning->limits[i], &point->bounds[i]);
		}
		print_ends(out, planning, answer);
	}
	print_why_not(out, planning, answer);
	if (answer->unresolved && answer->found)
		fputs("  values left unresolved were taken for failures: a better one may do; "
		      "raise "
		      "plan.most or lower plan.tolerance\n",
		      out);
	if (answer->not_monotone)
		fputs("  warning: an easier value failed where this one meets: the limits are not "
		      "monotone in what varies\n",
		      out);
}

bool planning_write_text(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;
	uint64_t replications = 0;
	size_t looks = 0;

	print_visible(out, "%s %s between %lld and %lld with\n",
		      planning->maximize ? "Largest" : "Smallest", planning->vary,
		      (long long)planning->low, (long long)planning->high);
	for (size_t i = 0; i < planning->limit_count; i++) {
		fputs("  ", out);
		print_limit(out, &planning->limits[i]);
		fputc('\n', out);
	}
	fputc('\n', out);
	if (planning->each)
		print_visible(out, "%s\n", planning->each);
	for (size_t a = 0; a < planning->answer_count; a++)
		print_headline(out, planning, &planning->answers[a]);
	for (size_t a = 0; a < planning->answer_count; a++) {
		print_answer(out, planning, &planning->answers[a]);
		replications += planning->answers[a].replications;
		looks += planning->answers[a].point_count;
	}
	print_visible(out, "\nsim %s, scenario \"%s\"", planning->version, planning->scenario);
	fprintf(out,
		", seed %llu: %zu values looked at, %llu replications; unsafe with at most %g "
		"%%,\n"
		"given the prices",
		(unsigned long long)planning->seed, looks, (unsigned long long)replications,
		100 * planning->alpha);
	print_visible(out, planning->platform ? " of %s\n" : " of no platform in particular\n",
		      planning->platform);
	return report_check(out, error);
}

/* --- JSON ------------------------------------------------------------------------- */

static json_t *point_to_json(const struct planning *planning, const struct plan_point *point,
			     bool fresh)
{
	json_t *limits = json_array();

	for (size_t i = 0; i < planning->limit_count; i++) {
		const struct plan_bounds *bounds = &point->bounds[i];

		json_add(&limits, json_pack("{s:o, s:o, s:o, s:o}", "low", json_number(bounds->low),
					    "estimate", json_number(bounds->estimate), "high",
					    json_number(bounds->high), "allowed",
					    json_number(bounds->limit)));
	}
	return json_pack("{s:I, s:s, s:I, s:b, s:I, s:o}", "value", (json_int_t)point->value,
			 "verdict", plan_verdict_names[point->verdict], "replications",
			 (json_int_t)point->replications, "fresh", fresh, "binding",
			 (json_int_t)point->binding, "limits", limits);
}

/* Each limit with all prices at their low, high ends. */
static json_t *ends_to_json(const struct planning *planning, const struct plan_answer *answer)
{
	json_t *array = json_array();

	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++) {
		const struct plan_bounds *low = &answer->at_low[i], *high = &answer->at_high[i];

		json_add(&array,
			 json_pack("{s:o, s:o, s:o, s:b}", "at_low", json_number(low->estimate),
				   "at_high", json_number(high->estimate), "allowed",
				   json_number(low->limit), "missed",
				   planning_missed_at(low) || planning_missed_at(high)));
	}
	return array;
}

static json_t *answer_to_json(const struct planning *planning, const struct plan_answer *answer)
{
	json_t *points = json_array();
	const char *verdict = answer->found                         ? "meets"
			      : answer->first_verdict == PLAN_FAILS ? "infeasible"
								    : "unresolved";

	for (size_t p = 0; p < answer->point_count; p++)
		json_add(&points,
			 point_to_json(planning, &answer->points[p], p == answer->confirmation));
	return json_pack("{s:o, s:s, s:o, s:b, s:b, s:I, s:o, s:o, s:o, s:o, s:o}", "for",
			 json_text(answer->each), "verdict", verdict, "value",
			 answer->found ? json_integer((json_int_t)answer->value) : json_null(),
			 "unresolved", answer->unresolved, "monotone", !answer->not_monotone,
			 "replications", (json_int_t)answer->replications, "alpha_each",
			 json_number(answer->alpha_each), "looks", points, "cannot_run",
			 answer->impossible ? json_pack("{s:I, s:o}", "value",
							(json_int_t)answer->impossible_value,
							"reason", json_text(answer->impossible))
					    : json_null(),
			 "failure", answer->failure ? json_text(answer->failure) : json_null(),
			 "prices", ends_to_json(planning, answer));
}

static json_t *limit_to_json(const struct plan_limit *limit)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:o}", "metric", json_text(limit->metric), "group",
			 json_text(limit->group), "unit", unit_names[limit->unit], "quantile",
			 limit->quantile < 0 ? json_null() : json_number(limit->quantile),
			 "at_most", json_number(limit->at_most));
}

bool planning_write_json(const void *what, FILE *out, struct error *error)
{
	const struct planning *planning = what;
	json_t *limits = json_array(), *answers = json_array();

	for (size_t i = 0; i < planning->limit_count; i++)
		json_add(&limits, limit_to_json(&planning->limits[i]));
	for (size_t a = 0; a < planning->answer_count; a++)
		json_add(&answers, answer_to_json(planning, &planning->answers[a]));
	return json_write(
		json_pack("{s:s, s:i, s:o, s:o, s:o, s:[I, I], s:s, s:o, s:{s:o, s:o, s:o, s:I}, "
			  "s:o, s:o}",
			  "format", "sim-plan", "version", 2, "scenario",
			  json_carried(planning->scenario, planning->carried), "vary",
			  json_text(planning->vary), "for_each", json_text(planning->each),
			  "between", (json_int_t)planning->low, (json_int_t)planning->high, "goal",
			  planning->maximize ? "max" : "min", "alpha", json_number(planning->alpha),
			  "provenance", "version", json_text(planning->version), "commit",
			  json_text(planning->commit), "platform",
			  planning->platform ? json_text(planning->platform) : json_null(), "seed",
			  (json_int_t)planning->seed, "subject_to", limits, "answers", answers),
		&plan_shape, out, error);
}
