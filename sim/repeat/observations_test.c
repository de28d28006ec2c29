/* However they are kept, observations are what was added: against lists that keep everything. */

#include "repeat/observations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { REPLICATIONS = 200, MOST = 4 };

static uint64_t random_bits = 88172645463325252;

static size_t pick(size_t count)
{
	random_bits ^= random_bits << 13;
	random_bits ^= random_bits >> 7;
	random_bits ^= random_bits << 17;
	return (size_t)(random_bits % count);
}

struct list {
	int64_t values[REPLICATIONS][MOST];
	size_t counts[REPLICATIONS];
	size_t replications;
};

/* How metrics look: the least and the most of each replication, when values begin to differ. */
struct look {
	size_t least, most, differ_from;
};

/* Those of equal counts in rows of some, as they come from pieces; the others one by one. */
static void add_all(struct list *list, struct observations *observations, size_t from)
{
	struct error error = { 0 };
	size_t rows;

	for (size_t r = from; r < list->replications; r += rows) {
		size_t most = 1 + pick(9);

		for (rows = 1; rows < most && r + rows < list->replications &&
			       list->counts[r + rows] == list->counts[r];
		     rows++)
			;
		assert_true(rows == 1
				    ? observations_add(observations, list->values[r],
						       list->counts[r], &error)
				    : observations_add_rows(
					      observations, list->values[r], list->counts[r],
					      sizeof(list->values[r]) / sizeof(list->values[r][0]),
					      rows, &error));
	}
}

static void fill(struct list *list, struct observations *observations, struct look look)
{
	size_t from = list->replications;

	for (; list->replications < REPLICATIONS; list->replications++) {
		size_t r = list->replications;

		list->counts[r] = look.least + pick(look.most - look.least + 1);
		for (size_t i = 0; i < list->counts[r]; i++)
			list->values[r][i] = r < look.differ_from ? 7000 : (int64_t)pick(9000);
	}
	add_all(list, observations, from);
}

static void check_totals(const struct list *list, const struct observations *observations)
{
	int64_t smallest = INT64_MAX, largest = INT64_MIN, sum = 0;
	size_t count = 0, worst = 0;

	for (size_t r = 0; r < list->replications; r++) {
		for (size_t i = 0; i < list->counts[r]; i++) {
			int64_t value = list->values[r][i];

			sum += value;
			smallest = value < smallest ? value : smallest;
			if (value > largest) {
				largest = value;
				worst = r;
			}
		}
		count += list->counts[r];
	}
	assert_int_equal(observations->replications, list->replications);
	assert_int_equal(observations->count, count);
	assert_true(observations->sum == sum);
	if (!count)
		return;
	assert_int_equal(observations->smallest, smallest);
	assert_int_equal(observations->largest, largest);
	assert_int_equal(observations->worst, worst);
}

static void check_replications(const struct list *list, const struct observations *observations)
{
	size_t step;
	const int64_t *column = observations_column(observations, &step);

	for (size_t r = 0; r < observations->kept; r++) {
		struct replication_sum sum = observations_sum(observations, r);
		int64_t should = 0;

		assert_true(!column || (sum.count == 1 && sum.sum == column[r * step]));

		assert_int_equal(sum.count, list->counts[r]);
		for (size_t i = 0; i < sum.count; i++) {
			should += list->values[r][i];
			assert_true(sum.smallest <= list->values[r][i]);
			assert_true(sum.largest >= list->values[r][i]);
		}
		assert_true(sum.sum == should);
	}
}

static void check_sections(const struct list *list, const struct observations *observations,
			   size_t sections)
{
	struct error error = { 0 };

	for (size_t s = 0; s < sections; s++) {
		size_t first = s * list->replications / sections, count = 0;
		struct distribution distribution;

		for (size_t r = first; r < (s + 1) * list->replications / sections; r++)
			count += list->counts[r];
		assert_int_equal(observations_section_count(observations, s, sections), count);
		assert_true(observations_section(observations, s, sections, &distribution, &error));
		assert_int_equal(distribution.count, count);
		distribution_fini(&distribution);
	}
}

static const struct look looks[] = {
	{ 0, 0, 0 },
	{ 1, 1, REPLICATIONS },
	{ 1, 1, 0 },
	{ 1, 1, 50 },
	{ 0, 1, 0 },
	{ 0, 1, REPLICATIONS },
	{ 0, 1, 50 },
	{ 3, 3, 0 },
	{ 0, MOST, 0 },
	{ 0, MOST, 50 },
	{ 2, 2, REPLICATIONS },
	{ 1, 2, 50 },
};

static void test_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct observations observations = { 0 };
		struct list list = { 0 };

		fill(&list, &observations, looks[i]);
		assert_int_equal(observations.kept, REPLICATIONS);
		check_totals(&list, &observations);
		check_replications(&list, &observations);
		check_sections(&list, &observations, 7);
		observations_fini(&observations);
	}
}

/* One number, the same in all replications, takes no memory. */
static void test_equal_values_are_one(void **state)
{
	struct observations observations = { 0 };
	struct list list = { 0 };

	(void)state;
	fill(&list, &observations, (struct look){ 1, 1, REPLICATIONS });
	assert_null(observations.values);
	assert_null(observations.ends);
	observations_fini(&observations);
}

/* Beyond the limit: totals of all, what is known one by one stays right. */
static void test_counted(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof(looks) / sizeof(looks[0]); i++) {
		struct observations observations = { .limit = 60 };
		struct distribution distribution;
		struct error error = { 0 };
		struct list list = { 0 };
		size_t count = 0;

		fill(&list, &observations, looks[i]);
		assert_non_null(observations.sections);
		check_totals(&list, &observations);
		check_replications(&list, &observations);
		assert_true(observations_distribution(&observations, &distribution, &error));
		assert_int_equal(distribution.count, observations.count);
		distribution_fini(&distribution);
		for (size_t s = 0; s < SECTIONS_MOST; s++)
			count += observations_section_count(&observations, s, SECTIONS_MOST);
		assert_int_equal(count, observations.count);
		if (looks[i].least > 1)
			assert_int_equal(observations.kept, REPLICATIONS);
		else
			assert_true(observations.kept >= 15);
		observations_fini(&observations);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kept),
					    cmocka_unit_test(test_equal_values_are_one),
					    cmocka_unit_test(test_counted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
