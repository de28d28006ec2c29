#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

/*
 * Contenders side by side: each round runs all of them in turn, so that what slows the machine
 * down for a while slows all of them. Shown are median and quartiles of the rounds, and the same
 * of the ratios to the first contender, paired by round.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CONTENDERS_MAX = 4, ROUNDS_MAX = 101 };

struct comparison {
	const char *subject, *unit;
	int rounds;
	size_t contenders;
	const char *names[CONTENDERS_MAX];
	double cost[CONTENDERS_MAX][ROUNDS_MAX]; /* by round, in the unit */
	double peak_mib[CONTENDERS_MAX];         /* 0: not measured */
};

/* CPU time of this process. */
double cpu_seconds(void);

/* Stay on the core on which this process is now. */
bool pin_to_one_core(void);

/* As text to standard output and, where `csv` is not NULL, as rows there. */
void comparison_print(const struct comparison *comparison, FILE *csv);

/* The line above the text, and the first row. */
void comparison_heading(FILE *csv);

#endif
