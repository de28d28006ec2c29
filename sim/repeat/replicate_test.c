#include "repeat/replicate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "repeat/fake_simulation.h"

static void run(struct replications *replications, const struct fake_case *fake_case,
		uint64_t count, unsigned int threads)
{
	const struct replicate_options options = { .threads = threads };
	struct error error = { 0 };

	assert_true(replications_init(replications, &fake_case->config, NULL, &error));
	assert_true(replications_run(replications, &fake_case->config, count, &options, &error));
}

static void assert_same(const struct replications *a, const struct replications *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->events, b->events);
	assert_int_equal(a->random, b->random);
	for (size_t m = 0; m < a->metric_count; m++) {
		assert_int_equal(a->metrics[m].count, b->metrics[m].count);
		assert_int_equal(a->metrics[m].replications, b->metrics[m].replications);
		for (size_t r = 0; r < a->metrics[m].replications; r++) {
			size_t left_count, right_count;
			const int64_t *left = observations_of(&a->metrics[m], r, &left_count);
			const int64_t *right = observations_of(&b->metrics[m], r, &right_count);

			assert_int_equal(left_count, right_count);
			assert_memory_equal(left, right, left_count * sizeof(*left));
		}
	}
	assert_memory_equal(a->part_ns, b->part_ns, a->part_count * sizeof(*a->part_ns));
	assert_memory_equal(a->counters, b->counters, a->counter_count * sizeof(*a->counters));
}

static void test_threads_change_nothing(void **state)
{
	static const unsigned int threads[] = { 2, 7, 300 };
	struct replications one, many;
	struct fake_case fake_case;

	(void)state;
	fake_case_init(&fake_case, 1e9, 1);
	fake_case.event.times = 3;
	run(&one, &fake_case, 700, 1);
	assert_int_equal(one.metrics[1].count, 2100);
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		run(&many, &fake_case, 700, threads[i]);
		assert_same(&one, &many);
		replications_fini(&many);
	}
	replications_fini(&one);
}

/* A run that goes on later is the run that went through. */
static void test_prefix(void **state)
{
	const struct replicate_options options = { .threads = 2 };
	struct replications whole, parts;
	struct fake_case fake_case;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 1e9, 1);
	run(&whole, &fake_case, 600, 1);
	run(&parts, &fake_case, 1, 1);
	assert_true(replications_run(&parts, &fake_case.config, 32, &options, &error));
	assert_int_equal(parts.count, 32);
	assert_true(replications_run(&parts, &fake_case.config, 600, &options, &error));
	assert_same(&whole, &parts);
	replications_fini(&whole);
	replications_fini(&parts);
}

static void test_replications_differ(void **state)
{
	struct replications replications;
	struct fake_case fake_case;

	(void)state;
	fake_case_init(&fake_case, 1e9, 1);
	run(&replications, &fake_case, 2, 1);
	assert_true(replications.random);
	assert_true(replications.metrics[1].values[0] != replications.metrics[1].values[1]);
	replications_fini(&replications);
	fake_case_init(&fake_case, 1e9, 0);
	run(&replications, &fake_case, 1, 1);
	assert_false(replications.random);
	replications_fini(&replications);
}

static void test_stop(void **state)
{
	static const volatile bool stop = true;
	const struct replicate_options options = { .threads = 3, .stop = &stop };
	struct replications replications;
	struct fake_case fake_case;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 1e9, 1);
	fake.watched = &stop;
	assert_true(replications_init(&replications, &fake_case.config, NULL, &error));
	assert_false(replications_run(&replications, &fake_case.config, 1000, &options, &error));
	assert_int_equal(error.kind, ERROR_INTERRUPTED);
	assert_true(fake.runs_after <= 1);
	replications_fini(&replications);
}

static void test_failure_is_handed_up(void **state)
{
	const struct replicate_options options = { .threads = 2 };
	struct replications replications;
	struct fake_case fake_case;
	struct error error = { 0 };

	(void)state;
	fake_case_init(&fake_case, 1e9, 1);
	fake.fails_at = 33;
	assert_true(replications_init(&replications, &fake_case.config, NULL, &error));
	assert_false(replications_run(&replications, &fake_case.config, 100, &options, &error));
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_string_equal(error.message, "replication 33 failed");
	replications_fini(&replications);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads_change_nothing), cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_replications_differ),    cmocka_unit_test(test_stop),
		cmocka_unit_test(test_failure_is_handed_up),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
