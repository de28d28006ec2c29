/*
 * Percentile distribution of the answer in the text format of HdrHistogram (value,
 * percentile, count of observations up to the value, 1/(1-percentile)), which
 * public plotters read. Lines as in AbstractHistogram.outputPercentileDistribution
 * with five ticks per half distance: http://hdrhistogram.org. Values are in the
 * metric's unit (ns), exact while all of them are kept.
 */

#include <math.h>

#include "report/output.h"
#include "report/result.h"
#include "report/text_tools.h"

enum { TICKS_PER_HALF_DISTANCE = 5 };

/* The next level to print, both in percent: five ticks on the way to half of what is left. */
static double next_level(double level)
{
	double halvings = floor(log2(100 / (100 - level))) + 1;

	return level + 100 / (TICKS_PER_HALF_DISTANCE * exp2(halvings));
}

static void print_footer(FILE *out, const struct result_metric *metric)
{
	double spread = 0;
	struct value_count item;
	size_t at = 0;

	while (distribution_next(&metric->values, &at, &item)) {
		double off = (double)item.value - metric->mean.value;

		spread += off * off * (double)item.count;
	}
	fprintf(out, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", metric->mean.value,
		sqrt(spread / (double)metric->n));
	fprintf(out, "#[Max     = %12.3f, Total count    = %12llu]\n", metric->max.value,
		(unsigned long long)metric->n);
	print_visible(out, "#[Metric  = %s of %s, %s]\n", metric->name, metric->group,
		      unit_names[metric->unit]);
}

bool result_write_percentiles(const void *what, FILE *out, struct error *error)
{
	const struct result *result = what;
	const struct result_metric *metric;
	double level = 0;
	uint64_t count = 0; /* observations up to the value in turn */
	struct value_count item;
	size_t at = 0;

	if (result->answer >= result->metric_count || !result->metrics[result->answer].n)
		return error_set(error, ERROR_INPUT,
				 "there is no observation to make a spectrum of");
	metric = &result->metrics[result->answer];
	if (metric->values.count != metric->n)
		return error_set(error, ERROR_INTERNAL, "the result holds no observations");
	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	while (distribution_next(&metric->values, &at, &item)) {
		count += item.count;
		while (100 * (double)count / (double)metric->n >= level) {
			fprintf(out, "%12.3f %2.12f %10llu %14.2f\n", (double)item.value,
				level / 100, (unsigned long long)count, 1 / (1 - level / 100));
			level = next_level(level);
			if (count == metric->n)
				break;
		}
	}
	fprintf(out, "%12.3f %2.12f %10llu\n", metric->max.value, 1.0,
		(unsigned long long)metric->n);
	print_footer(out, metric);
	return report_check(out, error);
}
