/* Philox known answers, names of streams, and the law of costs with its bridge. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/law.h"
#include "engine/stream.h"

/* Known answers of the Random123 distribution (kat_vectors, philox 4x32 10). */
static void test_known_answers(void **state)
{
	static const struct {
		uint32_t counter[4], key[2], output[4];
	} answers[] = {
		{ { 0 }, { 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
		{ { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
		  { 0xffffffff, 0xffffffff },
		  { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
		{ { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
		  { 0xa4093822, 0x299f31d0 },
		  { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct stream stream = { 0 };

		memcpy(stream.counter, answers[i].counter, sizeof(stream.counter));
		memcpy(stream.key, answers[i].key, sizeof(stream.key));
		for (int word = 0; word < 4; word++)
			assert_int_equal(stream_type->get(&stream), answers[i].output[word]);
	}
}

static void test_names(void **state)
{
	struct stream_name name = {
		.seed = 5, .replication = 1, .entity = 2, .occurrence = 3, .use = 4, .purpose = 6
	};
	struct stream_name others[6];
	struct stream stream, same;
	double first;

	(void)state;
	assert_true(stream_begin(&stream, &name) && stream_begin(&same, &name));
	first = stream_uniform(&stream);
	assert_true(first == stream_uniform(&same));
	for (int i = 0; i < 6; i++)
		others[i] = name;
	others[0].seed++;
	others[1].replication++;
	others[2].entity++;
	others[3].occurrence++;
	others[4].use++;
	others[5].purpose++;
	for (int i = 0; i < 6; i++) {
		assert_true(stream_begin(&stream, &others[i]));
		assert_true(stream_uniform(&stream) != first);
	}
	name.use = STREAM_USES_MAX;
	assert_false(stream_begin(&stream, &name));
	name.use = 0;
	name.purpose = STREAM_PURPOSES_MAX;
	assert_false(stream_begin(&stream, &name));
	name.purpose = 0;
	name.replication = STREAM_REPLICATIONS_MAX;
	assert_false(stream_begin(&stream, &name));
	name.replication = 0;
	name.occurrence = STREAM_OCCURRENCES_MAX;
	assert_false(stream_begin(&stream, &name));
}

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
	static const struct law law = { 1000, 0.5 };
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
	assert_int_equal(law_sum((struct law){ 0.3, 0 }, 10, &stream), 3);
	assert_int_equal(law_sum(law, 0, &stream), 0);
	/* a loop over 2^40 pages is still one draw */
	assert_true(fabs((double)law_sum(law, UINT64_C(1) << 40, &stream) / 0x1p40 / 1000 - 1) <
		    1e-4);
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double kolmogorov_smirnov(double *a, double *b)
{
	double worst = 0;
	size_t i = 0, k = 0;

	qsort(a, DRAWS, sizeof(*a), compare);
	qsort(b, DRAWS, sizeof(*b), compare);
	while (i < DRAWS && k < DRAWS) {
		double at = fmin(a[i], b[k]);

		while (i < DRAWS && a[i] <= at)
			i++;
		while (k < DRAWS && b[k] <= at)
			k++;
		worst = fmax(worst, fabs((double)i - (double)k) / DRAWS);
	}
	return worst;
}

/* The place after a given time: the bridge against adding up single draws. */
static void test_bridge(void **state)
{
	enum { PAGES = 50, AT = 20000 };
	static double done[2][DRAWS], left[2][DRAWS];
	static const struct law law = { 1000, 0.7 };
	struct stream stream = a_stream(2);
	double critical = 1.628 * sqrt(2.0 / DRAWS);

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
	assert_true(kolmogorov_smirnov(done[0], done[1]) < critical);
	assert_true(kolmogorov_smirnov(left[0], left[1]) < critical);
}

static void test_constant_bridge(void **state)
{
	static const struct law law = { 2060, 0 };
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
	assert_int_equal(stream.counter[0], 0); /* nothing was drawn */
}

static void test_addition(void **state)
{
	struct law sum = law_add((struct law){ 300, 0.1 }, (struct law){ 700, 0.2 });
	struct law twice = law_times((struct law){ 300, 0.1 }, 2);

	(void)state;
	assert_true(fabs(sum.mean_ns - 1000) < 1e-9);
	assert_true(fabs(law_sum_variance(sum, 1) - (30 * 30 + 140 * 140)) < 1e-6);
	assert_true(fabs(law_sum_variance(twice, 1) - 2 * 30 * 30) < 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_bridge),
		cmocka_unit_test(test_constant_bridge),
		cmocka_unit_test(test_addition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
