#include "rounds.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct summary {
	double low, median, high; /* quartiles */
};

enum { NO_PIN = BENCH_OPTION };

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct bench_options *options = state->input;

	switch (key) {
	case 'n':
		options->rounds = (int)bench_number(state, text, 1, ROUNDS_MAX);
		return 0;
	case 'o':
		options->csv = text;
		return 0;
	case NO_PIN:
		options->pin = false;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp bench_argp = {
	.options =
		(const struct argp_option[]){
			{ "rounds", 'n', "N", 0, "rounds, each runs all contenders in turn", 0 },
			{ "output", 'o', "FILE", 0, "add the rows to this CSV file", 0 },
			{ "no-pin", NO_PIN, NULL, 0, "do not stay on one core", 0 },
			{ 0 },
		},
	.parser = parse,
};

void bench_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	argp_err_exit_status = 2;
	argp_parse(argp, argc, argv, ARGP_IN_ORDER, NULL, input);
}

long bench_number(const struct argp_state *state, const char *text, long least, long most)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (errno || end == text || *end || number < least || number > most)
		argp_error(state, "a number from %ld to %ld is needed, not \"%s\"", least, most,
			   text);
	return number;
}

double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void pin_to_one_core(const struct bench_options *options)
{
	int core = sched_getcpu();
	cpu_set_t one;

	if (!options->pin)
		return;
	CPU_ZERO(&one);
	if (core >= 0)
		CPU_SET((size_t)core, &one);
	if (core < 0 || sched_setaffinity(0, sizeof(one), &one) != 0)
		fputs("not pinned to one core\n", stderr);
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
