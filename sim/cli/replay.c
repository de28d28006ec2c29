#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "document/document.h"
#include "explain/explain.h"
#include "replay/again.h"
#include "replay/replay.h"
#include "replay/timeline.h"
#include "report/output.h"
#include "report/text_tools.h"
#include "sweep/point.h"

struct arguments {
	const char *file, *worst, *timeline, *output;
	int64_t replication; /* -1: the worst */
	bool all;
	int64_t point; /* -1: none is asked for */
	const char *extract;
	int64_t jobs;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("worst", FIELD_TEXT, AT(worst), "METRIC",
	       "The replication with the largest observation of this metric (default: "
	       "reboot.latency, or what the result answers)"),
	OPTION("replication", FIELD_COUNT, AT(replication), "N", "This replication, from 0",
	       WITHIN(0, 1000000)),
	OPTION("all", FIELD_FLAG, AT(all), NULL,
	       "All replications, and all that was run with other costs: compare every value with "
	       "the stored one"),
	OPTION("point", FIELD_COUNT, AT(point), "N",
	       "Of a sweep's file: point number N, all of it, compared with what is stored",
	       WITHIN(0, 10000000)),
	OPTION("extract", FIELD_TEXT, AT(extract), "FILE",
	       "Write the scenario there, with its files and prices, as a file that every command "
	       "takes for a scenario, and run nothing",
	       .group = 1),
	OPTION_JOBS(AT(jobs), 1),
	OPTION("timeline", FIELD_TEXT, AT(timeline), "FILE",
	       "Write it as Chrome trace events (open in Perfetto)", .group = 1),
	OPTION("output", FIELD_TEXT, AT(output), "FILE",
	       "Write the report there (\"-\": standard output)", .letter = 'o', .group = 1),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	if (arguments->worst && arguments->replication >= 0)
		return error_set(error, ERROR_INPUT, "either --worst or --replication");
	return !arguments->all ||
	       (!arguments->worst && arguments->replication < 0 && !arguments->timeline) ||
	       error_set(error, ERROR_INPUT,
			 "--all runs every replication: no --worst, --replication or --timeline");
}

static bool write_timeline(const struct document *result, const struct arguments *arguments,
			   uint32_t replication, struct error *error)
{
	struct scenario scenario;
	bool ok;

	if (!replay_scenario(&scenario, result, error))
		return false;
	ok = timeline_write_file(&scenario, replication, arguments->timeline, error);
	scenario_fini(&scenario);
	return ok;
}

static bool run(const struct document *result, const struct arguments *arguments,
		struct error *error)
{
	const json_t *root = result->root;
	const char *answer =
		json_string_value(json_object_get(json_object_get(root, "answer"), "metric"));
	const char *metric = arguments->worst ? arguments->worst : answer;
	uint32_t replication = (uint32_t)arguments->replication;
	struct output output = { 0 };
	int64_t expected = -1;

	if (arguments->replication < 0 &&
	    !replay_worst(root, arguments->file, metric ? metric : "reboot.latency", &replication,
			  &expected, error))
		return false;
	/* two documents cannot share standard output */
	if (!arguments->timeline || strcmp(arguments->timeline, "-") != 0) {
		if (!output_open(&output, arguments->output, error))
			return false;
		replay_report(result, replication, metric, expected, output.stream, error);
		if (!output_close(&output, error))
			return false;
	}
	return !arguments->timeline || write_timeline(result, arguments, replication, error);
}

/* --- all of it --- */

static const json_t *option_of(const json_t *root, const char *key)
{
	const json_t *provenance = json_object_get(root, "provenance");

	return json_object_get(json_object_get(provenance, "options"), key);
}

static bool read_study(const struct document *document, enum study *study, struct error *error)
{
	const char *name = json_string_value(option_of(document->root, "study"));

	for (int s = 0; name && study_names[s]; s++)
		if (strcmp(study_names[s], name) == 0) {
			*study = (enum study)s;
			return true;
		}
	return document_error_at(document, "/provenance/options", "study", error,
				 "\"bounded\", \"full\", \"band\" or \"none\" is needed: only "
				 "results of sim run, and pages, can be run again as a whole");
}

