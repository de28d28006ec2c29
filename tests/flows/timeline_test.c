/*
 * Timelines, held against the Trace Event Format: every slice nests, every arrow and every
 * asynchronous slice begins and ends, arrows touch slices, times do not go back. The slices
 * that count add up to the breakdown of the latencies, to the nanosecond.
 */

#include "timeline_reader.h"

#include "fleet/fleet.h"
#include "replay/recording.h"
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

/* Slices as the order of events has them; each becomes a complete one, of its begin and "dur". */
static void close_slices(json_t *events)
{
	json_t *stacks = json_object(), *event;
	size_t index;

	json_array_foreach(events, index, event)
	{
		json_t *stack = NULL, *open;

		if (is(event, "B")) {
			assert_int_equal(json_array_append(stack_of(stacks, event), event), 0);
		} else if (is(event, "E")) {
			stack = stack_of(stacks, event);
			open = json_array_get(stack, json_array_size(stack) - 1);
			assert_non_null(open);
			assert_int_equal(json_object_set_new(open, "dur",
							     json_real(number_at(event, "ts") -
								       number_at(open, "ts"))),
					 0);
			json_array_remove(stack, json_array_size(stack) - 1);
		}
	}
	json_decref(stacks);
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
		if (!is(event, "B") || strcmp(track_of(event, other, sizeof(other)), own) != 0)
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
	json_t *names = json_object(), *flows = json_object(), *queued = json_object();
	struct checked checked = { 0 };
	int64_t last = 0;
	size_t index;

	close_slices(events);
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
		if (is(event, "B")) {
			const char *category = json_string_value(json_object_get(event, "cat"));

			assert_non_null(
				json_object_get(names, track_of(event, track, sizeof(track))));
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
		} else if (!is(event, "E")) {
			assert_true(is(event, "C"));
			assert_true(json_number_value(json_object_get(
					    json_object_get(event, "args"), "value")) >= 0);
			checked.counters++;
		}
	}
	assert_int_equal(json_object_size(flows), 0);
	assert_int_equal(json_object_size(queued), 0);
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

		if (!is(event, "B") || !json_is_true(json_object_get(args, "counted")) ||
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
			queued_parts_ns += (int64_t)parts[i].total_ns;
			continue;
		}
		/* steps of one name in one flow, of all operations, are one slice's name */
		for (size_t j = 0; j < count; j++)
			if (strcmp(parts[i].flow, parts[j].flow) == 0 &&
			    strcmp(parts[i].step, parts[j].step) == 0)
				expected += (int64_t)parts[j].total_ns;
		assert_int_equal(sum_of(document, parts[i].flow, parts[i].step), expected);
	}
	assert_int_equal(queued_ns, queued_parts_ns);
}

static size_t count_slices(json_t *document)
{
	json_t *event;
	size_t index, count = 0;

	json_array_foreach(json_object_get(document, "traceEvents"), index, event) count +=
		is(event, "B");
	return count;
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
	assert_int_equal(check_nesting_of(file, text), count_slices(document));
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

static int64_t highest(const struct memory_curve *curve)
{
	int64_t most = 0, last_ns = 0;

	for (size_t i = 0; i < curve->count; i++) {
		assert_true(curve->corners[i].at_ns >= last_ns);
		last_ns = curve->corners[i].at_ns;
		most = curve->corners[i].bytes > most ? curve->corners[i].bytes : most;
	}
	return most;
}

/* Curves of memory are as high as the metrics say, and to watch them changes none. */
static void test_curves(void **state)
{
	static const char *const files[] = { "s390-pv/reboot-64g", "s390-pv/reboot-20-guests",
					     "kvm/crash-loop", "sev/asids" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct error error = { 0 };
		struct recording recording = { 0 };
		struct scenario scenario;
		struct simulation *simulation;
		char path[512];

		snprintf(path, sizeof(path), SOURCE_DIR "/scenarios/%s.json", files[i]);
		if (!scenario_load(&scenario, path, NULL, 0, NULL, &error) ||
		    !recording_take(&recording, &scenario.simulation, 1, &error))
			fail_msg("%s: %s", path, error.message);
		simulation = simulate(&scenario, 1);
		assert_int_equal(highest(&recording.limbo),
				 observation(simulation, "limbo.peak", 0));
		assert_int_equal(highest(&recording.in_use),
				 observation(simulation, "memory.in_use.peak", 0));
		assert_int_equal(observation(recording.simulation, "memory.in_use.peak", 0),
				 observation(simulation, "memory.in_use.peak", 0));
		simulation_free(simulation);
		recording_fini(&recording);
		scenario_fini(&scenario);
	}
}

/* The name of a process or thread; NULL: it has none. */
static const char *name_of(json_t *document, const char *what, json_int_t process, json_int_t track)
{
	json_t *event;
	size_t index;

	json_array_foreach(json_object_get(document, "traceEvents"), index, event)
	{
		if (is(event, "M") &&
		    strcmp(json_string_value(json_object_get(event, "name")), what) == 0 &&
		    json_integer_value(json_object_get(event, "pid")) == process &&
		    (track < 0 || json_integer_value(json_object_get(event, "tid")) == track))
			return json_string_value(
				json_object_get(json_object_get(event, "args"), "name"));
	}
	return NULL;
}

/* Hosts are processes, and threads say whose they are: VMs that move are on two hosts. */
static void test_fleet(void **state)
{
	struct error error = { 0 };
	struct scenario scenario;
	FILE *file = tmpfile();
	json_t *document, *event, *numbers = json_object();
	size_t index, starts[9] = { 0 };

	(void)state;
	assert_non_null(file);
	assert_true(scenario_load(&scenario, SOURCE_DIR "/scenarios/fleet/evacuation.json", NULL, 0,
				  NULL, &error));
	assert_true(timeline_write(&scenario, 0, file, &error));
	rewind(file);
	document = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(document);
	assert_string_equal(name_of(document, "process_name", 1, -1), "fleet");
	assert_string_equal(name_of(document, "process_name", 2, -1), "host 0");
	assert_string_equal(name_of(document, "process_name", 10, -1), "host 8");
	assert_null(name_of(document, "process_name", 11, -1));
	json_array_foreach(json_object_get(document, "traceEvents"), index, event)
	{
		json_int_t process = json_integer_value(json_object_get(event, "pid"));
		unsigned long vm;
		const char *name;
		char number[32], *rest;

		if (!is(event, "M") ||
		    strcmp(json_string_value(json_object_get(event, "name")), "thread_name") != 0)
			continue;
		assert_in_range(process, 2, 10);
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(event, "tid")));
		assert_null(json_object_get(numbers, number)); /* of all processes */
		assert_int_equal(json_object_set(numbers, number, event), 0);
		name = json_string_value(json_object_get(json_object_get(event, "args"), "name"));
		assert_memory_equal(name, "vm ", 3);
		vm = strtoul(name + 3, &rest, 10);
		if (strncmp(rest, ": start (thread ", 16) != 0)
			continue;
		assert_true(vm < scenario.fleet->vm_count);
		starts[process - 2] += vm == 0;
	}
	assert_int_equal(starts[0], 1); /* the first VM begins on the first host */
	json_decref(numbers);
	json_decref(document);
	fclose(file);
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reboot), cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_locks),  cmocka_unit_test(test_curves),
		cmocka_unit_test(test_fleet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
