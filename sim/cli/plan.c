#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/plan.h"
#include "report/output.h"

enum { OPTION_FORMAT = 256 };

struct arguments {
	const char *file;
	bool json;
	struct scenario_options scenario;
};

static const struct argp_option options[] = {
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text or json", 3 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->scenario;
		return 0;
	case OPTION_FORMAT:
		arguments->json = strcmp(text, "json") == 0;
		if (!arguments->json && strcmp(text, "text") != 0)
			argp_error(state, "the format is text or json");
		return 0;
	default:
		return command_parse_one_file(key, text, state, &arguments->file,
					      "a scenario file with a \"plan\" is needed");
	}
}

static const struct argp_child children[] = { { &scenario_options_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"FILE",
	"Find the largest (or smallest) number for which all limits of the scenario's \"plan\" "
	"hold: "
	"guests on a host, width of a wave, hosts of a fleet. Every decision is made on a "
	"confidence bound; the result is confirmed on fresh random numbers. Exit status 3: "
	"infeasible, 4: unresolved with the replications allowed.\v"
	"Example:\n  sim plan scenarios/s390-pv/plan-wave.json\n",
	children,
	NULL,
	NULL,
};

static int plan(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .scenario = scenario_options_default(error) };
	struct experiment_options experiment;
	struct planning planning;
	struct output output = { 0 };
	struct setting *settings;
	int status = 1;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	experiment = scenario_options_experiment(&arguments.scenario);
	settings = scenario_options_settings(&arguments.scenario, error);
	if (settings && plan_run(arguments.file, settings, arguments.scenario.setting_count,
				 &experiment, &planning, error)) {
		scenario_options_progress_done();
		if (output_open(&output, arguments.scenario.output, error)) {
			if (arguments.json)
				planning_write_json(&planning, output.stream, error);
			else
				planning_write_text(&planning, output.stream, error);
			output_close(&output, error);
		}
		status = planning_status(&planning);
		planning_fini(&planning);
	}
	free(settings);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_plan = { "plan", "find how many guests, hosts or how wide a wave",
				      plan, &argp };
