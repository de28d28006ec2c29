/*
 * Every allocation fails once: loading a scenario, building and running a
 * simulation, filling and writing a result; timelines, pages, plans, fleets,
 * replays and plots. Each failure is a clean error, and under the address
 * sanitizer nothing leaks.
 */

#include "failing_allocator.h"

#include <unistd.h>

#include "decide/plan.h"
#include "design/design.h"
#include "draw/plot.h"
#include "explain/explain.h"
#include "flow/flow_diff.h"
#include "import/guest_import.h"
#include "import/trace_import.h"
#include "page/report_page.h"
#include "replay/replay.h"
#include "replay/timeline.h"

static const char text[] =
	"{\"name\": \"n\", \"guests\": [{\"name\": \"g\", \"strategy\": \"async\", \"memory\": "
	"\"3GiB\","
	" \"faults\": [{\"step\": \"uvc.destroy_conf\", \"probability\": 0.25}]}],"
	" \"costs\": [{\"uvc.destroy_page\": {\"mean\": \"3us\"}}],"
	" \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}, {\"do\": \"kill\", \"guests\": "
	"\"g\","
	" \"at\": \"9s\"}], \"experiment\": {\"until\": \"1min\", \"replications\": 2, \"seed\": "
	"3},"
	" \"objectives\": [{\"metric\": \"reboot.latency\", \"at_most\": \"1h\"}]}";

/* True when nothing failed. */
static bool whole_job(struct error *error)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct scenario scenario;
	struct result result;
	char *written = NULL;
	size_t size = 0;
	FILE *out;

	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), error))
		return false;
	if (explain_run(&scenario, &options, &result, error)) {
		for (size_t i = 0; result_format_names[i]; i++) {
			out = open_memstream(&written, &size);
			assert_non_null(out);
			result_writers[i](&result, out, error);
			fclose(out);
			free(written);
		}
		result_fini(&result);
	}
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

/* Files that the other jobs read; made once, without failures. */
static char folder[] = "/tmp/sim-allocation-XXXXXX";
static char scenario_path[64], fleet_path[64], result_path[64], trace_path[64];

static bool timeline_job(struct error *error)
{
	struct scenario scenario;
	char *written;
	FILE *out;

	if (!scenario_load_text(&scenario, "<memory>", text, strlen(text), error))
		return false;
	out = sink(&written);
	timeline_write(&scenario, 0, out, error);
	fclose(out);
	free(written);
	scenario_fini(&scenario);
	return error->kind == ERROR_NONE;
}

static bool page_job(struct error *error)
{
	const struct report_page_request request = {
		.file = scenario_path,
		.command = "sim report",
		.compare = true,
		.options = { .replicate = { .threads = 1 }, .version = "test" },
	};
	char *written;
	FILE *out = sink(&written);
	enum judgement judgement;

	report_page_write(&request, out, &judgement, error);
	fclose(out);
	free(written);
	return error->kind == ERROR_NONE;
}

static bool plan_job(struct error *error)
{
	const struct plan_options options = { .replicate = { .threads = 1 }, .version = "test" };
	struct planning planning;
	char *written;
	FILE *out;

	if (!plan_run(fleet_path, NULL, 0, &options, &planning, error))
		return false;
	out = sink(&written);
	planning_write_text(&planning, out, error);
	planning_write_json(&planning, out, error);
	fclose(out);
	free(written);
	planning_fini(&planning);
	return error->kind == ERROR_NONE;
}

static bool plot_job(struct error *error)
{
	static const char *const kinds[] = { "breakdown", "limbo" };

	for (size_t k = 0; k < 2 && error->kind == ERROR_NONE; k++) {
		const struct plot_request request = {
			.files = { result_path },
			.file_count = 1,
			.kind = kinds[k],
			.replication = -1,
			.memory = replay_memory,
		};
		struct picture picture = { 0 };

		plot_prepare(&request, &picture, error);
		picture_fini(&picture);
	}
	return error->kind == ERROR_NONE;
}

