/* The slowest hundredth and free steps, where the right shares are known. */

#include "fixture.h"

#include "explain/explain.h"

static const struct experiment_options options = { .replicate = { .threads = 2 },
						   .version = "test" };

static void run(const char *text, struct result *result)
{
	struct scenario scenario;
	struct error error = { 0 };

	load(&scenario, "%s", text);
	if (!explain_run(&scenario, &options, result, &error))
		fail_msg("%s", error.message);
	scenario_fini(&scenario);
}

static const struct result_part *part_of(const struct result *result, const char *step)
{
	const struct result_metric *metric = &result->metrics[result->answer];

	for (size_t i = 0; i < result->part_count; i++)
		if (strcmp(result->parts[i].step, step) == 0 &&
		    strcmp(result->parts[i].metric, metric->name) == 0)
			return &result->parts[i];
	fail_msg("no step %s", step);
	return NULL;
}

/* In a tenth of the reboots PREPARE fails: the slow ones all destroy in the foreground. */
static void test_slowest(void **state)
{
	struct result result;
	double shares = 0;

	(void)state;
	run("{\"host\": {\"features\": [\"misc_uv\"]}, \"guests\": [{\"name\": \"g\", \"strategy\":"
	    " \"async-fast\", \"memory\": \"16GiB\", \"crypto_queues_bound\": 0.1}],"
	    " \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}],"
	    " \"experiment\": {\"replications\": 2000}}",
	    &result);
	assert_true(result.tail_from.exists);
	assert_int_equal(result.tail_count, 21); /* ranks 1980 .. 2000 */
	for (size_t i = 0; i < result.part_count; i++)
		shares += result.parts[i].tail_share;
	assert_true(shares > 1 - 1e-9 && shares < 1 + 1e-9);
	assert_true(part_of(&result, "destroy all pages")->share < 0.15);
	assert_true(part_of(&result, "destroy all pages")->tail_share > 0.4);
	assert_true(part_of(&result, "destroy pages below 2 GiB")->tail_share == 0);
	result_fini(&result);
}

/* Without contention a free step saves its own time, no more and no less. */
static void test_free_alone(void **state)
{
	struct result result;
	const struct result_part *part;
	double mean;

	(void)state;
	run("{\"host\": {\"cores\": 8}, \"guests\": [{\"name\": \"g\", \"strategy\": \"sync\","
	    " \"memory\": \"16GiB\"}], \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}],"
	    " \"experiment\": {\"replications\": 64}}",
	    &result);
	mean = result.metrics[result.answer].mean.value;
	part = part_of(&result, "destroy all pages");
	assert_true(part->if_free.exists);
	assert_true(llabs((int64_t)(mean - part->mean - part->if_free.value)) < 1000);
	assert_false(result.tail_from.exists); /* 64 observations have no slowest hundredth */
	result_fini(&result);
}

/* On a core that eight guests share, work that becomes free frees the core for the others. */
static void test_free_contended(void **state)
{
	struct result result;
	const struct result_part *part;
	double mean;

	(void)state;
	run("{\"host\": {\"cores\": 1, \"memory\": \"1TiB\"}, \"guests\": [{\"name\": \"g\", "
	    "\"count\": 8,"
	    " \"strategy\": \"sync\", \"memory\": \"4GiB\"}],"
	    " \"events\": [{\"do\": \"reboot\", \"guests\": \"g\"}],"
	    " \"experiment\": {\"replications\": 32}}",
	    &result);
	mean = result.metrics[result.answer].mean.value;
	part = part_of(&result, "guest.boot");
	assert_true(part->if_free.exists);
	assert_true(mean - part->if_free.value > 3 * part->mean);
	result_fini(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slowest),
		cmocka_unit_test(test_free_alone),
		cmocka_unit_test(test_free_contended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
