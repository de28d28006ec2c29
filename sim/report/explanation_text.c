/* Measurements explained, for people. */

#include <math.h>
#include <string.h>

#include "report/explanation.h"
#include "report/output.h"
#include "report/text_tools.h"

enum { TERM_WIDTH = 24, VALUE_WIDTH = 13, NAME_WIDTH = 16, HEAD_WIDTH = 26, CANDIDATES_SHOWN = 8 };

/* --- what was measured ----------------------------------------------------------------- */

static bool is_alone(const struct explanation *explanation)
{
	return explanation->measurement_count == 1;
}

static void print_measurements(FILE *out, const struct explanation *explanation)
{
	bool estimated = explanation->estimate_count > 0;

	fprintf(out, "\n%-*s%*s%*s%*s%s\n", TERM_WIDTH + NAME_WIDTH + 2, "Measured", VALUE_WIDTH,
		"", VALUE_WIDTH, "predicted", VALUE_WIDTH, estimated ? "estimated" : "",
		estimated ? "  off by" : "");
	for (size_t i = 0; i < explanation->measurement_count; i++) {
		const struct explanation_measurement *row = &explanation->measurements[i];

		fprintf(out, "  %s%s%s%s", TEXT_IN(row->metric, TERM_WIDTH),
			TEXT_IN(row->label, NAME_WIDTH),
			VALUE_IN(row->unit, row->value, VALUE_WIDTH),
			VALUE_IN(row->unit, row->before, VALUE_WIDTH));
		if (estimated)
			fprintf(out, "%s%6.1f sd", VALUE_IN(row->unit, row->after, VALUE_WIDTH),
				row->apart);
		fputc('\n', out);
	}
}

/* --- strategies and prices ----------------------------------------------------------------- */

static enum unit unit_of(const struct explanation *explanation)
{
	return explanation->measurements[0].unit;
}

static void print_strategies(FILE *out, const struct explanation *explanation)
{
	bool alone = is_alone(explanation);
	double count = (double)explanation->measurement_count;

	fprintf(out, "\n%-*s%*s%s\n", HEAD_WIDTH, "With prices as they are", VALUE_WIDTH,
		alone ? "predicted" : "off by", alone ? "   all prices low .. high" : "");
	for (size_t i = 0; i < explanation->strategy_count; i++) {
		const struct explanation_strategy *row = &explanation->strategies[i];

		fprintf(out, "  %s", TEXT_IN(row->name, HEAD_WIDTH - 2));
		if (row->problem) {
			print_visible(out, "   predicts nothing: %s\n", row->problem);
			continue;
		}
		if (alone)
			fprintf(out, "%s   %*s",
				VALUE_IN(unit_of(explanation), row->predicted, VALUE_WIDTH),
				row->own || row->fits ? -24 : 0,
				INTERVAL(unit_of(explanation), row->low, row->high, "-"));
		else
			fprintf(out, "%*.3g sd", VALUE_WIDTH - 3, sqrt(row->misfit / count));
		fprintf(out, "%s%s\n", row->own ? "   the scenario's" : "",
			row->fits ? "   explains it" : "");
	}
}

static void print_candidate(FILE *out, const struct explanation_candidate *row)
{
	fprintf(out, "  %s%s%s  %9.3g x", TEXT_IN(row->strategy, NAME_WIDTH),
		TEXT_IN(row->term, TERM_WIDTH),
		VALUE_IN(UNIT_NANOSECONDS, row->needed, VALUE_WIDTH), row->needed / row->value);
	if (row->share <= 1)
		fprintf(out, "  %3.0f %% of the way", 100 * row->share);
	else
		fputs("  beyond its range", out);
	print_visible(out, ", %s%s%s\n", RANGE(UNIT_NANOSECONDS, row->low, row->high),
		      *row->alike ? "; the same of " : "", row->alike);
}

static bool any_fits(const struct explanation *explanation)
{
	for (size_t i = 0; i < explanation->strategy_count; i++)
		if (!explanation->strategies[i].problem && explanation->strategies[i].fits)
			return true;
	for (size_t i = 0; i < explanation->candidate_count; i++)
		if (explanation->candidates[i].fits && explanation->candidates[i].share <= 1)
			return true;
	return false;
}

