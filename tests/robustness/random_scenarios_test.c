/*
 * Three hundred scenarios drawn at random: guests of all sorts, operations that
 * collide, failures, kills. None may end in an internal error, lose memory or
 * pages, or hang; every part of a latency is accounted for.
 */

#include "../flows/fixture.h"

#include <math.h>

#include "engine/stream.h"

enum { SCENARIOS = 300 };

static struct stream stream;

static size_t pick(size_t count)
{
	return (size_t)(stream_uniform(&stream) * (double)count);
}

#define ONE_OF(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static void draw_scenario(char *text, size_t size, bool *exact)
{
	static const char *const memories[] = { "1GiB", "2GiB", "3GiB", "8GiB", "64GiB" };
	static const char *const strategies[] = { "sync", "async", "async" };
	static const double residents[] = { 0, 0.002, 0.3, 1 };
	static const char *const sizes[] = { "0B", "1MiB", "10GiB", "100GiB" };
	static const char *const rates[] = { "1MB/s", "1GB/s", "100GB/s" };
	static const char *const delays[] = { "0s", "5s" };
	static const char *const faults[] = { "uvc.destroy_conf", "uvc.destroy_page",
					      "uvc.destroy_cpu",  "uvc.create_conf",
					      "uvc.create_cpu",   "uvc.verify",
					      "donated memory" };
	static const double chances[] = { 0, 1e-6, 0.1, 1 };
	static const char *const operations[] = { "reboot", "reboot",   "reboot",
						  "kill",   "shutdown", "start" };
	double resident = ONE_OF(residents), chance = ONE_OF(chances);
	FILE *out = fmemopen(text, size, "w");
	size_t events = 1 + pick(7);

	assert_non_null(out);
	*exact = resident < 0.01 && pick(4) == 0;
	fprintf(out,
		"{\"host\": {\"cores\": %zu, \"memory\": \"1TiB\", \"features\": [%s]}, "
		"\"guests\": [{"
		"\"name\": \"g\", \"count\": %zu, \"strategy\": \"%s\", \"vcpus\": %zu, "
		"\"memory\": \"%s\","
		" \"resident\": %g, \"image\": \"1MiB\", \"boot_touch\": \"%s\", \"loader_touch\": "
		"\"%s\","
		" \"workload_rate\": \"%s\", \"perform_delay\": \"%s\"",
		1 + pick(8), pick(2) ? "\"misc_uv\"" : "", 1 + pick(3), ONE_OF(strategies),
		1 + pick(8), ONE_OF(memories), resident, ONE_OF(sizes), ONE_OF(sizes),
		ONE_OF(rates), ONE_OF(delays));
	if (chance > 0)
		fprintf(out, ", \"faults\": [{\"step\": \"%s\", \"probability\": %g}]",
			ONE_OF(faults), chance);
	fprintf(out, "}], \"events\": [");
	for (size_t i = 0; i < events; i++)
		fprintf(out, "%s{\"do\": \"%s\", \"guests\": \"g\", \"at\": \"%zums\"}",
			i ? ", " : "", ONE_OF(operations), pick(60000));
	if (pick(3) == 0)
		fprintf(out, ", {\"do\": \"%s\", \"guests\": \"g\", \"rate\": \"0.2/s\"}",
			pick(2) ? "reboot" : "kill");
	fprintf(out,
		"], \"experiment\": {\"until\": \"2min\", \"spread\": %s, \"exact_pages\": %s}}",
		pick(4) ? "true" : "false", *exact ? "true" : "false");
	fclose(out);
}

/* Observations of latencies, and what their parts add up to. */
static void check_sums(const struct simulation *simulation)
{
	size_t metrics, parts;
	const struct metric *metric = simulation_metrics(simulation, &metrics);
	const struct part *part = simulation_parts(simulation, &parts);

	for (size_t m = 0; m < metrics; m++) {
		int64_t observed = 0, spent = 0;
		bool any = false;

		for (size_t i = 0; i < metric[m].count; i++) {
			assert_true(metric[m].samples[i] >= 0);
			observed += metric[m].samples[i];
		}
		for (size_t p = 0; p < parts; p++) {
			if (part[p].metric != m)
				continue;
			any = true;
			assert_true(part[p].total_ns >= 0);
			spent += part[p].total_ns;
		}
		if (any)
			assert_int_equal(observed, spent);
	}
}

static void test_random_scenarios(void **state)
{
	const struct stream_name name = { .seed = 20 };
	int exact_runs = 0;

	(void)state;
	assert_true(stream_begin(&stream, &name));
	for (int n = 0; n < SCENARIOS; n++) {
		char text[4096];
		struct scenario scenario;
		struct simulation *simulation;
		struct error error = { 0 };
		bool exact;

		draw_scenario(text, sizeof(text), &exact);
		exact_runs += exact;
		load(&scenario, "%s", text);
		simulation = simulation_new(&scenario.simulation, &error);
		assert_non_null(simulation);
		for (uint32_t r = 0; r < 3; r++) { /* the second and third use everything again */
			if (!simulation_run(simulation, r, &error))
				fail_msg("%s\n%s", error.message, text);
			check_sums(simulation);
		}
		simulation_free(simulation);
		scenario_fini(&scenario);
	}
	assert_true(exact_runs > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_scenarios) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
