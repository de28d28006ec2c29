/* What people see of a calibration. */

#include <string.h>

#include "base/layout.h"
#include "calibrate/calibrate.h"
#include "report/output.h"
#include "report/text_tools.h"

static void print_place(const struct place *place, const struct calibrate_options *options,
			FILE *out)
{
	unsigned int shrink = calibrate_shrink(place, options->quick);

	place_print(place, out);
	fprintf(out,
		"at most %s of memory are used at once, and none is kept; %u of %u measurements "
		"can be made\n",
		VALUE(UNIT_BYTES, (double)calibrate_most_bytes(place, shrink)),
		calibrate_possible(place), (unsigned int)MEASUREMENTS);
}

/* Each reason once, with all that it has kept from being measured. */
static void print_left_out(const struct calibration *calibration, FILE *out)
{
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		const char *why = calibration->left_out[m];
		bool first = true;

		for (size_t before = 0; before < m; before++)
			first = first && strcmp(calibration->left_out[before], why) != 0;
		if (!why[0] || !first)
			continue;
		print_visible(out, "left out: %s:", why);
		for (size_t other = m; other < MEASUREMENTS; other++)
			if (strcmp(calibration->left_out[other], why) == 0)
				fprintf(out, " %s", measurements[other].name);
		fputs("\n", out);
	}
}

static void print_price(const struct calibration *calibration, size_t p, FILE *out)
{
	const struct price_estimate *price = &calibration->prices[p];
	char from[200];

	price_rule_text(&price_rules[p], from, sizeof(from));
	fprintf(out, "  %s\t%s\t%s\t%s", price_rules[p].term, VALUE(UNIT_NANOSECONDS, price->value),
		RANGE(UNIT_NANOSECONDS, price->low, price->high), from);
	if (price->speed_count)
		fprintf(out, "; two at once at %.3g of the speed of one", price->speeds[0]);
	if (!price->told_from_zero)
		fputs("; not told from zero", out);
	fputs("\n", out);
}

/* What is timed but no price: a page, or a call. */
static void print_others(const struct calibration *calibration, FILE *out)
{
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		const struct estimate *estimate = &calibration->estimates[m];
		const struct fit_value *slope = &estimate->part[PART_SLOPE];
		bool used = false;

		for (size_t p = 0; p < price_rule_count; p++)
			for (size_t i = 0; i < ADDENDS_MOST && price_rules[p].addends[i].part; i++)
				used = used || (price_rules[p].addends[i].of == m &&
						calibration->prices[p].exists);
		if (estimate->exists && !used)
			fprintf(out, "  %s\t%s\t%s\ta %s\n", measurements[m].name,
				VALUE(UNIT_NANOSECONDS, slope->value),
				RANGE(UNIT_NANOSECONDS, slope->low, slope->high),
				measurements[m].unit);
	}
}

static void print_calibration(const struct calibration *calibration, FILE *out)
{
	fprintf(out, "%zu trials in %u rounds, %.3g s; ", calibration->trials, calibration->rounds,
		calibration->seconds);
	if (calibration->disturbed)
		fprintf(out, "%zu stayed disturbed by others; ", calibration->disturbed);
	fprintf(out,
		"other work took %.2g %% of the CPUs; the first measurement differed by %.2g %% at "
		"the "
		"end, all ranges are that much wider%s\n",
		100 * calibration->others, 100 * calibration->drift,
		calibration_still(calibration) ? "" : ": the host does not stand still");
	print_left_out(calibration, out);
	fputs("\nPrices\tmeasured\trange\tfrom\n", out);
	for (size_t p = 0; p < price_rule_count; p++)
		if (calibration->prices[p].exists)
			print_price(calibration, p, out);
	if (calibration->bandwidth.bound)
		fprintf(out, "  %s\t%.3g GB/s\t%.3g GB/s .. %.3g GB/s\t%s\n", "memory_bandwidth",
			calibration->bandwidth.value * 1e-9, calibration->bandwidth.low * 1e-9,
			calibration->bandwidth.high * 1e-9, measurements[CLEAR_ALL].name);
	else if (calibration->bandwidth.exists)
		fprintf(out, "  %s: no price: those of %s did not slow each other at %.3g GB/s\n",
			"memory_bandwidth", measurements[CLEAR_ALL].name,
			calibration->bandwidth.value * 1e-9);
	fputs("\nMeasured beside them\n", out);
	print_others(calibration, out);
}

bool calibration_announce(const struct place *place, const struct calibrate_options *options,
			  FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_place(place, options, layout.stream);
	return layout_close(&layout, error) && report_check(out, error);
}

bool calibration_print(const struct calibration *calibration, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_calibration(calibration, layout.stream);
	return layout_close(&layout, error) && report_check(out, error);
}
