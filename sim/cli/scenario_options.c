#include "cli/scenario_options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/command.h"

enum { OPTION_SET = 512, OPTION_REPLICATIONS, OPTION_PRECISION, OPTION_SEED, OPTION_EXACT };

static const struct argp_option options[] = {
	{ "set", OPTION_SET, "/POINTER=VALUE", 0, "Change a value of the scenario (repeatable)",
	  1 },
	{ "replications", OPTION_REPLICATIONS, "N", 0, "Independent repetitions, or \"auto\"", 1 },
	{ "precision", OPTION_PRECISION, "P", 0, "Wanted relative half-width of the mean (0.01)",
	  1 },
	{ "seed", OPTION_SEED, "N", 0, "Seed of all random numbers", 1 },
	{ "exact-pages", OPTION_EXACT, NULL, 0, "Simulate every page as an event (slow)", 1 },
	{ "jobs", 'j', "N", 0, "Threads; results do not depend on it (default: all cores)", 2 },
	{ "output", 'o', "FILE", 0, "Write there instead of to standard output", 2 },
	{ 0 },
};

bool scenario_options_set(struct scenario_options *set, const char *pointer, const char *value)
{
	size_t size = strlen(pointer) + (value ? strlen(value) : 0) + 2;
	char *text;

	if (!memory_grow(&set->settings, &set->setting_capacity, set->setting_count + 1,
			 sizeof(*set->settings), "settings", set->error))
		return false;
	text = memory_array(size, 1, "setting", set->error);
	if (!text)
		return false;
	snprintf(text, size, "%s%s%s", pointer, value ? "=" : "", value ? value : "");
	set->settings[set->setting_count++] = text;
	return true;
}

static error_t parse(int key, char *text, struct argp_state *state)
{
	struct scenario_options *set = state->input;

	switch (key) {
	case OPTION_SET:
		scenario_options_set(set, text, NULL);
		return 0;
	case OPTION_REPLICATIONS:
		scenario_options_set(set, "/experiment/replications", text);
		return 0;
	case OPTION_PRECISION:
		scenario_options_set(set, "/experiment/precision", text);
		return 0;
	case OPTION_SEED:
		scenario_options_set(set, "/experiment/seed", text);
		return 0;
	case OPTION_EXACT:
		scenario_options_set(set, "/experiment/exact_pages", "true");
		return 0;
	case 'j':
		if (!command_parse_threads(text, &set->threads))
			argp_error(state, "-j needs a number of threads from 1 to 256");
		return 0;
	case 'o':
		set->output = text;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp scenario_options_argp = { options, parse, NULL, NULL, NULL, NULL, NULL };

struct scenario_options scenario_options_default(struct error *error)
{
	return (struct scenario_options){ .output = "-",
					  .threads = command_all_cores(),
					  .error = error };
}

void scenario_options_fini(struct scenario_options *set)
{
	for (size_t i = 0; i < set->setting_count; i++)
		free(set->settings[i]);
	free(set->settings);
}

struct setting *scenario_options_settings(const struct scenario_options *set, struct error *error)
{
	struct setting *settings =
		memory_array(set->setting_count, sizeof(*settings), "settings", error);

	for (size_t i = 0; settings && i < set->setting_count; i++)
		settings[i].text = set->settings[i];
	if (error->kind == ERROR_NONE)
		return settings;
	free(settings);
	return NULL;
}

bool scenario_options_load(const struct scenario_options *set, const char *file,
			   struct scenario *scenario, struct error *error)
{
	struct setting *settings = scenario_options_settings(set, error);
	bool ok = settings &&
		  scenario_load(scenario, file, settings, set->setting_count, stderr, error);

	free(settings);
	return ok;
}

static bool on_terminal(void)
{
	return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
}

static void show_progress(uint64_t done, double relative_half_width, void *data)
{
	(void)data;
	fprintf(stderr, "\r%llu replications", (unsigned long long)done);
	if (isfinite(relative_half_width))
		fprintf(stderr, ", mean known to %.2g %%", 100 * relative_half_width);
	fputs("\033[K", stderr);
}

struct experiment_options scenario_options_experiment(const struct scenario_options *set)
{
	return (struct experiment_options){
		.replicate = { .threads = set->threads, .stop = &command_interrupted },
		.version = SIM_VERSION,
		.progress = on_terminal() ? show_progress : NULL,
	};
}

void scenario_options_progress_done(void)
{
	if (on_terminal())
		fputs("\r\033[K", stderr);
}
