/* The law of costs, its sums, and its bridge. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/law.h"
#include "engine/two_samples.h"

enum { DRAWS = 20000 };

static struct stream a_stream(uint64_t seed)
{
	struct stream_name name = { .seed = seed };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	return stream;
}

static void test_sum(void **state)
{
	const struct law law = law_of(1000, 0.5);
	struct stream stream = a_stream(1);
	double sum = 0, squares = 0, mean, variance;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		double value = (double)law_sum(law, 100, &stream);

		sum += value;
		squares += value * value;
	}
	mean = sum / DRAWS;
	variance = squares / DRAWS - mean * mean;
	assert_true(fabs(mean - law_sum_mean_ns(law, 100)) <
		    5 * sqrt(law_sum_variance(law, 100) / DRAWS));
	assert_true(fabs(variance / law_sum_variance(law, 100) - 1) < 5 * sqrt(2.0 / DRAWS));
	assert_int_equal(law_sum(law_of(0.3, 0), 10, &stream), 3);
	assert_int_equal(law_sum(law, 0, &stream), 0);
	/* a loop over 2^40 pages is still one draw */
	assert_true(fabs((double)law_sum(law, UINT64_C(1) << 40, &stream) / 0x1p40 / 1000 - 1) <
		    1e-4);
}

/* Sums that follow each other are rounded once, together, whatever they are cut into. */
static void test_sums_that_follow(void **state)
{
	struct stream stream = a_stream(7);
	const double means[] = { 0.3, 1.49, 6.25, 120.4, 1e9 / 3 };

	(void)state;
	for (size_t i = 0; i < sizeof(means) / sizeof(means[0]); i++) {
		double left_ns = 0;
		int64_t sum_ns = 0;

		for (uint64_t n = 1; n <= 1000; n++) {
			sum_ns += law_sum_on(law_of(means[i], 0), n % 3, &left_ns, &stream);
			assert_true(fabs(left_ns) <= 0.5);
		}
		assert_in_range(sum_ns - law_round_ns(means[i] * 1000) + 1, 0, 2);
	}
}

/* The place after a given time: the bridge against adding up single draws. */
static void test_bridge(void **state)
{
	enum { PAGES = 50, AT = 20000 };
	static double done[2][DRAWS], left[2][DRAWS];
	const struct law law = law_of(1000, 0.7);
	struct stream stream = a_stream(2);
	double critical = TWO_SAMPLES_CRITICAL(DRAWS);

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t total = law_sum(law, PAGES, &stream), sum = 0, through = 0;
		struct law_place place = law_bridge(law, PAGES, total, AT, &stream);
		uint64_t pages = 0;

		assert_true(place.done_ns <= AT || place.done == PAGES);
		assert_true(place.done == PAGES || place.through_ns > AT);
		assert_true(place.through_ns <= total);
		done[0][i] = (double)place.done;
		left[0][i] = place.done < PAGES ? (double)(place.through_ns - AT) : 0;
		while (pages < PAGES) {
			through = sum + law_sum(law, 1, &stream);
			if (through > AT)
				break;
			sum = through;
			pages++;
		}
		done[1][i] = (double)pages;
		left[1][i] = pages < PAGES ? (double)(through - AT) : 0;
	}
	assert_true(two_samples_distance(done[0], done[1], DRAWS) < critical);
	assert_true(two_samples_distance(left[0], left[1], DRAWS) < critical);
}

/* As it would be by halving. */
static struct law_place halving(struct law law, uint64_t n, int64_t total_ns, int64_t at_ns,
				struct stream *stream)
{
	struct law_place place = { 0, 0, total_ns };

	while (n > 1) {
		uint64_t half = n / 2;
		int64_t middle_ns =
			place.done_ns +
			law_split(law, n, place.through_ns - place.done_ns, half, stream);

		if (middle_ns <= at_ns) {
			place.done += half;
			place.done_ns = middle_ns;
			n -= half;
		} else {
			place.through_ns = middle_ns;
			n = half;
		}
	}
	return place;
}

