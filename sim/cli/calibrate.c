#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calibrate/calibrate.h"
#include "calibrate/profile.h"
#include "cli/command.h"
#include "report/json_tools.h"
#include "report/output.h"

struct arguments {
	const char *file, *profile;
	bool quick, list;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("output", FIELD_TEXT, AT(profile), "PROFILE.json",
	       "Write the prices as a cost profile that scenarios can name", .letter = 'o'),
	OPTION("quick", FIELD_FLAG, AT(quick), NULL,
	       "A few seconds: less memory, fewer rounds, wider ranges"),
	{ .field.key = NULL },
};

static void show_progress(unsigned int round, unsigned int rounds, const char *what, void *data)
{
	(void)data;
	fprintf(stderr, "\rround %u of %u: %s\033[K", round + 1, rounds, what);
}

static int run(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct calibration calibration = { 0 };
	struct calibrate_options how = { 0 };
	struct output output = { 0 };
	bool on_terminal = isatty(STDERR_FILENO), ok;

	command_parse(&command_calibrate, argc, argv, &arguments);
	command_catch_signals();
	how.quick = arguments.quick;
	how.progress = on_terminal ? show_progress : NULL;
	if (!place_look(&calibration.place, &command_interrupted, error))
		return 1;
	calibration_announce(&calibration.place, &how, stdout);
	fflush(stdout);
	ok = calibrate(&calibration, &how, &command_interrupted, error);
	if (on_terminal)
		fputs("\r\033[K", stderr);
	if (ok) {
		calibration_print(&calibration, stdout);
		if (arguments.profile && output_open(&output, arguments.profile, error)) {
			json_write(calibration_profile(&calibration), output.stream, error);
			output_close(&output, error);
		}
	}
	calibration_fini(&calibration);
	return ok ? 0 : 1;
}

const struct command command_calibrate = {
	.name = "calibrate",
	.summary = "measure this host's prices",
	.about = "Measure this host's prices.\v"
		 "Example:\n  sim calibrate -o mine.json\n",
	.options = { { options, 0 } },
	.run = run,
};
