#include "scenario/platform.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"

static const struct shipped_profile *find_shipped(const char *name)
{
	for (size_t i = 0; i < shipped_profile_count; i++)
		if (strcmp(shipped_profiles[i].name, name) == 0)
			return &shipped_profiles[i];
	return NULL;
}

bool platform_is_shipped(const char *name)
{
	return find_shipped(name) != NULL;
}

static bool is_path(const char *name)
{
	size_t length = strlen(name);

	return strchr(name, '/') || (length > 5 && strcmp(name + length - 5, ".json") == 0);
}

/* What was asked for, what there is, and what else could be said. */
static void say_unknown(char *text, size_t size, const char *name)
{
	static const struct {
		const char *other, *name;
	} also[] = { { "amd64", "x86_64" }, { "x86-64", "x86_64" }, { "x64", "x86_64" },
		     { "x86", "x86_64" },   { "aarch64", "arm64" }, { "armv8", "arm64" },
		     { "s390", "s390x" },   { "zarch", "s390x" } };
	char hint[HINT_MAX];

	did_you_mean(hint, name, shipped_profile_names);
	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++)
		if (strcasecmp(also[i].other, name) == 0)
			snprintf(hint, sizeof(hint), "; \"%s\" is what it is called here",
				 also[i].name);
	snprintf(text, size,
		 "no platform \"%.60s\"%s (`sim platforms` lists them; a path of a profile has a "
		 "\"/\" or ends in .json)",
		 name, hint);
}

const struct document *platform_document(struct companions *companions,
					 const struct document *scenario, const char *pointer,
					 const char *name, struct error *error)
{
	const struct shipped_profile *shipped = find_shipped(name);
	char unknown[400];

	if (shipped)
		return companions_read_text(companions, name, shipped->text, shipped->length,
					    error);
	if (is_path(name) || companions_carry(companions, name))
		return companions_read(companions, scenario, pointer, name, "profile", error);
	say_unknown(unknown, sizeof(unknown), name);
	document_error(scenario, pointer, error, "%s", unknown);
	return NULL;
}

bool platform_read(const char *name, struct document *document, struct error *error)
{
	const struct shipped_profile *shipped = find_shipped(name);
	char unknown[400];

	if (shipped)
		return document_parse(document, name, shipped->text, shipped->length, error);
	if (is_path(name))
		return document_read(document, name, error);
	say_unknown(unknown, sizeof(unknown), name);
	return error_set(error, ERROR_INPUT, "%s", unknown);
}

bool platform_runs(enum architecture architecture, const struct guest_config *guest,
		   char why[PLATFORM_WHY_MAX])
{
	const struct model *model = guest->model;
	size_t length = (size_t)snprintf(why, PLATFORM_WHY_MAX, "guest \"%.60s\" of model %s",
					 guest->name, model->name);
	bool runs;

	if (model->architecture) {
		enum architecture needed = model->architecture(guest);

		runs = needed == architecture;
		snprintf(why + length, PLATFORM_WHY_MAX - length, " is set to %s",
			 architecture_names[needed]);
		return runs;
	}
	runs = model->architectures >> architecture & 1;
	length += (size_t)snprintf(why + length, PLATFORM_WHY_MAX - length, " runs on");
	for (int i = 0; i < ARCHITECTURES; i++)
		if (model->architectures >> i & 1)
			length += (size_t)snprintf(why + length, PLATFORM_WHY_MAX - length, " %s",
						   architecture_names[i]);
	return runs;
}