/* Not even all prices together reach it, in any strategy. */
static void print_out_of_reach(FILE *out, const struct explanation *explanation)
{
	double value = explanation->measurements[0].value, nearest = NAN;
	const char *strategy = NULL;

	for (size_t i = 0; i < explanation->strategy_count; i++) {
		const struct explanation_strategy *row = &explanation->strategies[i];
		double low = fmin(row->low.value, row->high.value);
		double high = fmax(row->low.value, row->high.value), end;

		if (row->problem)
			continue;
		if (value >= low && value <= high) {
			fputs("\nNo price alone explains it within its range; several together "
			      "can.\n",
			      out);
			return;
		}
		end = value < low ? low : high;
		if (!(fabs(end - value) >= fabs(nearest - value))) {
			nearest = end;
			strategy = row->name;
		}
	}
	if (!strategy)
		return;
	print_visible(out,
		      "\nIt is outside of all that the ranges give: the nearest is %s, with every "
		      "price of %s at one end.\n",
		      VALUE(unit_of(explanation), nearest), strategy);
	fputs("A range is wrong, or what happened is not in the scenario.\n", out);
}

static void print_candidates(FILE *out, const struct explanation *explanation)
{
	size_t shown = 0;

	for (size_t i = 0; i < explanation->candidate_count && shown < CANDIDATES_SHOWN; i++) {
		const struct explanation_candidate *row = &explanation->candidates[i];

		if (!row->fits)
			continue;
		if (!shown++)
			fputs("\nWith one price moved, the least first: to what, by how much, how "
			      "far to "
			      "the end of its range\n",
			      out);
		print_candidate(out, row);
	}
	if (!any_fits(explanation) && is_alone(explanation))
		print_out_of_reach(out, explanation);
	else if (!shown && !any_fits(explanation))
		fputs("\nNeither a strategy nor a single price explains all of them.\n", out);
}

/* --- what tells them apart ------------------------------------------------------------------- */

static void print_experiments(FILE *out, const struct explanation *explanation)
{
	size_t pairs = explanation->compared_count * (explanation->compared_count - 1) / 2;

	if (explanation->compared_count < 2)
		return;
	if (!explanation->experiment_count) {
		fputs("\nNothing else that the scenario predicts would tell these apart.\n", out);
		return;
	}
	fprintf(out, "\n%-*s", 2 * NAME_WIDTH + 4, "To tell these apart, measure");
	for (size_t e = 0; e < explanation->experiment_count; e++)
		fprintf(out, "%*c", VALUE_WIDTH, (int)('A' + e));
	fputc('\n', out);
	for (size_t c = 0; c < explanation->compared_count; c++) {
		size_t which = explanation->compared[c];
		bool strategy = which >= COMPARED_STRATEGY;

		fprintf(out, "  %s%s",
			TEXT_IN(strategy ? explanation->strategies[which - COMPARED_STRATEGY].name
					 : explanation->candidates[which].strategy,
				NAME_WIDTH),
			TEXT_IN(strategy ? "" : explanation->candidates[which].term,
				NAME_WIDTH + 2));
		for (size_t e = 0; e < explanation->experiment_count; e++)
			fputs(MAYBE_IN(explanation->experiments[e].unit,
				       explanation->experiments[e].predicted[c], VALUE_WIDTH, "-"),
			      out);
		fputc('\n', out);
	}
	for (size_t e = 0; e < explanation->experiment_count; e++) {
		const struct explanation_experiment *row = &explanation->experiments[e];

		print_visible(out, "  %c: %s, +-%s; tells %zu of %zu pairs apart\n", (int)('A' + e),
			      row->what, VALUE(row->unit, row->noise), row->pairs, pairs);
	}
}

/* --- the estimate --------------------------------------------------------------------------------- */

static void print_estimate(FILE *out, const struct explanation_estimate *row)
{
	fprintf(out, "  %s", TEXT_IN(row->term, TERM_WIDTH));
	if (row->told)
		fprintf(out, "%s  %-26s", VALUE_IN(UNIT_NANOSECONDS, row->estimate, VALUE_WIDTH),
			RANGE(UNIT_NANOSECONDS, row->ci_low, row->ci_high));
	else
		fprintf(out, "%*s  %-26s", VALUE_WIDTH, "not told", "no narrower than its range");
	fprintf(out, "%s  %s%s\n", VALUE_IN(UNIT_NANOSECONDS, row->value, VALUE_WIDTH),
		RANGE(UNIT_NANOSECONDS, row->low, row->high),
		row->told && row->outside ? "  outside of its range" : "");
}

