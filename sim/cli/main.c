#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gsl/gsl_errno.h>

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

volatile bool command_interrupted;

static void on_signal(int number)
{
	(void)number;
	command_interrupted = true;
}

void command_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	/* A second signal ends the program at once. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void print_help(FILE *out)
{
	fputs("Usage: sim COMMAND [OPTIONS] [ARGUMENTS]\n"
	      "Predict what it costs to start, reboot and tear down virtual machines.\n\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nExamples:\n"
	      "  sim run scenarios/s390-pv/reboot-64g.json\n"
	      "  sim run FILE --set /guests/0/strategy=sync --set /guests/0/memory=1TiB\n"
	      "  sim flows s390-pv/async/reboot\n\n"
	      "`sim COMMAND --help` explains a command. Exit status: 0 done and every objective "
	      "met,\n"
	      "1 internal or output error, 2 bad usage or bad scenario, 3 objective or figure "
	      "missed,\n"
	      "4 plan unresolved, 5 no operation succeeded, 130 interrupted.\n",
	      out);
}

/*
 * A file that is opened later must not become standard output. What is written to
 * a closed standard output fails, as it should.
 */
static void open_standard_files(void)
{
	for (int file = 0; file <= 2; file++)
		if (fcntl(file, F_GETFD) == -1 && errno == EBADF)
			if (open(file ? "/dev/full" : "/dev/null", file ? O_WRONLY : O_RDONLY) !=
			    file)
				_exit(1);
}

/* Whatever was promised to standard output is there, or the exit status says so. */
static int close_output(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout) || fclose(stdout) != 0) {
		fprintf(stderr, "sim: cannot write to standard output: %s\n", strerror(errno));
		return 1;
	}
	return status;
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

int main(int argc, char **argv)
{
	const struct command *command;
	struct error error = { 0 };
	int status;

	open_standard_files();
	signal(SIGPIPE, SIG_DFL); /* `| head` ends the program quietly */
	gsl_set_error_handler_off();
	keep_freed_memory();
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(argc < 2 ? stderr : stdout);
		return close_output(argc < 2 ? 2 : 0);
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("sim %s\n", SIM_VERSION);
		printf("commit %s\n",
		       *program_commit ? program_commit
				       : "not known: built from files without their history");
		return close_output(0);
	}
	command = find(argv[1]);
	if (!command) {
		error_set(&error, ERROR_INPUT,
			  "sim: there is no command \"%.60s\"; `sim --help` lists them", argv[1]);
		fprintf(stderr, "%s\n", error.message);
		return 2;
	}
	status = command->run(argc - 1, argv + 1, &error);
	if (error.kind != ERROR_NONE) {
		fprintf(stderr, "%s\n", error.message);
		status = error_exit_status(&error);
		fclose(stdout); /* what could not be written was reported */
		return status;
	}
	return close_output(status);
}
