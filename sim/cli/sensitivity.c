#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "explain/sensitivity.h"

static const char *const formats[] = { "text", "json", "csv", NULL };
static report_writer *const writers[] = { sensitivity_write_text, sensitivity_write_json,
					  sensitivity_write_csv };

struct arguments {
	const char *file;
	int format; /* in formats and writers */
	int64_t trajectories;
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("morris", FIELD_COUNT, AT(trajectories), "TRAJECTORIES",
	       "Screen for interactions too: elementary effects along so many trajectories (10)",
	       .bare = "10", WITHIN(2, 10000)),
	OPTION_FORMAT(AT(format), formats, 3),
	{ .field.key = NULL },
};

static int sensitivity(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct experiment_options experiment;
	struct sensitivity found;
	struct scenario scenario;
	int status = 1;

	command_parse(&command_sensitivity, argc, argv, &arguments);
	experiment = scenario_options_experiment(&arguments.scenario);
	if (scenario_options_load(&arguments.scenario, arguments.file, &scenario, error)) {
		if (sensitivity_run(&scenario, (uint64_t)arguments.trajectories, &experiment,
				    &found, error)) {
			scenario_options_write(&arguments.scenario, writers[arguments.format],
					       &found, error);
			sensitivity_fini(&found);
			status = 0;
		}
		scenario_fini(&scenario);
	}
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_sensitivity = {
	.name = "sensitivity",
	.summary = "find the costs that the answer hangs on",
	.arguments = "FILE",
	.about = "Which costs the answer hangs on: each moved alone through its range (tornado), "
		 "and "
		 "by Morris screening where the others are anywhere in theirs.\v"
		 "Example:\n  sim sensitivity scenarios/s390-pv/reboot-64g.json --morris\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file),
		   .help = "a scenario file is needed (or - for standard input)" },
	.run = sensitivity,
};
