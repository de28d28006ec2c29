/* Files of other programs, observations, the looks of a plan. */

#include <stdlib.h>
#include <string.h>

#include "decide/measurement.h"
#include "decide/plan_journal.h"
#include "foreign/foreign.h"
#include "import/guest_import.h"
#include "import/trace_import.h"
#include "target.h"

/* --- files of other programs ----------------------------------------------------------------------- */

static void read_published_trace(const struct trace_format *format, const char *path,
				 struct error *error)
{
	const char *paths[8];
	struct trace_options options = {
		.share = 1,
		.spread_ns = -1,
		.end_ns = format->end_ns,
		.machine_cores = 96,
		.machine_memory_bytes = 768LL << 30,
		.largest_vcpus = 30,
		.largest_memory_bytes = 70LL << 30,
		.seed = 1,
	};
	static FILE *account;

	if (!account)
		account = fopen("/dev/null", "w");
	for (size_t i = 0; i < 8; i++)
		paths[i] = path;
	fuzz_check(
		trace_import(format, &options, paths, format->fewest, "/dev/null", account, error),
		error);
}

/* The first line says which format: bpftrace, azure2019, domain ... */
static void run_foreign(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t length = end ? (size_t)(end - data) : 0, rest = size - length - 1;
	struct error error = { 0 };
	char name[32] = "";
	const char *path;

	if (!end || length >= sizeof(name))
		return;
	memcpy(name, data, length);
	path = fuzz_file(end + 1, rest);
	for (int f = 0; foreign_format_names[f]; f++) {
		struct foreign foreign;

		if (strcmp(name, foreign_format_names[f]) == 0 &&
		    fuzz_check(foreign_read(&foreign, (enum foreign_format)f, path, 1, &error),
			       &error))
			foreign_fini(&foreign);
	}
	for (const struct trace_format *format = trace_formats; format->name; format++)
		if (strcmp(name, format->name) == 0)
			read_published_trace(format, path, &error);
	if (strcmp(name, "domain") == 0) {
		struct imported_guest *guest = guest_import(path, &error);

		if (fuzz_check(guest != NULL, &error)) {
			json_decref(guest_import_scenario(guest, &error));
			guest_import_free(guest);
		}
	}
}

/* --- observations ---------------------------------------------------------------------------------- */

static void run_observations(const uint8_t *data, size_t size)
{
	static struct scenario scenario;
	struct measurements measurements = { 0 };
	struct attachment file = { 0 };
	struct error error = { 0 };

	if (!scenario.document && !scenario_load_text(&scenario, "<small>", fuzz_small_scenario,
						      strlen(fuzz_small_scenario), &error))
		abort();
	fuzz_check(attachment_read(&file, fuzz_file(data, size), &error) &&
			   measurements_read(&measurements, &file, &scenario.simulation, 0, &error),
		   &error);
	measurements_fini(&measurements);
	attachment_fini(&file);
}

/* --- looks of a plan ------------------------------------------------------------------------------- */

/* What is none of its files stays as it is; a last line that is not whole goes. */
static void run_looks(const uint8_t *data, size_t size)
{
	static const char head[] = "sim-plan-looks 1 ";
	const char *path = fuzz_named_file(data, size);
	struct plan_journal_key key = { .value = 1, .alpha = 0.01 };
	struct limit_bounds bounds[2] = { 0 };
	struct plan_point point = { .bounds = bounds };
	struct error error = { 0 };
	struct plan_journal *journal = plan_journal_open(path, "fuzz", &error);
	size_t same = size < sizeof(head) - 1 ? size : sizeof(head) - 1;
	bool own = !size || memcmp(data, head, same) == 0;

	fuzz_check(journal != NULL, &error);
	fuzz_expect(!journal || own, "another file is taken for looks", &error);
	if (journal && plan_journal_find(journal, &key, 2, &point))
		fuzz_expect(point.binding < 2 && point.replications > 0, "a look that is none",
			    &error);
	plan_journal_close(journal);
	if (!own) {
		uint8_t *left = malloc(size + 1);
		FILE *file = fopen(path, "r");

		fuzz_expect(left && file && fread(left, 1, size + 1, file) == size &&
				    memcmp(left, data, size) == 0,
			    "another file is changed", &error);
		fclose(file);
		free(left);
	}
}

const struct fuzz_target fuzz_foreign = { .name = "foreign", .run = run_foreign };
const struct fuzz_target fuzz_observations = { .name = "observations", .run = run_observations };
const struct fuzz_target fuzz_looks = { .name = "looks", .run = run_looks };
