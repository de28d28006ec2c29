#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "scenario/scenario.h"

enum { OPTION_FORMAT = 256 };

static const struct argp_option options[] = {
	{ "format", OPTION_FORMAT, "FORMAT", 0,
	  "json (JSON Schema, the default) or md (reference page)", 0 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	bool *markdown = state->input;

	if (key == ARGP_KEY_ARG)
		argp_error(state, "no arguments are needed");
	if (key != OPTION_FORMAT)
		return ARGP_ERR_UNKNOWN;
	*markdown = strcmp(text, "md") == 0;
	if (!*markdown && strcmp(text, "json") != 0)
		argp_error(state, "the format is json or md");
	return 0;
}

static const struct argp argp = {
	options,
	parse,
	NULL,
	"Print the JSON Schema (draft-07) of scenarios, for editors.\v"
	"Example:\n  sim schema > scenarios/scenario.schema.json\n",
	NULL,
	NULL,
	NULL,
};

static int schema(int argc, char **argv, struct error *error)
{
	bool markdown = false;

	command_parse(&argp, argc, argv, &markdown);
	if (markdown)
		scenario_print_reference(stdout, error);
	else
		scenario_print_schema(stdout, error);
	return 0;
}

const struct command command_schema = { "schema", "print the JSON Schema of scenarios", schema,
					&argp };
