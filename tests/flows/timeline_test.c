/* A timeline is JSON; slices of one track do not overlap; the foreground's add up to the latency. */

#include "fixture.h"

#include <jansson.h>
#include <math.h>

#include "experiment/timeline.h"

static void test_slices(void **state)
{
	double ends[16] = { 0 }, foreground_us = 0;
	struct error error = { 0 };
	struct scenario scenario;
	struct simulation *simulation;
	FILE *file = tmpfile();
	json_t *document, *events, *event;
	size_t index, slices = 0;

	(void)state;
	assert_non_null(file);
	load(&scenario, "{\"guests\": [{\"name\": \"\\\"</script>\", \"strategy\": \"async\","
			" \"memory\": \"64GiB\"}], \"events\": [{\"do\": \"reboot\","
			" \"guests\": \"\\\"</script>\"}]}");
	assert_true(timeline_write(&scenario, 3, file, &error));
	simulation = simulate(&scenario, 3);
	rewind(file);
	document = json_loadf(file, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(document);
	events = json_object_get(document, "traceEvents");
	json_array_foreach(events, index, event)
	{
		size_t track = (size_t)json_integer_value(json_object_get(event, "tid"));
		double begin = json_number_value(json_object_get(event, "ts"));
		double length = json_number_value(json_object_get(event, "dur"));

		if (strcmp(json_string_value(json_object_get(event, "ph")), "X") != 0)
			continue;
		assert_true(track < 16 && length > 0);
		assert_true(begin >= ends[track] - 1e-6);
		ends[track] = begin + length;
		if (track == 1)
			foreground_us += length;
		slices++;
	}
	assert_true(slices > 20);
	assert_true(fabs(foreground_us -
			 (double)observation(simulation, "reboot.latency", 0) / 1e3) < 0.01);
	json_decref(document);
	fclose(file);
	simulation_free(simulation);
	scenario_fini(&scenario);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_slices) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
