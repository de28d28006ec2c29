#include "report/sensitivity.h"

#include <math.h>
#include <stdlib.h>

#include "base/layout.h"
#include "report/json_tools.h"
#include "report/output.h"
#include "report/shapes.h"
#include "report/text_tools.h"

enum { BAR_WIDTH = 24 };

static const double least_swing = 1e-4; /* relative to the answer: smaller ones share a line */

void sensitivity_fini(struct sensitivity *sensitivity)
{
	for (size_t i = 0; i < sensitivity->row_count; i++) {
		free(sensitivity->rows[i].term);
		free(sensitivity->rows[i].group);
		free(sensitivity->rows[i].source);
	}
	free(sensitivity->rows);
	free(sensitivity->scenario);
	free(sensitivity->metric);
	free(sensitivity->group);
	free(sensitivity->version);
	free(sensitivity->commit);
	free(sensitivity->platform);
	free(sensitivity->carried);
	*sensitivity = (struct sensitivity){ 0 };
}

double sensitivity_swing(const struct sensitivity_row *row)
{
	if (!row->at_low.exists || !row->at_high.exists)
		return INFINITY;
	return fabs(row->at_high.value - row->at_low.value);
}

/* The tornado: each bar between the answers at the two ends, on one scale. */
static void print_bar(FILE *out, const struct sensitivity_row *row, double least, double most)
{
	double span = most > least ? most - least : 1;
	double from = fmin(row->at_low.value, row->at_high.value);
	double to = fmax(row->at_low.value, row->at_high.value);
	int first, last;

	if (!row->at_low.exists || !row->at_high.exists) {
		fputs("does not end in time at one end", out);
		return;
	}
	first = (int)((from - least) / span * (BAR_WIDTH - 1));
	last = (int)((to - least) / span * (BAR_WIDTH - 1));
	for (int i = 0; i <= last; i++)
		fputc(i < first ? ' ' : '#', out);
}

static void find_span(const struct sensitivity *sensitivity, double *least, double *most)
{
	*least = *most = sensitivity->mean;
	for (size_t i = 0; i < sensitivity->row_count; i++) {
		const struct sensitivity_row *row = &sensitivity->rows[i];

		if (!row->at_low.exists || !row->at_high.exists)
			continue;
		*least = fmin(*least, fmin(row->at_low.value, row->at_high.value));
		*most = fmax(*most, fmax(row->at_low.value, row->at_high.value));
	}
}

static void print_row(FILE *out, const struct sensitivity *sensitivity,
		      const struct sensitivity_row *row)
{
	const struct maybe values[] = { row->at_low, row->at_high, row->morris_mean,
					row->morris_spread };

	print_visible(out, "  %s\t", row->term);
	fprintf(out, "%s\t", row->status);
	for (int i = 0; i < (sensitivity->trajectories ? 4 : 2); i++)
		fprintf(out, "%s\t", MAYBE(sensitivity->unit, values[i], "-"));
}

static void print_sensitivity(FILE *out, const struct sensitivity *sensitivity)
{
	bool morris = sensitivity->trajectories > 0;
	double least, most;
	size_t small = 0;

	find_span(sensitivity, &least, &most);
	print_visible(out, "%s of %s: %s, each cost moved alone through its range\n\n",
		      sensitivity->metric, sensitivity->group,
		      VALUE(sensitivity->unit, sensitivity->mean));
	fprintf(out, "  term\tstatus\tat low\tat high\t%s|%s|\n",
		morris ? "Morris mean\tspread\t" : "", RANGE(sensitivity->unit, least, most));
	for (size_t i = 0; i < sensitivity->row_count; i++) {
		const struct sensitivity_row *row = &sensitivity->rows[i];

		if (sensitivity_swing(row) < least_swing * fabs(sensitivity->mean)) {
			small++;
			continue;
		}
		print_row(out, sensitivity, row);
		print_bar(out, row, least, most);
		fputc('\n', out);
	}
	if (small)
		fprintf(out, "  %zu more terms move it by less than 0.01 %%\n", small);
	if (morris)
		fputs("\nMorris: mean size of the effect of a term over its range wherever the "
		      "others are; a spread as large as the mean says that the effect depends "
		      "on the other costs.\n",
		      out);
	print_visible(out,
		      "\nsim %s, scenario \"%s\", seed %llu, %llu replications of each of %llu "
		      "variants\n",
		      sensitivity->version, sensitivity->scenario,
		      (unsigned long long)sensitivity->seed,
		      (unsigned long long)sensitivity->replications,
		      (unsigned long long)sensitivity->runs);
}

bool sensitivity_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_sensitivity(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}

static json_t *row_to_json(const struct sensitivity_row *row)
{
	return json_pack("{s:o, s:o, s:s, s:o, s:[o, o], s:o, s:o, s:o, s:o, s:o}", "term",
			 json_text(row->term), "group", json_text(row->group), "status",
			 row->status, "value", json_number(row->value), "range",
			 json_number(row->low), json_number(row->high), "at_low",
			 json_maybe(row->at_low), "at_high", json_maybe(row->at_high),
			 "morris_mean", json_maybe(row->morris_mean), "morris_spread",
			 json_maybe(row->morris_spread), "source", json_text(row->source));
}

bool sensitivity_write_json(const void *what, FILE *out, struct error *error)
{
	const struct sensitivity *sensitivity = what;
	json_t *rows = json_array();

	for (size_t i = 0; i < sensitivity->row_count; i++)
		json_add(&rows, row_to_json(&sensitivity->rows[i]));
	return json_write(
		json_pack("{s:s, s:i, s:o, s:o, s:o, s:s, s:o, s:{s:o, s:o, s:o, s:o, s:o, s:o, "
			  "s:o}, "
			  "s:o}",
			  "format", "sim-sensitivity", "version", 2, "scenario",
			  json_carried(sensitivity->scenario, sensitivity->carried), "metric",
			  json_text(sensitivity->metric), "group", json_text(sensitivity->group),
			  "unit", unit_names[sensitivity->unit], "mean",
			  json_number(sensitivity->mean), "provenance", "version",
			  json_text(sensitivity->version), "commit", json_text(sensitivity->commit),
			  "platform", json_text(sensitivity->platform), "seed",
			  json_integer((json_int_t)sensitivity->seed), "replications",
			  json_integer((json_int_t)sensitivity->replications), "trajectories",
			  json_integer((json_int_t)sensitivity->trajectories), "variants",
			  json_integer((json_int_t)sensitivity->runs), "terms", rows),
		&sensitivity_shape, out, error);
}

bool sensitivity_write_csv(const void *what, FILE *out, struct error *error)
{
	const struct sensitivity *sensitivity = what;

	csv_heading(out, &sensitivity_csv_shape);
	fputc('\n', out);
	for (size_t i = 0; i < sensitivity->row_count; i++) {
		const struct sensitivity_row *row = &sensitivity->rows[i];

		csv_cell(out, sensitivity->metric);
		fputc(',', out);
		csv_cell(out, sensitivity->group);
		fprintf(out, ",%s,%.15g,", unit_names[sensitivity->unit], sensitivity->mean);
		csv_cell(out, row->term);
		fputc(',', out);
		csv_cell(out, row->group);
		fprintf(out, ",%s,%.15g,%.15g,%.15g", row->status, row->value, row->low, row->high);
		csv_number(out, row->at_low);
		csv_number(out, row->at_high);
		csv_number(out, row->morris_mean);
		csv_number(out, row->morris_spread);
		fputc('\n', out);
	}
	return report_check(out, error);
}
