/*
 * One tidy row per metric, RFC 4180; units in a column of their own. The band of prices is that of
 * the answer.
 */

#include <inttypes.h>

#include "report/output.h"
#include "report/result.h"
#include "report/shapes.h"
#include "report/text_tools.h"

/* Observed values are whole. */
static void whole(FILE *out, struct maybe value)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%" PRId64, (int64_t)value.value);
}

static void write_row(const struct result *result, const struct result_metric *metric, FILE *out)
{
	const struct maybe none = { 0 };
	bool answer =
		result->answer < result->metric_count && metric == &result->metrics[result->answer];
	char reasons[REASONS_SIZE];

	csv_cell(out, result->scenario);
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", result->seed, result->replications);
	csv_cell(out, metric->name);
	fputc(',', out);
	csv_cell(out, metric->group);
	fprintf(out, ",%s,%" PRIu64, unit_names[metric->unit], metric->n);
	csv_number(out, metric->mean);
	csv_number(out, metric->ci_low);
	csv_number(out, metric->ci_high);
	csv_number(out, answer ? result->uncertainty.low : none);
	csv_number(out, answer ? result->uncertainty.high : none);
	whole(out, metric->min);
	whole(out, metric->p50);
	whole(out, metric->p90);
	whole(out, metric->p99);
	whole(out, metric->p999);
	whole(out, metric->max);
	fputc(',', out);
	if (metric_reasons(metric, reasons))
		csv_cell(out, reasons);
	fputc('\n', out);
}

bool result_write_csv(const void *what, FILE *out, struct error *error)
{
	const struct result *result = what;

	csv_heading(out, &result_csv_shape);
	fputc('\n', out);
	for (size_t i = 0; i < result->metric_count; i++)
		if (result_is_chosen(result, &result->metrics[i]))
			write_row(result, &result->metrics[i], out);
	return report_check(out, error);
}
