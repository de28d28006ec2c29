/* MSER-5: what it cuts of series whose beginning is known, and when it refuses. */

#include "repeat/warm_up.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/stream.h"

enum { COUNT = 1000 };

static double series[COUNT];

/* Noise around 10, and something added to the beginning. */
static void make(double (*extra)(int i), double noise)
{
	const struct stream_name name = { .seed = 5 };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	for (int i = 0; i < COUNT; i++)
		series[i] = 10 + noise * (stream_uniform(&stream) - 0.5) + extra(i);
}

static double nothing(int i)
{
	(void)i;
	return 0;
}

static double decay(int i)
{
	return 50 * exp(-i / 20.0);
}

static double slope(int i)
{
	return i / 10.0;
}

static void test_steady(void **state)
{
	size_t cut;

	(void)state;
	make(nothing, 1);
	assert_true(mser5_cut(series, COUNT, &cut));
	assert_true(cut < COUNT / 4);
}

/* An exponential beginning: cut where it has sunk into the noise. */
static void test_decay(void **state)
{
	size_t cut;

	(void)state;
	make(decay, 1);
	assert_true(mser5_cut(series, COUNT, &cut));
	assert_in_range(cut, 40, 250);
}

static void test_refuses(void **state)
{
	size_t cut;

	(void)state;
	make(slope, 1);
	assert_false(mser5_cut(series, COUNT, &cut));
	make(nothing, 1);
	assert_false(mser5_cut(series, 49, &cut));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_decay),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
