#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/plan.h"

/* In the order of enum text_or_json. */
static report_writer *const writers[] = { planning_write_text, planning_write_json };

struct arguments {
	const char *file;
	int format; /* in writers */
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION_TEXT_OR_JSON(AT(format), 3),
	{ .field.key = NULL },
};

static int plan(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct experiment_options experiment;
	struct planning planning;
	int status = 1;

	command_parse(&command_plan, argc, argv, &arguments);
	experiment = scenario_options_experiment(&arguments.scenario);
	if (plan_run(arguments.file, arguments.scenario.settings.items,
		     arguments.scenario.settings.count, &experiment, &planning, error)) {
		scenario_options_write(&arguments.scenario, writers[arguments.format], &planning,
				       error);
		status = planning_status(&planning);
		planning_fini(&planning);
	}
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_plan = {
	.name = "plan",
	.summary = "find how many guests, hosts or how wide a wave",
	.arguments = "FILE",
	.about = "Find the largest (or smallest) number for which all limits of the scenario's "
		 "\"plan\" hold: guests on a host, width of a wave, hosts of a fleet. Every "
		 "decision "
		 "is made on a confidence bound; the result is confirmed on fresh random numbers. "
		 "Exit status 3: infeasible, 4: unresolved with the replications allowed.\v"
		 "Example:\n  sim plan scenarios/s390-pv/plan-wave.json\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file),
		   .help = "a scenario file with a \"plan\" is needed" },
	.run = plan,
};
