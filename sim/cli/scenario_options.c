#include "cli/scenario_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"

#define AT(member) offsetof(struct scenario_options, member)

const struct option_row scenario_options[] = {
	OPTION_SET(AT(settings), 1),
	OPTION_PLATFORM(AT(settings), 1),
	OPTION("replications", FIELD_ANY, AT(settings), "N", "Independent repetitions, or \"auto\"",
	       .group = 1, .setting = "/experiment/replications"),
	OPTION("precision", FIELD_ANY, AT(settings), "P",
	       "Wanted relative half-width of the mean (0.01)", .group = 1,
	       .setting = "/experiment/precision"),
	OPTION("seed", FIELD_ANY, AT(settings), "N", "Seed of all random numbers", .group = 1,
	       .setting = "/experiment/seed"),
	OPTION("exact-pages", FIELD_ANY, AT(settings), NULL,
	       "Simulate every page as an event (slow)", .group = 1,
	       .setting = "/experiment/exact_pages"),
	OPTION_JOBS(AT(jobs), 2),
	{ .field.key = NULL },
};

const struct option_row scenario_output[] = {
	OPTION_OUTPUT(AT(output), 2),
	{ .field.key = NULL },
};

void scenario_options_fini(struct scenario_options *options)
{
	free(options->settings.items);
}

bool scenario_options_load(const struct scenario_options *options, const char *file,
			   struct scenario *scenario, struct error *error)
{
	return scenario_load(scenario, file, options->settings.items, options->settings.count,
			     stderr, error);
}

struct experiment_options scenario_options_experiment(const struct scenario_options *options)
{
	return (struct experiment_options){
		.replicate = { .threads = command_threads(options->jobs), .stop = &interrupted },
		.version = SIM_VERSION,
		.commit = *program_commit ? program_commit : NULL,
	};
}

bool scenario_options_write(const struct scenario_options *options, report_writer *write,
			    const void *what, struct error *error)
{
	return output_write(options->output, write, what, error);
}
