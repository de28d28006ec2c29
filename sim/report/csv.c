/* One tidy row per metric, RFC 4180. */

#include <string.h>

#include "report/formats.h"

static void cell(FILE *out, const char *text)
{
	bool quote = strpbrk(text, ",\"\r\n") != NULL;
	/* A spreadsheet would run such a cell as a formula. */
	bool formula = *text && strchr("=+-@\t\r", *text) != NULL;

	if (quote)
		fputc('"', out);
	if (formula)
		fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	if (quote)
		fputc('"', out);
}

static void number(FILE *out, struct maybe value, int digits)
{
	fputc(',', out);
	if (value.exists)
		fprintf(out, "%.*g", digits, value.value);
}

static bool write_csv(const struct result *result, FILE *out, struct error *error)
{
	fputs("scenario,seed,replications,metric,group,unit,n,mean,ci95_low,ci95_high,min,p50,p90,"
	      "p99,"
	      "p999,max\n",
	      out);
	for (size_t i = 0; i < result->metric_count; i++) {
		const struct result_metric *metric = &result->metrics[i];

		cell(out, result->scenario);
		fprintf(out, ",%llu,%llu,", (unsigned long long)result->seed,
			(unsigned long long)result->replications);
		cell(out, metric->name);
		fputc(',', out);
		cell(out, metric->group);
		fprintf(out, ",%s,%llu", unit_names[metric->unit], (unsigned long long)metric->n);
		number(out, metric->mean, 15);
		number(out, metric->ci_low, 15);
		number(out, metric->ci_high, 15);
		number(out, metric->min, 19);
		number(out, metric->p50, 19);
		number(out, metric->p90, 19);
		number(out, metric->p99, 19);
		number(out, metric->p999, 19);
		number(out, metric->max, 19);
		fputc('\n', out);
	}
	return report_check(out, error);
}

const struct report_format format_csv = { "csv", "one row per metric (RFC 4180)", write_csv };
