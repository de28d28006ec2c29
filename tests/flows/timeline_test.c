/*
 * Timelines, held against the Trace Event Format: every slice nests, every arrow and every
 * asynchronous slice begins and ends, arrows touch slices, times do not go back. The slices
 * that count add up to the breakdown of the latencies, to the nanosecond.
 */

#include "fixture.h"

#include <jansson.h>
#include <math.h>

#include "replay/timeline.h"

struct checked {
	size_t slices, waits, holds, arrows, wakes, queued, counters;
	int64_t queued_ns;
};

static int64_t ns(const json_t *event, const char *key)
{
	const json_t *value = json_object_get(event, key);

	assert_true(json_is_number(value));
	return llround(json_number_value(value) * 1e3);
}

static bool is(const json_t *event, const char *phase)
{
	return strcmp(json_string_value(json_object_get(event, "ph")), phase) == 0;
}

static const char *track_of(const json_t *event, char *text, size_t size)
{
	snprintf(text, size, "%lld %lld",
		 (long long)json_integer_value(json_object_get(event, "pid")),
		 (long long)json_integer_value(json_object_get(event, "tid")));
	return text;
}

/* Slices of a track are inside of each other or behind each other; the track has a name. */
static void check_nesting(json_t *stacks, json_t *names, const json_t *event)
{
	char track[64];
	int64_t begin = ns(event, "ts"), end = begin + ns(event, "dur");
	json_t *stack;

	track_of(event, track, sizeof(track));
	assert_non_null(json_object_get(names, track));
	stack = json_object_get(stacks, track);
	if (!stack) {
		stack = json_array();
		assert_int_equal(json_object_set_new(stacks, track, stack), 0);
	}
	while (json_array_size(stack) &&
	       json_integer_value(json_array_get(stack, json_array_size(stack) - 1)) <= begin)
		json_array_remove(stack, json_array_size(stack) - 1);
	if (json_array_size(stack))
		assert_true(end <=
			    json_integer_value(json_array_get(stack, json_array_size(stack) - 1)));
	assert_int_equal(json_array_append_new(stack, json_integer(end)), 0);
}

static bool touches_slice(json_t *events, const json_t *arrow)
{
	char own[64], other[64];
	int64_t at = ns(arrow, "ts");
	size_t index;
	json_t *event;

	track_of(arrow, own, sizeof(own));
	json_array_foreach(events, index, event)
	{
		if (!is(event, "X") || strcmp(track_of(event, other, sizeof(other)), own) != 0)
			continue;
		if (ns(event, "ts") <= at && at < ns(event, "ts") + ns(event, "dur"))
			return true;
	}
	return false;
}

/* s and f (or b and e) of one id: one of each, the same name, the end not before. */
static int64_t check_pair(json_t *open, json_t *event, bool begins)
{
	int64_t length;
	char id[64];
	json_t *start;

	snprintf(id, sizeof(id), "%lld",
		 (long long)json_integer_value(json_object_get(event, "id")));
	start = json_object_get(open, id);
	if (begins) {
		assert_null(start);
		assert_int_equal(json_object_set(open, id, event), 0);
		return 0;
	}
	assert_non_null(start);
	assert_string_equal(json_string_value(json_object_get(start, "name")),
			    json_string_value(json_object_get(event, "name")));
	length = ns(event, "ts") - ns(start, "ts");
	assert_true(length >= 0);
	json_object_del(open, id);
	return length;
}

static struct checked check(json_t *document)
{
	json_t *events = json_object_get(document, "traceEvents"), *event;
	json_t *stacks = json_object(), *names = json_object(), *flows = json_object();
	json_t *queued = json_object();
	struct checked checked = { 0 };
	int64_t last = 0;
	size_t index;

	json_array_foreach(events, index, event)
	{
		char track[64];

		if (is(event, "M")) {
			track_of(event, track, sizeof(track));
			assert_int_equal(json_object_set(names, track, event), 0);
			continue;
		}
		assert_true(ns(event, "ts") >= last);
		last = ns(event, "ts");
		if (is(event, "X")) {
			const char *category = json_string_value(json_object_get(event, "cat"));

			check_nesting(stacks, names, event);
			checked.slices++;
			checked.waits += strcmp(category, "wait") == 0;
			checked.holds += strcmp(category, "lock") == 0;
		} else if (is(event, "s") || is(event, "f")) {
			check_pair(flows, event, is(event, "s"));
			assert_true(touches_slice(events, event));
			checked.arrows += is(event, "f");
			checked.wakes += is(event, "f") &&
					 strcmp(json_string_value(json_object_get(event, "cat")),
						"lock") == 0;
		} else if (is(event, "b") || is(event, "e")) {
			checked.queued_ns += check_pair(queued, event, is(event, "b"));
			checked.queued += is(event, "e");
		} else {
			assert_true(is(event, "C"));
			assert_true(json_number_value(json_object_get(
					    json_object_get(event, "args"), "value")) >= 0);
			checked.counters++;
		}
	}
	assert_int_equal(json_object_size(flows), 0);
	assert_int_equal(json_object_size(queued), 0);
	json_decref(stacks);
	json_decref(names);
	json_decref(flows);
	json_decref(queued);
	return checked;
}

