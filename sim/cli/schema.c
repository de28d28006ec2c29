#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/formats.h"
#include "design/design.h"
#include "document/shape.h"
#include "scenario/profile.h"
#include "scenario/published.h"
#include "scenario/scenario.h"

typedef bool printer(FILE *out, struct error *error);

/* Files that are read, who prints each as schema and as reference page; then what is written. */
enum { INPUTS = 4, ALL_OUTPUTS = INPUTS, FIRST_OUTPUT };
static const char *const kind_names[] = {
	"scenario",    "profile",     "published",      "design",
	"formats",     "result",      "comparison",     "plan",
	"sensitivity", "explanation", "validation",     "stored-scenario",
	"resolved",    "costs",       "functions",      "platform",
	"platforms",   "result-csv",  "comparison-csv", "sensitivity-csv",
	"sweep-csv",   NULL,
};
static const struct {
	printer *schema, *reference;
} inputs[INPUTS] = {
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

static bool print_output(const char *name, bool markdown, struct error *error)
{
	const struct output_format *format = output_formats;
	struct shapes_printed printed = { 0 };

	while (format->name && strcmp(format->name, name) != 0)
		format++;
	if (!format->name)
		return error_set(error, ERROR_INTERNAL, "sim schema: %s has no table", name);
	if (markdown)
		return shape_print_sections(format->shape, &printed, stdout, error);
	return !format->csv ? format_print_schema(format, stdout, error)
			    : error_set(error, ERROR_INPUT,
					"sim schema: %s is a table: --format md prints its columns",
					format->name);
}

static bool print(int kind, bool markdown, struct error *error)
{
	if (kind < INPUTS)
		return (markdown ? inputs[kind].reference : inputs[kind].schema)(stdout, error);
	if (kind >= FIRST_OUTPUT)
		return print_output(kind_names[kind], markdown, error);
	return markdown ? formats_print_reference(stdout, error)
			: error_set(error, ERROR_INPUT,
				    "sim schema: formats are many: --format md prints all of them");
}

static int schema(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };

	command_parse(&command_schema, argc, argv, &arguments);
	return print(arguments.kind, arguments.format == FORMAT_MARKDOWN, error) ? 0 : 1;
}

const struct command command_schema = {
	.name = "schema",
	.summary = "print the JSON Schema of a kind of file",
	.arguments = "[KIND]",
	.about = "Print the JSON Schema (draft-07) of a kind of file: of those that sim reads "
		 "(scenario, profile, published, design), for editors, or of those that it writes "
		 "(result, comparison, plan, ...: docs/formats.md lists them).\v"
		 "Examples:\n  sim schema > scenarios/scenario.schema.json\n"
		 "  sim schema profile > models/costs/profile.schema.json\n"
		 "  sim schema result\n  sim schema formats --format md\n",
	.options = { { options, 0 } },
	.words = { "kind", FIELD_CHOICE, AT(kind), .fallback = "\"scenario\"",
		   .choices = kind_names },
	.run = schema,
};
