/* A plan for people: what was found, what binds, why not one more, and what decides the rest. */

#include <math.h>
#include <string.h>

#include "base/layout.h"
#include "report/planning.h"
#include "report/text_tools.h"

/* No failures, as it should be: not worth a line. */
static bool is_silent(const struct limit *limit, const struct limit_bounds *bounds)
{
	return strcmp(limit->metric, planning_failures) == 0 && bounds->estimate == 0;
}

/* A limit, and how a point stands to it. */
static void print_bounds(FILE *out, const struct limit *limit, const struct limit_bounds *bounds)
{
	limit_print(out, limit);
	fputs(": ", out);
	if (strcmp(limit->metric, planning_failures) == 0) {
		fprintf(out, "%.3g %% of the operations fail\n", 100 * bounds->estimate);
		return;
	}
	if (limit->quantile >= 0 && isfinite(bounds->observed))
		fprintf(out, "%s, ", limit_value(CELL, limit, bounds->observed));
	limit_print_bounds(out, limit, bounds);
	fputc('\n', out);
}

/* What a limit is with all prices at either end, where the answer does not hold for all of them. */
static void print_ends(FILE *out, const struct planning *planning, const struct plan_answer *answer)
{
	for (size_t i = 0; answer->at_low && i < planning->limit_count; i++) {
		const struct limit *limit = &planning->limits[i];
		const struct limit_bounds *low = &answer->at_low[i], *high = &answer->at_high[i];

		if (is_silent(limit, low) && is_silent(limit, high))
			continue;
		fputs("  all prices low .. high: ", out);
		print_visible(out, "%s", limit->metric);
		fprintf(out, " %s%s .. %s%s\n", limit->quantile < 0 ? "" : "exceeded with ",
			limit_quantity(CELL, limit, low->estimate),
			limit_quantity(CELL, limit, high->estimate),
			planning_missed_at(low) || planning_missed_at(high)
				? "   MISSED within the ranges of prices"
				: "");
	}
}

static void print_headline(FILE *out, const struct planning *planning,
			   const struct plan_answer *answer)
{
	if (answer->each)
		print_visible(out, "%s\t", answer->each);
	if (answer->found)
		fprintf(out, "%s  (meets every limit; confirmed on fresh random numbers; %s)\n",
			PLANNING_VALUE(planning, answer->value),
			!answer->at_low ? "prices were not moved"
			: planning_missed_within(planning, answer)
				? "not with all prices anywhere in their ranges"
				: "also with all prices at either end of their ranges");
	else if (answer->first_verdict == LIMIT_MISSED)
		fprintf(out, "infeasible: not even %s meets the limits\n",
			PLANNING_VALUE(planning, planning->maximize ? planning->between.first
								    : planning->between.last));
	else
		fprintf(out, "unresolved: %s is undecided after %llu replications\n",
			PLANNING_VALUE(planning, answer->points[0].value),
			(unsigned long long)answer->points[0].replications);
}

/* What to do about a value that is undecided. */
static void print_remedy(FILE *out, const struct planning *planning, const struct plan_point *point)
{
	double needed = 0;

	for (size_t i = 0; i < planning->limit_count; i++)
		if (limit_judgement(&point->bounds[i]) == LIMIT_UNDECIDED)
			needed = fmax(needed, point->bounds[i].needed);
	fprintf(out, "    to tell at %s: ", PLANNING_VALUE(planning, point->value));
	if (isinf(needed) || point->replications < planning->most)
		fprintf(out,
			"it is within plan.tolerance (%g) of the limit; a lower one needs more "
			"replications\n",
			planning->tolerance);
	else
		fprintf(out, "--set /plan/most=%.0f\n", needed);
}

static void print_why_not(FILE *out, const struct planning *planning,
			  const struct plan_answer *answer)
{
	const struct plan_point *point;

	if (answer->impossible)
		print_visible(out, "  %s cannot run: %s\n",
			      PLANNING_VALUE(planning, answer->impossible_value),
			      answer->impossible);
	if (answer->next == SIZE_MAX)
		return;
	point = &answer->points[answer->next];
	fprintf(out, "  why not %s: %s: ", PLANNING_VALUE(planning, point->value),
		judgement_names[point->verdict]);
	print_bounds(out, &planning->limits[point->binding], &point->bounds[point->binding]);
	for (size_t i = 0; i < answer->part_count; i++)
		print_visible(out, "    %4.1f %%  %s  %s\n", 100 * answer->parts[i].share,
			      answer->parts[i].step, answer->parts[i].where);
	if (answer->failure)
		print_visible(out, "    %s\n", answer->failure);
	if (point->verdict == LIMIT_MISSED && point->binding + 1 == planning->limit_count)
		fputs("    a limit of failures.ERRNO in plan.subject_to would say how many are "
		      "allowed\n",
		      out);
	if (point->verdict == LIMIT_UNDECIDED)
		print_remedy(out, planning, point);
}

static void print_answer(FILE *out, const struct planning *planning,
			 const struct plan_answer *answer)
{
	if (planning->each)
		print_visible(out, "\n%s:\n", answer->each);
	if (answer->found) {
		const struct plan_point *point = &answer->points[answer->confirmation];
		bool bound = answer->next != SIZE_MAX;

		if (!bound)
			fprintf(out, "  nothing binds: %s\n", planning_binds(planning, answer));
		for (size_t i = 0; i < planning->limit_count; i++) {
			if (is_silent(&planning->limits[i], &point->bounds[i]))
				continue;
			fputs(bound && i == answer->points[answer->next].binding ? "  binds: "
										 : "         ",
			      out);
			print_bounds(out, &planning->limits[i], &point->bounds[i]);
		}
		print_ends(out, planning, answer);
	}
	print_why_not(out, planning, answer);
	if (answer->unresolved && answer->found)
		fputs("  values left undecided were taken for failures: a better one may do\n",
		      out);
	if (answer->not_monotone)
		fputs("  warning: an easier value failed where this one meets: the limits are not "
		      "monotone in what varies\n",
		      out);
}

static void print_planning(FILE *out, const struct planning *planning)
{
	uint64_t replications = 0;
	size_t looks = 0;

	print_visible(out, "%s %s between %s and %s with\n",
		      planning->maximize ? "Largest" : "Smallest", planning->vary,
		      PLANNING_VALUE(planning, planning->between.first),
		      PLANNING_VALUE(planning, planning->between.last));
	for (size_t i = 0; i < planning->limit_count; i++) {
		fputs("  ", out);
		limit_print(out, &planning->limits[i]);
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
		"%%, "
		"given the prices",
		(unsigned long long)planning->seed, looks, (unsigned long long)replications,
		100 * planning->alpha);
	print_visible(out, planning->platform ? " of %s\n" : " of no platform in particular\n",
		      planning->platform);
}

bool planning_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_planning(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}
