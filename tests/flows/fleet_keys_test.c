/*
 * Whatever a scenario of a fleet says does something, or is refused or warned of: each key of
 * each table is changed, and the run must change, too. A key that a fleet would ignore in silence
 * fails this test.
 */

#include "fixture.h"

#include <unistd.h>

#include "scenario/tables.h"

/* Hosts that are nearly full, VMs that come and go, and an event of each kind. */
static const char *const lines = "arrival_s,vcpus,memory_gib,lifetime_s\n"
				 "0,1,4,900\n1,2,4,\n2,1,2,700\n3,4,8,650\n4,1,4,\n200,1,6,600\n"
				 "210,1,4,\n220,1,9,50\n230,1,1,500\n260,2,8,\n265,1,12,100\n"
				 "275,1,1,800\n400,1,1,90\n1000,1,12,100\n";
static const char *const base =
	"{\"host\": {\"cores\": 2, \"memory\": \"12GiB\", \"metadata\": true}, \"guests\": "
	"[{\"name\": \"vm\", "
	"\"model\": \"kvm\", \"strategy\": \"async-teardown\", \"memory\": \"1GiB\"}],"
	"\"fleet\": {\"guests\": \"vm\", \"trace\": \"%s\", \"hosts\": 4, \"vcpus_per_core\": 4},"
	"\"events\": [{\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"300s\", \"host\": 0},"
	" {\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"100s\", \"every\": \"100s\", "
	"\"times\": 4,"
	" \"concurrency\": 2, \"share\": 0.9},"
	" {\"do\": \"reboot\", \"guests\": \"vm\", \"rate\": \"20/h\", \"older_than\": \"30s\"},"
	" {\"do\": \"evacuate\", \"guests\": \"vm\", \"host\": 1, \"at\": \"500s\", "
	"\"back_after\": "
	"\"10s\", \"concurrency\": 1},"
	" {\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"600s\"},"
	" {\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"601s\"},"
	" {\"do\": \"reboot\", \"guests\": \"vm\", \"at\": \"601s\"},"
	" {\"do\": \"kill\", \"guests\": \"vm\", \"at\": \"650s\", \"share\": 0.2}],"
	" \"experiment\": {\"until\": \"30min\"}}";

/* Keys that a simulation never sees, and those that cannot matter here: with the reason. */
static const struct {
	const char *pointer, *why;
} excused[] = {
	{ "/host/features", "kvm asks for none" },
	{ "/host/capacities", "no price uses one" },
	{ "/host/numa_nodes", "1 is all that a fleet may have" },
	{ "/host/hugepages_1g", "a pool of the other size has the same effect" },
	{ "/guests/0/name", "what reports call it" },
	{ "/guests/0/qemu", "an old one lacks the strategy: that is said of the strategy" },
	{ "/guests/0/model", "another test for each model" },
	{ "/guests/0/memory", "needed of any guest; the trace says it for each VM" },
	{ "/host/overcommit", "kvm's VMs reboot in place: no host runs out of memory here" },
	{ "/events/0/coalesce", "no other reboot is under way then" },
	{ "/events/2/coalesce", "a request by rate, hardly ever behind another" },
	{ "/experiment/replications", "how often it is repeated" },
	{ "/experiment/precision", "how often it is repeated" },
	{ "/experiment/metrics", "how often it is repeated" },
	{ "/experiment/exact_pages", "the same law, too slow for this test" },
};

/* What a key is changed to where its kind's value would not do. */
static const struct {
	const char *pointer, *value;
} chosen[] = {
	{ "/host/memory", "16GiB" },
	{ "/host/hugepages_2m", "2048" },
	{ "/host/metadata", "false" },
	{ "/host/memory_bandwidth", "10MB/s" },
	{ "/guests/0/strategy", "exit" },
	{ "/guests/0/page_size", "2MiB" },
	{ "/guests/0/numa_node", "0" },
	{ "/guests/0/memory_limit", "3GiB" },
	{ "/guests/0/vmm_memory", "1GiB" },
	{ "/guests/0/faults", "[{\"step\": \"mmap\", \"call\": 3}]" },
	{ "/fleet/hosts", "2" },
	{ "/fleet/guests", "other" },
	{ "/fleet/trace", "other" },
	{ "/fleet/placement", "best-fit" },
	{ "/fleet/patience", "1s" },
	{ "/fleet/vcpus_per_core", "2" },
	{ "/events/0/guests", "other" },
	{ "/events/0/do", "kill" },
	{ "/events/1/do", "kill" },
	{ "/events/2/do", "kill" },
	{ "/events/6/do", "kill" },
	{ "/events/1/times", "2" },
	{ "/events/3/host", "0" },
	{ "/experiment/until", "500s" },
	{ "/experiment/warm_up", "500s" },
};

static char path[] = "/tmp/fleet-keys-XXXXXX", scenario_path[] = "/tmp/fleet-scenario-XXXXXX";

