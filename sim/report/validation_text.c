#include <string.h>

#include "base/layout.h"
#include "report/text_tools.h"
#include "report/validation.h"

/* "own  1.36 .. 1.84  x 1.35  inside" */
static void print_band(FILE *out, const char *platform, const struct validation_band *band)
{
	fprintf(out, "\t%s\t", platform);
	if (!band->low.exists || !band->high.exists) {
		fputs("-\n", out);
		return;
	}
	fprintf(out, "%.4g .. %.4g\t", band->low.value, band->high.value);
	if (band->width.exists)
		fprintf(out, "x %.3g", band->width.value);
	fprintf(out, "\t%s\n", validation_holding_name(band->holding));
}

static void print_row(FILE *out, const struct validation_table *table,
		      const struct validation_row *row)
{
	print_visible(out, "  %s\t", row->label);
	fprintf(out, "%s\t%.5g\t", row->use, row->published);
	if (row->predicted.exists)
		fprintf(out, "%.5g\t", row->predicted.value);
	else
		fputs("-\t", out);
	if (row->error.exists)
		fprintf(out, "%+.1f %%", 100 * row->error.value);
	else
		fputc('-', out);
	fprintf(out, "\t%s", validation_verdict_name(row->verdict));
	print_band(out, row->profile[0] ? "own" : "generic", &row->band);
	if (row->profile[0]) {
		fputs("\t\t\t\t\t", out);
		print_band(out, "generic", &row->elsewhere);
	}
	if (strcmp(row->metric, table->metric) != 0 || strcmp(row->statistic, "mean") != 0)
		print_visible(out, "    (%s of %s)\n", row->statistic, row->metric);
	if (!row->predicted.exists && row->predicted.reason)
		fprintf(out, "    (%s)\n", row->predicted.reason);
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
	fputs("  source    \v", out);
	print_visible(out, "%s\n", table->source);
	fputs("  platform  \v", out);
	print_visible(out, "%s\n", table->platform);
	fputs("  scenario  \v", out);
	print_visible(out, "%s\n", table->scenario);
	fputs("  metric    \v", out);
	print_visible(out, "%s\n", table->metric);
	fprintf(out,
		"\n  Platform: 95 %% of draws of all prices, high / low, where the measured value "
		"lies.\n"
		"  row\tuse\tpublished/%s\tpredicted/%s\terror\t\tplatform\tband\n",
		table->unit, table->unit);
	for (size_t i = 0; i < table->row_count; i++)
		print_row(out, table, &table->rows[i]);
	fputs("  rows: ", out);
	print_summary(out, &table->summary);
	print_coverages(out, &table->summary);
	fputc('\n', out);
}

static void print_validation(FILE *out, const struct validation *validation)
{
	for (size_t i = 0; i < validation->table_count; i++)
		print_table(out, &validation->tables[i]);
	fprintf(out, "%zu table%s, rows: ", validation->table_count,
		validation->table_count == 1 ? "" : "s");
	print_summary(out, &validation->summary);
	print_coverages(out, &validation->summary);
}

bool validation_write_text(const void *what, FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_validation(layout.stream, what);
	return layout_close(&layout, error) && report_check(out, error);
}
