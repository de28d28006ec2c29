#include "rounds.h"

#include <sched.h>
#include <stdio.h>
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

void comparison_heading(void)
{
	printf("%-24s %-13s %10s %22s  %-15s %6s %16s %8s %9s\n", "", "", "median", "quartiles", "",
	       "ratio", "quartiles", "wall s", "peak MiB");
}

/* What is shown of a contender. */
struct shown {
	struct summary cost, ratio;
	double wall;
};

static struct shown show(const struct comparison *comparison, size_t which)
{
	const double *cost = comparison->cost[which], *first = comparison->cost[0];
	double ratios[ROUNDS_MAX];
	int rounds = comparison->rounds;

	for (int i = 0; i < rounds; i++)
		ratios[i] = cost[i] / first[i];
	return (struct shown){ summary_of(cost, rounds), summary_of(ratios, rounds),
			       summary_of(comparison->wall[which], rounds).median };
}

static void print_line(const struct comparison *comparison, size_t which)
{
	struct shown shown = show(comparison, which);
	double peak = comparison->peak_mib[which];

	printf("%-24s %-13s %10.4g %9.4g .. %-9.4g  %-15s", which ? "" : comparison->subject,
	       comparison->names[which], shown.cost.median, shown.cost.low, shown.cost.high,
	       comparison->unit);
	if (which)
		printf(" %6.2f %6.2f .. %-6.2f", shown.ratio.median, shown.ratio.low,
		       shown.ratio.high);
	else if (peak > 0)
		printf(" %6s %16s", "", "");
	if (peak > 0)
		printf(" %8.2f %9.1f", shown.wall, peak);
	putchar('\n');
}

static void write_row(const struct comparison *comparison, size_t which, FILE *csv)
{
	struct shown shown = show(comparison, which);
	double peak = comparison->peak_mib[which];

	fprintf(csv, "%s,%s,%s,%d,%.5g,%.5g,%.5g,%.4f,%.4f,%.4f,", comparison->subject,
		comparison->names[which], comparison->unit, comparison->rounds, shown.cost.median,
		shown.cost.low, shown.cost.high, shown.ratio.median, shown.ratio.low,
		shown.ratio.high);
	if (peak > 0)
		fprintf(csv, "%.3f,%.1f\n", shown.wall, peak);
	else
		fputs(",\n", csv);
}

bool comparison_print(const struct comparison *comparison, const char *csv_name)
{
	FILE *csv;

	for (size_t i = 0; i < comparison->contenders; i++)
		print_line(comparison, i);
	fflush(stdout);
	if (!csv_name)
		return true;
	csv = fopen(csv_name, "a");
	if (!csv || fseek(csv, 0, SEEK_END) != 0) {
		perror(csv_name);
		return false;
	}
	if (ftell(csv) == 0)
		fputs("subject,contender,unit,rounds,median,low,high,ratio,ratio_low,ratio_high,"
		      "wall_s,peak_mib\n",
		      csv);
	for (size_t i = 0; i < comparison->contenders; i++)
		write_row(comparison, i, csv);
	if (fclose(csv) == 0)
		return true;
	perror(csv_name);
	return false;
}
