/* Rows of the table of versions are their models', and do what they say; without a name nothing. */

#include "one_run.h"

#include <jansson.h>

#include "base/quantity.h"
#include "document/document.h"
#include "document/record.h"
#include "flow/model.h"
#include "flow/version.h"

/* --- the table ---------------------------------------------------------------- */

static bool is_strategy(const struct version_row *row)
{
	return row->key && strcmp(row->key, "strategy") == 0;
}

static void test_rows(void **state)
{
	(void)state;
	for (const struct version_row *row = version_table;
	     row < version_table + version_table_count; row++) {
		bool known = false;

		for (size_t m = 0; m < model_table_count; m++)
			known = known || version_row_is_of(row, model_table[m]);
		if (!known)
			fail_msg("no model has %s %s", row->key ? row->key : row->term,
				 row->value ? row->value : "");
		assert_true(!row->key != !row->term);
		assert_true(row->what && *row->what);
		assert_true(!row->below || row->from < row->below);
		if (row->term)
			assert_true(0 <= row->low_ns && row->low_ns <= row->mean_ns &&
				    row->mean_ns <= row->high_ns);
	}
}

static bool of_one_thing(const struct version_row *one, const struct version_row *other)
{
	bool same = one->key && other->key
			    ? strcmp(one->key, other->key) == 0
			    : one->term && other->term && strcmp(one->term, other->term) == 0;

	if (!same || one->program != other->program || is_strategy(one))
		return false;
	for (size_t m = 0; m < model_table_count; m++)
		if (version_row_is_of(one, model_table[m]) &&
		    version_row_is_of(other, model_table[m]))
			return true;
	return false;
}

/* One value holds in each version, from the first one on. */
static void test_spans(void **state)
{
	(void)state;
	for (const struct version_row *row = version_table;
	     row < version_table + version_table_count; row++) {
		bool from_the_first = row->program == PROGRAM_VMM || is_strategy(row);
		bool goes_on = from_the_first || !row->below;

		for (const struct version_row *other = version_table;
		     other < version_table + version_table_count; other++) {
			if (!of_one_thing(row, other))
				continue;
			if (row != other)
				assert_false(version_row_holds(row, other->from) &&
					     version_row_holds(other, other->from));
			from_the_first = from_the_first || other->from == 0;
			goes_on = goes_on || other->from == row->below;
		}
		if (!from_the_first || !goes_on)
			fail_msg("%s has a gap", row->key ? row->key : row->term);
	}
}

/* A version in the row's span, as a scenario names it. */
static void name_version(char *text, size_t size, const struct version_row *row, bool host)
{
	char version[VERSION_TEXT];

	text[0] = '\0';
	version_format(version, row->from    ? row->from
				: row->below ? row->below - 1000
					     : VERSION(6, 1));
	if (row->program == PROGRAM_KERNEL && host)
		snprintf(text, size, "\"kernel\": \"%s\"", version);
	else if (row->program == PROGRAM_QEMU && !host)
		snprintf(text, size, ", \"qemu\": \"%s\"", version);
	else if (row->program == PROGRAM_VMM && !host)
		snprintf(text, size, ", \"vmm\": \"%s\"", vmm_names[row->from]);
}

static void load_named(const struct version_row *row, const struct model *model, const char *more)
{
	char host[64], guest[64];

	name_version(host, sizeof(host), row, true);
	name_version(guest, sizeof(guest), row, false);
	load(&scenario,
	     "{\"host\": {%s}, \"guests\": [{\"name\": \"g\", \"model\": \"%s\", \"strategy\": "
	     "\"%s\","
	     " \"memory\": \"1GiB\"%s%s}], \"events\": [{\"do\": \"kill\", \"guests\": \"g\"}]}",
	     host, model->name, model->strategies[0].name, guest, more);
}

static bool has(const struct guest_config *guest, const struct version_row *row)
{
	for (size_t i = 0; i < guest->version_count; i++)
		if (guest->versions[i] == row)
			return true;
	return false;
}

static bool is_set(const struct guest_config *guest, const struct version_row *row)
{
	json_t *all = record_to_json(guest->model->parameters, guest->parameters);
	json_t *wanted = json_loads(row->value, JSON_DECODE_ANY, NULL);
	bool equal = wanted && json_equal(json_object_get(all, row->key), wanted);

	json_decref(all);
	json_decref(wanted);
	return equal;
}

