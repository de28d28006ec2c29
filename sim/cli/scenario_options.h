#ifndef SIM_CLI_SCENARIO_OPTIONS_H
#define SIM_CLI_SCENARIO_OPTIONS_H

/*
 * What every command that runs a scenario understands: --set, --replications,
 * --precision, --seed, --exact-pages, -j, -o. An argp child parser; its input is a
 * struct scenario_options, which the command's own parser hands on in ARGP_KEY_INIT.
 */

#include <argp.h>
#include <stddef.h>

#include "base/error.h"
#include "repeat/experiment.h"
#include "scenario/scenario.h"

struct scenario_options {
	const char *output;
	char **settings; /* "/POINTER=VALUE", owned */
	size_t setting_count, setting_capacity;
	unsigned int threads;
	struct error *error; /* set when memory runs out */
};

extern const struct argp scenario_options_argp;

/* The defaults: standard output, all cores. */
struct scenario_options scenario_options_default(struct error *error);
void scenario_options_fini(struct scenario_options *options);

/* One setting more, "POINTER=VALUE" from its halves (value NULL: the text is whole). */
bool scenario_options_set(struct scenario_options *options, const char *pointer, const char *value);

/* The settings as scenarios take them; the caller frees the array. NULL: an error is set. */
struct setting *scenario_options_settings(const struct scenario_options *options,
					  struct error *error);

/* Load FILE with the settings; warnings go to standard error. */
bool scenario_options_load(const struct scenario_options *options, const char *file,
			   struct scenario *scenario, struct error *error);

/* How an experiment runs under these options: threads, signals, progress on a terminal. */
struct experiment_options scenario_options_experiment(const struct scenario_options *options);

/* Wipe the progress line, if there is one. */
void scenario_options_progress_done(void);

#endif
