/* What the result is judged by, and what it rests on: objectives and assumptions. */

#include <math.h>
#include <string.h>

#include "report/text_parts.h"
#include "report/text_tools.h"

void text_objectives(FILE *out, const struct result *result)
{
	if (!result->objective_count)
		return;
	fputs("\nObjectives\n", out);
	for (size_t i = 0; i < result->objective_count; i++) {
		const struct result_objective *objective = &result->objectives[i];

		fprintf(out, "  %-6s ", objective->met ? "met" : "MISSED");
		print_text(out, objective->metric);
		fputs(" of ", out);
		print_text(out, objective->group);
		if (objective->quantile < 0)
			fputs(", mean: ", out);
		else
			fprintf(out, ", p%g: ", 100 * objective->quantile);
		if (objective->value.exists)
			print_value(out, objective->unit, objective->value.value);
		else
			fputs(objective->value.reason, out);
		fputs(", at most ", out);
		print_value(out, objective->unit, objective->at_most);
		fputc('\n', out);
	}
}

static void print_assumption(FILE *out, const struct result_assumption *item, bool with_group)
{
	fputs("  ", out);
	print_text_in(out, item->term, 28);
	print_value_in(out, UNIT_NANOSECONDS, item->mean_ns, 10);
	print_value_in(out, UNIT_NANOSECONDS, item->low_ns, 12);
	fputs(" .. ", out);
	print_value_in(out, UNIT_NANOSECONDS, item->high_ns, -10);
	if (isfinite(item->answer_low) && isfinite(item->answer_high)) {
		print_value_in(out, UNIT_NANOSECONDS, item->answer_low, 11);
		fputs(" .. ", out);
		print_value(out, UNIT_NANOSECONDS, item->answer_high);
	} else {
		fputs("  does not end in time at one end", out);
	}
	if (with_group) {
		fputs("   of ", out);
		print_text(out, item->group);
	}
	fputc('\n', out);
}

static void print_caveat(FILE *out, const struct result *result)
{
	if (!result->caveat)
		return;
	fputs("  ", out);
	print_text(out, result->caveat);
	if (result->caveat_low.exists && result->caveat_high.exists) {
		fputs("\n  Their ranges alone give ", out);
		print_range(out, UNIT_NANOSECONDS, result->caveat_low.value,
			    result->caveat_high.value);
		fputc('.', out);
	}
	fputc('\n', out);
}

/* The two bands side by side: what more replications narrow, and what only measuring does. */
static void print_bands(FILE *out, const struct result *result)
{
	const struct result_uncertainty *uncertainty = &result->uncertainty;
	const struct result_metric *metric = &result->metrics[result->answer];

	if (!uncertainty->draws)
		return;
	fputs("  Sampling noise, costs as given:   ", out);
	if (metric->ci_low.exists && metric->ci_high.exists)
		print_range(out, metric->unit, metric->ci_low.value, metric->ci_high.value);
	else
		fputs("none", out);
	fputs("  (95 % confidence of the mean)\n  Costs within their ranges:        ", out);
	if (uncertainty->low.exists && uncertainty->high.exists)
		print_range(out, metric->unit, uncertainty->low.value, uncertainty->high.value);
	else
		fputs("no upper end: the operation does not always end in time", out);
	fprintf(out, "  (95 %% of %llu draws of %llu costs", (unsigned long long)uncertainty->draws,
		(unsigned long long)uncertainty->terms);
	if (uncertainty->median.exists) {
		fputs("; median ", out);
		print_value(out, metric->unit, uncertainty->median.value);
	}
	fputs(")\n", out);
}

void text_assumptions(FILE *out, const struct result *result)
{
	size_t count = result->assumption_count, mattering = 0;
	bool with_group = false;

	for (size_t i = 0; i < count; i++) {
		mattering += result->assumptions[i].mattered;
		with_group |=
			strcmp(result->assumptions[i].group, result->assumptions[0].group) != 0;
	}
	if (result->not_studied) {
		fputs("\nAssumed costs were not varied here; sim sensitivity does it.\n", out);
		return;
	}
	if (!count) {
		fputs("\nAssumptions: no cost term of this scenario is assumed or derived.\n", out);
		return;
	}
	fprintf(out,
		"\nAssumptions: %zu cost term%s assumed or derived, not measured or published; ",
		count, count == 1 ? " is" : "s are");
	if (!mattering)
		fputs("none moves the answer by 1 %.\n", out);
	else
		fprintf(out,
			"%zu move%s the answer by 1 %% or more.\n"
			"  %-28s%10s%16s%-10s%15s\n",
			mattering, mattering == 1 ? "s" : "", "term", "value", "low .. ", "high",
			"answer");
	for (size_t i = 0; i < count; i++)
		if (result->assumptions[i].mattered)
			print_assumption(out, &result->assumptions[i], with_group);
	print_caveat(out, result);
	print_bands(out, result);
	if (result->answer_low.exists && result->answer_high.exists) {
		fputs("  With all of them at their low or their high end the answer is ", out);
		print_range(out, UNIT_NANOSECONDS, result->answer_low.value,
			    result->answer_high.value);
		fputs(".\n", out);
	} else {
		fprintf(out, "  With all of them at one end: %s.\n",
			result->answer_low.exists ? result->answer_high.reason
						  : result->answer_low.reason);
	}
}
