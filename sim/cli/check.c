#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "scenario/design.h"
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
	"Check scenarios and designs without running them.\v"
	"Example:\n  sim check --resolved scenarios/s390-pv/reboot-64g.json\n"
	"  sim check scenarios/designs/lower-in-background.json\n",
	NULL,
	NULL,
	NULL,
};

static bool check_design(struct document *document, struct error *error)
{
	struct design_file design;
	bool ok = design_file_take(&design, document, error);

	if (ok)
		printf("%s: ok, strategy %s of %s\n", design.document.path, design.strategy->name,
		       design.model->name);
	design_file_fini(&design);
	return ok;
}

static bool check_scenario(struct document *document, bool resolved, struct error *error)
{
	struct scenario scenario;

	if (!scenario_take(&scenario, document, NULL, 0, stderr, error))
		return false;
	if (resolved)
		scenario_print_resolved(&scenario, stdout, error);
	else
		printf("%s: ok\n", scenario.file);
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static int check(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	int status = 0;

	(void)error;
	command_parse(&argp, argc, argv, &arguments);
	for (int i = 0; i < arguments.file_count; i++) {
		struct error own = { 0 };
		struct document document;

		if (document_read(&document, arguments.files[i], &own) &&
		    (document_is_design(&document)
			     ? check_design(&document, &own)
			     : check_scenario(&document, arguments.resolved, &own)))
			continue;
		fprintf(stderr, "%s\n", own.message);
		status = error_exit_status(&own);
	}
	return status;
}

const struct command command_check = { "check", "check scenarios and designs", check, &argp };