/* Sum of the slices that count of one step: a step's own time is what its waits leave. */
static int64_t sum_of(json_t *document, const char *flow, const char *step)
{
	json_t *events = json_object_get(document, "traceEvents"), *event;
	size_t index, length = strlen(step);
	int64_t sum = 0;

	json_array_foreach(events, index, event)
	{
		const json_t *args = json_object_get(event, "args");
		const char *name = json_string_value(json_object_get(event, "name"));

		if (!is(event, "X") || !json_is_true(json_object_get(args, "counted")) ||
		    strcmp(json_string_value(json_object_get(args, "flow")), flow) != 0)
			continue;
		if (strcmp(name, step) == 0)
			sum += ns(event, "dur");
		else if (strncmp(name, step, length) == 0 &&
			 (strcmp(name + length, " (run queue)") == 0 ||
			  strcmp(name + length, " (queue)") == 0 ||
			  strcmp(name + length, " (readers)") == 0))
			sum -= ns(event, "dur"); /* it lies inside of the step */
	}
	return sum;
}

static void check_sums(json_t *document, const struct simulation *simulation, int64_t queued_ns)
{
	int64_t queued_parts_ns = 0;
	size_t count;
	const struct part *parts = simulation_parts(simulation, &count);

	for (size_t i = 0; i < count; i++) {
		int64_t expected = 0;

		if (strncmp(parts[i].step, "queued behind", 13) == 0) {
			queued_parts_ns += parts[i].total_ns;
			continue;
		}
		/* steps of one name in one flow, of all operations, are one slice's name */
		for (size_t j = 0; j < count; j++)
			if (strcmp(parts[i].flow, parts[j].flow) == 0 &&
			    strcmp(parts[i].step, parts[j].step) == 0)
				expected += parts[j].total_ns;
		assert_int_equal(sum_of(document, parts[i].flow, parts[i].step), expected);
	}
	assert_int_equal(queued_ns, queued_parts_ns);
}

static struct checked check_scenario(const char *text)
{
	struct error error = { 0 };
	struct scenario scenario;
	struct simulation *simulation;
	struct checked checked;
	FILE *file = tmpfile();
	json_t *document;

	assert_non_null(file);
	load(&scenario, "%s", text);
	assert_true(timeline_write(&scenario, 3, file, &error));
	simulation = simulate(&scenario, 3);
	rewind(file);
	document = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(document);
	checked = check(document);
	check_sums(document, simulation, checked.queued_ns);
	json_decref(document);
	fclose(file);
	simulation_free(simulation);
	scenario_fini(&scenario);
	return checked;
}

/* A name that would end a string, a script or an element elsewhere. */
static void test_reboot(void **state)
{
	struct checked checked = check_scenario(
		"{\"guests\": [{\"name\": \"\\\"</script>`$(x)`\", \"strategy\": \"async\","
		" \"memory\": \"64GiB\"}], \"events\": [{\"do\": \"reboot\","
		" \"guests\": \"\\\"</script>`$(x)`\"}]}");

	(void)state;
	assert_true(checked.slices > 20);
	assert_true(checked.arrows >= 1); /* the destroying thread is spawned */
	assert_true(checked.counters > 60);
}

/* More guests than cores: run queues. Reboots behind each other: a queue of requests. */
static void test_crowd(void **state)
{
	struct checked checked = check_scenario(
		"{\"host\": {\"cores\": 2, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"a\", "
		"\"strategy\": \"sync\", \"memory\": \"4GiB\", \"count\": 5}], \"events\": ["
		"{\"do\": \"reboot\", \"guests\": \"a\", \"every\": \"3s\", \"times\": 3}]}");

	(void)state;
	assert_true(checked.waits > 20);
	assert_true(checked.queued >= 10);
}

/* PERFORM begins while the image is unpacked, and waits for kvm->lock. */
static void test_locks(void **state)
{
	struct checked checked = check_scenario(
		"{\"host\": {\"cores\": 8, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"a\", "
		"\"strategy\": \"async\", \"memory\": \"64GiB\", "
		"\"perform_delay\": \"600ms\"}], \"events\": [{\"do\": \"reboot\","
		" \"guests\": \"a\", \"every\": \"15s\", \"times\": 4}]}");

	(void)state;
	assert_true(checked.holds > 20);
	assert_true(checked.wakes >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_reboot),
					    cmocka_unit_test(test_crowd),
					    cmocka_unit_test(test_locks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
