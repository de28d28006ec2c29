/* A comparison as CSV (one row per design, units in a column) and as Markdown tables. */

#include <inttypes.h>

#include "report/comparison_formats.h"
#include "report/output.h"
#include "report/text_tools.h"

static void number(FILE *out, struct maybe value)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%.15g", value.value);
}

bool comparison_write_csv(const struct comparison *comparison, FILE *out, struct error *error)
{
	fputs("over,design,baseline,metric,unit,n,mean,ci95_low,ci95_high,p50,p99,difference,"
	      "difference_low,difference_high,ratio,ratio_low,ratio_high,variance_saved,"
	      "difference_at_low_costs,difference_at_high_costs",
	      out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, ",%s", metric_kinds[comparison_beside[m]].name);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		const struct result_metric *metric = comparison_metric(design);
		struct maybe none = { 0 };

		if (!csv_cell(out, comparison->over, error))
			return false;
		fputc(',', out);
		if (!csv_cell(out, design->label, error))
			return false;
		fprintf(out, ",%d,", i == comparison->baseline);
		if (!csv_cell(out, comparison->metric_name, error))
			return false;
		fprintf(out, ",%s,%" PRIu64, unit_names[comparison->unit], metric ? metric->n : 0);
		number(out, metric ? metric->mean : none);
		number(out, metric ? metric->ci_low : none);
		number(out, metric ? metric->ci_high : none);
		number(out, metric ? metric->p50 : none);
		number(out, metric ? metric->p99 : none);
		number(out, design->difference);
		number(out, design->difference_low);
		number(out, design->difference_high);
		number(out, design->ratio);
		number(out, design->ratio_low);
		number(out, design->ratio_high);
		number(out, design->variance_saved);
		number(out, design->at_low_costs);
		number(out, design->at_high_costs);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			number(out, comparison_also(design, comparison_beside[m]));
		fputc('\n', out);
	}
	return report_check(out, error);
}

static void value(FILE *out, enum unit unit, struct maybe number_)
{
	fputc(' ', out);
	if (number_.exists)
		print_value(out, unit, number_.value);
	else
		fputs("–", out);
	fputs(" |", out);
}

bool comparison_write_markdown(const struct comparison *comparison, FILE *out, struct error *error)
{
	fputs("| ", out);
	if (!markdown_cell(out, comparison->over, error))
		return false;
	fputs(" | mean | p50 | p99 | difference | 95 % low | 95 % high | ratio |", out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fprintf(out, " %s |", metric_kinds[comparison_beside[m]].name);
	fputs("\n|---|---:|---:|---:|---:|---:|---:|---:|", out);
	for (int m = 0; m < COMPARISON_BESIDE; m++)
		fputs("---:|", out);
	fputc('\n', out);
	for (size_t i = 0; i < comparison->design_count; i++) {
		const struct comparison_design *design = &comparison->designs[i];
		const struct result_metric *metric = comparison_metric(design);
		struct maybe none = { 0 };

		fputs("| ", out);
		if (!markdown_cell(out, design->label, error))
			return false;
		fputs(" |", out);
		value(out, comparison->unit, metric ? metric->mean : none);
		value(out, comparison->unit, metric ? metric->p50 : none);
		value(out, comparison->unit, metric ? metric->p99 : none);
		value(out, comparison->unit, design->difference);
		value(out, comparison->unit, design->difference_low);
		value(out, comparison->unit, design->difference_high);
		if (design->ratio.exists)
			fprintf(out, " %.4g |", design->ratio.value);
		else
			fputs(" – |", out);
		for (int m = 0; m < COMPARISON_BESIDE; m++)
			value(out, metric_kinds[comparison_beside[m]].unit,
			      comparison_also(design, comparison_beside[m]));
		fputc('\n', out);
	}
	return report_check(out, error);
}