static bool replay_job(struct error *error)
{
	struct document document;
	uint32_t replication;
	int64_t value;
	char *written;
	FILE *out;

	if (!document_read(&document, result_path, error))
		return false;
	out = sink(&written);
	if (replay_worst(document.root, result_path, "reboot.latency", &replication, &value, error))
		replay_report(&document, replication, NULL, value, out, error);
	fclose(out);
	free(written);
	document_fini(&document);
	return error->kind == ERROR_NONE;
}

/* Every part of a design: what is read, compared, written, and described. */
static bool design_job(struct error *error)
{
	static const char design_text[] =
		"{\"name\": \"x\", \"about\": \"a\", \"extends\": \"s390-pv/async\", "
		"\"costs\": {\"uvc.batch\": {\"mean\": \"40us\", \"unit\": \"call\", "
		"\"range\": [\"1us\", \"90us\"], \"source\": \"a guess\"}}, "
		"\"locks\": {\"kvm->batch\": {}}, "
		"\"loops\": {\"destroy pages below 2 GiB\": {\"batch\": 7, \"states\": "
		"{\"stale\": {\"prices\": [{\"term\": \"uvc.batch\", \"calls\": 0.1}]}}}, "
		"\"half\": {\"extends\": \"destroy all pages\", \"range\": {\"to\": 0.5}, "
		"\"calls\": []}}, "
		"\"flows\": {\"worker\": [{\"lock\": \"kvm->batch\"}, {\"pages\": \"half\"}, "
		"{\"spend\": \"uvc.batch\", \"count\": {\"of\": \"vCPUs\", \"times\": 2}}, "
		"{\"unlock\": \"kvm->batch\"}], \"KVM_PV_ASYNC_CLEANUP_PREPARE\": "
		"[{\"remove\": \"read-lock kvm->srcu\"}, {\"remove\": \"unlock kvm->srcu\"}, "
		"{\"after\": {\"step\": \"lower\", \"insert\": [{\"spawn\": \"worker\"}]}}]}}";
	struct document document;
	struct design_file design = { 0 };
	const struct model *shipped = model_find("s390-pv");
	json_t *printed = NULL;
	char *written;
	FILE *out = sink(&written);

	if (document_parse(&document, "<memory>", design_text, strlen(design_text), error) &&
	    design_file_take(&design, &document, error) &&
	    flow_diff(shipped, &shipped->strategies[2], design.model, design.strategy, out,
		      error)) {
		printed = design_to_json(design.model, design.strategy, OPERATION_COUNT);
		if (printed)
			design_write(printed, out, error);
		else
			error_memory(error, "design");
		json_decref(printed);
	}
	design_file_fini(&design);
	fclose(out);
	free(written);
	return error->kind == ERROR_NONE;
}

/* What comes out of a file from elsewhere: whole, or an error. */
static bool same_or_error(char *written, char **reference, const struct error *error)
{
	if (error->kind != ERROR_NONE) {
		free(written);
		return false;
	}
	if (*reference) {
		assert_string_equal(written, *reference);
		free(written);
	} else {
		*reference = written;
	}
	return true;
}

static char *references[4];

static bool import_guest(const char *path, char **reference, struct error *error)
{
	struct imported_guest *guest = guest_import(path, error);
	json_t *json = guest ? guest_import_scenario(guest, error) : NULL;
	char *written, *printed;
	FILE *out = sink(&written);

	if (json) {
		guest_import_account(guest, true, out, error);
		/* what jansson prints without memory is its own affair */
		countdown = 0;
		printed = json_dumps(json, 0);
		assert_non_null(printed);
		fputs(printed, out);
		free(printed);
		json_decref(json);
	}
	guest_import_free(guest);
	fclose(out);
	return same_or_error(written, reference, error);
}

static bool guest_job(struct error *error)
{
	return import_guest(SOURCE_DIR "/tests/samples/domain.xml", &references[0], error) &&
	       import_guest(SOURCE_DIR "/tests/samples/qemu-libvirt.log", &references[1], error);
}

