#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/replay_parts.h"
#include "document/document.h"
#include "replay/replay.h"
#include "replay/timeline.h"
#include "report/output.h"
#include "sweep/point.h"

#define AT(member) offsetof(struct replay_arguments, member)

static const struct option_row options[] = {
	OPTION("worst", FIELD_TEXT, AT(worst), "METRIC",
	       "The replication with the largest observation of this metric (default: "
	       "reboot.latency, or what the result answers)"),
	OPTION("replication", FIELD_COUNT, AT(replication), "N", "This replication, from 0",
	       WITHIN(0, 1000000)),
	OPTION("all", FIELD_FLAG, AT(all), NULL,
	       "All that the file is of: compare every value with the stored one"),
	OPTION("point", FIELD_COUNT, AT(point), "N",
	       "Point N of a sweep's file, from 0: all of it, compared with what is stored. With "
	       "--extract also look N of a plan, design N of a comparison",
	       WITHIN(0, 10000000)),
	OPTION("extract", FIELD_TEXT, AT(extract), "FILE",
	       "Write the scenario there, with its files and prices, as a file that every command "
	       "takes for a scenario, and run nothing",
	       .group = 1, .file = FILE_OUTPUT),
	OPTION_JOBS(AT(jobs), 1),
	OPTION("timeline", FIELD_TEXT, AT(timeline), "FILE",
	       "Write it as Chrome trace events (open in Perfetto)", .group = 1,
	       .file = FILE_OUTPUT),
	OPTION("output", FIELD_TEXT, AT(output), "FILE",
	       "Write the report there (\"-\": standard output)", .letter = 'o', .group = 1,
	       .file = FILE_OUTPUT),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct replay_arguments *arguments = data;

	if (arguments->worst && arguments->replication >= 0)
		return error_set(error, ERROR_INPUT, "either --worst or --replication");
	if (arguments->extract &&
	    (arguments->all || arguments->worst || arguments->replication >= 0 ||
	     arguments->timeline || arguments->output))
		return error_set(error, ERROR_INPUT,
				 "--extract runs nothing: it stands alone, or "
				 "with --point");
	return !arguments->all ||
	       (!arguments->worst && arguments->replication < 0 && !arguments->timeline) ||
	       error_set(error, ERROR_INPUT,
			 "--all runs every replication: no --worst, --replication or --timeline");
}

static bool write_timeline(const struct document *result, const struct replay_arguments *arguments,
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

static bool run(const struct document *result, const struct replay_arguments *arguments,
		struct error *error)
{
	const json_t *root = result->root;
	const char *answer =
		json_string_value(json_object_get(json_object_get(root, "answer"), "metric"));
	const char *metric = arguments->worst ? arguments->worst : answer;
	uint32_t replication = (uint32_t)arguments->replication;
	struct output output = { 0 };
	int64_t expected = -1;

	if (arguments->replication < 0 && !json_object_get(root, "worst"))
		return document_error(result, "", error,
				      "no replication is told apart here: --replication N runs one "
				      "of its scenario, --all everything, --extract with --point a "
				      "look of a plan or a design of a comparison");
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

static int replay(int argc, char **argv, struct error *error)
{
	struct replay_arguments arguments = { .replication = -1, .point = -1 };
	struct document document;
	bool ok;

	command_parse(&command_replay, argc, argv, &arguments);
	if (point_is_store(arguments.file))
		return replay_point(&arguments, error) ? 0 : 1;
	if (arguments.point >= 0 && !arguments.extract) {
		error_set(
			error, ERROR_INPUT,
			"sim replay: --point runs a point of a sweep; of a plan or a comparison it "
			"goes with --extract FILE, and that file is run");
		return 1;
	}
	if (!document_read(&document, arguments.file, error))
		return 1;
	ok = arguments.extract ? replay_extract(&document, &arguments, error)
	     : arguments.all   ? replay_all(&document, &arguments, error)
			       : run(&document, &arguments, error);
	document_fini(&document);
	return ok ? 0 : 1;
}

const struct command command_replay = {
	.name = "replay",
	.summary = "run one replication of a result again",
	.arguments = "RESULT.json|PAGE.html\nFILE.json --all\nSWEEP.sqlite --point N",
	.about =
		"Run one replication of a stored result again, the slowest one say, and show where "
		"its time went beside the mean; with --all all of a result, a page, a plan, a "
		"comparison, a sensitivity or an explanation. Each carries all that is needed "
		"(docs/results.md).\v"
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
