/*
 * Commands side by side: whole processes in interleaved rounds on one core. The cost of a command
 * is the CPU time of its process, user and system, which other work on the machine changes little;
 * its wall time and its largest resident memory stand beside it.
 */

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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

extern char **environ;

static const char usage[] =
	"Usage: bench_commands [OPTION...] SUBJECT -- NAME COMMAND... [-- NAME COMMAND...]...\n"
	"CPU time of commands that do the same, in rounds that run each of them in turn.\n\n"
	"  -n, --rounds=N       rounds (5)\n"
	"  -u, --unit=UNIT      s, ms, us or ns (s)\n"
	"      --each=WORD      what a command does --count times; the cost is that of one\n"
	"      --count=N,...    of all commands, or one number for each\n"
	"      --limit=SECONDS  of CPU time: what needs more is infinitely slow and not tried "
	"again\n"
	"                       (120)\n"
	"      --fresh=FILE     remove this file before each command\n"
	"      --stdout=PREFIX  keep what commands print last as PREFIX.NAME\n"
	"  -o, --output=FILE    add the rows to this CSV file\n"
	"      --heading        print the heading of the table before\n"
	"      --no-pin         do not stay on one core\n"
	"      --help           show this\n"
	"A command fails when it exits with another status than 0 or 3 (an objective is missed).\n";

struct command {
	const char *name;
	char **argv;
	double count;
};

struct options {
	const char *unit, *each, *fresh, *kept, *csv;
	char *counts;
	long limit;
	bool pin, heading;
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

static bool read_options(int argc, char **argv, struct options *options, int *rounds)
{
	enum { EACH = 256, COUNT, LIMIT, FRESH, STDOUT, HEADING, NO_PIN, HELP };
	static const struct option table[] = {
		{ "rounds", required_argument, NULL, 'n' },
		{ "unit", required_argument, NULL, 'u' },
		{ "each", required_argument, NULL, EACH },
		{ "count", required_argument, NULL, COUNT },
		{ "limit", required_argument, NULL, LIMIT },
		{ "fresh", required_argument, NULL, FRESH },
		{ "stdout", required_argument, NULL, STDOUT },
		{ "output", required_argument, NULL, 'o' },
		{ "heading", no_argument, NULL, HEADING },
		{ "no-pin", no_argument, NULL, NO_PIN },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "+n:u:o:", table, NULL)) != -1) {
		switch (option) {
		case 'n':
			*rounds = atoi(optarg);
			break;
		case 'u':
			options->unit = optarg;
			break;
		case EACH:
			options->each = optarg;
			break;
		case COUNT:
			options->counts = optarg;
			break;
		case LIMIT:
			options->limit = atol(optarg);
			break;
		case FRESH:
			options->fresh = optarg;
			break;
		case STDOUT:
			options->kept = optarg;
			break;
		case 'o':
			options->csv = optarg;
			break;
		case HEADING:
			options->heading = true;
			break;
		case NO_PIN:
			options->pin = false;
			break;
		default:
			return false;
		}
	}
	return optind < argc && *rounds >= 1 && *rounds <= ROUNDS_MAX;
}

int main(int argc, char **argv)
{
	static struct comparison comparison = { .rounds = 5 };
	struct options options = { .unit = "s", .pin = true, .limit = 120 };
	struct command commands[CONTENDERS_MAX];
	char unit[64];

	if (!read_options(argc, argv, &options, &comparison.rounds) ||
	    !(comparison.contenders = read_commands(argv + optind, commands)) ||
	    !read_counts(options.counts, commands, comparison.contenders)) {
		fputs(usage, stderr);
		return 2;
	}
	snprintf(unit, sizeof(unit), "%s%s%s", options.unit, options.each ? "/" : "",
		 options.each ? options.each : "");
	comparison.subject = argv[optind];
	comparison.unit = unit;
	for (size_t i = 0; i < comparison.contenders; i++)
		comparison.names[i] = commands[i].name;
	if (options.pin && !pin_to_one_core())
		fputs("not pinned to one core\n", stderr);
	if (!limit_cpu(options.limit))
		fputs("CPU time is not limited\n", stderr);
	if (!measure(&comparison, commands, &options))
		return 1;
	if (options.heading)
		comparison_heading();
	return comparison_print(&comparison, options.csv) ? 0 : 2;
}
