#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

/* A subcommand: one entry of the dispatch table in main.c, one file each. */

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct command {
	const char *name;
	const char *summary; /* one line in `sim --help` */
	/* Parse argv (argv[0] is the command's name), do the work, return the exit status. */
	int (*run)(int argc, char **argv, struct error *error);
	const struct argp *argp; /* its options: for --help, the manual and completions */
};

/* All of them, in the order of `sim --help`; ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_run, command_check, command_flows, command_costs,
	command_models, command_schema, command_validate, command_compare, command_sensitivity,
	command_fit, command_sweep, command_plan, command_replay, command_plot, command_report,
	command_manual, command_completion;

/* argp_parse for a subcommand: messages are prefixed "sim NAME", bad usage exits with 2. */
void command_parse(const struct argp *argp, int argc, char **argv, void *input);

/* The argument of -j: a number of threads from 1 to 256. False: it is none. */
bool command_parse_threads(const char *text, unsigned int *threads);

/* A whole number within [least, most]. False: it is none. */
bool command_parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *value);

/*
 * The cases of a parser that takes exactly one scenario file; any other key is
 * ARGP_ERR_UNKNOWN. `missing` is said when there is none.
 */
error_t command_parse_one_file(int key, char *text, struct argp_state *state, const char **file,
			       const char *missing);

/* As many threads as the machine has cores. */
unsigned int command_all_cores(void);

/* Set by SIGINT and SIGTERM once command_catch_signals was called. */
extern volatile bool command_interrupted;
void command_catch_signals(void);

#endif
