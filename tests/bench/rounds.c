#include "rounds.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct summary {
	double low, median, high; /* quartiles */
};

double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

bool pin_to_one_core(void)
{
	int core = sched_getcpu();
	cpu_set_t one;

	CPU_ZERO(&one);
	if (core >= 0)
		CPU_SET((size_t)core, &one);
	return core >= 0 && sched_setaffinity(0, sizeof(one), &one) == 0;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Between the two values nearest to the place of a quantile. */
static double quantile(const double *sorted, int count, double p)
{
	double place = p * (count - 1);
	int below = (int)place;

	if (below == count - 1)
		return sorted[below];
	return sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]);
}

static struct summary summary_of(const double *values, int count)
{
	double sorted[ROUNDS_MAX];

	memcpy(sorted, values, (size_t)count * sizeof(*sorted));
	qsort(sorted, (size_t)count, sizeof(*sorted), compare);
	return (struct summary){ quantile(sorted, count, 0.25), quantile(sorted, count, 0.5),
				 quantile(sorted, count, 0.75) };
}

void comparison_heading(FILE *csv)
{
	printf("%-26s %-14s %10s %23s  %-18s %6s %17s %9s\n", "", "", "median", "quartiles", "",
	       "ratio", "quartiles", "peak MiB");
	if (csv)
		fputs("subject,contender,unit,rounds,median,low,high,ratio,ratio_low,ratio_high,"
		      "peak_mib\n",
		      csv);
}

static void print_contender(const struct comparison *comparison, size_t which, FILE *csv)
{
	const char *subject = comparison->subject, *name = comparison->names[which];
	const double *cost = comparison->cost[which], peak = comparison->peak_mib[which];
	double ratios[ROUNDS_MAX];
	struct summary own, ratio;

	for (int i = 0; i < comparison->rounds; i++)
		ratios[i] = cost[i] / comparison->cost[0][i];
	own = summary_of(cost, comparison->rounds);
	ratio = summary_of(ratios, comparison->rounds);
	printf("%-26s %-14s %10.4g %10.4g .. %-9.4g  %-18s", which ? "" : subject, name, own.median,
	       own.low, own.high, comparison->unit);
	if (comparison->contenders > 1)
		printf(" %6.2f %7.2f .. %-6.2f", ratio.median, ratio.low, ratio.high);
	else if (peak > 0)
		printf(" %6s %17s", "", "");
	if (peak > 0)
		printf(" %9.1f", peak);
	putchar('\n');
	if (!csv)
		return;
	fprintf(csv, "\"%s\",%s,%s,%d,%.5g,%.5g,%.5g,%.4f,%.4f,%.4f,", subject, name,
		comparison->unit, comparison->rounds, own.median, own.low, own.high, ratio.median,
		ratio.low, ratio.high);
	if (peak > 0)
		fprintf(csv, "%.1f", peak);
	putc('\n', csv);
}

void comparison_print(const struct comparison *comparison, FILE *csv)
{
	for (size_t i = 0; i < comparison->contenders; i++)
		print_contender(comparison, i, csv);
	fflush(stdout);
}