static const struct cost *cost_called(const struct guest_config *guest, const char *name)
{
	for (size_t t = FIRST_TERM; t < guest->model->term_count; t++)
		if (strcmp(guest->model->terms[t].name, name) == 0)
			return &guest->costs[t];
	fail_msg("there is no price %s", name);
	return NULL;
}

/* Each row in each model that it is of, as a scenario sees it. */
static void test_each_row_holds(void **state)
{
	size_t seen = 0;

	(void)state;
	for (const struct version_row *row = version_table;
	     row < version_table + version_table_count; row++) {
		for (size_t m = 0; m < model_table_count; m++) {
			const struct guest_config *guest;

			if (!version_row_is_of(row, model_table[m]) || is_strategy(row))
				continue;
			load_named(row, model_table[m], "");
			guest = &scenario.simulation.guests[0];
			seen++;
			if (!has(guest, row))
				fail_msg("%s is not taken", row->key ? row->key : row->term);
			if (row->key && !is_set(guest, row))
				fail_msg("%s is not %s", row->key, row->value);
			if (row->term) {
				const struct cost *cost = cost_called(guest, row->term);

				assert_true(cost->law.mean_ns == row->mean_ns);
				assert_true(cost->low_ns == row->low_ns);
				assert_true(cost->high_ns == row->high_ns);
				assert_ptr_equal(cost->source, row->what);
			}
			scenario_fini(&scenario);
		}
	}
	assert_true(seen > 50);
}

static void test_unnamed(void **state)
{
	(void)state;
	for (size_t m = 0; m < model_table_count; m++) {
		const struct model *model = model_table[m];

		load(&scenario,
		     "{\"guests\": [{\"name\": \"g\", \"model\": \"%s\", \"strategy\": \"%s\","
		     " \"memory\": \"1GiB\"}], \"events\": [{\"do\": \"kill\", \"guests\": "
		     "\"g\"}]}",
		     model->name, model->strategies[0].name);
		assert_int_equal(scenario.simulation.guests[0].version_count, 0);
		scenario_fini(&scenario);
	}
}

/* --- what is given ---------------------------------------------------------------- */

static void test_given_stays(void **state)
{
	const struct guest_config *guests;

	(void)state;
	/* two guests on different VMMs: prices of their own, and costs over all of them */
	load(&scenario,
	     "{\"guests\": ["
	     "{\"name\": \"a\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\"},"
	     "{\"name\": \"b\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\","
	     " \"vmm\": \"firecracker\"},"
	     "{\"name\": \"c\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\","
	     " \"vmm\": \"kata\", \"vmm_creates\": 7, \"direct_boot\": false},"
	     "{\"name\": \"d\", \"model\": \"kvm\", \"strategy\": \"exit\", \"memory\": \"1GiB\","
	     " \"vmm\": \"firecracker\"}],"
	     " \"costs\": [{\"guest.boot\": {\"mean\": \"1s\", \"range\": [\"1s\", \"2s\"]}}],"
	     " \"events\": [{\"do\": \"kill\", \"guests\": \"a\"}]}");
	guests = scenario.simulation.guests;
	for (int g = 0; g < 4; g++) {
		assert_true(cost_called(&guests[g], "guest.boot")->law.mean_ns == 1e9);
		assert_true(cost_called(&guests[g], "guest.boot")->high_ns == 2e9);
	}
	assert_true(cost_called(&guests[0], "qemu.start")->law.mean_ns == 140e6);
	assert_true(cost_called(&guests[1], "qemu.start")->law.mean_ns == 12e6);
	assert_true(cost_called(&guests[2], "qemu.start")->law.mean_ns == 200e6);
	assert_true(cost_called(&guests[3], "qemu.start")->law.mean_ns == 12e6);
	for (size_t i = 0; i < guests[2].version_count; i++)
		if (guests[2].versions[i]->key) {
			assert_string_not_equal(guests[2].versions[i]->key, "vmm_creates");
			assert_string_not_equal(guests[2].versions[i]->key, "direct_boot");
		}
}

static void warned(const char *host, const char *guest, const char *wanted)
{
	char format[600], *heard = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&heard, &length);
	struct document document;
	struct error error = { 0 };

	assert_non_null(stream);
	snprintf(format, sizeof(format),
		 "{\"host\": {%s}, \"guests\": [{\"name\": \"g\", \"memory\": \"1GiB\", %s}],"
		 " \"events\": [{\"do\": \"kill\", \"guests\": \"g\"}]}",
		 host, guest);
	if (!document_parse(&document, "<memory>", format, strlen(format), &error) ||
	    !scenario_take(&scenario, &document, NULL, 0, stream, &error))
		fail_msg("%s", error.message);
	fclose(stream);
	if (wanted ? !strstr(heard, wanted) : length > 0)
		fail_msg("\"%s\" is no warning of \"%s\"", heard, wanted ? wanted : "nothing");
	free(heard);
	scenario_fini(&scenario);
}

