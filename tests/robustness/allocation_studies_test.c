/*
 * As allocation_test, place by place: studies, comparisons, sensitivities, published tables and fleets, and
 * what is written of them. Where memory is short there is an error, or the same answer as with enough.
 */

#include "failing_allocator.h"

#include <unistd.h>

#include "base/memory.h"
#include "decide/compare.h"
#include "decide/validate.h"
#include "explain/explain.h"
#include "explain/sensitivity.h"

static const char text[] =
	"{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"strategy\": \"async\", \"memory\": "
	"\"3GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}], \"experiment\": "
	"{\"until\": \"1min\", \"replications\": 2, \"seed\": 3}}";

static const struct experiment_options options = { .replicate = { .threads = 1 },
						   .version = "test" };
static char folder[] = "/tmp/sim-allocation-XXXXXX";
static char paths[2][64], table_path[64], profile_path[64], trace_path[64];
static struct published_table published;

/* What each job writes when it has memory. */
static char *written_of_study, *written_of_runs, *written_of_files, *written_of_sensitivity,
	*written_of_table, *written_of_fleet;

static void write_comparison(const struct comparison *comparison, char **reference,
			     struct error *error)
{
	static report_writer *const writers[] = { comparison_write_text, comparison_write_json,
						  comparison_write_csv, comparison_write_markdown,
						  NULL };

	write_with(writers, comparison, reference, error);
}