static void print_confusion(FILE *out, const struct explanation_confusion *row)
{
	if (row->count == 1) {
		print_visible(out, "\nThe measurements say nothing of %s.", row->terms[0]);
	} else {
		fputs("\nCannot be told apart: ", out);
		for (size_t i = 0; i < row->count; i++)
			print_visible(out, "%s%s",
				      !i                   ? ""
				      : i + 1 < row->count ? ", "
							   : " and ",
				      row->terms[i]);
		fputs(row->sum.exists ? ". Known is only\n  " : ".", out);
		for (size_t i = 0; row->sum.exists && i < row->count; i++) {
			fputs(i ? " + " : "", out);
			if (fabs(row->factors[i] - 1) > 0.005)
				fprintf(out, "%.3g ", row->factors[i]);
			print_visible(out, "%s", row->terms[i]);
		}
		if (row->sum.exists)
			fprintf(out, " = %s (95 %% confidence %s).",
				VALUE(UNIT_NANOSECONDS, row->sum.value),
				RANGE(UNIT_NANOSECONDS, row->sum_low.value, row->sum_high.value));
	}
	fputc('\n', out);
	if (row->remedy)
		print_visible(out, "  A measurement of %s would tell.\n", row->remedy);
	else
		fputs("  Nothing else that the scenario predicts would tell; measure one of them "
		      "by itself (sim fit).\n",
		      out);
}

static void print_pulls(FILE *out, const struct explanation *explanation)
{
	if (!explanation->pull_count)
		return;
	fputs("\nWhat is left would be explained by other prices, by how much of what their ranges "
	      "allow (1: one standard deviation)\n",
	      out);
	for (size_t i = 0; i < explanation->pull_count; i++)
		fprintf(out, "  %s%+.1f, %s\n", TEXT_IN(explanation->pulls[i].term, TERM_WIDTH),
			explanation->pulls[i].deviations,
			explanation->pulls[i].deviations > 0 ? "dearer" : "cheaper");
}

static void print_whole_estimate(FILE *out, const struct explanation *explanation)
{
	if (explanation->no_estimate) {
		print_visible(out, "\nNo estimate: %s.\n", explanation->no_estimate);
		return;
	}
	fprintf(out, "\n%-*s%*s  %-26s%*s  %s\n", TERM_WIDTH + 2, "Prices that give all of them",
		VALUE_WIDTH - 2, "estimate", "95 % confidence", VALUE_WIDTH, "before", "range");
	for (size_t i = 0; i < explanation->estimate_count; i++)
		print_estimate(out, &explanation->estimates[i]);
	for (size_t i = 0; i < explanation->correlation_count; i++)
		print_visible(out, "  correlation of %s and %s: %+.2f\n",
			      explanation->correlations[i].a, explanation->correlations[i].b,
			      explanation->correlations[i].value);
	fprintf(out, "  Other prices %s. ",
		explanation->others_fixed
			? "are as the scenario has them (--others ranged: anywhere in their ranges)"
			: "may lie anywhere in their ranges (--others fixed: as the scenario has "
			  "them)");
	if (explanation->freedom)
		fprintf(out, "Chi-squared %.3g with %zu degree%s of freedom (p %.2g).",
			explanation->misfit, explanation->freedom,
			explanation->freedom == 1 ? "" : "s", explanation->probability);
	else
		fputs("As many prices as measurements: no judgement of the fit.", out);
	fputc('\n', out);
	if (explanation->widened > 1)
		fprintf(out,
			"  warning: a poor fit: the measurements are farther from the model than "
			"their noise; the intervals are %.3g times as wide for that\n",
			explanation->widened);
	for (size_t i = 0; i < explanation->confusion_count; i++)
		print_confusion(out, &explanation->confusions[i]);
	print_pulls(out, explanation);
}

bool explanation_write_text(const void *what, FILE *out, struct error *error)
{
	const struct explanation *explanation = what;
	const struct explanation_measurement *first = &explanation->measurements[0];

	if (is_alone(explanation))
		print_visible(out, "%s of %s was measured; the scenario as it is gives %s\n",
			      first->metric, VALUE(first->unit, first->value),
			      VALUE(first->unit, first->before));
	else
		print_visible(out, "%zu measurements of \"%s\"\n", explanation->measurement_count,
			      explanation->scenario);
	if (!is_alone(explanation) || explanation->estimate_count)
		print_measurements(out, explanation);
	print_strategies(out, explanation);
	print_candidates(out, explanation);
	print_experiments(out, explanation);
	print_whole_estimate(out, explanation);
	print_visible(out,
		      "\nsim %s, scenario \"%s\", seed %llu, %llu replications of each run, error "
		      "of measuring %.3g %%\n",
		      explanation->version, explanation->scenario,
		      (unsigned long long)explanation->seed,
		      (unsigned long long)explanation->replications, 100 * explanation->error);
	return report_check(out, error);
}
