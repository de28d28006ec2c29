#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"
#include "report/output.h"
#include "scenario/scenario.h"
#include "sweep/ranks.h"
#include "sweep/workers.h"

enum {
	OPTION_SET = 256,
	OPTION_RESUME,
	OPTION_CSV,
	OPTION_SAMPLES,
	OPTION_LEASE,
	OPTION_REPLICATIONS,
	OPTION_SEED
};
enum { VARIATIONS_MOST = 16, FIXED_MOST = 32 };

struct arguments {
	const char *file, *output, *csv;
	bool resume;
	uint64_t samples, lease_s;
	struct variation variations[VARIATIONS_MOST];
	size_t variation_count;
	const char *fixed[FIXED_MOST];
	char *owned[2]; /* of options that stand for a setting */
	size_t fixed_count, owned_count;
	unsigned int threads;
	struct error *error;
};

static const struct argp_option options[] = {
	{ "set", OPTION_SET, "/POINTER=V1,V2,...", 0,
	  "A value, or several: the points are all combinations (with --samples: LOW..HIGH)", 0 },
	{ "samples", OPTION_SAMPLES, "N", 0,
	  "So many points by Latin hypercube sampling instead of a grid", 0 },
	{ "replications", OPTION_REPLICATIONS, "N", 0, "Repetitions of each point", 1 },
	{ "seed", OPTION_SEED, "N", 0, "Seed of all random numbers", 1 },
	{ "output", 'o', "FILE.sqlite", 0, "Where results are kept", 2 },
	{ "resume", OPTION_RESUME, NULL, 0, "Go on with a file that a stopped sweep left", 2 },
	{ "csv", OPTION_CSV, "FILE.csv", 0,
	  "Export all results at the end (\"-\": standard output)", 2 },
	{ "jobs", 'j', "N", 0, "Threads; results do not depend on it (default: all cores)", 2 },
	{ "lease", OPTION_LEASE, "SECONDS", 0,
	  "Under mpirun: a point that a rank does not deliver in this time, and 20 times the mean, "
	  "goes to another (default: 60)",
	  2 },
	{ 0 },
};

/* One value is a setting of all points; several, or a range of samples, vary. */
static void add_set(struct arguments *arguments, char *text, struct argp_state *state)
{
	struct variation variation;

	if (!variation_read(&variation, text, arguments->error)) {
		argp_error(state, "--set: %s", arguments->error->message);
		return;
	}
	if (variation.value_count == 1 && !strstr(variation.values[0], "..")) {
		variation_fini(&variation);
		if (arguments->fixed_count == FIXED_MOST - 2)
			argp_error(state, "at most %d settings", FIXED_MOST - 2);
		else
			arguments->fixed[arguments->fixed_count++] = text;
	} else if (arguments->variation_count == VARIATIONS_MOST) {
		variation_fini(&variation);
		argp_error(state, "at most %d values may vary", VARIATIONS_MOST);
	} else {
		arguments->variations[arguments->variation_count++] = variation;
	}
}

static void add_fixed(struct arguments *arguments, const char *pointer, const char *value)
{
	size_t size = strlen(pointer) + strlen(value) + 2;
	char *text = memory_array(size, 1, "setting", arguments->error);

	if (!text || arguments->owned_count == 2)
		return;
	snprintf(text, size, "%s=%s", pointer, value);
	arguments->owned[arguments->owned_count++] = text;
	arguments->fixed[arguments->fixed_count++] = text;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case OPTION_SET:
		add_set(arguments, text, state);
		return 0;
	case OPTION_SAMPLES:
		if (!command_parse_count(text, 1, 10000000, &arguments->samples))
			argp_error(state, "--samples needs a number of points");
		return 0;
	case OPTION_LEASE:
		if (!command_parse_count(text, 1, 86400, &arguments->lease_s))
			argp_error(state, "--lease needs a number of seconds");
		return 0;
	case OPTION_REPLICATIONS:
		add_fixed(arguments, "/experiment/replications", text);
		return 0;
	case OPTION_SEED:
		add_fixed(arguments, "/experiment/seed", text);
		return 0;
	case OPTION_RESUME:
		arguments->resume = true;
		return 0;
	case OPTION_CSV:
		arguments->csv = text;
		return 0;
	case 'o':
		arguments->output = text;
		return 0;
	case 'j':
		if (!command_parse_threads(text, &arguments->threads))
			argp_error(state, "-j needs a number of threads from 1 to 256");
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->file)
			argp_error(state, "one scenario at a time");
		arguments->file = text;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->file || !arguments->output)
			argp_error(state, "a scenario and -o FILE.sqlite are needed");
		for (size_t v = 0; v < arguments->variation_count; v++)
			if (arguments->samples && arguments->variations[v].value_count != 1)
				argp_error(state, "with --samples a value is one LOW..HIGH");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	options,
	parse,
	"FILE",
	"Run a scenario at many points (those of --set and of its own \"sweep\") and keep the "
	"results in an SQLite file, whose tables "
	"docs/sweeps.md describes. A stopped sweep keeps what it has; --resume goes on. Under "
	"mpirun "
	"the ranks share the points.\v"
	"Example:\n  sim sweep scenarios/s390-pv/reboot-64g.json --set "
	"/guests/0/memory=4GiB,64GiB,1TiB \\\n    --set /guests/0/strategy=sync,async -o "
	"sweep.sqlite --csv sweep.csv\n",
	NULL,
	NULL,
	NULL,
};

