#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "explain/sensitivity.h"
#include "report/output.h"

enum { OPTION_FORMAT = 256, OPTION_MORRIS };

struct arguments {
	const char *file;
	bool (*write)(const struct sensitivity *sensitivity, FILE *out, struct error *error);
	uint64_t trajectories;
	struct scenario_options scenario;
};

static const struct argp_option options[] = {
	{ "morris", OPTION_MORRIS, "TRAJECTORIES", OPTION_ARG_OPTIONAL,
	  "Screen for interactions too: elementary effects along so many trajectories (10)", 0 },
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text, json or csv (plot data)", 3 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->scenario;
		return 0;
	case OPTION_MORRIS:
		if (!command_parse_count(text ? text : "10", 2, 10000, &arguments->trajectories))
			argp_error(state,
				   "--morris needs a number of trajectories from 2 to 10000");
		return 0;
	case OPTION_FORMAT:
		arguments->write = strcmp(text, "text") == 0   ? sensitivity_write_text
				   : strcmp(text, "json") == 0 ? sensitivity_write_json
				   : strcmp(text, "csv") == 0  ? sensitivity_write_csv
							       : NULL;
		if (!arguments->write)
			argp_error(state, "the format is text, json or csv");
		return 0;
	default:
		return command_parse_one_file(
			key, text, state, &arguments->file,
			"a scenario file is needed (or - for standard input)");
	}
}

static const struct argp_child children[] = { { &scenario_options_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"FILE",
	"Which costs the answer hangs on: each moved alone through its range (tornado), and by "
	"Morris screening where the others are anywhere in theirs.\v"
	"Example:\n  sim sensitivity scenarios/s390-pv/reboot-64g.json --morris\n",
	children,
	NULL,
	NULL,
};

static int sensitivity(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .write = sensitivity_write_text,
				       .scenario = scenario_options_default(error) };
	struct experiment_options experiment;
	struct sensitivity found;
	struct scenario scenario;
	struct output output = { 0 };
	int status = 1;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	experiment = scenario_options_experiment(&arguments.scenario);
	if (scenario_options_load(&arguments.scenario, arguments.file, &scenario, error)) {
		if (sensitivity_run(&scenario, arguments.trajectories, &experiment, &found,
				    error)) {
			scenario_options_progress_done();
			if (output_open(&output, arguments.scenario.output, error)) {
				arguments.write(&found, output.stream, error);
				output_close(&output, error);
			}
			sensitivity_fini(&found);
			status = 0;
		}
		scenario_fini(&scenario);
	}
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_sensitivity = { "sensitivity",
					     "find the costs that the answer hangs on", sensitivity,
					     &argp };