static bool import_trace(const char *name, const char *path, char **reference, struct error *error)
{
	const struct trace_options options = { .share = 1,
					       .machine_cores = 96,
					       .machine_memory_bytes = 1LL << 40 };
	const struct trace_format *format = trace_formats;
	char *written;
	FILE *out = sink(&written);

	while (strcmp(format->name, name) != 0)
		format++;
	trace_import(format, &options, &path, 1, "/dev/null", out, error);
	fclose(out);
	return same_or_error(written, reference, error);
}

/* Not google2019: jansson's reader frees what it must not when memory runs out inside of a value. */
static bool trace_job(struct error *error)
{
	return import_trace("azure2019", SOURCE_DIR "/tests/samples/azure2019.csv", &references[2],
			    error) &&
	       import_trace("alibaba2018", SOURCE_DIR "/tests/samples/alibaba_container_meta.csv",
			    &references[3], error);
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
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct error error = { 0 };
	struct scenario scenario;
	struct result result;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(scenario_path, sizeof(scenario_path), "%s/scenario.json", folder);
	snprintf(fleet_path, sizeof(fleet_path), "%s/fleet.json", folder);
	snprintf(result_path, sizeof(result_path), "%s/result.json", folder);
	snprintf(trace_path, sizeof(trace_path), "%s/trace.csv", folder);
	write_file(scenario_path, text);
	write_file(trace_path,
		   "arrival_s,vcpus,memory_gib,lifetime_s\n0,1,8,100\n1,1,8,9\n50,1,4,\n");
	write_file(
		fleet_path,
		"{\"host\": {\"memory\": \"10GiB\"}, \"guests\": [{\"name\": \"vm\", \"model\": "
		"\"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\"}], \"fleet\": {\"hosts\": "
		"1, \"guests\": \"vm\", "
		"\"trace\": \"trace.csv\"}, \"events\": [{\"do\": \"evacuate\", "
		"\"guests\": \"vm\", \"host\": 0, \"at\": \"40s\"}], "
		"\"experiment\": {\"until\": \"10min\"}, \"plan\": {\"vary\": \"/fleet/hosts\", "
		"\"between\": [1, 3], \"goal\": \"min\", \"first\": 2, \"most\": 2, \"for_each\": "
		"{\"/guests/0/strategy\": [\"exit\", \"async-teardown\"]}, \"subject_to\": "
		"[{\"metric\": \"vms.waited\", \"at_most\": 0}]}}");
	assert_true(scenario_load_text(&scenario, "<memory>", text, strlen(text), &error));
	assert_true(explain_run(&scenario, &options, &result, &error));
	file = fopen(result_path, "w");
	assert_non_null(file);
	assert_true(result_write_json(&result, file, &error));
	assert_int_equal(fclose(file), 0);
	result_fini(&result);
	scenario_fini(&scenario);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++)
		free(references[i]);
	unlink(scenario_path);
	unlink(fleet_path);
	unlink(result_path);
	unlink(trace_path);
	return rmdir(folder);
}

static void test_run(void **state)
{
	(void)state;
	sweep(whole_job, 1000, 1000);
}

static void test_timeline(void **state)
{
	(void)state;
	sweep(timeline_job, 1000, 200);
}

static void test_page(void **state)
{
	(void)state;
	sweep(page_job, 500, 500);
}

static void test_plan(void **state)
{
	(void)state;
	sweep(plan_job, 600, 600);
}

static void test_plot(void **state)
{
	(void)state;
	sweep(plot_job, 1000, 200);
}

static void test_replay(void **state)
{
	(void)state;
	sweep(replay_job, 1000, 200);
}

static void test_design(void **state)
{
	(void)state;
	sweep(design_job, 2000, 1000);
}

static void test_imports(void **state)
{
	(void)state;
	sweep(guest_job, 2000, 100);
	sweep(trace_job, 2000, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_design),   cmocka_unit_test(test_run),
		cmocka_unit_test(test_timeline), cmocka_unit_test(test_page),
		cmocka_unit_test(test_plan),     cmocka_unit_test(test_plot),
		cmocka_unit_test(test_replay),   cmocka_unit_test(test_imports)
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
