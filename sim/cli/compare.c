#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/compare.h"
#include "scenario/variation.h"

enum { DESIGNS_MOST = 64, OVERS_MOST = 4 };

static const char *const formats[] = { "text", "json", "csv", "markdown", "md", NULL };
static report_writer *const writers[] = { comparison_write_text, comparison_write_json,
					  comparison_write_csv, comparison_write_markdown,
					  comparison_write_markdown };

/* The designs are all combinations of these. */
struct overs {
	struct variation items[OVERS_MOST];
	size_t count;
};

struct arguments {
	struct field_list files;
	const char *baseline, *metric;
	int format; /* in formats and writers */
	struct overs overs;
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

static bool read_over(void *data, const char *text, struct error *error)
{
	struct overs *overs = data;

	if (overs->count == OVERS_MOST)
		return error_set(error, ERROR_INPUT, "at most %d times", OVERS_MOST);
	return variation_read(&overs->items[overs->count++], text, error);
}

static const struct option_row options[] = {
	OPTION("over", FIELD_ANY, AT(overs), "/POINTER=V1,V2,...",
	       "The designs: values that a part of the scenario takes (repeatable: all "
	       "combinations)",
	       .read = read_over),
	OPTION("baseline", FIELD_TEXT, AT(baseline), "DESIGN",
	       "What the others are compared with (default: the first)"),
	OPTION("metric", FIELD_TEXT, AT(metric), "METRIC",
	       "What is compared, teardown.latency for example (default: the answer of the "
	       "baseline)"),
	OPTION_FORMAT(AT(format), formats, 3),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;
	size_t files = arguments->files.count;

	return (arguments->overs.count ? files == 1 : files >= 2) ||
	       error_set(error, ERROR_INPUT,
			 "one scenario and --over, or two or more stored results, are needed");
}

/* The scenario of one combination: its settings come behind those of the command line. */
static bool load_point(struct arguments *arguments, size_t point, struct scenario *scenario,
		       struct error *error)
{
	const struct overs *overs = &arguments->overs;
	struct settings *settings = &arguments->scenario.settings;
	size_t kept = settings->count;
	bool ok = true;

	for (size_t v = 0; ok && v < overs->count; v++)
		ok = settings_add(settings, overs->items[v].pointer,
				  variation_value(overs->items, overs->count, point, v), error);
	ok = ok && scenario_options_load(&arguments->scenario, *(char **)arguments->files.items,
					 scenario, error);
	settings->count = kept;
	return ok;
}

static bool find_baseline(const struct arguments *arguments, char *const *labels, size_t count,
			  size_t *baseline, struct error *error)
{
	const char *names[DESIGNS_MOST + 1] = { NULL };
	char hint[HINT_MAX];

	*baseline = 0;
	for (size_t i = 0; arguments->baseline && i < count; i++) {
		if (strcmp(labels[i], arguments->baseline) == 0) {
			*baseline = i;
			return true;
		}
	}
	if (!arguments->baseline)
		return true;
	for (size_t i = 0; i < count && i < DESIGNS_MOST; i++)
		names[i] = labels[i];
	if (!*did_you_mean(hint, arguments->baseline, names))
		snprintf(hint, sizeof(hint), "; the first is \"%.60s\"", names[0]);
	return error_set(error, ERROR_INPUT, "sim compare: no design is called \"%.60s\"%s",
			 arguments->baseline, hint);
}

static bool compare_designs(struct arguments *arguments, struct comparison *comparison,
			    struct error *error)
{
	const struct experiment_options experiment =
		scenario_options_experiment(&arguments->scenario);
	const struct overs *overs = &arguments->overs;
	size_t count = variation_points(overs->items, overs->count), ready = 0;
	struct scenario scenarios[DESIGNS_MOST];
	char *labels[DESIGNS_MOST] = { 0 };
	size_t baseline;
	bool ok = false;

	if (count > DESIGNS_MOST)
		return error_set(error, ERROR_INPUT,
				 "sim compare: %zu designs are more than %d; use sim sweep", count,
				 DESIGNS_MOST);
	for (; ready < count; ready++) {
		labels[ready] = variation_label(overs->items, overs->count, ready, error);
		if (!labels[ready] || !load_point(arguments, ready, &scenarios[ready], error))
			goto out;
	}
	if (!find_baseline(arguments, labels, count, &baseline, error))
		goto out;
	ok = compare_run(scenarios, (const char *const *)labels, count, baseline, arguments->metric,
			 &experiment, comparison, error);
	if (ok) {
		comparison->over = variation_pointers(overs->items, overs->count, error);
		ok = comparison->over != NULL;
		if (!ok)
			comparison_fini(comparison);
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

	return find_baseline(arguments, arguments->files.items, arguments->files.count, &baseline,
			     error) &&
	       compare_stored(arguments->files.items, arguments->files.count, baseline,
			      arguments->metric, comparison, error);
}

static int compare(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct comparison comparison;
	int status = 1;

	command_parse(&command_compare, argc, argv, &arguments);
	if (arguments.overs.count ? compare_designs(&arguments, &comparison, error)
				  : compare_files(&arguments, &comparison, error)) {
		scenario_options_write(&arguments.scenario, writers[arguments.format], &comparison,
				       error);
		comparison_fini(&comparison);
		status = 0;
	}
	for (size_t v = 0; v < arguments.overs.count; v++)
		variation_fini(&arguments.overs.items[v]);
	scenario_options_fini(&arguments.scenario);
	return status;
}

const struct command command_compare = {
	.name = "compare",
	.summary = "compare designs side by side",
	.arguments = "FILE --over /POINTER=V1,V2,...\nRESULT.json RESULT.json...",
	.about =
		"Compare designs side by side under common random numbers: by how much they "
		"differ, "
		"how sure that is, which steps make the difference, and what it costs elsewhere. "
		"Stored results (of sim run --format json) of one seed are compared replication by "
		"replication, others as independent.\v"
		"Example:\n  sim compare scenarios/s390-pv/reboot-64g.json "
		"--over /guests/0/strategy=sync,lazy,async,async-fast\n",
	.options = { { options, 0 },
		     { scenario_options, AT(scenario) },
		     { scenario_output, AT(scenario) } },
	.words = { "files", FIELD_TEXTS, AT(files), .maximum = WORDS_MOST },
	.check = check,
	.run = compare,
};