static bool run_all(const struct document *document, const struct arguments *arguments,
		    struct error *error)
{
	struct experiment_options experiment = {
		.replicate = { .threads = command_threads(arguments->jobs),
			       .stop = &command_interrupted },
		.version = SIM_VERSION,
		.uncertainty =
			(uint64_t)json_integer_value(option_of(document->root, "uncertainty")),
	};
	struct output output = { 0 };
	struct scenario scenario;
	struct document copy;
	struct result result;

	if (!read_study(document, &experiment.study, error) ||
	    !document_copy(&copy, document, error) ||
	    !scenario_take(&scenario, &copy, NULL, 0, NULL, error))
		return false;
	if (explain_run(&scenario, &experiment, &result, error)) {
		if (again_same(document, result_write_json, &result, error) &&
		    output_open(&output, arguments->output, error)) {
			print_visible(output.stream,
				      "Every value of %s reproduced exactly: \"%s\", seed %llu, "
				      "%llu replication%s\n",
				      arguments->file, result.scenario,
				      (unsigned long long)result.seed,
				      (unsigned long long)result.replications,
				      result.replications == 1 ? "" : "s");
			output_close(&output, error);
		}
		result_fini(&result);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

/* --- its scenario, and a point of a sweep --- */

static bool write_document(const void *document, FILE *out, struct error *error)
{
	return json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) == 0 &&
			       fputc('\n', out) != EOF
		       ? report_check(out, error)
		       : error_set(error, ERROR_OUTPUT, "cannot write");
}

static bool extract(const struct document *document, const char *path, struct error *error)
{
	json_t *carried = json_object_get(document->root, "scenario"), *root;
	bool ok;

	if (!json_is_object(json_object_get(carried, "document")))
		return document_error_at(document, "/scenario", "document", error,
					 "this file does not carry its scenario");
	root = json_pack("{s:s, s:i, s:O}", "format", "sim-scenario", "version", 1, "scenario",
			 carried);
	ok = root ? output_write(path, write_document, root, error)
		  : error_memory(error, "scenario");
	json_decref(root);
	return ok;
}

static bool replay_point(const struct arguments *arguments, struct error *error)
{
	struct output output = { 0 };
	struct document document;
	bool ok;

	if (arguments->point < 0 || arguments->worst || arguments->replication >= 0 ||
	    arguments->timeline)
		return error_set(error, ERROR_INPUT,
				 "sim replay: of a sweep's file, --point N is needed (and with it "
				 "--extract FILE, for one replication or a timeline of that)");
	if (arguments->extract) {
		if (!point_scenario(&document, arguments->file, (size_t)arguments->point, error))
			return false;
		ok = extract(&document, arguments->extract, error);
		document_fini(&document);
		return ok;
	}
	if (output_open(&output, arguments->output, error)) {
		point_again(arguments->file, (size_t)arguments->point, &command_interrupted,
			    output.stream, error);
		output_close(&output, error);
	}
	return error->kind == ERROR_NONE;
}

static int replay(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .replication = -1, .point = -1 };
	struct document document;
	bool ok;

	command_parse(&command_replay, argc, argv, &arguments);
	command_catch_signals();
	if (point_is_store(arguments.file))
		return replay_point(&arguments, error) ? 0 : 1;
	if (!document_read(&document, arguments.file, error))
		return 1;
	if (arguments.point >= 0)
		error_set(error, ERROR_INPUT,
			  "sim replay: --point is of a sweep's file; %s is none", arguments.file);
	ok = error->kind != ERROR_NONE ? false
	     : arguments.extract       ? extract(&document, arguments.extract, error)
	     : arguments.all           ? run_all(&document, &arguments, error)
				       : run(&document, &arguments, error);
	document_fini(&document);
	return ok ? 0 : 1;
}

const struct command command_replay = {
	.name = "replay",
	.summary = "run one replication of a result again",
	.arguments = "RESULT.json|PAGE.html\nSWEEP.sqlite --point N",
	.about =
		"Run one replication of a stored result again, the slowest one say, and show where "
		"its time went beside the mean; with --all all of them. The result, or the page of "
		"sim report, carries all that is needed (docs/results.md).\v"
		"Example:\n  sim run scenarios/s390-pv/reboot-64g.json --format json -o "
		"result.json\n"
		"  sim replay result.json --worst reboot.latency --timeline worst.json\n"
		"  sim replay result.json --all\n",
	.options = { { options, 0 } },
	.words = { "result", FIELD_TEXT, AT(file),
		   .help = "a result is needed (sim run --format json -o RESULT.json)" },
	.check = check,
	.run = replay,
};
