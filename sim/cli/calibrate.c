#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "calibrate/calibrate.h"
#include "calibrate/check.h"
#include "calibrate/profile.h"
#include "cli/command.h"
#include "report/json_tools.h"
#include "report/output.h"
#include "scenario/profile.h"

struct arguments {
	const char *output;
	struct field_list files;
	int64_t memory;
	bool quick, list, check;
};

#define AT(member) offsetof(struct arguments, member)

static const struct option_row options[] = {
	OPTION("output", FIELD_TEXT, AT(output), "PROFILE.json",
	       "Write the prices as a cost profile that scenarios can name", .letter = 'o',
	       .file = FILE_OUTPUT),
	OPTION("check", FIELD_FLAG, AT(check), NULL,
	       "Hold predictions against experiments that gave no price: of the prices just "
	       "measured, or of PROFILE.json without measuring any; exit status 3 past the "
	       "tolerance"),
	OPTION("quick", FIELD_FLAG, AT(quick), NULL,
	       "A few seconds: less memory, fewer rounds, wider ranges"),
	OPTION("memory", FIELD_BYTES, AT(memory), "SIZE",
	       "Use at most so much memory at once (default: what the table of sizes needs, and "
	       "never more than half of what is available)",
	       WITHIN(16 << 20, 0x1p50)),
	OPTION("list", FIELD_FLAG, AT(list), NULL,
	       "Only list what is measured, what it needs, and the prices that follow"),
	{ .field.key = NULL },
};

/* --- progress ------------------------------------------------------------------ */

static void show_progress(double share, unsigned int round, unsigned int rounds, const char *what,
			  void *data)
{
	(void)data;
	progress_show(share, "round %u of %u: %s", round + 1, rounds, what);
}

/* --- the work ------------------------------------------------------------------- */

/* Compare with what `profile` predicts, and judge. */
static int check(const json_t *profile, const struct place *place, bool still_before,
		 const struct calibrate_options *how, FILE *out, struct error *error)
{
	struct check found;
	int status = 1;

	if (check_run(&found, profile, place, still_before, how, error)) {
		if (check_print(&found, out, error))
			status = found.good ? 0 : 3;
	}
	check_fini(&found);
	return status;
}

static int check_file(const char *path, const struct calibrate_options *how, struct error *error)
{
	struct document document;
	struct profile profile = { 0 };
	struct place place;
	int status = 1;

	if (!document_read(&document, path, error))
		return 1;
	if (profile_read(&document, &profile, error) &&
	    place_look(&place, &interrupted, how->most_bytes, error) &&
	    calibration_announce(&place, how, stdout, error))
		status = check(document.root, &place, true, how, stdout, error);
	profile_fini(&profile);
	document_fini(&document);
	return status;
}

/* The file is opened before anything is measured: an hour later is too late to learn of it. */
static int measure(const struct arguments *arguments, const struct calibrate_options *how,
		   struct error *error)
{
	struct calibration calibration = { 0 };
	struct output output = { 0 };
	FILE *out = arguments->output && strcmp(arguments->output, "-") == 0 ? stderr : stdout;
	json_t *profile = NULL;
	int status = 1;
	bool ok;

	if (arguments->output && !output_open(&output, arguments->output, error))
		return 1;
	ok = place_look(&calibration.place, &interrupted, how->most_bytes, error) &&
	     calibration_announce(&calibration.place, how, out, error) &&
	     calibrate(&calibration, how, error);
	if (ok && calibration_print(&calibration, out, error)) {
		profile = calibration_profile(&calibration);
		ok = profile || error_memory(error, "profile");
	}
	ok = ok && profile;
	if (ok && arguments->output)
		ok = json_write(json_incref(profile), NULL, output.stream, error);
	if (arguments->output && !output_close(&output, error))
		ok = false;
	if (ok)
		status = arguments->check ? check(profile, &calibration.place,
						  calibration_still(&calibration), how, out, error)
					  : 0;
	json_decref(profile);
	calibration_fini(&calibration);
	return status;
}

static bool check_arguments(const void *data, struct error *error)
{
	const struct arguments *arguments = data;

	if (arguments->files.count && !arguments->check)
		return error_set(error, ERROR_INPUT,
				 "a profile is read with --check; -o writes one");
	if (arguments->files.count && arguments->output)
		return error_set(error, ERROR_INPUT,
				 "-o writes what is measured, and a profile that is given is not "
				 "measured: one of the two");
	return true;
}

static int run(int argc, char **argv, struct error *error)
{
	struct arguments arguments = { 0 };
	struct calibrate_options how = { 0 };

	command_parse(&command_calibrate, argc, argv, &arguments);
	if (arguments.list) {
		tables_print(stdout);
		return 0;
	}
	how.quick = arguments.quick;
	how.most_bytes = (uint64_t)arguments.memory;
	how.progress = progress_is_shown() ? show_progress : NULL;
	if (arguments.files.count)
		return check_file(((char *const *)arguments.files.items)[0], &how, error);
	return measure(&arguments, &how, error);
}

const struct command command_calibrate = {
	.name = "calibrate",
	.summary = "measure the prices of this host, and check predictions against it",
	.arguments = "[PROFILE.json]",
	.about = "Measure what this host takes for faults, clearing, unmapping, pinning, threads "
		 "and virtual machines, and write it as a cost profile. It says first what it "
		 "stands on and what it will use: less than a minute, at most half of the free "
		 "memory, nothing that stays. What needs root, /dev/kvm or a pool of hugepages is "
		 "left out where they are missing, and said.\v"
		 "Example:\n  sim calibrate -o MINE.json --check\n"
		 "  sim run scenarios/kvm/quick-restart.json --set /costs/-=MINE.json\n",
	.options = { { options, 0 } },
	.words = { "profile", FIELD_TEXTS, AT(files), .maximum = 1 },
	.check = check_arguments,
	.run = run,
};
