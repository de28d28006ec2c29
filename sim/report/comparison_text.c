/* A comparison for people: which, by how much, why, and what it costs elsewhere. */

#include <math.h>
#include <string.h>

#include "report/comparison.h"
#include "report/output.h"
#include "report/text_tools.h"

enum { PARTS_MOST = 3, VALUE_WIDTH = 13, BAND_WIDTH = 26, LABEL_LEAST = 10, LABEL_MOST = 28 };

static const double least_part = 0.02; /* of the difference: smaller steps are not told */

static int label_width(const struct comparison *comparison)
{
	size_t width = LABEL_LEAST;

	for (size_t i = 0; i < comparison->design_count; i++)
		if (strlen(comparison->designs[i].label) > width)
			width = strlen(comparison->designs[i].label);
	return (int)(width < LABEL_MOST ? width : LABEL_MOST);
}

/* "-26.28 s +- 1.2 ms" */
static void print_difference(FILE *out, const struct comparison *comparison,
			     const struct comparison_design *design)
{
	double width = design->difference_high.value - design->difference_low.value;

	fputs(MAYBE_IN(comparison->unit, design->difference, VALUE_WIDTH, "-"), out);
	if (design->difference_low.exists && design->difference_high.exists)
		fprintf(out, " +-%s", VALUE_IN(comparison->unit, width / 2, 10));
	else
		fprintf(out, "%13s", "");
}

/* How much more or less, where that is sure; of times: longer or shorter. */
static void print_ratio(FILE *out, enum unit unit, const struct comparison_design *design)
{
	const struct maybe *low = &design->difference_low, *high = &design->difference_high;
	bool time = unit == UNIT_NANOSECONDS, less = design->ratio.value < 1;
	const char *word = less ? time ? "shorter" : "less" : time ? "longer" : "more";
	double ratio = design->ratio.value;

	if (design->difference.exists && design->difference.value == 0)
		fputs("   the same", out);
	else if (low->exists && high->exists && low->value <= 0 && high->value >= 0)
		fputs("   no sure difference", out);
	else if (!design->ratio.exists || ratio <= 0)
		return;
	else if (fabs(ratio - 1) < 0.1)
		fprintf(out, "   %.2g %% %s", 100 * fabs(ratio - 1), word);
	else
		fprintf(out, "   %.3g x %s", less ? 1 / ratio : ratio, word);
}

static void print_design(FILE *out, const struct comparison *comparison, size_t index, int width)
{
	const struct comparison_design *design = &comparison->designs[index];
	const struct result_metric *metric = comparison_metric(design);

	fprintf(out, "  %s", TEXT_IN(design->label, width));
	if (!metric) {
		fputs("  not observed: no operation ended in time\n", out);
		return;
	}
	fprintf(out, "%s%s%s", MAYBE_IN(comparison->unit, metric->mean, VALUE_WIDTH, "-"),
		MAYBE_IN(comparison->unit, metric->p50, VALUE_WIDTH, "-"),
		MAYBE_IN(comparison->unit, metric->p99, VALUE_WIDTH, "-"));
	if (index == comparison->baseline) {
		fprintf(out, "%*s", VALUE_WIDTH, "baseline");
	} else {
		print_difference(out, comparison, design);
		print_ratio(out, comparison->unit, design);
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
			if (!any)
				print_visible(out, "\nWhere the difference to %s comes from\n",
					      comparison->designs[comparison->baseline].label);
			any = true;
			print_visible(out, "  %s%s  %s  %s\n",
				      TEXT_IN(p ? "" : design->label, width),
				      VALUE_IN(UNIT_NANOSECONDS, parts[p].difference, VALUE_WIDTH),
				      TEXT_IN(parts[p].step, 36), parts[p].where);
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

		fprintf(out, "  %s", TEXT_IN(design->label, width));
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			fputs(MAYBE_IN(metric_kinds[comparison_beside[m]].unit,
				       comparison_also(design, comparison_beside[m]), 15, "-"),
			      out);
		fputc('\n', out);
	}
}

static const char *on_platform(const struct comparison_design *design)
{
	return design->result.platform ? design->result.platform : "no platform named";
}

/* Bands of all designs that have one were found in the same way, on the same platform. */
static bool bands_alike(const struct comparison *comparison)
{
	const struct comparison_design *first = NULL;

	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];

		if (design->band.by == BAND_OF_NOTHING)
			continue;
		if (!first)
			first = design;
		if (design->band.by != first->band.by || design->band.draws != first->band.draws ||
		    strcmp(on_platform(design), on_platform(first)) != 0)
			return false;
	}
	return first != NULL;
}

static void print_how(FILE *out, const struct comparison_design *design, bool same)
{
	if (design->band.by == BAND_OF_DRAWS)
		print_visible(out, "%s%s (95 %% of %llu draws%s)",
			      design->result.platform ? "on " : "", on_platform(design),
			      (unsigned long long)design->band.draws,
			      same ? ", the same for all" : "");
	else
		print_visible(out, "%s%s (all of them at either end)",
			      design->result.platform ? "on " : "", on_platform(design));
}

/* What the ranges of prices do, and whether the order of designs survives them. */
static void print_bands(FILE *out, const struct comparison *comparison, int width)
{
	bool alike = bands_alike(comparison), any = false;

	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		const struct result_uncertainty *apart = &design->difference_band;

		if (design->band.by == BAND_OF_NOTHING)
			continue;
		if (!any) {
			fputs("\nAcross the ranges of prices", out);
			if (alike) {
				fputs(", ", out);
				print_how(out, design, comparison->paired);
			}
			fputc('\n', out);
		}
		any = true;
		fprintf(out, "  %s%*s", TEXT_IN(design->label, width), BAND_WIDTH,
			INTERVAL(comparison->unit, design->band.low, design->band.high,
				 "no upper end"));
		if (!alike) {
			fputs("   ", out);
			print_how(out, design, false);
		}
		if (apart->by != BAND_OF_NOTHING)
			fprintf(out, "   difference %s%s",
				INTERVAL(comparison->unit, apart->low, apart->high, "open"),
				apart->low.value * apart->high.value < 0
					? "   the order depends on them"
					: "");
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

static bool some_paired(const struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->design_count; i++)
		if (comparison->designs[i].variance_saved.exists)
			return true;
	return false;
}

bool comparison_write_text(const void *what, FILE *out, struct error *error)
{
	const struct comparison *comparison = what;
	const struct result *result = &comparison->designs[comparison->baseline].result;
	int width = label_width(comparison);

	print_visible(out, "%s by %s%s\n\n", comparison->metric_name, comparison->over,
		      comparison->paired ? ", under common random numbers"
		      : some_paired(comparison)
			      ? ", under common random numbers where seeds are the same"
			      : ", independent results");
	fprintf(out, "  %-*s%*s%*s%*s%*s  (95 %% confidence)\n", width, "design", VALUE_WIDTH,
		"mean", VALUE_WIDTH, "p50", VALUE_WIDTH, "p99", VALUE_WIDTH, "difference");
	for (size_t i = 0; i < comparison->design_count; i++)
		print_design(out, comparison, i, width);
	print_bands(out, comparison, width);
	print_why(out, comparison, width);
	print_beside(out, comparison, width);
	print_pairing(out, comparison);
	print_visible(
		out,
		"\nsim %s, scenario \"%s\", seed %llu, %llu replications of each design (%s)\n",
		result->version, result->scenario, (unsigned long long)result->seed,
		(unsigned long long)result->replications, result->stopping);
	return report_check(out, error);
}
