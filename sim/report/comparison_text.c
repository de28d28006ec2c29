/* A comparison for people: which, by how much, why, and what it costs elsewhere. */

#include <math.h>
#include <string.h>

#include "base/layout.h"
#include "report/comparison.h"
#include "report/output.h"
#include "report/text_tools.h"

enum { PARTS_MOST = 3 };

static const double least_part = 0.02; /* of the difference: smaller steps are not told */

/* "4.32 x shorter", or in percent when it is less than a tenth; of what is no time: less, more. */
static void print_ratio(FILE *out, enum unit unit, double ratio)
{
	bool time = unit == UNIT_NANOSECONDS;
	double factor = ratio < 1 ? 1 / ratio : ratio;

	if (factor < 1.1)
		fprintf(out, "%.2g %%", 100 * (factor - 1));
	else
		fprintf(out, "%.3g x", factor);
	fputs(ratio < 1 ? time ? " shorter" : " less" : time ? " longer" : " more", out);
}

/* "-26.28 s", "+- 1.2 ms" and the ratio, each in a cell. */
static void print_difference(FILE *out, const struct comparison *comparison,
			     const struct comparison_design *design)
{
	const char *none = comparison_no_difference(comparison, design);
	double width = design->difference_high.value - design->difference_low.value;

	fputs(none ? "-" : MAYBE(comparison->unit, design->difference, "-"), out);
	if (design->difference_low.exists && design->difference_high.exists)
		fprintf(out, "\t+- %s\t", VALUE(comparison->unit, width / 2));
	else
		fputs("\t\t", out);
	if (none)
		fputs(none, out);
	else if (design->ratio.exists && design->ratio.value > 0)
		print_ratio(out, comparison->unit, design->ratio.value);
}

static void print_design(FILE *out, const struct comparison *comparison, size_t index)
{
	const struct comparison_design *design = &comparison->designs[index];
	const struct result_metric *metric = comparison_metric(design);

	print_visible(out, "  %s\t", design->label);
	if (!metric) {
		fputs("-\t-\t-\tnot observed: no operation ended in time\n", out);
		return;
	}
	fprintf(out, "%s\t%s\t%s\t", MAYBE(comparison->unit, metric->mean, "-"),
		MAYBE(comparison->unit, metric->p50, "-"),
		MAYBE(comparison->unit, metric->p99, "-"));
	if (index == comparison->baseline)
		fputs("baseline", out);
	else
		print_difference(out, comparison, design);
	fputc('\n', out);
}

static void print_why(FILE *out, const struct comparison *comparison)
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
			print_visible(out, "  %s\t", p ? "" : design->label);
			fprintf(out, "%s\t", VALUE(UNIT_NANOSECONDS, parts[p].difference));
			print_visible(out, "%s [%s]\n", parts[p].step, parts[p].where);
		}
	}
}

static void print_beside(FILE *out, const struct comparison *comparison)
{
	fputs("\nBeside it", out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, "\t%s", metric_kinds[comparison_beside[m]].title);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];

		print_visible(out, "  %s", design->label);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			fprintf(out, "\t%s",
				MAYBE(metric_kinds[comparison_beside[m]].unit,
				      comparison_also(design, comparison_beside[m]), "-"));
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
static void print_bands(FILE *out, const struct comparison *comparison)
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
		print_visible(out, "  %s\t", design->label);
		fputs(INTERVAL(comparison->unit, design->band.low, design->band.high,
			       "no upper end"),
		      out);
		if (!alike) {
			fputs("\t", out);
			print_how(out, design, false);
		}
		if (apart->by != BAND_OF_NOTHING)
			fprintf(out, "\tdifference\t%s%s",
				INTERVAL(comparison->unit, apart->low, apart->high, "open"),
				!comparison_no_difference(comparison, design) &&
						apart->low.value * apart->high.value < 0
					? "\tthe order depends on them"
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

/* Of how many replications the designs are, and over how many of them differences are taken. */
static void print_replications(FILE *out, const struct comparison *comparison)
{
	const struct result *base = &comparison->designs[comparison->baseline].result;
	uint64_t least = base->replications, most = least, paired = 0;

	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		uint64_t own = design->result.replications;

		least = own < least ? own : least;
		most = own > most ? own : most;
		if (design->paired && (design->paired < own || design->paired < base->replications))
			paired = design->paired > paired ? design->paired : paired;
	}
	if (paired)
		fprintf(out,
			"\nDifferences are over the replications that both have, the first %llu "
			"at most; means are over all.\n",
			(unsigned long long)paired);
	print_visible(out, "\nsim %s, scenario \"%s\", seed %llu, ", base->version, base->scenario,
		      (unsigned long long)base->seed);
	if (most > least)
		fprintf(out, "%llu .. ", (unsigned long long)least);
	fprintf(out, "%llu replications of each design (%s)\n", (unsigned long long)most,
		base->stopping);
}

static bool some_paired(const struct comparison *comparison)
{
	for (size_t i = 0; i < comparison->design_count; i++)
		if (comparison->designs[i].variance_saved.exists)
			return true;
	return false;
}

static void print_comparison(FILE *out, const struct comparison *comparison)
{
	print_visible(out, "%s by %s%s\n\n", comparison->metric_name, comparison->over,
		      comparison->paired ? ", under common random numbers"
		      : some_paired(comparison)
			      ? ", under common random numbers where seeds are the same"
			      : ", independent results");
	fputs("  design\tmean\tp50\tp99\tdifference\t(95 %)\n", out);
	for (size_t i = 0; i < comparison->design_count; i++)
		print_design(out, comparison, i);
	print_bands(out, comparison);
	print_why(out, comparison);
	print_beside(out, comparison);
	print_pairing(out, comparison);
	print_replications(out, comparison);
}

bool comparison_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_comparison(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}