/* Wherever it splits, the place and its ends have one law: mean, variance and distance. */
static void test_splits(void **state)
{
	static const double cvs[] = { 0.05, 0.5, 2, 10 };
	static const uint64_t counts[] = { 2, 7, 1000, UINT64_C(1) << 24 };
	static const double shares[] = { 0, 0.003, 0.5, 0.99 };
	static double values[3][2][DRAWS];
	struct stream stream = a_stream(4);

	(void)state;
	for (size_t c = 0; c < 4; c++)
		for (size_t n = 0; n < 4; n++)
			for (size_t s = 0; s < 4; s++) {
				struct law law = law_of(1e6, cvs[c]);
				int64_t total = law_round_ns(law_sum_mean_ns(law, counts[n]));
				int64_t at = (int64_t)(shares[s] * (double)total);
				double sums[2] = { 0, 0 }, squares[2] = { 0, 0 }, error;

				for (int i = 0; i < DRAWS; i++)
					for (int way = 0; way < 2; way++) {
						struct law_place place =
							(way ? halving : law_bridge)(
								law, counts[n], total, at, &stream);
						double done = (double)place.done;

						sums[way] += done;
						squares[way] += done * done;
						values[0][way][i] = done;
						values[1][way][i] = (double)(at - place.done_ns);
						values[2][way][i] = (double)(place.through_ns - at);
						assert_true(place.done_ns <= at &&
							    at < place.through_ns);
					}
				for (int k = 0; k < 3; k++)
					assert_true(two_samples_distance(values[k][0], values[k][1],
									 DRAWS) <
						    1.95 * sqrt(2.0 / DRAWS));
				for (int way = 0; way < 2; way++)
					squares[way] = squares[way] / DRAWS -
						       sums[way] / DRAWS * sums[way] / DRAWS;
				error = sqrt((squares[0] + squares[1]) / DRAWS);
				assert_true(fabs(sums[0] - sums[1]) / DRAWS <= 4 * error);
			}
}

/* Words that a bridge over many pages takes: a split is about four. */
static void test_few_splits(void **state)
{
	struct law law = law_of(1e3, 0.5);
	struct stream stream = a_stream(5);
	uint64_t n = UINT64_C(1) << 24;
	int64_t total = law_round_ns(law_sum_mean_ns(law, n));

	(void)state;
	for (int i = 1; i < 1000; i++)
		law_bridge(law, n, total, total / 1000 * i, &stream);
	assert_in_range(stream.counter[0], 1000 * 2 * 4, 1000 * 2 * 6); /* blocks of two words */
}

static void test_constant_bridge(void **state)
{
	const struct law law = law_of(2060, 0);
	struct stream stream = a_stream(3);

	(void)state;
	for (uint64_t n = 1; n < 40; n++) {
		int64_t total = law_sum(law, n, &stream);

		for (int64_t at = 0; at < total; at += 103) {
			struct law_place place = law_bridge(law, n, total, at, &stream);

			assert_int_equal(place.done, at / 2060);
			assert_int_equal(place.done_ns, at / 2060 * 2060);
			assert_int_equal(place.through_ns, (at / 2060 + 1) * 2060);
		}
		assert_int_equal(law_bridge(law, n, total, total, &stream).done, n);
		assert_int_equal(law_split(law, n, total, n / 2, &stream), (int64_t)(n / 2) * 2060);
	}
	assert_int_equal(stream.end, 0); /* nothing was drawn */
	/* 10 ns of 3 draws: they end at 3, 6 and 10 ns, rounded down */
	for (int64_t at = 0; at < 10; at++) {
		struct law_place place = law_bridge(law, 3, 10, at, &stream);

		assert_int_equal(place.done, (at >= 3) + (at >= 6));
		assert_int_equal(place.done_ns, at < 3 ? 0 : at < 6 ? 3 : 6);
		assert_int_equal(place.through_ns, at < 3 ? 3 : at < 6 ? 6 : 10);
	}
}

static void test_addition(void **state)
{
	struct law sum = law_add(law_of(300, 0.1), law_of(700, 0.2));
	struct law twice = law_times(law_of(300, 0.1), 2);

	(void)state;
	assert_true(fabs(sum.mean_ns - 1000) < 1e-9);
	assert_true(fabs(law_sum_variance(sum, 1) - (30 * 30 + 140 * 140)) < 1e-6);
	assert_true(fabs(law_sum_variance(twice, 1) - 2 * 30 * 30) < 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),        cmocka_unit_test(test_sums_that_follow),
		cmocka_unit_test(test_bridge),     cmocka_unit_test(test_splits),
		cmocka_unit_test(test_few_splits), cmocka_unit_test(test_constant_bridge),
		cmocka_unit_test(test_addition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
