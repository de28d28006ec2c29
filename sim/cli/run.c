#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "explain/explain.h"
#include "replay/timeline.h"
#include "report/output.h"

enum { OPTION_FORMAT = 256, OPTION_TIMELINE, OPTION_UNCERTAINTY };
enum { DRAWS_MOST = 100000 };

struct arguments {
	const char *file, *timeline;
	const struct report_format *format;
	uint64_t uncertainty;
	struct scenario_options scenario;
};

static const struct argp_option options[] = {
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text, json, csv, md or hgrm", 3 },
	{ "uncertainty", OPTION_UNCERTAINTY, "DRAWS", OPTION_ARG_OPTIONAL,
	  "Draw all assumed costs from their ranges (200 times) and show that band beside the "
	  "sampling noise",
	  3 },
	{ "timeline", OPTION_TIMELINE, "FILE", 0,
	  "Write the first replication as Chrome trace events (open in Perfetto)", 3 },
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
		arguments->format = report_format_find(text);
		if (!arguments->format)
			argp_error(state,
				   "there is no such format; text, json, csv, md and hgrm are");
		return 0;
	case OPTION_UNCERTAINTY:
		if (!command_parse_count(text ? text : "200", 20, DRAWS_MOST,
					 &arguments->uncertainty))
			argp_error(state, "--uncertainty needs a number of draws from 20 to %d",
				   DRAWS_MOST);
		return 0;
	case OPTION_TIMELINE:
		arguments->timeline = text;
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
	"Run a scenario and report the latency of its operations: how long, how sure, and where "
	"each microsecond went.\v"
	"Example:\n  sim run scenarios/s390-pv/reboot-64g.json --set /guests/0/strategy=sync -j "
	"2\n",
	children,
	NULL,
	NULL,
};

static bool write_timeline(const struct scenario *scenario, const char *path, struct error *error)
{
	struct output output = { 0 };

	if (!output_open(&output, path, error))
		return false;
	timeline_write(scenario, 0, output.stream, error);
	return output_close(&output, error);
}

static int run_scenario(const struct scenario *scenario, const struct arguments *arguments,
			struct error *error)
{
	struct experiment_options experiment = scenario_options_experiment(&arguments->scenario);
	struct output output = { 0 };
	struct result result;
	int status = 0;

	experiment.uncertainty = arguments->uncertainty;
	if (arguments->timeline && !write_timeline(scenario, arguments->timeline, error))
		return 1;
	if (!explain_run(scenario, &experiment, &result, error))
		return 1;
	scenario_options_progress_done();
	if (output_open(&output, arguments->scenario.output, error)) {
		arguments->format->write(&result, output.stream, error);
		output_close(&output, error);
	}
	if (!result_objectives_met(&result))
		status = 3;
	result_fini(&result);
	return status;
}

static int run(int argc, char **argv, struct error *error)
{
	struct arguments arguments = {
		.format = report_format_find("text"),
		.scenario = scenario_options_default(error),
	};
	struct scenario scenario;
	int status = 1;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	if (scenario_options_load(&arguments.scenario, arguments.file, &scenario, error)) {
		status = run_scenario(&scenario, &arguments, error);
		scenario_fini(&scenario);
	}
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_run = { "run", "run a scenario and report its latencies", run, &argp };
