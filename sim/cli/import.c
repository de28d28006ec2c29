#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "document/document.h"
#include "document/json.h"
#include "import/guest_import.h"
#include "report/output.h"
#include "scenario/scenario.h"

struct arguments {
	const char *file, *output;
	bool scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("scenario", FIELD_FLAG, AT(scenario), NULL,
	       "Write a whole scenario that runs, not only the guest"),
	OPTION_OUTPUT(AT(output), 0),
	{ .field.key = NULL },
};

/* What sim says of a scenario with this guest. */
static bool check_scenario(const char *file, const json_t *json, struct error *error)
{
	char *text = json_dumps(json, JSON_INDENT(2)), place[256];
	struct error own = { 0 };
	struct document document;
	struct scenario scenario;

	if (!text)
		return error_memory(error, "scenario");
	snprintf(place, sizeof(place), "%.200s, as a scenario", file);
	if (document_parse(&document, place, text, strlen(text), &own) &&
	    scenario_take(&scenario, &document, NULL, 0, NULL, &own))
		scenario_fini(&scenario);
	free(text);
	return own.kind == ERROR_NONE ||
	       error_set(error, own.kind, "%s: error: sim cannot simulate this guest:\n%s", file,
			 own.message);
}

static bool write_json(const void *json, FILE *out, struct error *error)
{
	return json_print(json_incref((json_t *)json), "the guest", 2, out, error);
}

static int import(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct imported_guest *guest;
	json_t *json = NULL;

	command_parse(&command_import, argc, argv, &arguments);
	guest = guest_import(arguments.file, error);
	if (guest)
		json = guest_import_scenario(guest, error);
	if (json && check_scenario(arguments.file, json, error) &&
	    guest_import_account(guest, arguments.scenario, stderr, error))
		output_write(arguments.output, write_json,
			     arguments.scenario
				     ? json
				     : json_array_get(json_object_get(json, "guests"), 0),
			     error);
	json_decref(json);
	guest_import_free(guest);
	return 0;
}

const struct command command_import = {
	.name = "import",
	.summary = "make a guest of a libvirt domain or a QEMU command",
	.arguments = "FILE",
	.about = "Read a libvirt domain (XML) or the command line of a QEMU process, print a guest "
		 "of "
		 "a scenario, and account on standard error for each element or option: taken, "
		 "without effect, or not modelled.\v"
		 "Example:\n  sim import tests/samples/domain.xml --scenario -o db.json\n"
		 "  sim import tests/samples/qemu-ps.txt\n",
	.options = { { options, 0 } },
	.words = { "file", FIELD_TEXT, AT(file),
		   .help = "a libvirt domain or the command line of QEMU is needed" },
	.run = import,
};
