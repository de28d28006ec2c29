#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "scenario/scenario.h"

enum { OPTION_RESOLVED = 256 };

struct arguments {
	char **files;
	int file_count;
	bool resolved;
};

static const struct argp_option options[] = {
	{ "resolved", OPTION_RESOLVED, NULL, 0,
	  "Print the scenario with every default filled in, and where each value came from", 0 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	(void)text;
	switch (key) {
	case OPTION_RESOLVED:
		arguments->resolved = true;
		return 0;
	case ARGP_KEY_ARGS:
		arguments->files = state->argv + state->next;
		arguments->file_count = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "a scenario file is needed (or - for standard input)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"FILE...",
	"Check scenarios without running them.\v"
	"Example:\n  sim check --resolved scenarios/s390-pv/reboot-64g.json\n",
	NULL,
	NULL,
	NULL,
};

static int check(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	int status = 0;

	command_parse(&argp, argc, argv, &arguments);
	for (int i = 0; i < arguments.file_count; i++) {
		struct error own = { 0 };
		struct scenario scenario;

		if (!scenario_load(&scenario, arguments.files[i], NULL, 0, stderr, &own)) {
			fprintf(stderr, "%s\n", own.message);
			status = error_exit_status(&own);
			continue;
		}
		if (arguments.resolved)
			scenario_print_resolved(&scenario, stdout, error);
		else
			printf("%s: ok\n", scenario.file);
		scenario_fini(&scenario);
	}
	return status;
}

const struct command command_check = { "check", "check scenarios, or print them with all defaults",
				       check, &argp };
