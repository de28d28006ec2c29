/*
 * Speed of the engine beside bare loops, and of ways to share a host, in one process on one core.
 *
 * Contenders that draw the same variates must give the same mean to the bit; the one with a
 * generator of its own must be within four standard errors of theory. Exits with 1 when one does
 * not: what computes something else is no contender.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rounds.h"
#include "subjects.h"

enum { COUNT = 1000000, SMOKE_COUNT = 10000, SMOKE_PENDING = 1000 };

static const char *const loops[CONTENDERS] = { "engine", "bare", "bare-fastest" };
static const char *const shares[CONTENDERS] = { "cores", "unsaturated", "saturated" };

struct subject {
	const char *name;
	const char *const *contenders;
	struct outcome (*run)(enum contender contender, const struct task *task);
	uint32_t pending;
	double events; /* per count */
	double mean;   /* in theory */
};

static const struct subject subjects[] = {
	{ "M/M/1", loops, mm1_run, 0, 2, 10 },
	{ "HOLD 10", loops, hold_run, 10, 1, 1 },
	{ "HOLD 100", loops, hold_run, 100, 1, 1 },
	{ "HOLD 1000", loops, hold_run, 1000, 1, 1 },
	{ "HOLD 10000", loops, hold_run, 10000, 1, 1 },
	{ "HOLD 100000", loops, hold_run, 100000, 1, 1 },
	{ "HOLD 1000000", loops, hold_run, 1000000, 1, 1 },
	{ "SHARE 10", shares, share_run, 10, 1, 1 },
	{ "SHARE 100", shares, share_run, 100, 1, 1 },
	{ "SHARE 1000", shares, share_run, 1000, 1, 1 },
	{ "SHARE 10000", shares, share_run, 10000, 1, 1 },
};

struct options {
	struct bench_options bench;
	const char *only;
	bool smoke, other_variates, other_mean;
};

static double standard_error(const struct subject *subject, double count)
{
	return subject->run == mm1_run ? mm1_standard_error(count) : 1 / sqrt(count);
}

static bool agree(const struct subject *subject, const double means[CONTENDERS], double count)
{
	double error = standard_error(subject, count);
	bool same = means[BARE_OURS] == means[ON_ENGINE], near = true;

	for (int i = 0; i < CONTENDERS; i++)
		near = near && fabs(means[i] - subject->mean) <= 4 * error;
	if (!same)
		fprintf(stderr, "%s: with the same variates %s has mean %.17g, %s %.17g\n",
			subject->name, subject->contenders[ON_ENGINE], means[ON_ENGINE],
			subject->contenders[BARE_OURS], means[BARE_OURS]);
	if (!near)
		fprintf(stderr, "%s: means %.6g, %.6g, %.6g; theory says %g, standard error %.2g\n",
			subject->name, means[ON_ENGINE], means[BARE_OURS], means[BARE_FASTEST],
			subject->mean, error);
	return same && near;
}

static bool measure(const struct subject *subject, const struct options *options)
{
	struct comparison comparison = { .subject = subject->name,
					 .unit = "ns/event",
					 .rounds = options->bench.rounds,
					 .contenders = CONTENDERS };
	uint64_t count = options->smoke ? SMOKE_COUNT : COUNT;
	double means[CONTENDERS] = { 0 };

	memcpy(comparison.names, subject->contenders, sizeof(loops));
	for (int round = -1; round < options->bench.rounds; round++) { /* the first warms up */
		for (int i = 0; i < CONTENDERS; i++) {
			struct task task = { count, subject->pending, .seed = 1, .stretch = 1 };
			struct outcome outcome;

			if (i == BARE_OURS && options->other_variates)
				task.seed = 2;
			if (i == BARE_FASTEST && options->other_mean)
				task.stretch = 1.2;
			outcome = subject->run((enum contender)i, &task);
			means[i] = outcome.mean;
			if (round >= 0)
				comparison.cost[i][round] =
					outcome.seconds / ((double)count * subject->events) * 1e9;
		}
	}
	return comparison_print(&comparison, options->bench.csv) &&
	       agree(subject, means, (double)count);
}

enum { ONLY = 256, SMOKE, DISAGREE };

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->bench;
		return 0;
	case ONLY:
		options->only = text;
		return 0;
	case SMOKE:
		options->smoke = true;
		options->bench.rounds = 1;
		return 0;
	case DISAGREE:
		options->other_variates = strcmp(text, "variates") == 0;
		options->other_mean = strcmp(text, "mean") == 0;
		if (!options->other_variates && !options->other_mean)
			argp_error(state, "--disagree=variates or mean, not \"%s\"", text);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.doc = "Speed of the engine's event loop beside bare loops: CPU time per event, of 9 "
	       "rounds.",
	.options =
		(const struct argp_option[]){
			{ "only", ONLY, "TEXT", 0, "only subjects whose name has this text", 0 },
			{ "smoke", SMOKE, NULL, 0,
			  "a thousandth of the work, once: does it run, do all agree?", 0 },
			{ "disagree", DISAGREE, "HOW", 0,
			  "make contenders disagree: the bare loop draws other `variates`, or the "
			  "fastest "
			  "one with another `mean`",
			  0 },
			{ 0 },
		},
	.parser = parse,
	.children = (const struct argp_child[]){ { .argp = &bench_argp }, { 0 } },
};

int main(int argc, char **argv)
{
	struct options options = { .bench = { .rounds = 9, .pin = true } };
	bool good = true, heading = true;

	bench_parse(&argp, argc, argv, &options);
	pin_to_one_core(&options.bench);
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		const struct subject *subject = &subjects[i];

		if (options.only && !strstr(subject->name, options.only))
			continue;
		if (options.smoke && subject->pending > SMOKE_PENDING)
			continue;
		if (heading)
			comparison_heading();
		heading = false;
		good &= measure(subject, &options);
	}
	return good ? 0 : 1;
}
