#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"
#include "experiment/experiment.h"
#include "experiment/timeline.h"
#include "report/output.h"
#include "scenario/scenario.h"

enum {
	OPTION_SET = 256,
	OPTION_REPLICATIONS,
	OPTION_PRECISION,
	OPTION_SEED,
	OPTION_FORMAT,
	OPTION_EXACT,
	OPTION_TIMELINE
};

struct arguments {
	const char *file, *output, *timeline;
	const struct report_format *format;
	char **settings; /* owned texts */
	size_t setting_count, setting_capacity;
	unsigned int threads;
	struct error *error;
};

static const struct argp_option options[] = {
	{ "set", OPTION_SET, "/POINTER=VALUE", 0, "Change a value of the scenario (repeatable)",
	  1 },
	{ "replications", OPTION_REPLICATIONS, "N", 0, "Independent repetitions, or \"auto\"", 1 },
	{ "precision", OPTION_PRECISION, "P", 0, "Wanted relative half-width of the mean (0.01)",
	  1 },
	{ "seed", OPTION_SEED, "N", 0, "Seed of all random numbers", 1 },
	{ "exact-pages", OPTION_EXACT, NULL, 0, "Simulate every page as an event (slow)", 1 },
	{ "jobs", 'j', "N", 0, "Threads; results do not depend on it (default: all cores)", 2 },
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text, json, csv, md or hgrm", 2 },
	{ "output", 'o', "FILE", 0, "Write there instead of to standard output", 2 },
	{ "timeline", OPTION_TIMELINE, "FILE", 0,
	  "Write the first replication as Chrome trace events (open in Perfetto)", 2 },
	{ 0 },
};

/* Options that stand for a setting become one. */
static void add_setting(struct arguments *arguments, const char *pointer, const char *value)
{
	size_t size = strlen(pointer) + strlen(value) + 2;
	char *text;

	if (!memory_grow(&arguments->settings, &arguments->setting_capacity,
			 arguments->setting_count + 1, sizeof(*arguments->settings), "settings",
			 arguments->error))
		return;
	text = memory_array(size, 1, "setting", arguments->error);
	if (!text)
		return;
	snprintf(text, size, "%s%s%s", pointer, *pointer ? "=" : "", value);
	arguments->settings[arguments->setting_count++] = text;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case OPTION_SET:
		add_setting(arguments, "", text);
		return 0;
	case OPTION_REPLICATIONS:
		add_setting(arguments, "/experiment/replications", text);
		return 0;
	case OPTION_PRECISION:
		add_setting(arguments, "/experiment/precision", text);
		return 0;
	case OPTION_SEED:
		add_setting(arguments, "/experiment/seed", text);
		return 0;
	case OPTION_EXACT:
		add_setting(arguments, "/experiment/exact_pages", "true");
		return 0;
	case 'j':
		if (!command_parse_threads(text, &arguments->threads))
			argp_error(state, "-j needs a number of threads from 1 to 256");
		return 0;
	case OPTION_FORMAT:
		arguments->format = report_format_find(text);
		if (!arguments->format)
			argp_error(state,
				   "there is no such format; text, json, csv, md and hgrm are");
		return 0;
	case 'o':
		arguments->output = text;
		return 0;
	case OPTION_TIMELINE:
		arguments->timeline = text;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->file)
			argp_error(state, "one scenario at a time");
		arguments->file = text;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->file)
			argp_error(state, "a scenario file is needed (or - for standard input)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"FILE",
	"Run a scenario and report the latency of its operations: how long, how sure, and where "
	"each microsecond went.\v"
	"Example:\n  sim run scenarios/s390-pv/reboot-64g.json --set /guests/0/strategy=sync -j "
	"2\n",
	NULL,
	NULL,
	NULL,
};

static void show_progress(uint64_t done, double relative_half_width, void *data)
{
	(void)data;
	fprintf(stderr, "\r%llu replications", (unsigned long long)done);
	if (isfinite(relative_half_width))
		fprintf(stderr, ", mean known to %.2g %%", 100 * relative_half_width);
	fputs("\033[K", stderr);
}

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
	bool terminal = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
	struct experiment_options experiment = {
		.replicate = { .threads = arguments->threads, .stop = &command_interrupted },
		.version = SIM_VERSION,
		.progress = terminal ? show_progress : NULL,
	};
	struct output output = { 0 };
	struct result result;
	int status = 0;

	if (arguments->timeline && !write_timeline(scenario, arguments->timeline, error))
		return 1;
	if (!experiment_run(scenario, &experiment, &result, error))
		return 1;
	if (terminal)
		fputs("\r\033[K", stderr);
	if (output_open(&output, arguments->output, error)) {
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
		.output = "-",
		.format = report_format_find("text"),
		.threads = command_all_cores(),
		.error = error,
	};
	struct setting *settings = NULL;
	struct scenario scenario;
	int status = 1;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	settings = memory_array(arguments.setting_count, sizeof(*settings), "settings", error);
	for (size_t i = 0; settings && i < arguments.setting_count; i++)
		settings[i].text = arguments.settings[i];
	if (settings && error->kind == ERROR_NONE &&
	    scenario_load(&scenario, arguments.file, settings, arguments.setting_count, stderr,
			  error)) {
		status = run_scenario(&scenario, &arguments, error);
		scenario_fini(&scenario);
	}
	for (size_t i = 0; i < arguments.setting_count; i++)
		free(arguments.settings[i]);
	free(arguments.settings);
	free(settings);
	return status;
}

const struct command command_run = { "run", "run a scenario and report its latencies", run };
