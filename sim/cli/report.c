#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "page/report_page.h"
#include "report/output.h"
#include "scenario/data_folder.h"

enum { OPTION_ALONE = 256 };

struct arguments {
	const char *file;
	bool alone;
	struct scenario_options scenario;
};

static const struct argp_option options[] = {
	{ "alone", OPTION_ALONE, NULL, 0, "Do not compare with the model's other strategies", 3 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->scenario;
		return 0;
	case OPTION_ALONE:
		arguments->alone = true;
		return 0;
	default:
		return command_parse_one_file(key, text, state, &arguments->file,
					      "a scenario file is needed");
	}
}

static const struct argp_child children[] = { { &scenario_options_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"FILE",
	"Write one self-contained HTML page about a scenario: the answer, its confidence, where "
	"the "
	"time goes, the model's strategies side by side, the slowest replication as a timeline, "
	"the "
	"assumptions with their sources, and the command that makes it again.\v"
	"Example:\n  sim report scenarios/s390-pv/reboot-64g.json -o report.html\n",
	children,
	NULL,
	NULL,
};

/* Single quotes around a word, for a shell. */
static void print_word(FILE *out, const char *word)
{
	if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				  "/._-=,:+%@") == strlen(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

static char *command_line(const struct arguments *arguments, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		fputs("sim report ", out);
		print_word(out, arguments->file);
		for (size_t i = 0; i < arguments->scenario.setting_count; i++) {
			fputs(" --set ", out);
			print_word(out, arguments->scenario.settings[i]);
		}
		fputs(arguments->alone ? " --alone -o report.html" : " -o report.html", out);
		if (fclose(out) == 0)
			return text;
	}
	free(text);
	error_memory(error, "command");
	return NULL;
}

static int write_report(const struct arguments *arguments, struct error *error)
{
	struct report_page_request request = { .file = arguments->file,
					       .setting_count = arguments->scenario.setting_count,
					       .compare = !arguments->alone };
	struct setting *settings = scenario_options_settings(&arguments->scenario, error);
	char scripts[4096];
	char *command = command_line(arguments, error);
	struct output output = { 0 };
	bool met = true;

	if (settings && command) {
		request.settings = settings;
		request.command = command;
		request.options = scenario_options_experiment(&arguments->scenario);
		if (data_folder_find(NULL, "gnuplot", scripts, sizeof(scripts)))
			request.scripts = scripts;
		if (output_open(&output, arguments->scenario.output, error)) {
			report_page_write(&request, output.stream, &met, error);
			scenario_options_progress_done();
			output_close(&output, error);
		}
	}
	free(command);
	free(settings);
	return error->kind != ERROR_NONE ? 1 : met ? 0 : 3;
}

static int report(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .scenario = scenario_options_default(error) };
	int status;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	status = write_report(&arguments, error);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_report = { "report", "write an HTML page about a scenario", report,
					&argp };
