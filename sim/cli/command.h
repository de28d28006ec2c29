#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

/* A subcommand: one entry of the dispatch table in main.c, one file each. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/field.h"
#include "base/interrupt.h"
#include "base/program.h"
#include "cli/options.h"

enum { OPTION_TABLES_MOST = 4, WORDS_MOST = 1 << 30 };

struct command {
	const char *name;
	const char *summary;   /* one line in `sim --help` */
	const char *arguments; /* what follows the options in usage; NULL: nothing */
	const char *about;     /* help; behind "\v" its examples */
	struct option_table options[OPTION_TABLES_MOST]; /* ends with one without rows */
	/*
	 * What stands beside the options. FIELD_TEXTS: from `minimum` to `maximum` texts, as a
	 * struct field_list that borrows them; another kind: one. The key names it; the help is
	 * said when it is missing. No key: nothing may stand there.
	 */
	struct field words;
	/* What must hold between options and words, or NULL. */
	bool (*check)(const void *arguments, struct error *error);
	/* Parse argv (argv[0] is the command's name), do the work, return the exit status. */
	int (*run)(int argc, char **argv, struct error *error);
};

/* All of them, in the order of `sim --help`; ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_run, command_check, command_flows, command_costs,
	command_models, command_platforms, command_schema, command_validate, command_compare,
	command_sensitivity, command_fit, command_sweep, command_plan, command_replay, command_plot,
	command_report, command_manual, command_completion, command_explain, command_calibrate,
	command_import, command_trace;

/* So many threads for the value of --jobs: 0 stands for as many as the machine has cores. */
unsigned int command_threads(int64_t jobs);

/*
 * From now on SIGINT and SIGTERM set `interrupted` (base/interrupt.h); what has not ended 0.7 s later is ended, with
 * status 130 and without a half-written file.
 */
void command_catch_signals(void);

/* What is said when it is interrupted, "s.sqlite keeps the points that are done" (usually: nothing was written). */
void command_keeps(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *command_kept(void);

#endif
