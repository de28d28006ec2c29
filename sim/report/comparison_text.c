/* A comparison for people: which, by how much, why, and what it costs elsewhere. */

#include <math.h>
#include <string.h>

#include "report/comparison_formats.h"
#include "report/output.h"
#include "report/text_tools.h"

enum { PARTS_MOST = 3, VALUE_WIDTH = 13, LABEL_LEAST = 10, LABEL_MOST = 28 };

static const double least_part = 0.02; /* of the difference: smaller steps are not told */

static int label_width(const struct comparison *comparison)
{
	size_t width = LABEL_LEAST;

	for (size_t i = 0; i < comparison->design_count; i++)
		if (strlen(comparison->designs[i].label) > width)
			width = strlen(comparison->designs[i].label);
	return (int)(width < LABEL_MOST ? width : LABEL_MOST);
}

static void print_cell(FILE *out, enum unit unit, struct maybe value, int width)
{
	if (value.exists)
		print_value_in(out, unit, value.value, width);
	else
		fprintf(out, "%*s", width, "-");
}

/* "-26.28 s +- 1.2 ms" */
static void print_difference(FILE *out, const struct comparison *comparison,
			     const struct comparison_design *design)
{
	print_cell(out, comparison->unit, design->difference, VALUE_WIDTH);
	if (design->difference_low.exists && design->difference_high.exists) {
		fputs(" +-", out);
		print_value_in(out, comparison->unit,
			       (design->difference_high.value - design->difference_low.value) / 2,
			       10);
	} else {
		fprintf(out, "%13s", "");
	}
}

static void print_ratio(FILE *out, const struct comparison_design *design)
{
	double ratio = design->ratio.value;

	if (!design->ratio.exists || ratio <= 0)
		return;
	if (fabs(ratio - 1) < 0.0005)
		fputs("   the same", out);
	else
		fprintf(out, "   %.3g x %s", ratio < 1 ? 1 / ratio : ratio,
			ratio < 1 ? "shorter" : "longer");
}

static void print_design(FILE *out, const struct comparison *comparison, size_t index, int width)
{
	const struct comparison_design *design = &comparison->designs[index];
	const struct result_metric *metric = comparison_metric(design);

	fputs("  ", out);
	print_text_in(out, design->label, width);
	if (!metric) {
		fputs("  not observed: no operation ended in time\n", out);
		return;
	}
	print_cell(out, comparison->unit, metric->mean, VALUE_WIDTH);
	print_cell(out, comparison->unit, metric->p50, VALUE_WIDTH);
	print_cell(out, comparison->unit, metric->p99, VALUE_WIDTH);
	if (index == comparison->baseline) {
		fprintf(out, "%*s", VALUE_WIDTH, "baseline");
	} else {
		print_difference(out, comparison, design);
		print_ratio(out, design);
	}
	fputc('\n', out);
}

static void print_why(FILE *out, const struct comparison *comparison, int width)
{
	bool any = false;

	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		struct comparison_part parts[PARTS_MOST];
		size_t count;

		if (i == comparison->baseline || !design->difference.exists)
			continue;
		count = comparison_parts(comparison, design, parts, PARTS_MOST);
		for (size_t p = 0; p < count; p++) {
			if (p && fabs(parts[p].difference) < least_part * fabs(parts[0].difference))
				break;
			if (!any) {
				fputs("\nWhere the difference to ", out);
				print_text(out, comparison->designs[comparison->baseline].label);
				fputs(" comes from\n", out);
			}
			any = true;
			fputs("  ", out);
			print_text_in(out, p ? "" : design->label, width);
			print_value_in(out, UNIT_NANOSECONDS, parts[p].difference, VALUE_WIDTH);
			fputs("  ", out);
			print_text_in(out, parts[p].step, 36);
			fputs("  ", out);
			print_text(out, parts[p].where);
			fputc('\n', out);
		}
	}
}

static void print_beside(FILE *out, const struct comparison *comparison, int width)
{
	fprintf(out, "\n%-*s", width + 2, "Beside it");
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, "%15s", metric_kinds[comparison_beside[m]].title);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];

		fputs("  ", out);
		print_text_in(out, design->label, width);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			print_cell(out, metric_kinds[comparison_beside[m]].unit,
				   comparison_also(design, comparison_beside[m]), 15);
		fputc('\n', out);
	}
}

/* Does the order of designs survive the ranges of the assumed costs? */
static void print_costs(FILE *out, const struct comparison *comparison, int width)
{
	bool any = false;

	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];

		if (!design->at_low_costs.exists || !design->at_high_costs.exists)
			continue;
		if (!any)
			fputs("\nThe difference with all assumed costs at their low .. high ends\n",
			      out);
		any = true;
		fputs("  ", out);
		print_text_in(out, design->label, width);
		print_value_in(out, comparison->unit, design->at_low_costs.value, VALUE_WIDTH);
		fputs(" .. ", out);
		print_value(out, comparison->unit, design->at_high_costs.value);
		if (design->at_low_costs.value * design->at_high_costs.value < 0)
			fputs("   the order depends on them", out);
		fputc('\n', out);
	}
}

static void print_pairing(FILE *out, const struct comparison *comparison)
{
	double least = 1, most = 0;

	for (size_t i = 0; i < comparison->design_count; i++) {
		if (!comparison->designs[i].variance_saved.exists)
			continue;
		least = fmin(least, comparison->designs[i].variance_saved.value);
		most = fmax(most, comparison->designs[i].variance_saved.value);
	}
	if (most < least)
		return;
	fprintf(out, "\nCommon random numbers saved %.4g", 100 * least);
	if (most - least > 0.0005)
		fprintf(out, " to %.4g", 100 * most);
	fputs(" % of the variance of the differences.\n", out);
}

static void print_provenance(FILE *out, const struct comparison *comparison)
{
	const struct result *result = &comparison->designs[comparison->baseline].result;

	fputs("\nsim ", out);
	print_text(out, result->version);
	fputs(", scenario \"", out);
	print_text(out, result->scenario);
	fprintf(out, "\", seed %llu, %llu replications of each design (%s)\n",
		(unsigned long long)result->seed, (unsigned long long)result->replications,
		result->stopping);
}

bool comparison_write_text(const struct comparison *comparison, FILE *out, struct error *error)
{
	int width = label_width(comparison);

	print_text(out, comparison->metric_name);
	fputs(" by ", out);
	print_text(out, comparison->over);
	fputs(comparison->paired ? ", under common random numbers" : ", independent results", out);
	fprintf(out, "\n\n  %-*s%*s%*s%*s%*s  (95 %% confidence)\n", width, "design", VALUE_WIDTH,
		"mean", VALUE_WIDTH, "p50", VALUE_WIDTH, "p99", VALUE_WIDTH, "difference");
	for (size_t i = 0; i < comparison->design_count; i++)
		print_design(out, comparison, i, width);
	print_why(out, comparison, width);
	print_beside(out, comparison, width);
	print_costs(out, comparison, width);
	print_pairing(out, comparison);
	print_provenance(out, comparison);
	return report_check(out, error);
}
