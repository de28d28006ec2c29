#include "cli/scenario_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"

#define AT(member) offsetof(struct scenario_options, member)

static bool read_set(void *settings, const char *text, struct error *error)
{
	return settings_add(settings, text, NULL, error);
}

const struct option_row scenario_options[] = {
	OPTION("set", FIELD_ANY, AT(settings), "/POINTER=VALUE",
	       "Change a value of the scenario (repeatable)", .group = 1, .read = read_set),
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

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
}

static void show_progress(uint64_t done, double relative_half_width, void *data)
{
	(void)data;
	fprintf(stderr, "\r%llu replications", (unsigned long long)done);
	if (isfinite(relative_half_width))
		fprintf(stderr, ", mean known to %.2g %%", 100 * relative_half_width);
	fputs("\033[K", stderr);
}

static void show_study(uint64_t runs, void *data)
{
	(void)data;
	fprintf(stderr, "\r%llu runs with other costs\033[K", (unsigned long long)runs);
}

struct experiment_options scenario_options_experiment(const struct scenario_options *options)
{
	return (struct experiment_options){
		.replicate = { .threads = command_threads(options->jobs),
			       .stop = &command_interrupted },
		.version = SIM_VERSION,
		.commit = *program_commit ? program_commit : NULL,
		.progress = on_terminal() ? show_progress : NULL,
		.study_progress = on_terminal() ? show_study : NULL,
	};
}

void scenario_options_progress_done(void)
{
	if (on_terminal())
		fputs("\r\033[K", stderr);
}

bool scenario_options_write(const struct scenario_options *options, report_writer *write,
			    const void *what, struct error *error)
{
	scenario_options_progress_done();
	return output_write(options->output, write, what, error);
}
