#include "document/document.h"

#include <string.h>

/* Of documents that say their format. */
static const struct {
	const char *format, *is;
} formats[] = {
	{ "sim-result", "a stored result (sim run --format json)" },
	{ "sim-comparison", "a stored comparison (sim compare --format json)" },
	{ "sim-sensitivity", "a stored sensitivity (sim sensitivity --format json)" },
	{ "sim-plan", "a stored plan (sim plan --format json)" },
	{ "sim-explanation", "a stored explanation (sim explain --format json)" },
	{ "sim-validation", "a stored validation (sim validate --format json)" },
};

/* Of the others: the keys that tell, the first that is there. */
static const struct {
	const char *key, *is;
} keys[] = {
	{ "guests", "a scenario" },          { "fleet", "a scenario" },
	{ "extends", "a design" },           { "rows", "a published table" },
	{ "traceEvents", "a timeline" },     { "costs", "a cost profile" },
	{ "$schema", "a file of a schema" },
};

const char *document_kind(const json_t *root)
{
	const char *format = json_string_value(json_object_get(root, "format"));

	for (size_t i = 0; format && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(format, formats[i].format) == 0)
			return formats[i].is;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(root, keys[i].key))
			return keys[i].is;
	return NULL;
}
