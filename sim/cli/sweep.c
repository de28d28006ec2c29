#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/progress.h"
#include "cli/command.h"
#include "document/document.h"
#include "report/output.h"
#include "scenario/scenario.h"
#include "sweep/ranks.h"
#include "sweep/workers.h"

enum { VARIATIONS_MOST = 16 };

/* What --set says: one value is a setting of all points; several, or a range of samples, vary. */
struct points {
	struct settings settings;
	struct variation variations[VARIATIONS_MOST];
	size_t variation_count;
};

struct arguments {
	const char *file, *output, *csv;
	bool resume;
	int study; /* in studies */
	int64_t samples, lease_s, jobs;
	struct points points;
};

#define AT(member) offsetof(struct arguments, member)

static bool read_set(void *data, const char *text, struct error *error)
{
	struct points *points = data;
	struct variation variation;

	if (!variation_read(&variation, text, error))
		return false;
	if (variation.value_count == 1 && !strstr(variation.values[0], "..")) {
		variation_fini(&variation);
		return settings_add(&points->settings, text, NULL, error);
	}
	if (points->variation_count == VARIATIONS_MOST) {
		variation_fini(&variation);
		return error_set(error, ERROR_INPUT, "at most %d values may vary", VARIATIONS_MOST);
	}
	points->variations[points->variation_count++] = variation;
	return true;
}

enum { STUDY_OF_BAND };
static const char *const studies[] = { "band", "none", NULL };

static const struct option_row options[] = {
	OPTION("set", FIELD_ANY, AT(points), "/POINTER=V1,V2,...",
	       "A value, or several: the points are all combinations (with --samples: LOW..HIGH)",
	       .read = read_set),
	OPTION("samples", FIELD_COUNT, AT(samples), "N",
	       "So many points by Latin hypercube sampling instead of a grid", WITHIN(1, 10000000)),
	OPTION_PLATFORM(AT(points.settings), 1),
	OPTION("replications", FIELD_ANY, AT(points.settings), "N", "Repetitions of each point",
	       .group = 1, .setting = "/experiment/replications"),
	OPTION("seed", FIELD_ANY, AT(points.settings), "N", "Seed of all random numbers",
	       .group = 1, .setting = "/experiment/seed"),
	OPTION("study", FIELD_CHOICE, AT(study), "HOW",
	       "Run each point again with other prices: band (what all of them together do to its "
	       "answer) or none",
	       .group = 1, ONE_OF(studies, "\"band\"")),
	OPTION("output", FIELD_TEXT, AT(output), "FILE.sqlite", "Where results are kept",
	       .letter = 'o', .group = 2, .needed = true, .file = FILE_OUTPUT),
	OPTION("resume", FIELD_FLAG, AT(resume), NULL,
	       "Go on with a file that a stopped sweep left", .group = 2),
	OPTION("csv", FIELD_TEXT, AT(csv), "FILE.csv",
	       "Export all results at the end (\"-\": standard output)", .group = 2,
	       .file = FILE_OUTPUT),
	OPTION_JOBS(AT(jobs), 2),
	OPTION("lease", FIELD_COUNT, AT(lease_s), "SECONDS",
	       "Under mpirun: a point that a rank does not deliver in this time, and 20 times the "
	       "mean, goes to another (default: 60)",
	       .group = 2, .field.fallback = "60", WITHIN(1, 86400)),
	{ .field.key = NULL },
};

static bool check(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	for (size_t v = 0; v < arguments->points.variation_count; v++) {
		const struct variation *variation = &arguments->points.variations[v];
		bool range = variation->value_count == 1;

		if (arguments->samples && !range)
			return error_set(error, ERROR_INPUT,
					 "with --samples a value is one LOW..HIGH");
		if (!arguments->samples && range)
			return error_set(
				error, ERROR_INPUT,
				"%.60s=%.60s is a range: --samples=N draws N points of it; "
				"or name the values, with commas between",
				variation->pointer, variation->values[0]);
	}
	return true;
}

static bool is_set(const struct points *points, const struct scenario *scenario,
		   const char *pointer)
{
	for (size_t v = 0; v < points->variation_count; v++)
		if (scenario_same_place(scenario, points->variations[v].pointer, pointer))
			return true;
	for (size_t i = 0; i < points->settings.count; i++) {
		const char *text = points->settings.items[i].text;
		char place[POINTER_MAX];

		snprintf(place, sizeof(place), "%.*s", (int)strcspn(text, "="), text);
		if (scenario_same_place(scenario, place, pointer))
			return true;
	}
	return false;
}