static void write_to(char *name, const char *format, const char *text)
{
	int descriptor = mkstemp(name);
	FILE *file;

	assert_true(descriptor >= 0);
	file = fdopen(descriptor, "w");
	assert_non_null(file);
	fprintf(file, format, text);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	write_to(path, "%s", lines);
	write_to(scenario_path, base, path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(scenario_path);
	return 0;
}

/* All that a replication yields, as one text; the caller frees it. */
static char *outcome_of(const struct scenario *scenario)
{
	struct error error = { 0 };
	struct simulation *simulation = simulation_new(&scenario->simulation, &error);
	size_t metrics, counters, size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_non_null(simulation);
	if (!simulation_run(simulation, 0, &error)) {
		assert_int_equal(error.kind, ERROR_INPUT);
		fputs(error.message, out);
	} else {
		const struct metric *metric = simulation_metrics(simulation, &metrics);
		const struct counter *counter = simulation_counters(simulation, &counters);

		for (size_t m = 0; m < metrics; m++)
			for (size_t i = 0; i < metric[m].count; i++)
				fprintf(out, "%s %lld\n", metric[m].name,
					(long long)metric[m].samples[i]);
		for (size_t c = 0; c < counters; c++)
			fprintf(out, "%s %s %llu\n", counter[c].group, counter[c].name,
				(unsigned long long)counter[c].value);
	}
	assert_int_equal(fclose(out), 0);
	simulation_free(simulation);
	return text;
}

/* The scenario with that setting: NULL when it is refused or warned of. */
static char *outcome_with(const char *pointer, const char *value)
{
	const struct setting setting = { .text = pointer, .value = value };
	struct error error = { 0 };
	struct scenario scenario;
	char *warnings = NULL, *outcome = NULL;
	size_t size;
	FILE *out = open_memstream(&warnings, &size);

	assert_non_null(out);
	if (scenario_load(&scenario, scenario_path, &setting, pointer != NULL, out, &error)) {
		fflush(out);
		if (!pointer || !strstr(warnings, pointer))
			outcome = outcome_of(&scenario);
		scenario_fini(&scenario);
	} else {
		assert_int_equal(error.kind, ERROR_INPUT);
	}
	fclose(out);
	free(warnings);
	return outcome;
}

static const char *value_for(const char *pointer, const struct field *field)
{
	static const char *const of_kind[] = {
		[FIELD_TEXT] = "other",     [FIELD_NAME] = "other",    [FIELD_FLAG] = "true",
		[FIELD_COUNT] = "3",        [FIELD_NUMBER] = "0.5",    [FIELD_RATIO] = "0.3",
		[FIELD_BYTES] = "\"2GiB\"", [FIELD_DURATION] = "700s", [FIELD_BANDWIDTH] = "1MB/s",
		[FIELD_RATE] = "9/h",       [FIELD_CHOICE] = "",       [FIELD_ANY] = "7",
		[FIELD_VERSION] = "6.18",
	};

	for (size_t i = 0; i < sizeof(chosen) / sizeof(chosen[0]); i++)
		if (strcmp(chosen[i].pointer, pointer) == 0)
			return chosen[i].value;
	if (field->kind == FIELD_CHOICE)
		return field->choices[1];
	if (field->kind == FIELD_FLAG && field->fallback && strcmp(field->fallback, "true") == 0)
		return "false";
	if (field->kind == FIELD_BYTES)
		return "2GiB";
	assert_true((size_t)field->kind < sizeof(of_kind) / sizeof(of_kind[0]));
	assert_non_null(of_kind[field->kind]);
	return of_kind[field->kind];
}

static bool is_excused(const char *pointer)
{
	for (size_t i = 0; i < sizeof(excused) / sizeof(excused[0]); i++)
		if (strcmp(excused[i].pointer, pointer) == 0)
			return true;
	return false;
}

/* How many keys of the object do nothing in silence. */
static int count_ignored(const struct record *record, const char *object)
{
	char *as_it_is = outcome_with(NULL, NULL);
	int ignored = 0;

	assert_non_null(as_it_is);
	for (const struct field *field = record->fields; field->key; field++) {
		char pointer[128], *outcome;

		snprintf(pointer, sizeof(pointer), "%s/%s", object, field->key);
		if (is_excused(pointer))
			continue;
		outcome = outcome_with(pointer, value_for(pointer, field));
		if (outcome && strcmp(outcome, as_it_is) == 0) {
			print_error("%s=%s changes nothing, and nothing says so\n", pointer,
				    value_for(pointer, field));
			ignored++;
		}
		free(outcome);
	}
	free(as_it_is);
	return ignored;
}

static void test_tables(void **state)
{
	int ignored = count_ignored(&host_record, "/host") +
		      count_ignored(&guest_record, "/guests/0") +
		      count_ignored(&fleet_record, "/fleet") +
		      count_ignored(&experiment_record, "/experiment");

	(void)state;
	assert_int_equal(ignored, 0);
}

/* Of one at a time, of one that comes back, by rate, of an evacuation, of one that can join another. */
static void test_events(void **state)
{
	static const char *const events[] = { "/events/0", "/events/1", "/events/2", "/events/3",
					      "/events/6" };
	int ignored = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		ignored += count_ignored(&event_record, events[i]);
	assert_int_equal(ignored, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