static void test_warnings(void **state)
{
#define MEMSLOTS "\"model\": \"memslots\", \"strategy\": \"sequential\""
	(void)state;
	warned("\"kernel\": \"5.4\"", "\"strategy\": \"async\"",
	       "Linux 5.4 has no strategy async; Linux from 6.2");
	warned("\"kernel\": \"6.2\"", "\"strategy\": \"async\"", NULL);
	warned("", "\"strategy\": \"async\", \"qemu\": \"7.2\"",
	       "QEMU 7.2 has no strategy async; QEMU from 8.0");
	warned("\"kernel\": \"6.12\"", "\"strategy\": \"lazy\"", "proposed, not merged");
	warned("\"kernel\": \"6.1\"", MEMSLOTS ", \"zap\": \"sync\"",
	       "Linux from 5.18, before 6.6 has zap \"async\"");
	warned("\"kernel\": \"6.1\"", MEMSLOTS ", \"zap\": \"async\"", NULL);
	/* the quirk is there to be turned off from 6.12 on */
	warned("\"kernel\": \"6.11\"", MEMSLOTS ", \"fast_zap\": false", "has fast_zap true");
	warned("\"kernel\": \"6.12\"", MEMSLOTS ", \"fast_zap\": false", NULL);
	warned("\"kernel\": \"99.1\"", MEMSLOTS, "Linux 99.1 is later than");
	warned("", MEMSLOTS ", \"qemu\": \"99.1\"", "QEMU 99.1 is later than");
	warned("",
	       "\"model\": \"kvm\", \"strategy\": \"exit\", \"vmm\": \"kata\", \"qemu\": \"9.0\"",
	       "is not QEMU");
	warned("", MEMSLOTS ", \"vmm\": \"kata\"", "its model knows no boot by this VMM");
	/* only x86 zaps all roots */
	warned("\"kernel\": \"6.11\"",
	       MEMSLOTS ", \"architecture\": \"arm64\", \"fast_zap\": false", NULL);
}

static void refused(const char *host, const char *why)
{
	char text[400];
	struct error error = { 0 };

	snprintf(text, sizeof(text),
		 "{\"host\": {%s}, \"guests\": [{\"name\": \"g\", \"memory\": \"1GiB\", "
		 "\"strategy\": "
		 "\"sync\"}], \"events\": [{\"do\": \"kill\", \"guests\": \"g\"}]}",
		 host);
	assert_false(scenario_load_text(&scenario, "<memory>", text, strlen(text), &error));
	if (!strstr(error.message, why))
		fail_msg("\"%s\" does not say \"%s\"", error.message, why);
}

static void test_no_versions(void **state)
{
	(void)state;
	refused("\"kernel\": 6.1", "a version (a string), \"6.12\", is needed");
	refused("\"kernel\": \"v6.1\"", "\"v6.1\" is no version");
	refused("\"kernel\": \"6\"", "\"6\" is no version");
	refused("\"kernel\": \"\"", "is no version");
}

/* --- what the switches do ----------------------------------------------------------- */

#define ROUND(name_, mean_)                                                                        \
	"\"" name_ "\": {\"mean\": \"" mean_ "\", \"cv\": 0, \"range\": [\"" mean_ "\", \"" mean_  \
	"\"]}"

