/* What is kept of each replication, and of which metrics. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "repeat/summary.h"

enum { SEVERAL, ONE, OTHER, METRICS };

struct kept {
	struct observations observed[METRICS];
	struct result_metric metrics[METRICS];
	struct replications replications;
	struct result result;
};

static void setup(struct kept *kept, size_t answer)
{
	*kept = (struct kept){ 0 };
	kept->replications.metrics = kept->observed;
	kept->result.metrics = kept->metrics;
	kept->result.metric_count = METRICS;
	kept->result.answer = answer;
}

static void teardown(struct kept *kept)
{
	for (size_t m = 0; m < METRICS; m++) {
		observations_fini(&kept->observed[m]);
		free(kept->metrics[m].sums);
		free(kept->metrics[m].counts);
	}
}

static void add(struct kept *kept, size_t metric, size_t count, int64_t first, int64_t second)
{
	struct error error = { 0 };

	assert_true(observations_add(&kept->observed[metric], (int64_t[]){ first, second }, count,
				     &error));
}

static void keep(struct kept *kept)
{
	struct error error = { 0 };

	assert_true(replications_keep(&kept->replications, &kept->result, &error));
}

static void test_sums_and_counts(void **state)
{
	struct kept kept;

	(void)state;
	setup(&kept, ONE);
	add(&kept, SEVERAL, 2, 3, -5);
	add(&kept, SEVERAL, 0, 0, 0);
	add(&kept, SEVERAL, 1, 11, 0);
	for (int64_t r = 0; r < 3; r++) {
		add(&kept, ONE, 1, 7 * r, 0);
		add(&kept, OTHER, 1, 8, 0);
	}
	keep(&kept);
	assert_memory_equal(kept.metrics[SEVERAL].sums, ((int64_t[]){ -2, 0, 11 }), 24);
	assert_memory_equal(kept.metrics[SEVERAL].counts, ((int64_t[]){ 2, 0, 1 }), 24);
	assert_memory_equal(kept.metrics[ONE].sums, ((int64_t[]){ 0, 7, 14 }), 24);
	assert_null(kept.metrics[ONE].counts);
	assert_null(kept.metrics[OTHER].sums);
	teardown(&kept);
}

/* The answer has the room first; what does not fit is left out, what does is kept behind it. */
static void test_room(void **state)
{
	enum { REPLICATIONS = REPLICATION_VALUES_MOST / 2 };
	struct kept kept;

	(void)state;
	for (size_t answer = 0; answer < METRICS; answer++) {
		setup(&kept, answer);
		for (int64_t r = 0; r < REPLICATIONS; r++) {
			add(&kept, SEVERAL, 1 + (size_t)(r % 2), r, 1); /* fills it alone */
			add(&kept, ONE, 1, r, 0);
			add(&kept, OTHER, 1, r, 0);
		}
		keep(&kept);
		assert_int_equal(kept.metrics[SEVERAL].sums != NULL, answer == SEVERAL);
		assert_int_equal(kept.metrics[ONE].sums != NULL, answer != SEVERAL);
		assert_int_equal(kept.metrics[OTHER].sums != NULL, answer != SEVERAL);
		teardown(&kept);
	}
}

/* Numbers that no reader has are kept of no replication. */
static void test_beyond_64_bits(void **state)
{
	struct kept kept;

	(void)state;
	setup(&kept, SEVERAL);
	add(&kept, SEVERAL, 2, INT64_MAX, 0);
	add(&kept, SEVERAL, 2, INT64_MIN, 0);
	keep(&kept);
	assert_true(kept.metrics[SEVERAL].sums[0] == INT64_MAX &&
		    kept.metrics[SEVERAL].sums[1] == INT64_MIN);
	teardown(&kept);
	for (int64_t sign = -1; sign <= 1; sign += 2) {
		setup(&kept, SEVERAL);
		add(&kept, SEVERAL, 2, 1, 0);
		add(&kept, SEVERAL, 2, sign < 0 ? INT64_MIN : INT64_MAX, sign);
		keep(&kept);
		assert_null(kept.metrics[SEVERAL].sums);
		assert_null(kept.metrics[SEVERAL].counts);
		teardown(&kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sums_and_counts),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_beyond_64_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