/* What the scenario's own "sweep" varies, but for pointers that --set names. */
static bool add_own(struct arguments *arguments, struct error *error)
{
	struct points *points = &arguments->points;
	struct scenario scenario;

	if (arguments->samples)
		return true;
	if (!scenario_load(&scenario, arguments->file, points->settings.items,
			   points->settings.count, NULL, error))
		return false;
	for (size_t v = 0; v < scenario.variation_count; v++) {
		if (is_set(points, &scenario, scenario.variations[v].pointer))
			continue;
		if (points->variation_count == VARIATIONS_MOST) {
			error_set(error, ERROR_INPUT, "at most %d values may vary",
				  VARIATIONS_MOST);
			break;
		}
		points->variations[points->variation_count++] = scenario.variations[v];
		scenario.variations[v] = (struct variation){ 0 };
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static void show_progress(size_t done, size_t points, double seconds)
{
	double rate = seconds > 0 ? (double)done / seconds : 0;

	progress_show((double)done / (double)points, "%zu of %zu points, %.3g/s", done, points,
		      rate);
}

static bool export(const struct arguments *arguments, struct error *error)
{
	struct output output = { 0 };

	if (!arguments->csv)
		return true;
	if (!output_open(&output, arguments->csv, error))
		return false;
	store_export(arguments->output, output.stream, error);
	return output_close(&output, error);
}

/* Rank 0: computes, too, and is the only one who writes. */
static bool lead(const struct arguments *arguments, const struct sweep *sweep, struct error *error)
{
	const struct worker_options workers = {
		.threads = command_threads(arguments->jobs),
		.lease_s = (double)arguments->lease_s,
		.stop = &interrupted,
		.progress = progress_is_shown() ? show_progress : NULL,
	};
	bool *done = memory_array(sweep->point_count, sizeof(*done), "points", error);
	struct store *store = NULL;
	bool ok = false;

	if (done)
		store = store_open(arguments->output, sweep, SIM_VERSION, program_commit,
				   arguments->resume, done, error);
	if (store) {
		command_keeps("%s keeps the points that are done; --resume goes on with it",
			      arguments->output);
		ok = workers_run(sweep, store, done, &workers, error);
		ok = store_close(store, error) && ok;
	} else {
		ranks_dismiss((double)arguments->lease_s);
	}
	free(done);
	return ok && export(arguments, error);
}

static int sweep(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct points *set = &arguments.points;
	struct sweep_plan plan;
	struct sweep points;
	char version[sizeof(SIM_VERSION) + 64];
	int rank = 0, ranks = 1;
	bool ok = false;

	snprintf(version, sizeof(version), "%s %s", SIM_VERSION, program_commit);

	command_parse(&command_sweep, argc, argv, &arguments);
	add_own(&arguments, error);
	plan = (struct sweep_plan){ .file = arguments.file,
				    .settings = set->settings.items,
				    .setting_count = set->settings.count,
				    .variations = set->variations,
				    .variation_count = set->variation_count,
				    .samples = (uint64_t)arguments.samples,
				    .seed = 1,
				    .band = arguments.study == STUDY_OF_BAND };
	if (error->kind == ERROR_NONE && ranks_begin(&rank, &ranks, error) &&
	    sweep_init(&points, &plan, version, error)) {
		ok = rank ? ranks_work(&points, &interrupted, error)
			  : lead(&arguments, &points, error);
		sweep_fini(&points);
	}
	ranks_end(ok ? 0 : 1);
	for (size_t v = 0; v < set->variation_count; v++)
		variation_fini(&set->variations[v]);
	free(set->settings.items);
	return ok ? 0 : 1;
}

const struct command command_sweep = {
	.name = "sweep",
	.summary = "run a scenario at many points",
	.arguments = "FILE",
	.about = "Run a scenario at many points (those of --set and of its own \"sweep\") and keep "
		 "the results in an SQLite file, whose tables docs/sweeps.md describes. A stopped "
		 "sweep keeps what it has; --resume goes on. Under mpirun the ranks share the "
		 "points.\v"
		 "Example:\n  sim sweep scenarios/s390-pv/reboot-64g.json --set "
		 "/guests/0/memory=4GiB,16GiB,64GiB \\\n    --set /guests/0/strategy=sync,async -o "
		 "sweep.sqlite --csv sweep.csv\n",
	.options = { { options, 0 } },
	.words = { "scenario", FIELD_TEXT, AT(file), .help = "a scenario is needed" },
	.check = check,
	.run = sweep,
};