static int64_t run(const char *metric, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int64_t run(const char *metric, const char *format, ...)
{
	char text[2048];
	int64_t value;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	load(&scenario, "%s", text);
	simulation = simulate(&scenario, 0);
	value = observation(simulation, metric, 0);
	tidy(NULL);
	return value;
}

#define UPDATE                                                                                     \
	"{\"host\": {\"cores\": 8%s}, \"guests\": [{\"name\": \"g\", \"model\": \"memslots\","     \
	" \"strategy\": \"%s\", \"memory\": \"1GiB\", \"vcpus\": 2, \"creates\": 2, \"deletes\": " \
	"0%s}],"                                                                                   \
	" \"costs\": [{" ROUND("srcu.grace_period", "1ms") "," ROUND(                              \
		"srcu.idle",                                                                       \
		"10us") "}],"                                                                      \
			" \"events\": [{\"at\": \"1s\", \"do\": \"update\", \"guests\": \"g\"}],"  \
			" \"experiment\": {\"spread\": false}}"

/* Two swaps: beside vCPUs that run, or beside none. */
static void test_srcu_by_state(void **state)
{
	static const char kernel[] = ", \"kernel\": \"6.12\"", idle[] = ", \"srcu\": \"idle\"";
	enum { SAVED = 2 * (1000000 - 10000) };
	int64_t runs = run("update.latency", UPDATE, "", "sequential", "");
	int64_t stopped = run("update.latency", UPDATE, "", "inhibit", "");

	(void)state;
	assert_int_equal(run("update.latency", UPDATE, kernel, "sequential", ""), runs);
	assert_int_equal(run("update.latency", UPDATE, "", "sequential", idle), runs - SAVED);
	assert_int_equal(run("update.latency", UPDATE, kernel, "inhibit", ""), stopped - SAVED);
	assert_int_equal(run("update.latency", UPDATE, kernel, "kick-all", ""),
			 run("update.latency", UPDATE, "", "kick-all", "") - SAVED);
}

#define START                                                                                      \
	"{\"host\": {\"cores\": 8%s}, \"guests\": [{\"name\": \"g\", \"model\": \"%s\","           \
	" \"strategy\": \"%s\", \"memory\": \"256MiB\", \"vmm\": \"firecracker\"%s}],"             \
	" \"costs\": [{" ROUND("srcu.idle", "10us") "," ROUND("srcu.pending", "20ms") "," ROUND(   \
		"kvm.set_region", "5us") "}],"                                                     \
					 " \"events\": [{\"do\": \"start\", \"guests\": \"g\"}],"  \
					 " \"experiment\": {\"spread\": false}}"

/* The slots of a start, and the one swap that waits behind a callback. */
static void test_vmm_slots(void **state)
{
	static const char *const models[][2] = { { "kvm", "exit" }, { "arm64", "unlocked" } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *model = models[i][0], *strategy = models[i][1];
		int64_t start = run("start.latency", START, "", model, strategy, "");

		assert_int_equal(
			run("start.latency", START, ", \"kernel\": \"6.17\"", model, strategy, ""),
			start);
		assert_int_equal(
			run("start.latency", START, ", \"kernel\": \"6.18\"", model, strategy, ""),
			start + 20000000);
		assert_int_equal(run("start.latency", START, ", \"kernel\": \"6.18\"", model,
				     strategy, ", \"pending_swaps\": 0"),
				 start);
		assert_int_equal(
			run("start.latency", START, "", model, strategy, ", \"vmm_creates\": 0"),
			start - 4 * (10000 + 5000));
	}
}

#define TEARDOWN                                                                                   \
	"{\"host\": {\"cores\": 8, \"features\": [%s], \"kernel\": \"%s\"},"                       \
	" \"guests\": [{\"name\": \"g\", \"model\": \"arm64\", \"strategy\": \"unlocked\","        \
	" \"memory\": \"1GiB\", \"resident\": 1, \"page_size\": \"2MiB\"}],"                       \
	" \"costs\": [{" ROUND("stage2.unmap_2m", "4us") "," ROUND(                                \
		"dcache.clean_2m", "250us") "}],"                                                  \
					    " \"events\": [{\"do\": \"kill\", \"guests\": "        \
					    "\"g\"}], \"experiment\": {\"spread\": false}}"

/* 512 blocks, unmapped and without FWB cleaned, before the tables go. */
static void test_teardown_cleans(void **state)
{
	int64_t now = run("shutdown.latency", TEARDOWN, "", "5.10");

	(void)state;
	assert_int_equal(run("shutdown.latency", TEARDOWN, "", "5.9") - now,
			 512 * (4000 + 250000) - 512 * 5 /* no leaf is left to free */);
	assert_int_equal(run("shutdown.latency", TEARDOWN, "\"fwb\"", "5.9") - now,
			 512 * 4000 - 512 * 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_spans),
		cmocka_unit_test_teardown(test_each_row_holds, tidy),
		cmocka_unit_test_teardown(test_unnamed, tidy),
		cmocka_unit_test_teardown(test_given_stays, tidy),
		cmocka_unit_test_teardown(test_warnings, tidy),
		cmocka_unit_test(test_no_versions),
		cmocka_unit_test_teardown(test_srcu_by_state, tidy),
		cmocka_unit_test_teardown(test_vmm_slots, tidy),
		cmocka_unit_test_teardown(test_teardown_cleans, tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
