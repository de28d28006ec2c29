/* A comparison as CSV (one row per design, units in a column) and as Markdown tables. */

#include <inttypes.h>

#include "report/comparison.h"
#include "report/output.h"
#include "report/shapes.h"
#include "report/text_tools.h"

bool comparison_write_csv(const void *what, FILE *out, struct error *error)
{
	const struct comparison *comparison = what;

	csv_heading(out, &comparison_csv_shape);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, ",%s", metric_kinds[comparison_beside[m]].name);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		const struct result_metric *metric = comparison_shown(design);
		const struct maybe numbers[] = {
			metric->mean,
			metric->ci_low,
			metric->ci_high,
			metric->p50,
			metric->p99,
			design->difference,
			design->difference_low,
			design->difference_high,
			design->ratio,
			design->ratio_low,
			design->ratio_high,
			design->variance_saved,
			design->band.low,
			design->band.high,
			design->difference_band.low,
			design->difference_band.high,
		};

		csv_cell(out, comparison->over);
		fputc(',', out);
		csv_cell(out, design->label);
		fprintf(out, ",%d,", i == comparison->baseline);
		csv_cell(out, comparison->metric_name);
		fprintf(out, ",%s,%" PRIu64, unit_names[comparison->unit], metric->n);
		for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++)
			csv_number(out, numbers[n]);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			csv_number(out, comparison_also(design, comparison_beside[m]));
		fputc('\n', out);
	}
	return report_check(out, error);
}

bool comparison_write_markdown(const void *what, FILE *out, struct error *error)
{
	const struct comparison *comparison = what;

	fputs("| ", out);
	markdown_cell(out, comparison->over);
	fputs(" | mean | prices low | prices high | p50 | p99 | difference | 95 % low | "
	      "95 % high | prices low | prices high | ratio |",
	      out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, " %s |", metric_kinds[comparison_beside[m]].name);
	fputs("\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|", out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fputs("---:|", out);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		const struct result_metric *metric = comparison_shown(design);
		const struct maybe values[] = {
			metric->mean,
			design->band.low,
			design->band.high,
			metric->p50,
			metric->p99,
			design->difference,
			design->difference_low,
			design->difference_high,
			design->difference_band.low,
			design->difference_band.high,
		};

		fputs("| ", out);
		markdown_cell(out, design->label);
		fputs(" |", out);
		for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			const char *none =
				v == 5 ? comparison_no_difference(comparison, design) : NULL;

			if (none)
				fprintf(out, " %s |", none);
			else
				markdown_value(out, comparison->unit, values[v]);
		}
		if (design->ratio.exists)
			fprintf(out, " %.4g |", design->ratio.value);
		else
			fputs(" – |", out);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			markdown_value(out, metric_kinds[comparison_beside[m]].unit,
				       comparison_also(design, comparison_beside[m]));
		fputc('\n', out);
	}
	return report_check(out, error);
}
