#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

/*
 * Contenders side by side: each round runs all of them in turn, so that what slows the machine
 * down for a while slows all of them. Shown are median and quartiles of the rounds, and the same
 * of the ratios to the first contender, paired by round.
 */

#include <stdbool.h>
#include <stddef.h>

enum { CONTENDERS_MAX = 4, ROUNDS_MAX = 101 };

struct comparison {
	const char *subject, *unit;
	int rounds;
	size_t contenders;
	const char *names[CONTENDERS_MAX];
	double cost[CONTENDERS_MAX][ROUNDS_MAX]; /* by round, in the unit */
	double wall[CONTENDERS_MAX][ROUNDS_MAX]; /* seconds; 0: not measured */
	double peak_mib[CONTENDERS_MAX];         /* largest resident memory; 0: not measured */
};

/* CPU time of this process. */
double cpu_seconds(void);

/* Stay on the core on which this process is now. */
bool pin_to_one_core(void);

/* The line above the first comparison. */
void comparison_heading(void);

/*
 * As text to standard output and, where `csv` is not NULL, as rows at the end of that file, which
 * begins with their names. False when that file cannot be written.
 */
bool comparison_print(const struct comparison *comparison, const char *csv);

#endif
