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

	if (below == count - 1 || !(sorted[below + 1] > sorted[below])) /* perhaps infinite */
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
	printf("%-24s %-13s %10s %22s  %-15s %6s %16s %8s %9s\n", "", "", "median", "quartiles", "",
	       "ratio", "quartiles", "wall s", "peak MiB");
	if (csv)
		fputs("subject,contender,unit,rounds,median,low,high,ratio,ratio_low,ratio_high,"
		      "wall_s,peak_mib\n",
		      csv);
}

static void print_contender(const struct comparison *comparison, size_t which, FILE *csv)
{
	const char *subject = comparison->subject, *name = comparison->names[which];
	const double *costs = comparison->cost[which];
	struct summary cost = summary_of(costs, comparison->rounds), ratio;
	double wall = summary_of(comparison->wall[which], comparison->rounds).median;
	double peak = comparison->peak_mib[which], ratios[ROUNDS_MAX];

	for (int i = 0; i < comparison->rounds; i++)
		ratios[i] = costs[i] / comparison->cost[0][i];
	ratio = summary_of(ratios, comparison->rounds);
	printf("%-24s %-13s %10.4g %9.4g .. %-9.4g  %-15s", which ? "" : subject, name, cost.median,
	       cost.low, cost.high, comparison->unit);
	if (which)
		printf(" %6.2f %6.2f .. %-6.2f", ratio.median, ratio.low, ratio.high);
	else if (peak > 0)
		printf(" %6s %16s", "", "");
	if (peak > 0)
		printf(" %8.2f %9.1f", wall, peak);
	putchar('\n');
	if (!csv)
		return;
	fprintf(csv, "%s,%s,%s,%d,%.5g,%.5g,%.5g,%.4f,%.4f,%.4f,", subject, name, comparison->unit,
		comparison->rounds, cost.median, cost.low, cost.high, ratio.median, ratio.low,
		ratio.high);
	if (peak > 0)
		fprintf(csv, "%.3f,%.1f\n", wall, peak);
	else
		fputs(",\n", csv);
}

void comparison_print(const struct comparison *comparison, FILE *csv)
{
	for (size_t i = 0; i < comparison->contenders; i++)
		print_contender(comparison, i, csv);
	fflush(stdout);
}
