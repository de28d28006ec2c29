#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/compare.h"
#include "report/output.h"
#include "scenario/variation.h"

enum { OPTION_OVER = 256, OPTION_BASELINE, OPTION_METRIC, OPTION_FORMAT };
enum { DESIGNS_MOST = 64, OVERS_MOST = 4 };

struct arguments {
	char **files;
	size_t file_count;
	const char *baseline, *metric;
	const struct comparison_format *format;
	struct variation overs[OVERS_MOST];
	size_t over_count;
	struct scenario_options scenario;
	struct error *error;
};

static const struct argp_option options[] = {
	{ "over", OPTION_OVER, "/POINTER=V1,V2,...", 0,
	  "The designs: values that a part of the scenario takes (repeatable: all combinations)",
	  0 },
	{ "baseline", OPTION_BASELINE, "DESIGN", 0,
	  "What the others are compared with (default: the first)", 0 },
	{ "metric", OPTION_METRIC, "NAME", 0,
	  "What is compared, teardown.latency for example (default: the answer of the baseline)",
	  0 },
	{ "format", OPTION_FORMAT, "FORMAT", 0, "text, json, csv or markdown", 3 },
	{ 0 },
};

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &arguments->scenario;
		return 0;
	case OPTION_OVER:
		if (arguments->over_count == OVERS_MOST)
			argp_error(state, "at most %d --over", OVERS_MOST);
		else if (!variation_read(&arguments->overs[arguments->over_count], text,
					 arguments->error))
			argp_error(state, "--over: %s", arguments->error->message);
		else
			arguments->over_count++;
		return 0;
	case OPTION_BASELINE:
		arguments->baseline = text;
		return 0;
	case OPTION_METRIC:
		arguments->metric = text;
		return 0;
	case OPTION_FORMAT:
		arguments->format = comparison_formats;
		while (arguments->format->name && strcmp(arguments->format->name, text) != 0)
			arguments->format++;
		if (!arguments->format->name)
			argp_error(state, "the format is text, json, csv or markdown");
		return 0;
	case ARGP_KEY_ARGS:
		arguments->files = state->argv + state->next;
		arguments->file_count = (size_t)(state->argc - state->next);
		return 0;
	case ARGP_KEY_END:
		if (arguments->over_count ? arguments->file_count != 1 : arguments->file_count < 2)
			argp_error(state, "one scenario and --over, or two or more stored results, "
					  "are needed");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &scenario_options_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	options,
	parse,
	"FILE --over /POINTER=V1,V2,...\nRESULT.json RESULT.json...",
	"Compare designs side by side under common random numbers: by how much they differ, how "
	"sure that is, which steps make the difference, and what it costs elsewhere. Stored "
	"results (of sim run --format json) are compared as independent.\v"
	"Example:\n  sim compare scenarios/s390-pv/reboot-64g.json "
	"--over /guests/0/strategy=sync,lazy,async,async-fast\n",
	children,
	NULL,
	NULL,
};

/* The scenario of one combination: its settings come behind those of the command line. */
static bool load_point(struct arguments *arguments, size_t point, struct scenario *scenario,
		       struct error *error)
{
	size_t kept = arguments->scenario.setting_count;
	bool ok = true;

	for (size_t v = 0; ok && v < arguments->over_count; v++)
		ok = scenario_options_set(
			&arguments->scenario, arguments->overs[v].pointer,
			variation_value(arguments->overs, arguments->over_count, point, v));
	ok = ok &&
	     scenario_options_load(&arguments->scenario, arguments->files[0], scenario, error);
	while (arguments->scenario.setting_count > kept)
		free(arguments->scenario.settings[--arguments->scenario.setting_count]);
	return ok;
}

static bool find_baseline(const struct arguments *arguments, char *const *labels, size_t count,
			  size_t *baseline, struct error *error)
{
	*baseline = 0;
	for (size_t i = 0; arguments->baseline && i < count; i++) {
		if (strcmp(labels[i], arguments->baseline) == 0) {
			*baseline = i;
			return true;
		}
	}
	return !arguments->baseline ||
	       error_set(error, ERROR_INPUT, "sim compare: no design is called \"%.60s\"",
			 arguments->baseline);
}

static bool compare_designs(struct arguments *arguments, struct comparison *comparison,
			    struct error *error)
{
	const struct experiment_options experiment =
		scenario_options_experiment(&arguments->scenario);
	size_t count = variation_points(arguments->overs, arguments->over_count), ready = 0;
	struct scenario scenarios[DESIGNS_MOST];
	char *labels[DESIGNS_MOST] = { 0 };
	size_t baseline;
	bool ok = false;

	if (count > DESIGNS_MOST)
		return error_set(error, ERROR_INPUT,
				 "sim compare: %zu designs are more than %d; use sim sweep", count,
				 DESIGNS_MOST);
	for (; ready < count; ready++) {
		labels[ready] =
			variation_label(arguments->overs, arguments->over_count, ready, error);
		if (!labels[ready] || !load_point(arguments, ready, &scenarios[ready], error))
			goto out;
	}
	if (!find_baseline(arguments, labels, count, &baseline, error))
		goto out;
	ok = compare_run(scenarios, (const char *const *)labels, count, baseline, arguments->metric,
			 &experiment, comparison, error);
	if (ok) {
		comparison->over =
			variation_pointers(arguments->overs, arguments->over_count, error);
		if (!comparison->over) {
			comparison_fini(comparison);
			ok = false;
		}
	}
out:
	for (size_t i = 0; i < ready; i++)
		scenario_fini(&scenarios[i]);
	for (size_t i = 0; i < count; i++)
		free(labels[i]);
	return ok;
}

static bool compare_files(struct arguments *arguments, struct comparison *comparison,
			  struct error *error)
{
	size_t baseline;

	return find_baseline(arguments, arguments->files, arguments->file_count, &baseline,
			     error) &&
	       compare_stored((const char *const *)arguments->files, arguments->file_count,
			      baseline, arguments->metric, comparison, error);
}

static int compare(int argc, char **argv, struct error *error)
{
	struct arguments arguments = {
		.format = comparison_formats,
		.scenario = scenario_options_default(error),
		.error = error,
	};
	struct comparison comparison;
	struct output output = { 0 };
	int status = 1;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	if (arguments.over_count ? compare_designs(&arguments, &comparison, error)
				 : compare_files(&arguments, &comparison, error)) {
		scenario_options_progress_done();
		if (output_open(&output, arguments.scenario.output, error)) {
			arguments.format->write(&comparison, output.stream, error);
			output_close(&output, error);
		}
		comparison_fini(&comparison);
		status = 0;
	}
	for (size_t v = 0; v < arguments.over_count; v++)
		variation_fini(&arguments.overs[v]);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_compare = { "compare", "compare designs side by side", compare,
					 &argp };
