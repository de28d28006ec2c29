#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/scenario_options.h"
#include "explain/explain.h"
#include "replay/timeline.h"

enum { DRAWS_MOST = 100000 };

struct arguments {
	const char *file, *timeline;
	int format; /* in result_writers */
	int study;
	int64_t uncertainty;
	struct texts metrics;
	bool steps;
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION_FORMAT(AT(format), result_format_names, 3),
	OPTION_STUDY(AT(study), 3),
	OPTION("uncertainty", FIELD_COUNT, AT(uncertainty), "DRAWS",
	       "So many draws (200) of all prices over their ranges for the band of costs, "
	       "whatever "
	       "they take",
	       .group = 3, .bare = "200", WITHIN(20, DRAWS_MOST)),
	OPTION("metric", FIELD_ANY, AT(metrics), "METRIC",
	       "Report nothing but this metric, of every guest (repeatable)", .group = 3,
	       .read = option_read_metric),
	OPTION("steps", FIELD_FLAG, AT(steps), NULL,
	       "List all steps of the answer, the smallest too, each with its band across the "
	       "ranges of prices",
	       .group = 3),
	OPTION("timeline", FIELD_TEXT, AT(timeline), "FILE",
	       "Write the first replication as Chrome trace events (open in Perfetto)", .group = 3,
	       .file = FILE_OUTPUT),
	{ .field.key = NULL },
};

/* What would be left out of a result cannot be run again, and is no choice of a text's reader. */
static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;
	report_writer *writer = result_writers[arguments->format];

	if (arguments->steps && arguments->metrics.count)
		return error_set(error, ERROR_INPUT,
				 "--steps and --metric: the steps are of the whole report");
	if (arguments->steps && writer != result_write_text)
		return error_set(error, ERROR_INPUT,
				 "--steps is for text; JSON has all steps and their bands in "
				 "\"breakdown\"");
	if (arguments->metrics.count &&
	    (writer == result_write_json || writer == result_write_percentiles))
		return error_set(error, ERROR_INPUT,
				 "--metric is for text, csv and md; a result as JSON has all "
				 "metrics, a spectrum is of the answer");
	return true;
}

static int run_scenario(const struct scenario *scenario, const struct arguments *arguments,
			struct error *error)
{
	struct experiment_options experiment = scenario_options_experiment(&arguments->scenario);
	struct result result;
	int status;

	experiment.study = result_study_for(arguments->format, (enum study)arguments->study);
	if (arguments->metrics.count) /* nothing of it would be shown */
		experiment.study = STUDY_NONE;
	if (result_format_study[arguments->format] != STUDY_NONE)
		experiment.uncertainty = (uint64_t)arguments->uncertainty;
	if (arguments->timeline && !timeline_write_file(scenario, 0, arguments->timeline, error))
		return 1;
	if (!explain_run(scenario, &experiment, &result, error))
		return 1;
	result.view = (struct result_view){ .metrics = arguments->metrics.items,
					    .metric_count = arguments->metrics.count,
					    .all_steps = arguments->steps };
	scenario_options_write(&arguments->scenario, result_writers[arguments->format], &result,
			       error);
	if (result_nothing_succeeded(&result))
		status = 5;
	else
		status = judgement_status(result_judgement(&result));
	result_fini(&result);
	return status;
}

static int run(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct scenario scenario;
	int status = 1;

	command_parse(&command_run, argc, argv, &arguments);
	if (scenario_options_load(&arguments.scenario, arguments.file, &scenario, error)) {
		status = run_scenario(&scenario, &arguments, error);
		scenario_fini(&scenario);
	}
	free((void *)arguments.metrics.items);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_run = {
	.name = "run",
	.summary = "run a scenario and report its latencies",
	.arguments = "FILE",
	.about = "Run a scenario and report the latency of its operations: how long, how sure, and "
		 "where each microsecond went.\v"
		 "Example:\n  sim run scenarios/s390-pv/reboot-64g.json "
		 "--set /guests/0/strategy=sync -j 2\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file),
		   .help = "a scenario file is needed (or - for standard input)" },
	.check = check,
	.run = run,
};
