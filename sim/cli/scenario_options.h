#ifndef SIM_CLI_SCENARIO_OPTIONS_H
#define SIM_CLI_SCENARIO_OPTIONS_H

/*
 * What every command that runs a scenario understands: --set, --platform, --replications,
 * --precision, --seed, --exact-pages, -j. A table of rows that fill a struct scenario_options; -o,
 * where the report goes, is a second one.
 */

#include <stdint.h>

#include "base/error.h"
#include "cli/options.h"
#include "repeat/experiment.h"
#include "report/output.h"
#include "scenario/scenario.h"

struct scenario_options {
	const char *output; /* NULL: standard output */
	struct settings settings;
	int64_t jobs; /* of command_threads */
};

extern const struct option_row scenario_options[], scenario_output[];

void scenario_options_fini(struct scenario_options *options);

/* How much of what explain_run does beside the experiment: an enum study. */
#define OPTION_STUDY(offset, group_)                                                               \
	OPTION("study", FIELD_CHOICE, offset, "HOW",                                               \
	       "Run again with other costs: bounded (what a large scenario can afford), full, "    \
	       "band (only what all prices together do) or none",                                  \
	       .group = (group_), ONE_OF(study_names, "\"bounded\""))

/* Load FILE with the settings; warnings go to standard error. */
bool scenario_options_load(const struct scenario_options *options, const char *file,
			   struct scenario *scenario, struct error *error);

/* How an experiment runs under these options: threads, signals. */
struct experiment_options scenario_options_experiment(const struct scenario_options *options);

/* The same, and write a report where the options say. */
bool scenario_options_write(const struct scenario_options *options, report_writer *write,
			    const void *what, struct error *error);

#endif
