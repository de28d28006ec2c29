#include "cli/replay_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "cli/command.h"
#include "document/json.h"
#include "report/output.h"
#include "report/shapes.h"
#include "scenario/scenario.h"
#include "sweep/point.h"

/* --- its scenario --- */

static bool write_json(const void *document, FILE *out, struct error *error)
{
	bool ok = json_put(document, NULL, out) && fputc('\n', out) != EOF;

	return report_check(out, error) && (ok || error_memory(error, "scenario"));
}

/* Takes the object over. */
static bool write_scenario(json_t *carried, const char *path, struct error *error)
{
	struct document document;
	bool ok;

	if (!scenario_stand_alone(&document, path, carried, error))
		return false;
	ok = output_write(path, write_json, document.root, error);
	document_fini(&document);
	return ok;
}

/* The look number `point` of a plan, counted over all its answers. */
static const json_t *find_look(const struct document *document, int64_t point,
			       const json_t **answer)
{
	const json_t *answers = json_object_get(document->root, "answers");

	for (size_t a = 0; a < json_array_size(answers); a++) {
		const json_t *looks;

		*answer = json_array_get(answers, a);
		looks = json_object_get(*answer, "looks");
		if (point < (int64_t)json_array_size(looks))
			return json_array_get(looks, (size_t)point);
		point -= (int64_t)json_array_size(looks);
	}
	return NULL;
}

enum { VALUE_SIZE = 128, LOOK_SETTINGS_MOST = 4 };

struct look_settings {
	struct setting items[LOOK_SETTINGS_MOST];
	char texts[LOOK_SETTINGS_MOST][VALUE_SIZE];
	size_t count;
};

/* A setting of a value that is a number of units (NULL: none), or text as the command line has it. */
static void add_setting(struct look_settings *settings, const char *pointer, const json_t *value,
			const char *unit)
{
	char *text = settings->texts[settings->count];

	if (json_is_string(value))
		snprintf(text, VALUE_SIZE, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, VALUE_SIZE, "%lld%s", (long long)json_integer_value(value),
			 !unit                        ? ""
			 : strcmp(unit, "bytes") == 0 ? "B"
						      : unit);
	else
		snprintf(text, VALUE_SIZE, "%.17g%s", json_number_value(value), unit ? unit : "");
	settings->items[settings->count++] = (struct setting){ pointer, text, NULL };
}

/* What a look of a plan ran: its value, its replications and its random numbers. */
static bool look_scenario(const struct document *document, int64_t point, struct scenario *scenario,
			  struct error *error)
{
	const json_t *answer, *look = find_look(document, point, &answer);
	const char *vary = json_string_value(json_object_get(document->root, "vary"));
	const char *each = json_string_value(json_object_get(document->root, "for_each"));
	json_int_t seed = json_integer_value(
		json_object_get(json_object_get(document->root, "provenance"), "seed"));
	struct look_settings settings = { .count = 0 };
	struct document copy;
	json_t *fresh;

	if (!look || !vary)
		return error_set(
			error, ERROR_INPUT,
			"%s: there is no look %lld: they are numbered from 0, over all answers",
			document->path, (long long)point);
	add_setting(&settings, vary, json_object_get(look, "value"),
		    json_string_value(json_object_get(document->root, "unit")));
	if (each)
		add_setting(&settings, each, json_object_get(answer, "for"), NULL);
	add_setting(&settings, "/experiment/replications", json_object_get(look, "replications"),
		    NULL);
	if (json_is_true(json_object_get(look, "fresh"))) {
		fresh = json_integer(seed + 1);
		add_setting(&settings, "/experiment/seed", fresh, NULL);
		json_decref(fresh);
	}
	return document_copy(&copy, document, error) &&
	       scenario_take(scenario, &copy, settings.items, settings.count, NULL, error);
}

bool replay_design(const struct document *comparison, size_t index, struct document *document,
		   struct error *error)
{
	const json_t *designs = json_object_get(comparison->root, "designs");
	const json_t *design = json_array_get(designs, index);
	json_t *scenario = json_deep_copy(json_object_get(comparison->root, "scenario"));
	json_t *own = json_object_get(design, "scenario");
	char pointer[POINTER_MAX];

	pointer_to_index(pointer, "/designs", index);
	if (!design)
		error_set(error, ERROR_INPUT,
			  "%s: there is no design %zu: they are numbered from 0", comparison->path,
			  index);
	else if (!scenario || (json_is_object(own) && json_object_update(scenario, own) != 0))
		error_memory(error, "scenario");
	else if (!json_is_object(json_object_get(scenario, "document")))
		document_error_at(comparison, pointer, "scenario", error,
				  "this design does not carry its scenario: the file is damaged");
	if (error->kind == ERROR_NONE)
		return scenario_stand_alone(document, comparison->path, scenario, error);
	json_decref(scenario);
	return false;
}

static bool extract_design(const struct document *document,
			   const struct replay_arguments *arguments, struct error *error)
{
	struct document own;

	if (!replay_design(document, (size_t)arguments->point, &own, error))
		return false;
	output_write(arguments->extract, write_json, own.root, error);
	document_fini(&own);
	return error->kind == ERROR_NONE;
}

static bool extract_look(const struct document *document, const struct replay_arguments *arguments,
			 struct error *error)
{
	struct scenario scenario;
	json_t *carried;
	char *text;

	if (!look_scenario(document, arguments->point, &scenario, error))
		return false;
	text = scenario_carried_text(&scenario, error);
	carried = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	scenario_fini(&scenario);
	return carried ? write_scenario(carried, arguments->extract, error)
		       : error_memory(error, "scenario");
}

bool replay_extract(const struct document *document, const struct replay_arguments *arguments,
		    struct error *error)
{
	const char *format = json_string_value(json_object_get(document->root, "format"));
	json_t *carried = json_object_get(document->root, "scenario");

	if (!json_is_object(json_object_get(carried, "document")))
		return document_error_at(document, "/scenario", "document", error,
					 "this file does not carry its scenario");
	if (arguments->point < 0)
		return write_scenario(json_incref(carried), arguments->extract, error);
	if (format && strcmp(format, plan_shape.format) == 0)
		return extract_look(document, arguments, error);
	if (format && strcmp(format, comparison_shape.format) == 0)
		return extract_design(document, arguments, error);
	return error_set(error, ERROR_INPUT,
			 "sim replay: %s has no points: sweeps, plans and comparisons have",
			 arguments->file);
}

/* --- a point of a sweep --- */

bool replay_point(const struct replay_arguments *arguments, struct error *error)
{
	size_t point = (size_t)arguments->point;
	struct output output = { 0 };
	struct document document;

	if (arguments->point < 0 || arguments->worst || arguments->replication >= 0 ||
	    arguments->timeline)
		return error_set(error, ERROR_INPUT,
				 "sim replay: of a sweep's file, --point N is needed (and with it "
				 "--extract FILE, for one replication or a timeline of that)");
	if (arguments->extract) {
		if (!point_scenario(&document, arguments->file, point, error))
			return false;
		output_write(arguments->extract, write_json, document.root, error);
		document_fini(&document);
	} else if (output_open(&output, arguments->output, error)) {
		point_again(arguments->file, point, &interrupted, output.stream, error);
		output_close(&output, error);
	}
	return error->kind == ERROR_NONE;
}
