#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

/*
 * Contenders side by side: each round runs all of them in turn, so that what slows the machine
 * down for a while slows all of them. Shown are median and quartiles of the rounds, and the same
 * of the ratios to the first contender, paired by round.
 */

#include <argp.h>
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

/* What all benchmarks are told: on which core, how often, and where the rows go. */
struct bench_options {
	int rounds; /* each runs all contenders in turn */
	const char *csv;
	bool pin;
};

enum { BENCH_OPTION = 512 }; /* keys from here on are of these options */

/* Options of struct bench_options, its state's input: a child of a program's own. */
extern const struct argp bench_argp;

/* Read the arguments by `argp`; what is wrong ends the program with a message and status 2. */
void bench_parse(const struct argp *argp, int argc, char **argv, void *input);

/* A whole number from `least` to `most`, or that end of the program. */
long bench_number(const struct argp_state *state, const char *text, long least, long most);

/* CPU time of this process. */
double cpu_seconds(void);

/* Stay on the core on which this process is now, if the options say so; says when it cannot. */
void pin_to_one_core(const struct bench_options *options);

/* The line above the first comparison. */
void comparison_heading(void);

/*
 * As text to standard output and, where `csv` is not NULL, as rows at the end of that file, which
 * begins with their names. False when that file cannot be written.
 */
bool comparison_print(const struct comparison *comparison, const char *csv);

#endif
