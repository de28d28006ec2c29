#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/scenario_options.h"
#include "decide/observed.h"

static report_writer *const writers[] = { explanation_write_text, explanation_write_json };

static const char *const others_names[] = { "ranged", "fixed", NULL };
enum { OTHERS_RANGED, OTHERS_FIXED };

struct arguments {
	const char *file, *csv, *group, *profile;
	struct texts observed;
	struct texts terms;
	char *term_text; /* that the terms point into */
	double error;
	int others, format;
	struct scenario_options scenario;
};

#define AT(member) offsetof(struct arguments, member)

/* TERM,TERM,...; the target is `terms`, its text stands behind. */
static bool read_terms(void *data, const char *text, struct error *error)
{
	struct arguments *arguments = (struct arguments *)((char *)data - AT(terms));

	free(arguments->term_text);
	arguments->terms.count = 0;
	arguments->term_text = memory_text(text, error);
	if (!arguments->term_text)
		return false;
	for (char *term = arguments->term_text; term;) {
		char *comma = strchr(term, ',');

		if (comma)
			*comma++ = '\0';
		if (!*term)
			return error_set(error, ERROR_INPUT, "a term without a name");
		if (!texts_add(&arguments->terms, term, error))
			return false;
		term = comma;
	}
	return true;
}

static bool read_error(void *data, const char *text, struct error *error)
{
	return measurement_error_read(text, data, error);
}

static const struct option_row options[] = {
	OPTION("observed", FIELD_ANY, AT(observed), "METRIC=VALUE",
	       "What was measured: reboot.latency=6min, or a quantile, reboot.latency.p99=8min "
	       "(repeatable)",
	       .read = option_read_text),
	OPTION("observations", FIELD_TEXT, AT(csv), "FILE.csv",
	       "Many of them: columns size, strategy, /json/pointer, metrics or seconds"),
	OPTION("estimate", FIELD_ANY, AT(terms), "TERM,TERM,...",
	       "Prices to estimate together (default: those that the measurements tell)",
	       .read = read_terms),
	OPTION("others", FIELD_CHOICE, AT(others), "HOW",
	       "Prices that are not estimated: ranged (anywhere in their ranges) or fixed",
	       ONE_OF(others_names, "\"ranged\"")),
	OPTION("error", FIELD_ANY, AT(error), "P%",
	       "Error of a measurement, one standard deviation (2%)", .read = read_error),
	OPTION("group", FIELD_TEXT, AT(group), "GUEST",
	       "Which guest was measured (default: the first that has the metric)"),
	OPTION_TEXT_OR_JSON(AT(format), 3),
	OPTION("output", FIELD_TEXT, AT(profile), "PROFILE.json",
	       "Write the estimate as a cost profile that scenarios can name", .letter = 'o',
	       .group = 2, .file = FILE_OUTPUT),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	return arguments->observed.count || arguments->csv ||
	       error_set(error, ERROR_INPUT,
			 "what was measured is needed: --observed reboot.latency=6min or "
			 "--observations FILE.csv");
}

static bool write_profile(const struct arguments *arguments, const struct explanation *explanation,
			  struct error *error)
{
	if (!arguments->profile)
		return true;
	for (size_t i = 0; i < explanation->estimate_count; i++)
		if (explanation->estimates[i].told)
			return output_write(arguments->profile, explanation_write_profile,
					    explanation, error);
	return error_set(error, ERROR_INPUT,
			 "%s is not written: no price is known better than its range",
			 arguments->profile);
}

static int explain(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .error = 0.02 };
	struct experiment_options experiment;
	struct observed_options observed;
	struct attachment csv = { 0 };
	struct explanation explanation;
	int status = 1;

	command_parse(&command_explain, argc, argv, &arguments);
	experiment = scenario_options_experiment(&arguments.scenario);
	observed = (struct observed_options){
		.file = arguments.file,
		.settings = arguments.scenario.settings.items,
		.setting_count = arguments.scenario.settings.count,
		.observed = arguments.observed.items,
		.observed_count = arguments.observed.count,
		.csv = arguments.csv ? &csv : NULL,
		.group = arguments.group,
		.error = arguments.error,
		.terms = arguments.terms.items,
		.term_count = arguments.terms.count,
		.others_fixed = arguments.others == OTHERS_FIXED,
		.experiment = &experiment,
	};
	if ((!arguments.csv || attachment_read(&csv, arguments.csv, error)) &&
	    observed_explain(&observed, &explanation, error)) {
		scenario_options_write(&arguments.scenario, writers[arguments.format], &explanation,
				       error);
		write_profile(&arguments, &explanation, error);
		explanation_fini(&explanation);
		status = 0;
	}
	attachment_fini(&csv);
	scenario_options_fini(&arguments.scenario);
	free(arguments.observed.items);
	free(arguments.terms.items);
	free(arguments.term_text);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.summary = "explain what was measured: which strategy, which prices",
	.arguments = "FILE --observed METRIC=VALUE\nFILE --observations FILE.csv",
	.about = "Explain what was measured: which strategies, and which prices within their "
		 "ranges, give it; the least movement first, and which other measurement would "
		 "tell "
		 "them apart. From several measurements prices are estimated together, with "
		 "intervals; what cannot be told apart is said.\v"
		 "Example:\n  sim explain scenarios/s390-pv/reboot-64g.json "
		 "--observed reboot.latency=33s\n"
		 "  sim explain scenarios/s390-pv/reboot-64g.json --observations "
		 "scenarios/s390-pv/reboot-times.csv -o mine.json\n",
	.options = { { options, 0 }, { scenario_options, AT(scenario) } },
	.words = { "scenario", FIELD_TEXT, AT(file),
		   .help = "a scenario file is needed (or - for standard input)" },
	.check = check,
	.run = explain,
};
