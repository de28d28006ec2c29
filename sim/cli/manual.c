/* The manual page, made from the tables that the commands parse with. */

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* Text as roff: backslashes, hyphens, and what would be a request at the start of a line. */
static void print_roff(const char *text, size_t length)
{
	bool start = true;

	for (size_t i = 0; i < length; i++) {
		if (start && (text[i] == '.' || text[i] == '\''))
			fputs("\\&", stdout);
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else if (text[i] == '-')
			fputs("\\-", stdout);
		else if (text[i] == '\'')
			fputs("\\(aq", stdout);
		else
			putchar(text[i]);
		start = text[i] == '\n';
	}
}

static void print_whole(const char *text)
{
	print_roff(text, strlen(text));
}

static void print_option(const struct argp_option *option, void *data)
{
	(void)data;
	puts(".TP");
	if (option->key > 0 && option->key < 128)
		printf("\\fB\\-%c\\fR, ", option->key);
	fputs("\\fB\\-\\-", stdout);
	print_whole(option->name);
	fputs("\\fR", stdout);
	if (option->arg) {
		fputs(option->flags & OPTION_ARG_OPTIONAL ? "[=\\fI" : "=\\fI", stdout);
		print_whole(option->arg);
		fputs(option->flags & OPTION_ARG_OPTIONAL ? "\\fR]" : "\\fR", stdout);
	}
	putchar('\n');
	print_whole(option->doc ? option->doc : "");
	putchar('\n');
}

static void print_command(const struct command *command)
{
	const char *doc = command->about;
	const char *example = strchr(doc, '\v');

	printf(".SS sim %s ", command->name);
	print_whole(command->arguments ? command->arguments : "");
	putchar('\n');
	print_roff(doc, example ? (size_t)(example - doc) : strlen(doc));
	putchar('\n');
	options_visit(command, print_option, NULL);
	if (example) {
		puts(".PP\n.nf");
		print_whole(example + 1);
		puts(".fi");
	}
}

static int manual(int argc, char **argv, struct error *error)
{
	(void)error;
	command_parse(&command_manual, argc, argv, NULL);
	printf(".TH SIM 1 \"\" \"sim %s\" \"User Commands\"\n", SIM_VERSION);
	puts(".SH NAME\n"
	     "sim \\- predict what it costs to start, reboot and tear down virtual machines\n"
	     ".SH SYNOPSIS\n"
	     ".B sim\n"
	     "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n"
	     ".SH DESCRIPTION\n"
	     "A scenario (JSON) names a host, its guests and what happens to them; a "
	     "discrete\\-event\n"
	     "simulation replays it and reports how long, how sure, and where the time went.\n"
	     "A file \"\\-\" is standard input or output.\n"
	     ".SH COMMANDS");
	for (size_t c = 0; commands[c]; c++)
		print_command(commands[c]);
	puts(".SH EXIT STATUS\n"
	     ".TP\n0\ndone, and every objective met\n"
	     ".TP\n1\ninternal error, or a result could not be written\n"
	     ".TP\n2\nbad usage or bad scenario\n"
	     ".TP\n3\nan objective missed, plan infeasible, or validation out of tolerance\n"
	     ".TP\n4\nan objective undecided by the replications made, or a plan unresolved by "
	     "those allowed\n"
	     ".TP\n5\nnothing succeeded: every operation of the run failed or was refused\n"
	     ".TP\n130\ninterrupted\n"
	     ".SH ENVIRONMENT\n"
	     ".TP\n.B SIM_PATH\nfolders, separated by colons, in which scenarios, cost profiles "
	     "and traces are\n"
	     "sought that are not where they are named\n"
	     ".TP\n.B NO_COLOR\nno colours\n"
	     ".TP\n.B TMPDIR\nwhere gnuplot's files are for a moment\n"
	     ".SH FILES\n"
	     "The folder ../share/sim, seen from the executable: costs, scenarios, and gnuplot's "
	     "scripts.\n"
	     "A file that is not here is taken from there: sim run "
	     "scenarios/s390-pv/reboot-64g.json\n"
	     ".SH SEE ALSO\n"
	     ".BR gnuplot (1),\n"
	     ".BR mpirun (1)");
	return 0;
}

const struct command command_manual = {
	.name = "manual",
	.summary = "print the manual page",
	.about = "Print the manual page.\vExample:\n  sim manual | man -l -\n",
	.run = manual,
};
