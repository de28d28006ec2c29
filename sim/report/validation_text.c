#include <string.h>

#include "report/text_tools.h"
#include "report/validation.h"

enum { LABEL_WIDTH = 34 };

/* "own  1.36 .. 1.84  x 1.35  inside" */
static void print_band(FILE *out, const char *platform, const struct validation_band *band)
{
	fprintf(out, "  %-9s", platform);
	if (!band->low.exists || !band->high.exists) {
		fputs("  -", out);
		return;
	}
	fprintf(out, "  %9.4g .. %-9.4g", band->low.value, band->high.value);
	if (band->width.exists)
		fprintf(out, "  x %-6.3g", band->width.value);
	else
		fprintf(out, "  %-8s", "-");
	fprintf(out, "  %s", validation_holding_name(band->holding));
}

static void print_row(FILE *out, const struct validation_table *table,
		      const struct validation_row *row)
{
	fprintf(out, "  %s  %-9s  %12.5g", TEXT_IN(row->label, LABEL_WIDTH), row->use,
		row->published);
	if (row->predicted.exists)
		fprintf(out, "  %12.5g", row->predicted.value);
	else
		fprintf(out, "  %12s", "-");
	if (row->error.exists)
		fprintf(out, "  %+8.1f %%", 100 * row->error.value);
	else
		fprintf(out, "  %8s  ", "-");
	fprintf(out, "  %-7s", validation_verdict_name(row->verdict));
	print_band(out, row->profile[0] ? "own" : "generic", &row->band);
	if (row->profile[0])
		print_band(out, "; generic", &row->elsewhere);
	if (strcmp(row->metric, table->metric) != 0 || strcmp(row->statistic, "mean") != 0)
		print_visible(out, "  (%s of %s)", row->statistic, row->metric);
	if (!row->predicted.exists && row->predicted.reason)
		fprintf(out, "  (%s)", row->predicted.reason);
	fputc('\n', out);
	if (row->from)
		print_visible(out, "    (%s - %s) / %g\n", row->to, row->from, row->per);
	if (row->note)
		print_visible(out, "    %s\n", row->note);
}

static void print_summary(FILE *out, const struct validation_summary *summary)
{
	fprintf(out, "%zu judged, %zu missed", summary->judged, summary->missed);
	if (summary->worst.exists)
		fprintf(out, "; absolute error: worst %.1f %%, median %.1f %%",
			100 * summary->worst.value, 100 * summary->median.value);
	fputc('\n', out);
}

static void print_coverage(FILE *out, const char *what, const struct validation_coverage *coverage)
{
	if (!coverage->rows)
		return;
	fprintf(out, "  %s %zu of %zu", what, coverage->inside, coverage->rows);
	fprintf(out, " (%.1f %%), of those that no price was chosen by %zu of %zu",
		100.0 * (double)coverage->inside / (double)coverage->rows, coverage->blind_inside,
		coverage->blind);
	if (coverage->widest.exists)
		fprintf(out, "; widest x %.3g", coverage->widest.value);
	fputc('\n', out);
}

static void print_coverages(FILE *out, const struct validation_summary *summary)
{
	print_coverage(out, "measured values inside their band:", &summary->stated);
	print_coverage(out, "  on the machine's own profile:", &summary->own);
	print_coverage(out, "  as if the machine were not known:", &summary->elsewhere);
}

static void print_table(FILE *out, const struct validation_table *table)
{
	print_visible(out, "%s\n", table->name);
	print_visible(out, "  source    %s\n", table->source);
	print_visible(out, "  platform  %s\n", table->platform);
	print_visible(out, "  scenario  %s\n", table->scenario);
	print_visible(out, "  metric    %s\n", table->metric);
	fprintf(out, "\n  %-*s  %-9s  %9s/%s  %9s/%s  %10s  %-7s  %s\n", LABEL_WIDTH, "row", "use",
		"published", table->unit, "predicted", table->unit, "error", "",
		"platform: 95 % of draws of all prices, high / low, measured value");
	for (size_t i = 0; i < table->row_count; i++)
		print_row(out, table, &table->rows[i]);
	fputs("  rows: ", out);
	print_summary(out, &table->summary);
	print_coverages(out, &table->summary);
	fputc('\n', out);
}

bool validation_write_text(const void *what, FILE *out, struct error *error)
{
	const struct validation *validation = what;

	for (size_t i = 0; i < validation->table_count; i++)
		print_table(out, &validation->tables[i]);
	fprintf(out, "%zu table%s, rows: ", validation->table_count,
		validation->table_count == 1 ? "" : "s");
	print_summary(out, &validation->summary);
	print_coverages(out, &validation->summary);
	return report_check(out, error);
}
