#include "cli/replay_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "cli/command.h"
#include "decide/plan.h"
#include "document/json.h"
#include "explain/explain.h"
#include "replay/again.h"
#include "report/output.h"
#include "report/text_tools.h"
#include "sweep/point.h"

static const json_t *provenance_of(const struct document *document, const char *key)
{
	return json_object_get(json_object_get(document->root, "provenance"), key);
}

static bool is_format(const struct document *document, const char *format)
{
	const char *is = json_string_value(json_object_get(document->root, "format"));

	return is && strcmp(is, format) == 0;
}

/* --- all of it --- */

/* Compare, and say that it is the same. */
static bool compare(const struct document *document, const struct replay_arguments *arguments,
		    report_writer *write, const void *what, struct error *error)
{
	const json_t *scenario = json_object_get(document->root, "scenario");
	struct output output = { 0 };

	if (!again_same(document, write, what, error) ||
	    !output_open(&output, arguments->output, error))
		return false;
	print_visible(output.stream, "Every value of %s reproduced exactly: \"%s\", seed %lld\n",
		      arguments->file, json_string_value(json_object_get(scenario, "name")),
		      (long long)json_integer_value(provenance_of(document, "seed")));
	return output_close(&output, error);
}

static bool read_study(const struct document *document, enum study *study, struct error *error)
{
	const json_t *options = provenance_of(document, "options");
	const char *name = json_string_value(json_object_get(options, "study"));

	for (int s = 0; name && study_names[s]; s++)
		if (strcmp(study_names[s], name) == 0) {
			*study = (enum study)s;
			return true;
		}
	return document_error_at(
		document, "/provenance/options", "study", error,
		"\"bounded\", \"full\", \"band\" or \"none\" is needed: results of "
		"sim run, pages and plans can be run again as a whole");
}

static bool result_again(const struct document *document, const struct replay_arguments *arguments,
			 struct experiment_options *experiment, struct error *error)
{
	const json_t *options = provenance_of(document, "options");
	struct scenario scenario;
	struct document copy;
	struct result result;

	experiment->uncertainty =
		(uint64_t)json_integer_value(json_object_get(options, "uncertainty"));
	if (!read_study(document, &experiment->study, error) ||
	    !document_copy(&copy, document, error) ||
	    !scenario_take(&scenario, &copy, NULL, 0, NULL, error))
		return false;
	if (explain_run(&scenario, experiment, &result, error)) {
		compare(document, arguments, result_write_json, &result, error);
		result_fini(&result);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

bool replay_all(const struct document *document, const struct replay_arguments *arguments,
		struct error *error)
{
	struct experiment_options experiment = {
		.replicate = { .threads = command_threads(arguments->jobs), .stop = &interrupted },
		.version = SIM_VERSION,
	};
	struct plan_options how;
	struct planning planning;

	if (!is_format(document, "sim-plan"))
		return result_again(document, arguments, &experiment, error);
	if (strcmp(arguments->file, "-") == 0)
		return error_set(error, ERROR_INPUT,
				 "sim replay: a plan is read more than once: give a file");
	how = (struct plan_options){ .replicate = experiment.replicate,
				     .version = experiment.version };
	if (plan_run(arguments->file, NULL, 0, &how, &planning, error)) {
		compare(document, arguments, planning_write_json, &planning, error);
		planning_fini(&planning);
	}
	return error->kind == ERROR_NONE;
}

/* --- its scenario --- */

static bool write_json(const void *document, FILE *out, struct error *error)
{
	bool ok = json_put(document, "", out) && fputc('\n', out) != EOF;

	return report_check(out, error) && (ok || error_memory(error, "scenario"));
}

static bool write_scenario(json_t *carried, const char *path, struct error *error)
{
	json_t *root = json_pack("{s:s, s:i, s:O}", "format", "sim-scenario", "version", 1,
				 "scenario", carried);
	bool ok = root ? output_write(path, write_json, root, error)
		       : error_memory(error, "scenario");

	json_decref(root);
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
	json_int_t seed = json_integer_value(provenance_of(document, "seed"));
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

bool replay_extract(const struct document *document, const struct replay_arguments *arguments,
		    struct error *error)
{
	json_t *carried = json_object_get(document->root, "scenario");
	struct scenario scenario;
	char *text;

	if (!json_is_object(json_object_get(carried, "document")))
		return document_error_at(document, "/scenario", "document", error,
					 "this file does not carry its scenario");
	if (arguments->point < 0)
		return write_scenario(carried, arguments->extract, error);
	if (!is_format(document, "sim-plan"))
		return error_set(error, ERROR_INPUT,
				 "sim replay: %s has no points: sweeps and plans have",
				 arguments->file);
	if (!look_scenario(document, arguments->point, &scenario, error))
		return false;
	text = scenario_carried_text(&scenario, error);
	carried = text ? json_loads(text, 0, NULL) : NULL;
	free(text);
	scenario_fini(&scenario);
	if (carried)
		write_scenario(carried, arguments->extract, error);
	else
		error_memory(error, "scenario");
	json_decref(carried);
	return error->kind == ERROR_NONE;
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
		write_scenario(json_object_get(document.root, "scenario"), arguments->extract,
			       error);
		document_fini(&document);
	} else if (output_open(&output, arguments->output, error)) {
		point_again(arguments->file, point, &interrupted, output.stream, error);
		output_close(&output, error);
	}
	return error->kind == ERROR_NONE;
}
