#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "replay/replay.h"
#include "replay/timeline.h"
#include "report/output.h"
#include "scenario/document.h"

enum { OPTION_WORST = 256, OPTION_REPLICATION, OPTION_TIMELINE };

struct arguments {
	const char *file, *worst, *timeline, *output;
	uint64_t replication;
	bool chosen;
};

static const struct argp_option options[] = {
	{ "worst", OPTION_WORST, "METRIC", 0,
	  "The replication with the largest observation of this metric (default: reboot.latency, "
	  "or what the result answers)",
	  0 },
	{ "replication", OPTION_REPLICATION, "N", 0, "This replication, from 0", 0 },
	{ "timeline", OPTION_TIMELINE, "FILE", 0,
	  "Write it as Chrome trace events (open in Perfetto)", 1 },
	{ "output", 'o', "FILE", 0, "Write the report there (\"-\": standard output)", 1 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case OPTION_WORST:
		arguments->worst = text;
		return 0;
	case OPTION_REPLICATION:
		arguments->chosen = true;
		if (!command_parse_count(text, 0, 1000000, &arguments->replication))
			argp_error(state, "--replication needs a number from 0");
		return 0;
	case OPTION_TIMELINE:
		arguments->timeline = text;
		return 0;
	case 'o':
		arguments->output = text;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->file)
			argp_error(state, "one result at a time");
		arguments->file = text;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->file)
			argp_error(state,
				   "a result is needed (sim run --format json -o RESULT.json)");
		if (arguments->chosen && arguments->worst)
			argp_error(state, "either --worst or --replication");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"RESULT.json",
	"Run one replication of a stored result again, the slowest one say, and show where its "
	"time went beside the mean.\v"
	"Example:\n  sim run scenarios/s390-pv/reboot-64g.json --format json -o result.json\n"
	"  sim replay result.json --worst reboot.latency --timeline worst.json\n",
	NULL,
	NULL,
	NULL,
};

static bool write_timeline(const json_t *root, const struct arguments *arguments,
			   uint32_t replication, struct error *error)
{
	struct scenario scenario;
	struct output output = { 0 };

	if (!replay_scenario(&scenario, root, arguments->file, error))
		return false;
	if (output_open(&output, arguments->timeline, error)) {
		timeline_write(&scenario, replication, output.stream, error);
		output_close(&output, error);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static bool run(const json_t *root, const struct arguments *arguments, struct error *error)
{
	const char *answer =
		json_string_value(json_object_get(json_object_get(root, "answer"), "metric"));
	const char *metric = arguments->worst ? arguments->worst : answer;
	uint32_t replication = (uint32_t)arguments->replication;
	struct output output = { 0 };
	int64_t expected = -1;

	if (!arguments->chosen &&
	    !replay_worst(root, arguments->file, metric ? metric : "reboot.latency", &replication,
			  &expected, error))
		return false;
	/* two documents cannot share standard output */
	if (!arguments->timeline || strcmp(arguments->timeline, "-") != 0) {
		if (!output_open(&output, arguments->output ? arguments->output : "-", error))
			return false;
		replay_report(root, arguments->file, replication, metric, expected, output.stream,
			      error);
		if (!output_close(&output, error))
			return false;
	}
	return !arguments->timeline || write_timeline(root, arguments, replication, error);
}

static int replay(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct document document;
	bool ok;

	command_parse(&argp, argc, argv, &arguments);
	if (!document_read(&document, arguments.file, error))
		return 1;
	ok = run(document.root, &arguments, error);
	document_fini(&document);
	return ok ? 0 : 1;
}

const struct command command_replay = { "replay", "run one replication of a result again", replay,
					&argp };
