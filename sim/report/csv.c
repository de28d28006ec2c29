/* One tidy row per metric, RFC 4180; units in a column of their own. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/formats.h"
#include "report/text_tools.h"

/* Means with 15 digits. */
static void real(FILE *out, struct maybe value)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%.15g", value.value);
}

/* Observed values are whole. */
static void whole(FILE *out, struct maybe value)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%" PRId64, (int64_t)value.value);
}

static bool write_row(const struct result *result, const struct result_metric *metric, FILE *out,
		      struct error *error)
{
	char reasons[REASONS_SIZE];

	if (!csv_cell(out, result->scenario, error))
		return false;
	fprintf(out, ",%" PRIu64 ",%" PRIu64 ",", result->seed, result->replications);
	if (!csv_cell(out, metric->name, error))
		return false;
	fputc(',', out);
	if (!csv_cell(out, metric->group, error))
		return false;
	fprintf(out, ",%s,%" PRIu64, unit_names[metric->unit], metric->n);
	real(out, metric->mean);
	real(out, metric->ci_low);
	real(out, metric->ci_high);
	whole(out, metric->min);
	whole(out, metric->p50);
	whole(out, metric->p90);
	whole(out, metric->p99);
	whole(out, metric->p999);
	whole(out, metric->max);
	fputc(',', out);
	if (metric_reasons(metric, reasons) && !csv_cell(out, reasons, error))
		return false;
	fputc('\n', out);
	return true;
}

static bool write_csv(const struct result *result, FILE *out, struct error *error)
{
	fputs("scenario,seed,replications,metric,group,unit,n,mean,ci95_low,ci95_high,min,p50,p90,"
	      "p99,"
	      "p999,max,reason\n",
	      out);
	for (size_t i = 0; i < result->metric_count; i++)
		if (!write_row(result, &result->metrics[i], out, error))
			return false;
	return report_check(out, error);
}

const struct report_format format_csv = { "csv", "one row per metric (RFC 4180)", write_csv };
