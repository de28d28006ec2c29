/* Measurements explained, for people. */

#include <math.h>
#include <string.h>

#include "base/layout.h"
#include "report/explanation.h"
#include "report/output.h"
#include "report/text_tools.h"

enum { CANDIDATES_SHOWN = 8 };

/* --- what was measured ----------------------------------------------------------------- */

static bool is_alone(const struct explanation *explanation)
{
	return explanation->measurement_count == 1;
}

static void print_measurements(FILE *out, const struct explanation *explanation)
{
	bool estimated = explanation->estimate_count > 0;

	fprintf(out, "\nMeasured\t\t\tpredicted%s\n", estimated ? "\testimated\toff by" : "");
	for (size_t i = 0; i < explanation->measurement_count; i++) {
		const struct explanation_measurement *row = &explanation->measurements[i];

		print_visible(out, "  %s\t", row->metric);
		print_visible(out, "%s\t", row->label);
		fprintf(out, "%s\t%s", VALUE(row->unit, row->value), VALUE(row->unit, row->before));
		if (estimated)
			fprintf(out, "\t%s\t%.1f sd", VALUE(row->unit, row->after), row->apart);
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

	fprintf(out, "\nWith prices as they are\n  strategy\t%s\n",
		alone ? "predicted\tall prices low .. high" : "off by");
	for (size_t i = 0; i < explanation->strategy_count; i++) {
		const struct explanation_strategy *row = &explanation->strategies[i];

		print_visible(out, "  %s\t", row->name);
		if (row->problem) {
			print_visible(out, "-\t\tpredicts nothing: %s\n", row->problem);
			continue;
		}
		if (alone)
			fprintf(out, "%s\t%s", VALUE(unit_of(explanation), row->predicted),
				INTERVAL(unit_of(explanation), row->low, row->high, "-"));
		else
			fprintf(out, "%.3g sd\t", sqrt(row->misfit / count));
		fprintf(out, "\t%s%s%s\n", row->own ? "the scenario's" : "",
			row->own && row->fits ? ", " : "", row->fits ? "explains it" : "");
	}
}

static void print_candidate(FILE *out, const struct explanation_candidate *row)
{
	print_visible(out, "  %s\t", row->strategy);
	print_visible(out, "%s\t", row->term);
	fprintf(out, "%s\t%.3g x\t", VALUE(UNIT_NANOSECONDS, row->needed),
		row->needed / row->value);
	if (row->share <= 1)
		fprintf(out, "%.0f %% of the way\t", 100 * row->share);
	else
		fputs("beyond its range\t", out);
	print_visible(out, "%s%s%s\n", RANGE(UNIT_NANOSECONDS, row->low, row->high),
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
	fputs("\nTo tell these apart, measure\n  \t", out);
	for (size_t e = 0; e < explanation->experiment_count; e++)
		fprintf(out, "\t%c", (int)('A' + e));
	fputc('\n', out);
	for (size_t c = 0; c < explanation->compared_count; c++) {
		size_t which = explanation->compared[c];
		bool strategy = which >= COMPARED_STRATEGY;

		print_visible(out, "  %s\t",
			      strategy ? explanation->strategies[which - COMPARED_STRATEGY].name
				       : explanation->candidates[which].strategy);
		print_visible(out, "%s", strategy ? "" : explanation->candidates[which].term);
		for (size_t e = 0; e < explanation->experiment_count; e++)
			fprintf(out, "\t%s",
				MAYBE(explanation->experiments[e].unit,
				      explanation->experiments[e].predicted[c], "-"));
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
	print_visible(out, "  %s\t", row->term);
	if (row->told)
		fprintf(out, "%s\t%s", VALUE(UNIT_NANOSECONDS, row->estimate),
			RANGE(UNIT_NANOSECONDS, row->ci_low, row->ci_high));
	else
		fputs("not told\tno narrower than its range", out);
	fprintf(out, "\t%s\t%s%s\n", VALUE(UNIT_NANOSECONDS, row->value),
		RANGE(UNIT_NANOSECONDS, row->low, row->high),
		row->told && row->outside ? "\toutside of its range" : "");
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
		fputs(row->sum.exists ? ". Known is only " : ".", out);
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
		fprintf(out, "  %s\t%+.1f\t%s\n", explanation->pulls[i].term,
			explanation->pulls[i].deviations,
			explanation->pulls[i].deviations > 0 ? "dearer" : "cheaper");
}

static void print_whole_estimate(FILE *out, const struct explanation *explanation)
{
	if (explanation->no_estimate) {
		print_visible(out, "\nNo estimate: %s.\n", explanation->no_estimate);
		return;
	}
	fputs("\nPrices that give all of them\n"
	      "  price\testimate\t95 % confidence\tbefore\trange\n",
	      out);
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

static void print_explanation(FILE *out, const struct explanation *explanation)
{
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
}

bool explanation_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_explanation(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}
