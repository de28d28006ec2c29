/*
 * Commands side by side: whole processes in interleaved rounds on one core. The cost of a command
 * is the CPU time of its process, user and system, which other work on the machine changes little;
 * its wall time and its largest resident memory stand beside it.
 */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rounds.h"

struct command {
	const char *name;
	char **argv;
	double count;
};

struct options {
	struct bench_options bench;
	const char *unit, *each, *fresh, *kept;
	char *counts;
	long limit;
	bool heading;
	char **words; /* SUBJECT -- NAME COMMAND... */
};

static double wall_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* Its standard output goes to the file `kept`, or nowhere. */
static bool start(const struct command *command, const char *kept, pid_t *process)
{
	posix_spawn_file_actions_t actions;
	int failed;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, kept ? kept : "/dev/null",
					 O_WRONLY | O_CREAT | O_TRUNC, 0666);
	failed = posix_spawnp(process, command->argv[0], &actions, NULL, command->argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed)
		fprintf(stderr, "%s: %s\n", command->argv[0], strerror(failed));
	return !failed;
}

enum ending { ENDED, TOO_LONG, FAILED };

static enum ending run(const struct command *command, const struct options *options,
		       struct rusage *used, double *wall)
{
	char *kept = NULL;
	pid_t process;
	int status;
	bool good;

	if (options->fresh && unlink(options->fresh) != 0 && errno != ENOENT)
		perror(options->fresh);
	if (options->kept && asprintf(&kept, "%s.%s", options->kept, command->name) < 0)
		abort();
	*wall = wall_seconds();
	good = start(command, kept, &process) && wait4(process, &status, 0, used) == process;
	*wall = wall_seconds() - *wall;
	free(kept);
	if (good && WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3))
		return ENDED;
	if (good && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return TOO_LONG;
	fprintf(stderr, "bench_commands: %s failed: %s\n", command->name, command->argv[0]);
	return FAILED;
}

static double units_per_second(const char *unit)
{
	return strcmp(unit, "ns") == 0   ? 1e9
	       : strcmp(unit, "us") == 0 ? 1e6
	       : strcmp(unit, "ms") == 0 ? 1e3
					 : 1;
}

static bool measure(struct comparison *comparison, const struct command commands[],
		    const struct options *options)
{
	double scale = units_per_second(options->unit);
	bool endless[CONTENDERS_MAX] = { false };

	for (int round = 0; round < comparison->rounds; round++) {
		for (size_t i = 0; i < comparison->contenders; i++) {
			double cpu = INFINITY, peak_mib;
			enum ending ending = TOO_LONG;
			struct rusage used = { 0 };

			if (!endless[i])
				ending = run(&commands[i], options, &used,
					     &comparison->wall[i][round]);
			if (ending == FAILED)
				return false;
			endless[i] = ending == TOO_LONG;
			if (!endless[i])
				cpu = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
			comparison->cost[i][round] = cpu * scale / commands[i].count;
			peak_mib = (double)used.ru_maxrss / 1024;
			if (peak_mib > comparison->peak_mib[i])
				comparison->peak_mib[i] = peak_mib;
		}
	}
	return true;
}

/* Processes that are started inherit it; this one never needs so much. */
static bool limit_cpu(long seconds)
{
	struct rlimit limit;

	if (seconds <= 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
		return false;
	limit.rlim_cur = (rlim_t)seconds;
	return setrlimit(RLIMIT_CPU, &limit) == 0;
}

/* Cuts "SUBJECT -- NAME COMMAND... -- NAME COMMAND..." apart; the words stay where they are. */
static size_t read_commands(char **words, struct command commands[CONTENDERS_MAX])
{
	size_t count = 0;

	for (; *words; words++) {
		if (strcmp(*words, "--") != 0)
			continue;
		*words = NULL; /* the end of the command before */
		if (count == CONTENDERS_MAX || !words[1] || !words[2])
			return 0;
		commands[count++] =
			(struct command){ .name = words[1], .argv = words + 2, .count = 1 };
	}
	return count;
}

/* The last number is that of all that follow. */
static bool read_counts(char *text, struct command commands[], size_t count)
{
	for (size_t i = 0; text && i < count; i++) {
		commands[i].count = strtod(text, &text);
		if (!(commands[i].count > 0))
			return false;
		for (size_t j = i + 1; j < count && *text != ','; j++)
			commands[j].count = commands[i].count;
		if (*text != ',')
			return *text == '\0';
		text++;
	}
	return true;
}

enum { EACH = 256, COUNT, LIMIT, FRESH, STDOUT, HEADING };

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->bench;
		return 0;
	case 'u':
		options->unit = text;
		return 0;
	case EACH:
		options->each = text;
		return 0;
	case COUNT:
		options->counts = text;
		return 0;
	case LIMIT:
		options->limit = bench_number(state, text, 1, 1000000);
		return 0;
	case FRESH:
		options->fresh = text;
		return 0;
	case STDOUT:
		options->kept = text;
		return 0;
	case HEADING:
		options->heading = true;
		return 0;
	case ARGP_KEY_ARG: /* the rest is of the commands */
		options->words = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.args_doc = "SUBJECT -- NAME COMMAND... [-- NAME COMMAND...]...",
	.doc = "CPU time of commands that do the same, in 5 rounds that run each of them in turn.\v"
	       "A command fails when it exits with another status than 0 or 3 (an objective is "
	       "missed).",
	.options =
		(const struct argp_option[]){
			{ "unit", 'u', "UNIT", 0, "s, ms, us or ns (s)", 0 },
			{ "each", EACH, "WORD", 0,
			  "what a command does --count times; the cost is that of one", 0 },
			{ "count", COUNT, "N,...", 0, "of all commands, or one number for each",
			  0 },
			{ "limit", LIMIT, "SECONDS", 0,
			  "of CPU time: what needs more is infinitely slow and not tried again "
			  "(120)",
			  0 },
			{ "fresh", FRESH, "FILE", 0, "remove this file before each command", 0 },
			{ "stdout", STDOUT, "PREFIX", 0,
			  "keep what commands print last as PREFIX.NAME", 0 },
			{ "heading", HEADING, NULL, 0, "print the heading of the table before", 0 },
			{ 0 },
		},
	.parser = parse,
	.children = (const struct argp_child[]){ { .argp = &bench_argp }, { 0 } },
};

int main(int argc, char **argv)
{
	struct options options = { .bench = { .rounds = 5, .pin = true },
				   .unit = "s",
				   .limit = 120 };
	static struct comparison comparison;
	struct command commands[CONTENDERS_MAX];
	static char unit[64];

	bench_parse(&argp, argc, argv, &options);
	comparison.rounds = options.bench.rounds;
	if (!options.words || !(comparison.contenders = read_commands(options.words, commands)) ||
	    !read_counts(options.counts, commands, comparison.contenders)) {
		fputs("bench_commands: SUBJECT -- NAME COMMAND... and positive counts are needed\n",
		      stderr);
		return 2;
	}
	snprintf(unit, sizeof(unit), "%s%s%s", options.unit, options.each ? "/" : "",
		 options.each ? options.each : "");
	comparison.subject = options.words[0];
	comparison.unit = unit;
	for (size_t i = 0; i < comparison.contenders; i++)
		comparison.names[i] = commands[i].name;
	pin_to_one_core(&options.bench);
	if (!limit_cpu(options.limit))
		fputs("CPU time is not limited\n", stderr);
	if (!measure(&comparison, commands, &options))
		return 1;
	if (options.heading)
		comparison_heading();
	return comparison_print(&comparison, options.bench.csv) ? 0 : 2;
}
