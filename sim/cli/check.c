#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "design/design.h"
#include "scenario/scenario.h"

struct arguments {
	struct field_list files;
	struct settings settings;
	bool resolved;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("resolved", FIELD_FLAG, AT(resolved), NULL,
	       "Print the scenario with every default filled in, and where each value came from"),
	OPTION_SET(AT(settings), 0),
	OPTION_PLATFORM(AT(settings), 0),
	{ .field.key = NULL },
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

static bool check_scenario(struct document *document, const struct arguments *arguments,
			   struct error *error)
{
	const struct settings *settings = &arguments->settings;
	struct scenario scenario;

	if (!scenario_take(&scenario, document, settings->items, settings->count, stderr, error))
		return false;
	if (arguments->resolved)
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
	command_parse(&command_check, argc, argv, &arguments);
	for (size_t i = 0; i < arguments.files.count; i++) {
		struct error own = { 0 };
		const char *file = ((char **)arguments.files.items)[i];
		struct document document;

		if (document_read(&document, file, &own) &&
		    (document_is_design(&document) ? check_design(&document, &own)
						   : check_scenario(&document, &arguments, &own)))
			continue;
		fprintf(stderr, "%s\n", own.message);
		status = error_exit_status(&own);
	}
	free(arguments.settings.items);
	return status;
}

const struct command command_check = {
	.name = "check",
	.summary = "check scenarios and designs",
	.arguments = "FILE...",
	.about = "Check scenarios and designs without running them.\v"
		 "Example:\n  sim check --resolved scenarios/s390-pv/reboot-64g.json\n"
		 "  sim check scenarios/designs/lower-in-background.json\n",
	.options = { { options, 0 } },
	.words = { "files", FIELD_TEXTS, AT(files), .minimum = 1, .maximum = WORDS_MOST,
		   .help = "a scenario file is needed (or - for standard input)" },
	.run = check,
};
