#include <string.h>

#include "report/output.h"
#include "report/text_tools.h"
#include "report/validation.h"

enum { LABEL_WIDTH = 34 };

static void print_line(FILE *out, const char *what, const char *text)
{
	fprintf(out, "  %-10s", what);
	print_text(out, text);
	fputc('\n', out);
}

static void print_error(FILE *out, struct maybe error)
{
	if (error.exists)
		fprintf(out, "  %+8.1f %%", 100 * error.value);
	else
		fprintf(out, "  %8s  ", "-");
}

static void print_row(FILE *out, const struct validation_table *table,
		      const struct validation_row *row)
{
	fputs("  ", out);
	print_text_in(out, row->label, LABEL_WIDTH);
	fprintf(out, "  %-9s  %12.5g", row->use, row->published);
	if (row->predicted.exists)
		fprintf(out, "  %12.5g", row->predicted.value);
	else
		fprintf(out, "  %12s", "-");
	print_error(out, row->error);
	fprintf(out, "  %s", validation_verdict_name(row->verdict));
	if (strcmp(row->metric, table->metric) != 0 || strcmp(row->statistic, "mean") != 0) {
		fprintf(out, "  (%s of ", row->statistic);
		print_text(out, row->metric);
		fputc(')', out);
	}
	if (!row->predicted.exists && row->predicted.reason)
		fprintf(out, "  (%s)", row->predicted.reason);
	fputc('\n', out);
	if (row->from) {
		fputs("    (", out);
		print_text(out, row->to);
		fputs(" - ", out);
		print_text(out, row->from);
		fprintf(out, ") / %g\n", row->per);
	}
	if (row->note) {
		fputs("    ", out);
		print_text(out, row->note);
		fputc('\n', out);
	}
}

static void print_summary(FILE *out, const struct validation_summary *summary)
{
	fprintf(out, "%zu judged, %zu missed", summary->judged, summary->missed);
	if (summary->worst.exists)
		fprintf(out, "; absolute error: worst %.1f %%, median %.1f %%",
			100 * summary->worst.value, 100 * summary->median.value);
	fputc('\n', out);
}

static void print_table(FILE *out, const struct validation_table *table)
{
	print_text(out, table->name);
	fputc('\n', out);
	print_line(out, "source", table->source);
	print_line(out, "platform", table->platform);
	print_line(out, "scenario", table->scenario);
	print_line(out, "metric", table->metric);
	fprintf(out, "\n  %-*s  %-9s  %9s/%s  %9s/%s  %10s\n", LABEL_WIDTH, "row", "use",
		"published", table->unit, "predicted", table->unit, "error");
	for (size_t i = 0; i < table->row_count; i++)
		print_row(out, table, &table->rows[i]);
	fputs("  rows: ", out);
	print_summary(out, &table->summary);
	fputc('\n', out);
}

bool validation_write_text(const struct validation *validation, FILE *out, struct error *error)
{
	for (size_t i = 0; i < validation->table_count; i++)
		print_table(out, &validation->tables[i]);
	fprintf(out, "%zu table%s, rows: ", validation->table_count,
		validation->table_count == 1 ? "" : "s");
	print_summary(out, &validation->summary);
	return report_check(out, error);
}
