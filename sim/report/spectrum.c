/*
 * Percentile spectrum of the answer in the text format of HdrHistogram (value,
 * percentile, total count, 1/(1-percentile)), which public plotters read.
 */

#include "report/formats.h"

enum { TICKS_PER_HALF = 5 };

static bool write_spectrum(const struct result *result, FILE *out, struct error *error)
{
	const struct result_metric *metric;
	double percentile = 0, distance = 1;
	uint64_t printed = 0;

	if (result->answer >= result->metric_count)
		return error_set(error, ERROR_INPUT,
				 "there is no observation to make a spectrum of");
	metric = &result->metrics[result->answer];
	fprintf(out, "#[%s of %s, ns]\n%12s %14s %10s %14s\n\n", metric->name, metric->group,
		"Value", "Percentile", "TotalCount", "1/(1-Percentile)");
	while (printed < metric->n) {
		uint64_t rank = (uint64_t)(percentile * (double)metric->n);
		uint64_t index = rank < metric->n ? rank : metric->n - 1;

		printed = index + 1;
		fprintf(out, "%12lld %14.12f %10llu %14.2f\n", (long long)metric->samples[index],
			percentile, (unsigned long long)printed, 1 / (1 - percentile));
		/* five steps for each halving of the distance to 1 */
		percentile += distance / 2 / TICKS_PER_HALF;
		if (1 - percentile <= distance / 2 + 1e-15)
			distance /= 2;
	}
	fprintf(out, "%12lld %14.12f %10llu %14s\n", (long long)metric->samples[metric->n - 1], 1.0,
		(unsigned long long)metric->n, "inf");
	fprintf(out, "#[Mean = %.3f, Max = %.3f, Total count = %llu]\n", metric->mean.value,
		metric->max.value, (unsigned long long)metric->n);
	return report_check(out, error);
}

const struct report_format format_spectrum = { "hgrm", "percentile spectrum of the answer",
					       write_spectrum };
