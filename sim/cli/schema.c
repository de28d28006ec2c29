#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "scenario/scenario.h"

enum format { FORMAT_JSON, FORMAT_MARKDOWN };
static const char *const formats[] = { "json", "md", NULL };

static const struct option_row options[] = {
	OPTION("format", FIELD_CHOICE, 0, "FORMAT",
	       "json (JSON Schema, the default) or md (reference page)",
	       ONE_OF(formats, "\"json\"")),
	{ .field.key = NULL },
};

static int schema(int argc, char **argv, struct error *error)
{
	int format = FORMAT_JSON;

	command_parse(&command_schema, argc, argv, &format);
	if (format == FORMAT_MARKDOWN)
		scenario_print_reference(stdout, error);
	else
		scenario_print_schema(stdout, error);
	return 0;
}

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of scenarios",
	.about = "Print the JSON Schema (draft-07) of scenarios, for editors.\v"
		 "Example:\n  sim schema > scenarios/scenario.schema.json\n",
	.options = { { options, 0 } },
	.run = schema,
};
