#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>
#include <jansson.h>

#include "base/layout.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/progress.h"
#include "cli/command.h"

const struct command *const commands[] = { &command_run,
					   &command_compare,
					   &command_sensitivity,
					   &command_explain,
					   &command_fit,
					   &command_calibrate,
					   &command_sweep,
					   &command_plan,
					   &command_plot,
					   &command_report,
					   &command_replay,
					   &command_check,
					   &command_flows,
					   &command_costs,
					   &command_models,
					   &command_platforms,
					   &command_schema,
					   &command_validate,
					   &command_import,
					   &command_trace,
					   &command_manual,
					   &command_completion,
					   NULL };

/*
 * jansson takes an allocation that fails for a mistake in the text, and leaves out characters: better
 * no document than another one.
 */
static void *allocate_for_json(size_t size)
{
	void *block = malloc(size);

	if (!block)
		memory_exhausted("JSON");
	return block;
}

static void print_commands(FILE *out)
{
	fputs("Usage: sim COMMAND [OPTIONS] [ARGUMENTS]\n"
	      "Predict what it costs to start, reboot and tear down virtual machines.\n\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-12s \v%s\n", commands[i]->name, commands[i]->summary);
	fputs("\nExamples:\n"
	      "  sim run scenarios/s390-pv/reboot-64g.json\n"
	      "  sim run FILE --set /guests/0/strategy=sync --set /guests/0/memory=1TiB\n"
	      "  sim flows s390-pv/async/reboot\n\n"
	      "\v`sim COMMAND --help` explains a command. Text is as wide as the terminal, or "
	      "$COLUMNS (72 for mail), or 80 columns. Exit status: 0 done and every objective "
	      "met, 1 internal or output error, 2 bad usage or bad scenario, 3 objective or "
	      "figure missed, 4 undecided by the replications made, 5 no operation succeeded, 130 "
	      "interrupted.\n",
	      out);
}

static bool print_help(FILE *out, struct error *error)
{
	struct layout layout;

	if (!layout_open(&layout, out, error))
		return false;
	print_commands(layout.stream);
	return layout_close(&layout, error);
}

/*
 * A file that is opened later must not become standard output. What is written to
 * a closed standard output fails as it should: nothing can be written to what stands there.
 */
static void open_standard_files(void)
{
	for (int file = 0; file <= 2; file++)
		if (fcntl(file, F_GETFD) == -1 && errno == EBADF)
			if (open("/dev/null", O_RDONLY) != file)
				_exit(1);
}

static bool failure_reported;

/*
 * Whatever was promised to standard output is there, or the exit status says so: at the very end,
 * since argp's --help ends the program too.
 */
static void close_output(void)
{
	if (failure_reported || (fflush(stdout) == 0 && !ferror(stdout) && fclose(stdout) == 0))
		return;
	fprintf(stderr, "sim: cannot write to standard output: %s\n", strerror(errno));
	_exit(1);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* Replications allocate the same again: memory that goes back in between costs page faults. */
static void keep_freed_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 16 << 20);
#endif
}

static const char *command_hint(char hint[HINT_MAX], const char *name)
{
	const char *names[sizeof(commands) / sizeof(commands[0])];

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		names[i] = commands[i] ? commands[i]->name : NULL;
	return did_you_mean(hint, name, names);
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct error error = { 0 };
	char hint[HINT_MAX];
	int status;

	open_standard_files();
	signal(SIGPIPE, SIG_DFL); /* `| head` ends the program quietly */
	gsl_set_error_handler_off();
	json_set_alloc_funcs(allocate_for_json, free);
	if (atexit(close_output) != 0)
		return 1;
	keep_freed_memory();
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		status = print_help(argc < 2 ? stderr : stdout, &error) ? 0 : 1;
		return argc < 2 ? 2 : status;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("sim %s\n", SIM_VERSION);
		printf("commit %s\n",
		       *program_commit ? program_commit
				       : "not known: built from files without their history");
		return 0;
	}
	command = find(argv[1]);
	if (!command) {
		error_set(&error, ERROR_INPUT,
			  "sim: there is no command \"%.60s\"%s (`sim --help` lists them)", argv[1],
			  strcmp(argv[1], "version") == 0 ? "; did you mean --version?"
							  : command_hint(hint, argv[1]));
		fprintf(stderr, "%s\n", error.message);
		return 2;
	}
	command_catch_signals();
	if (isatty(STDERR_FILENO))
		progress_to(stderr);
	status = command->run(argc - 1, argv + 1, &error);
	progress_end();
	if (error.kind != ERROR_NONE) {
		if (strcmp(error.message, "interrupted") == 0)
			fputs(command_kept(), stderr);
		else
			fprintf(stderr, "%s\n", error.message);
		failure_reported = true;
		return error_exit_status(&error);
	}
	return status;
}
