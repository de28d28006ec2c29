/* What all parts of scenario_load call: warnings, and guests by their names. */

#include "scenario/loader.h"

#include "document/value.h"

enum { WARNINGS_MAX = 20 };

void loader_warning(struct loader *loader, const char *pointer, const char *format, ...)
{
	char message[1024];

	/* Each looks its place up in the whole text: a hostile file must not make a million. */
	if (!loader->warnings || ++loader->warned > WARNINGS_MAX + 1)
		return;
	FORMAT_MESSAGE(message, format);
	if (loader->warned <= WARNINGS_MAX)
		document_warning(loader->document, pointer, loader->warnings, "%s", message);
	else
		document_warning(loader->document, "", loader->warnings,
				 "further warnings are left out");
}

int64_t loader_guest(const struct loader *loader, const char *name, char hint[HINT_MAX])
{
	const struct simulation_config *config = &loader->scenario->simulation;
	json_t *number = json_object_get(loader->guest_numbers, name);
	struct candidates known = { 0 };

	if (number)
		return json_integer_value(number);
	for (size_t g = 0; g < config->guest_count; g++)
		candidates_add(&known, config->guests[g].name);
	did_you_mean(hint, name, known.names);
	return -1;
}
