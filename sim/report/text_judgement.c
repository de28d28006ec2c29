/* What the result is judged by, and what it rests on: objectives and prices. */

#include <math.h>
#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

void text_objectives(FILE *out, const struct result *result)
{
	static const char *const words[] = { "met", "MISSED", "undecided" };

	if (!result->objective_count)
		return;
	fputs("\nObjectives\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];
		const struct limit *limit = &objective->limit;

		fprintf(out, "  %-10s", words[objective->judgement]);
		limit_print(out, limit);
		if (limit->quantile >= 0)
			fprintf(out, ": %s",
				objective->value.exists
					? limit_value(CELL, limit, objective->value.value)
					: objective->value.reason);
		fputs("\n            ", out);
		limit_print_bounds(out, limit, &objective->bounds);
		if (objective->judgement == LIMIT_UNDECIDED) {
			fputs("\n            ", out);
			limit_print_needed(out, objective->bounds.needed);
		}
		fputc('\n', out);
	}
}

static void print_assumption(FILE *out, const struct result_assumption *item, bool with_group)
{
	print_visible(out, "  %s\t", item->term);
	fprintf(out, "%s\t%s\t", VALUE(UNIT_NANOSECONDS, item->mean_ns),
		RANGE(UNIT_NANOSECONDS, item->low_ns, item->high_ns));
	if (isfinite(item->answer_low) && isfinite(item->answer_high))
		fputs(RANGE(UNIT_NANOSECONDS, item->answer_low, item->answer_high), out);
	else
		fputs("no end in time at one end", out);
	fprintf(out, "\t%s", item->status);
	if (with_group)
		print_visible(out, "\tof %s", item->group);
	fputc('\n', out);
}

static void print_caveat(FILE *out, const struct result *result)
{
	if (!result->caveat)
		return;
	print_visible(out, "  %s\n", result->caveat);
	if (result->caveat_low.exists && result->caveat_high.exists)
		fprintf(out, "  Their ranges alone give %s.\n",
			RANGE(UNIT_NANOSECONDS, result->caveat_low.value,
			      result->caveat_high.value));
}

/* The two bands side by side: what more replications narrow, and what only measuring does. */
static void print_bands(FILE *out, const struct result *result)
{
	const struct result_uncertainty *band = &result->uncertainty;
	const struct result_metric *metric = &result->metrics[result->answer];

	if (band->by != BAND_OF_DRAWS)
		return;
	fprintf(out,
		"  Sampling noise, prices as given: %s (95 %% confidence of the mean)\n"
		"  Prices within their ranges: %s (95 %% of %llu draws of %llu prices",
		INTERVAL(metric->unit, metric->ci_low, metric->ci_high,
			 result->deterministic ? "nothing is random" : "too few replications"),
		INTERVAL(metric->unit, band->low, band->high,
			 "no upper end: the operation does not always end in time"),
		(unsigned long long)band->draws, (unsigned long long)band->terms);
	if (band->median.exists)
		fprintf(out, "; median %s", VALUE(metric->unit, band->median.value));
	fputs(")\n", out);
}

/* How many terms there are, were moved, and mattered. */
static void print_counts(FILE *out, const struct result *result, size_t mattering)
{
	size_t count = result->assumption_count, moved = count - result->study.terms_left;

	fprintf(out, "\nPrices: %zu of those that are charged may be something else%s; ", count,
		result->platform ? "" : " on another machine");
	if (!moved) {
		fputs(result->study.asked == STUDY_NONE ? "none was moved (--study none).\n"
							: "none was moved alone.\n",
		      out);
		return;
	}
	if (moved < count)
		fprintf(out, "of %zu that %s moved ", moved, moved == 1 ? "was" : "were");
	if (!mattering)
		fputs("none moves the answer by 1 %.\n", out);
	else
		fprintf(out,
			"%zu move%s the answer by 1 %% or more.\n"
			"  term\tvalue\tlow .. high\tanswer\tstatus\n",
			mattering, mattering == 1 ? "s" : "");
}

/* Which terms were not moved, and what is known of them all the same. */
static void print_terms_left(FILE *out, const struct result *result)
{
	double most = 0, share;

	for (size_t i = 0; i < result->assumption_count; i++)
		if (!result->assumptions[i].moved)
			most = fmax(most, result->assumptions[i].at_stake);
	share = 100 * most / result->metrics[result->answer].mean.value;
	fprintf(out,
		"  Not moved: %zu price%s. Across its range none changes what an operation is "
		"charged by more than ",
		result->study.terms_left, result->study.terms_left == 1 ? "" : "s");
	fprintf(out, share < 1 ? "%.2g" : "%.0f", share);
	fputs(" % of the answer; what others wait for that comes on top.\n", out);
}

/* What was not run, or less often, for what it would cost; and how to have it. */
static void print_left_out(FILE *out, const struct result *result)
{
	const struct result_study *study = &result->study;

	if (study->terms_left)
		print_terms_left(out, result);
	if (study->steps_left)
		fprintf(out, "  Not made free: %zu step%s of 5 %% of the answer or more.\n",
			study->steps_left, study->steps_left == 1 ? "" : "s");
	if (study->replications < study->usual)
		fprintf(out, "  Each run with other costs was of %llu replication%s, not %llu.\n",
			(unsigned long long)study->replications,
			study->replications == 1 ? "" : "s", (unsigned long long)study->usual);
	if (study->terms_left || study->steps_left || study->slow_left ||
	    study->replications < study->usual)
		fputs("  The scenario is large; --study full does all of it.\n", out);
}

static void print_together(FILE *out, const struct result *result)
{
	if (result->answer_low.exists && result->answer_high.exists)
		fprintf(out,
			"  With all of them at their low or their high end the answer is %s.\n",
			RANGE(UNIT_NANOSECONDS, result->answer_low.value,
			      result->answer_high.value));
	else
		fprintf(out, "  With all of them at one end: %s.\n",
			result->answer_low.exists ? result->answer_high.reason
						  : result->answer_low.reason);
}

/* Of guests: what is the host's says so by its name. */
static bool several_groups(const struct result *result)
{
	const char *first = NULL;

	for (size_t i = 0; i < result->assumption_count; i++) {
		const char *group = result->assumptions[i].group;

		if (strcmp(group, "host") == 0)
			continue;
		if (first && strcmp(group, first) != 0)
			return true;
		first = group;
	}
	return false;
}

void text_assumptions(FILE *out, const struct result *result)
{
	size_t count = result->assumption_count, mattering = 0;
	bool with_group = several_groups(result);

	for (size_t i = 0; i < count; i++)
		mattering += result->assumptions[i].mattered;
	if (count)
		print_counts(out, result, mattering);
	else
		fputs("\nPrices: none of those that are charged has a range.\n", out);
	for (size_t i = 0; i < count; i++)
		if (result->assumptions[i].mattered)
			print_assumption(out, &result->assumptions[i], with_group);
	if (result->study.asked != STUDY_NONE)
		print_left_out(out, result);
	if (!count)
		return;
	print_caveat(out, result);
	print_bands(out, result);
	if (result->study.asked != STUDY_NONE)
		print_together(out, result);
}