static bool is_set(const struct arguments *arguments, const char *pointer)
{
	size_t length = strlen(pointer);

	for (size_t v = 0; v < arguments->variation_count; v++)
		if (strcmp(arguments->variations[v].pointer, pointer) == 0)
			return true;
	for (size_t i = 0; i < arguments->fixed_count; i++)
		if (strncmp(arguments->fixed[i], pointer, length) == 0 &&
		    arguments->fixed[i][length] == '=')
			return true;
	return false;
}

/* What the scenario's own "sweep" varies, but for pointers that --set names. */
static bool add_own(struct arguments *arguments, struct error *error)
{
	struct setting settings[FIXED_MOST];
	struct scenario scenario;

	if (arguments->samples)
		return true;
	for (size_t i = 0; i < arguments->fixed_count; i++)
		settings[i] = (struct setting){ .text = arguments->fixed[i] };
	if (!scenario_load(&scenario, arguments->file, settings, arguments->fixed_count, NULL,
			   error))
		return false;
	for (size_t v = 0; v < scenario.variation_count; v++) {
		if (is_set(arguments, scenario.variations[v].pointer))
			continue;
		if (arguments->variation_count == VARIATIONS_MOST) {
			error_set(error, ERROR_INPUT, "at most %d values may vary",
				  VARIATIONS_MOST);
			break;
		}
		arguments->variations[arguments->variation_count++] = scenario.variations[v];
		scenario.variations[v] = (struct variation){ 0 };
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static void show_progress(size_t done, size_t points, double seconds)
{
	double rate = seconds > 0 ? (double)done / seconds : 0;

	fprintf(stderr, "\r%zu of %zu points, %.3g/s", done, points, rate);
	if (rate > 0)
		fprintf(stderr, ", %.0f s left", (double)(points - done) / rate);
	fputs("\033[K", stderr);
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
		.threads = arguments->threads,
		.lease_s = (double)arguments->lease_s,
		.stop = &command_interrupted,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
	};
	bool *done = memory_array(sweep->point_count, sizeof(*done), "points", error);
	struct store *store = NULL;
	bool ok = false;

	if (done)
		store = store_open(arguments->output, sweep, SIM_VERSION, arguments->resume, done,
				   error);
	if (store) {
		ok = workers_run(sweep, store, done, &workers, error);
		if (workers.progress)
			fputs("\r\033[K", stderr);
		ok = store_close(store, error) && ok;
	} else {
		ranks_dismiss((double)arguments->lease_s);
	}
	free(done);
	return ok && export(arguments, error);
}

static int sweep(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { .threads = command_all_cores(),
				       .lease_s = 60,
				       .error = error };
	struct sweep_plan plan;
	struct sweep points;
	int rank = 0, ranks = 1;
	bool ok = false;

	command_parse(&argp, argc, argv, &arguments);
	command_catch_signals();
	if (error->kind == ERROR_NONE)
		add_own(&arguments, error);
	plan = (struct sweep_plan){ .file = arguments.file,
				    .settings = arguments.fixed,
				    .setting_count = arguments.fixed_count,
				    .variations = arguments.variations,
				    .variation_count = arguments.variation_count,
				    .samples = arguments.samples,
				    .seed = 1 };
	if (error->kind == ERROR_NONE && ranks_begin(&rank, &ranks, error) &&
	    sweep_init(&points, &plan, SIM_VERSION, error)) {
		ok = rank ? ranks_work(&points, &command_interrupted, error)
			  : lead(&arguments, &points, error);
		sweep_fini(&points);
	}
	ranks_end(ok ? 0 : 1);
	for (size_t v = 0; v < arguments.variation_count; v++)
		variation_fini(&arguments.variations[v]);
	for (size_t i = 0; i < arguments.owned_count; i++)
		free(arguments.owned[i]);
	return ok ? 0 : 1;
}

const struct command command_sweep = { "sweep", "run a scenario at many points", sweep, &argp };
