#include "scenario/carried.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"

static const char prefix[] = "sim-";

/* Formats that carry a scenario, and the newest version of each that is known. */
static const struct {
	const char *format;
	int version;
} formats[] = { { "sim-result", 1 },      { "sim-plan", 2 },        { "sim-comparison", 2 },
		{ "sim-sensitivity", 2 }, { "sim-explanation", 2 }, { "sim-scenario", 1 } };

static bool check_version(const struct document *result, struct error *error)
{
	const char *format = json_string_value(json_object_get(result->root, "format"));
	const json_t *version = json_object_get(result->root, "version");
	size_t count = sizeof(formats) / sizeof(formats[0]), f = 0;

	while (f < count && strcmp(formats[f].format, format) != 0)
		f++;
	if (f == count)
		return document_error(result, "/format", error,
				      "\"%.60s\" is not stored with its scenario: what sim run, "
				      "report, compare, plan, sensitivity and explain write is",
				      format);
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return document_error_at(result, "", "version", error,
					 "the number of the format's version is needed");
	return json_integer_value(version) <= formats[f].version ||
	       document_error(
		       result, "/version", error,
		       "version %lld of %s is newer than this sim, which reads up to %d: use "
		       "the sim that wrote it, or a later one",
		       (long long)json_integer_value(version), format, formats[f].version);
}

bool carried_is_result(const struct document *document)
{
	const char *format = json_string_value(json_object_get(document->root, "format"));

	return format && strncmp(format, prefix, sizeof(prefix) - 1) == 0;
}

json_t *carried_part(const struct document *result, const char *key)
{
	return json_object_get(json_object_get(result->root, "scenario"), key);
}

static bool check_part(const struct document *result, const char *key, json_type type, bool needed,
		       const char *what, struct error *error)
{
	const json_t *part = carried_part(result, key);

	if (part ? json_typeof(part) == type || (!needed && json_is_null(part)) : !needed)
		return true;
	return document_error_at(result, "/scenario", key, error,
				 "%s is needed: this file is damaged, or was written by a sim "
				 "whose files did not carry their scenario; write it again",
				 what);
}

bool carried_scenario(const struct document *result, struct document *scenario, struct error *error)
{
	const char *file;
	char *text;
	bool ok;

	if (!check_version(result, error))
		return false;
	if (!check_part(result, "file", JSON_STRING, true, "a text", error) ||
	    !check_part(result, "document", JSON_OBJECT, true, "an object", error) ||
	    !check_part(result, "sha256", JSON_STRING, false, "a text", error) ||
	    !check_part(result, "files", JSON_OBJECT, false, "an object", error) ||
	    !check_part(result, "traces", JSON_OBJECT, false, "an object", error) ||
	    !check_part(result, "costs", JSON_OBJECT, false, "an object", error))
		return false;
	file = json_string_value(carried_part(result, "file"));
	text = json_dumps(carried_part(result, "document"),
			  JSON_INDENT(2) | JSON_REAL_PRECISION(17));
	ok = text ? document_parse(scenario, strcmp(file, "-") == 0 ? "./-" : file, text,
				   strlen(text), error)
		  : error_memory(error, "scenario");
	free(text);
	return ok;
}

bool scenario_carry_files(const struct scenario *scenario, json_t *carried, struct error *error)
{
	const struct origin *origin = scenario->document;
	json_t *files = companions_to_json(&origin->companions);
	json_t *traces = attachments_to_json(&origin->attachments);
	bool ok = files && traces &&
		  json_object_update_missing(json_object_get(carried, "files"), files) == 0 &&
		  json_object_update_missing(json_object_get(carried, "traces"), traces) == 0;

	json_decref(files);
	json_decref(traces);
	return ok || error_memory(error, "files");
}

json_t *scenario_price_changes(const struct scenario *base, const struct scenario *scenario)
{
	const struct origin *before = base->document, *origin = scenario->document;

	return costs_carried_changes(&before->costs, &base->simulation.host, &origin->costs,
				     &scenario->simulation.host);
}

/* A path need not be UTF-8: then its bytes are shown. */
static json_t *text_of(const char *text)
{
	json_t *string = json_string(text);
	char shown[PATH_MAX];

	if (string)
		return string;
	visible_text(shown, sizeof(shown), text);
	return json_string(shown);
}

json_t *carried_to_json(const struct scenario *scenario, const char *sha256, json_t *resolved)
{
	const struct origin *origin = scenario->document;

	return json_pack("{s:o, s:o, s:s, s:O, s:o, s:o, s:o, s:o}", "name",
			 text_of(scenario->name), "file", text_of(scenario->file), "sha256", sha256,
			 "document", origin->document.root, "resolved", resolved, "files",
			 companions_to_json(&origin->companions), "traces",
			 attachments_to_json(&origin->attachments), "costs",
			 costs_carried_to_json(&origin->costs, &scenario->simulation.host,
					       origin->bandwidth_said));
}
