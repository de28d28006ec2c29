#include <stdio.h>

#include "cli/command.h"
#include "design/design.h"
#include "scenario/profile.h"
#include "scenario/published.h"
#include "scenario/scenario.h"

typedef bool printer(FILE *out, struct error *error);

/* The kinds of documents, and who prints each as schema and as reference page. */
static const char *const kind_names[] = { "scenario", "profile", "published", "design", NULL };
static const struct {
	printer *schema, *reference;
} kinds[] = {
	{ scenario_print_schema, scenario_print_reference },
	{ profile_print_schema, profile_print_reference },
	{ published_print_schema, published_print_reference },
	{ design_print_schema, design_print_reference },
};

enum format { FORMAT_JSON, FORMAT_MARKDOWN };
static const char *const formats[] = { "json", "md", NULL };

struct arguments {
	int kind, format;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("format", FIELD_CHOICE, AT(format), "FORMAT",
	       "json (JSON Schema, the default) or md (reference page)",
	       ONE_OF(formats, "\"json\"")),
	{ .field.key = NULL },
};

static int schema(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };

	command_parse(&command_schema, argc, argv, &arguments);
	if (arguments.format == FORMAT_MARKDOWN)
		kinds[arguments.kind].reference(stdout, error);
	else
		kinds[arguments.kind].schema(stdout, error);
	return 0;
}

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of a kind of file",
	.arguments = "[scenario|profile|published|design]",
	.about =
		"Print the JSON Schema (draft-07) of scenarios, cost profiles or published tables, "
		"for editors.\v"
		"Examples:\n  sim schema > scenarios/scenario.schema.json\n"
		"  sim schema profile > models/costs/profile.schema.json\n",
	.options = { { options, 0 } },
	.words = { "kind", FIELD_CHOICE, AT(kind), .fallback = "\"scenario\"",
		   .choices = kind_names },
	.run = schema,
};