static bool explain_text(const char *scenario_text, char **reference, struct error *error)
{
	static report_writer *const writers[] = { result_write_json, NULL };
	struct scenario scenario;
	struct result result;

	if (!scenario_load_text(&scenario, "<memory>", scenario_text, strlen(scenario_text), error))
		return false;
	if (explain_run(&scenario, &options, &result, error)) {
		assert_int_equal(error->kind, ERROR_NONE);
		write_with(writers, &result, reference, error);
		result_fini(&result);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

/* Guests enough for a slowest hundredth, prices of one estimate, and those of which a model has a caveat. */
static bool study_job(struct error *error)
{
	char study[512];

	snprintf(study, sizeof(study),
		 "{\"name\": \"n\", \"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", "
		 "\"strategy\": \"async\", \"memory\": \"1GiB\", \"count\": 50}], \"costs\": "
		 "[\"%s\"], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}], "
		 "\"experiment\": {\"until\": \"10min\", \"replications\": 2, \"seed\": 3}}",
		 profile_path);
	return explain_text(study, &written_of_study, error);
}

/* Of its three VMs one waits for room, and two go to another host. */
static bool fleet_job(struct error *error)
{
	char fleet[768];

	snprintf(fleet, sizeof(fleet),
		 "{\"host\": {\"memory\": \"10GiB\"}, \"guests\": [{\"name\": \"vm\", \"model\": "
		 "\"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\"}], \"fleet\": {\"hosts\": "
		 "2, "
		 "\"guests\": \"vm\", \"trace\": \"%s\", \"patience\": \"1h\"}, \"events\": "
		 "[{\"do\": "
		 "\"evacuate\", \"guests\": \"vm\", \"host\": 0, \"at\": \"100s\"}, {\"do\": "
		 "\"reboot\", \"guests\": \"vm\", \"rate\": \"30/h\"}], \"experiment\": "
		 "{\"until\": \"10min\", \"replications\": 2, \"seed\": 3}}",
		 trace_path);
	return explain_text(fleet, &written_of_fleet, error);
}

static bool compare_job(struct error *error)
{
	static const char *const labels[] = { "one", "other" };
	struct scenario scenarios[2];
	struct comparison comparison;
	size_t loaded = 0;

	while (loaded < 2 &&
	       scenario_load_text(&scenarios[loaded], "<memory>", text, strlen(text), error))
		loaded++;
	if (loaded == 2 &&
	    compare_run(scenarios, labels, 2, 0, NULL, &options, &comparison, error)) {
		comparison.over = memory_text("design", error);
		if (comparison.over)
			write_comparison(&comparison, &written_of_runs, error);
		comparison_fini(&comparison);
	}
	while (loaded)
		scenario_fini(&scenarios[--loaded]);
	return error->kind == ERROR_NONE;
}

static bool stored_job(struct error *error)
{
	const char *const files[] = { paths[0], paths[1] };
	struct comparison comparison;

	if (compare_stored(files, 2, 0, NULL, &comparison, error)) {
		write_comparison(&comparison, &written_of_files, error);
		comparison_fini(&comparison);
	}
	return error->kind == ERROR_NONE;
}

static bool sensitivity_job(struct error *error)
{
	static report_writer *const writers[] = { sensitivity_write_text, sensitivity_write_json,
						  sensitivity_write_csv, NULL };
	struct scenario scenario;
	struct sensitivity sensitivity;

	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), error))
		return false;
	if (sensitivity_run(&scenario, 1, &options, &sensitivity, error)) {
		assert_int_equal(error->kind, ERROR_NONE);
		write_with(writers, &sensitivity, &written_of_sensitivity, error);
		sensitivity_fini(&sensitivity);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static bool validate_job(struct error *error)
{
	static report_writer *const writers[] = { validation_write_text, validation_write_json,
						  NULL };
	struct validation_table table;

	if (validate_table(&published, &options, &table, error)) {
		const struct validation validation = { .version = "test",
						       .tables = &table,
						       .table_count = 1 };

		write_with(writers, &validation, &written_of_table, error);
		free(table.rows);
	}
	return error->kind == ERROR_NONE;
}

static void write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static int make_files(void **state)
{
	char scenario_path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(table_path, sizeof(table_path), "%s/table.json", folder);
	snprintf(scenario_path, sizeof(scenario_path), "%s/scenario.json", folder);
	snprintf(profile_path, sizeof(profile_path), "%s/profile.json", folder);
	snprintf(trace_path, sizeof(trace_path), "%s/trace.csv", folder);
	write_file(scenario_path, text);
	write_file(profile_path,
		   "{\"name\": \"p\", \"correlations\": [[\"uvc.destroy_page\", \"guest.boot\", "
		   "-0.5]], \"costs\": {\"uvc.destroy_page\": {\"mean\": \"2us\", \"range\": "
		   "[\"1us\", \"5us\"]}, \"guest.boot\": {\"mean\": \"5s\", \"range\": [\"2s\", "
		   "\"9s\"]}}}");
	write_file(trace_path,
		   "arrival_s,vcpus,memory_gib,lifetime_s\n0,1,4,\n1,1,4,200\n2,1,8,60\n"
		   "3,1,8,60\n");
	write_file(table_path,
		   "{\"name\": \"t\", \"source\": \"s\", \"platform\": \"p\", \"scenario\": "
		   "\"scenario.json\", \"metric\": \"reboot.latency\", \"unit\": \"s\", "
		   "\"tolerance\": 0.1, \"rows\": "
		   "[{\"label\": \"a\", \"published\": 1, \"use\": \"predict\"}]}");
	for (int i = 0; i < 2; i++) {
		struct error error = { 0 };
		struct scenario scenario;
		struct result result;
		FILE *file;

		snprintf(paths[i], sizeof(paths[i]), "%s/%d.json", folder, i);
		assert_true(scenario_load_text(&scenario, "<memory>", text, strlen(text), &error));
		assert_true(explain_run(&scenario, &options, &result, &error));
		file = fopen(paths[i], "w");
		assert_non_null(file);
		assert_true(result_write_json(&result, file, &error));
		assert_int_equal(fclose(file), 0);
		result_fini(&result);
		scenario_fini(&scenario);
	}
	return 0;
}

static int remove_files(void **state)
{
	char scenario_path[64];

	(void)state;
	free(written_of_study);
	free(written_of_runs);
	free(written_of_files);
	free(written_of_sensitivity);
	free(written_of_table);
	free(written_of_fleet);
	snprintf(scenario_path, sizeof(scenario_path), "%s/scenario.json", folder);
	unlink(scenario_path);
	unlink(table_path);
	unlink(profile_path);
	unlink(trace_path);
	unlink(paths[0]);
	unlink(paths[1]);
	return rmdir(folder);
}

static void test_study(void **state)
{
	(void)state;
	sweep_places(study_job, 100);
}

static void test_fleet(void **state)
{
	(void)state;
	sweep_places(fleet_job, 100);
}

static void test_compare(void **state)
{
	(void)state;
	sweep_places(compare_job, 100);
}

static void test_stored(void **state)
{
	(void)state;
	sweep_places(stored_job, 10);
}

static void test_sensitivity(void **state)
{
	(void)state;
	sweep_places(sensitivity_job, 100);
}

/* The table is read before: jansson may abort when it has no memory for a string that it reads. */
static void test_validate(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(published_read(&published, table_path, &error));
	sweep_places(validate_job, 100);
	published_fini(&published);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_study),       cmocka_unit_test(test_fleet),
		cmocka_unit_test(test_compare),     cmocka_unit_test(test_stored),
		cmocka_unit_test(test_sensitivity), cmocka_unit_test(test_validate)
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
