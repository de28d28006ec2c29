/* Our elementary functions against the C library's of long double. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/elementary.h"
#include "base/elementary_tables.h"

typedef double function(double x);
typedef long double reference(long double x);

static uint64_t state_of_dice = 1;

/* A linear congruential generator is good enough to spread arguments. */
static double dice(void)
{
	state_of_dice =
		state_of_dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(state_of_dice >> 11) * 0x1p-53;
}

/* The distance from the exact value in units of the last place of a double. */
static double ulps(double value, long double exact)
{
	int exponent;
	long double unit;

	if (isinf(value) || isnan(value))
		return isinf(value) && (double)exact == value ? 0
		       : isnan(value) && isnan(exact)         ? 0
							      : 1e9;
	frexpl(exact, &exponent);
	unit = ldexpl(1, (exponent < -1021 ? -1021 : exponent) - 53);
	return (double)(fabsl(value - exact) / unit);
}

static double worst_of(function *ours, reference *exact, double low, double high, int count)
{
	double worst = 0;

	for (int i = 0; i < count; i++) {
		double x = low + (high - low) * dice();

		worst = fmax(worst, ulps(ours(x), exact(x)));
	}
	return worst;
}

/* Doubles of all magnitudes, subnormal ones too: their bits are drawn. */
static double worst_of_positive(function *ours, reference *exact, int count)
{
	double worst = 0;

	for (int i = 0; i < count; i++) {
		uint64_t bits = (uint64_t)(dice() * 0x1.fffp10) << 52 | (uint64_t)(dice() * 0x1p52);
		double x;

		if (i % 8 == 0)
			bits &= UINT64_C(0x000fffffffffffff) >> (bits % 52);
		memcpy(&x, &bits, sizeof(x));
		if (x > 0 && x < INFINITY)
			worst = fmax(worst, ulps(ours(x), exact(x)));
	}
	return worst;
}

/* Where one entry of a table ends and the next begins: the doubles on both sides. */
static double worst_of_seams(function *ours, reference *exact, double first, double step, int count)
{
	double worst = 0;

	for (int i = 0; i < count; i++) {
		double x = first + step * i;

		for (int k = 0; k < 8; k++)
			x = nextafter(x, -INFINITY);
		for (int k = 0; k < 16; k++) {
			worst = fmax(worst, ulps(ours(x), exact(x)));
			x = nextafter(x, INFINITY);
		}
	}
	return worst;
}

enum { MANY = 400000 };

static void test_log(void **state)
{
	(void)state;
	assert_true(worst_of(elementary_log, logl, 0, 1, MANY) < 1.4);
	assert_true(worst_of(elementary_log, logl, 0.98, 1.02, MANY) < 1.4);
	assert_true(worst_of(elementary_log, logl, 0.5, 3, MANY) < 1.4);
	assert_true(worst_of(elementary_log, logl, 0, 1e12, MANY) < 1.4);
	assert_true(worst_of_positive(elementary_log, logl, MANY) < 1.4);
	for (int power = -40; power <= 40; power++)
		assert_true(worst_of_seams(elementary_log, logl, ldexp(90.5 / 128, power),
					   ldexp(1.0 / 128, power), 92) < 1.4);
	assert_true(worst_of_seams(elementary_log, logl, sqrt(0.5), 1, 1) < 1.4);
	assert_true(elementary_log(1) == 0 && elementary_log(0) == -INFINITY);
	assert_true(elementary_log(INFINITY) == INFINITY && isnan(elementary_log(-1)));
	assert_true(isnan(elementary_log(NAN)) && elementary_log(-0.0) == -INFINITY);
}

static void test_log1p(void **state)
{
	(void)state;
	assert_true(worst_of(elementary_log1p, log1pl, -1, 1, MANY) < 2);
	assert_true(worst_of(elementary_log1p, log1pl, -1e-2, 1e-2, MANY) < 2);
	assert_true(worst_of(elementary_log1p, log1pl, -1e-9, 1e-9, MANY) < 2);
	assert_true(worst_of(elementary_log1p, log1pl, 0, 1e18, MANY) < 2);
	assert_true(worst_of_positive(elementary_log1p, log1pl, MANY) < 2);
	assert_true(elementary_log1p(-1) == -INFINITY && isnan(elementary_log1p(-2)));
	assert_true(elementary_log1p(0) == 0 && elementary_log1p(INFINITY) == INFINITY);
	assert_true(elementary_log1p(0x1p-1074) == 0x1p-1074 && isnan(elementary_log1p(NAN)));
}

static void test_exp(void **state)
{
	(void)state;
	assert_true(worst_of(elementary_exp, expl, -1, 1, MANY) < 0.8);
	assert_true(worst_of(elementary_exp, expl, -700, 709.7, MANY) < 0.8);
	assert_true(worst_of(elementary_exp, expl, -1e-8, 1e-8, MANY) < 0.8);
	assert_true(worst_of(elementary_exp, expl, -745.2, -700, MANY) < 0.8); /* subnormal */
	assert_true(worst_of_seams(elementary_exp, expl, -744, 0.5 / 184.6649652337873, 10000) <
		    1.2);
	assert_true(worst_of_seams(elementary_exp, expl, -20, 0.5 / 184.6649652337873, 10000) <
		    1.2);
	assert_true(worst_of_seams(elementary_exp, expl, 709.782712893384, 1, 1) < 0.8);
	assert_true(elementary_exp(0) == 1 && elementary_exp(-INFINITY) == 0);
	assert_true(elementary_exp(-746) == 0 && elementary_exp(710) == INFINITY);
	assert_true(elementary_exp(INFINITY) == INFINITY && isnan(elementary_exp(NAN)));
}

static void test_expm1(void **state)
{
	(void)state;
	assert_true(worst_of(elementary_expm1, expm1l, -1, 1, MANY) < 1.6);
	assert_true(worst_of(elementary_expm1, expm1l, -0.02, 0.02, MANY) < 1.6);
	assert_true(worst_of(elementary_expm1, expm1l, -50, 709.7, MANY) < 2);
	assert_true(worst_of(elementary_expm1, expm1l, -1e-12, 1e-12, MANY) < 2);
	assert_true(worst_of_seams(elementary_expm1, expm1l, -20, 0.5 / 184.6649652337873, 10000) <
		    2);
	assert_true(worst_of_seams(elementary_expm1, expm1l, -45, 90, 2) < 2);
	assert_true(elementary_expm1(-INFINITY) == -1 && elementary_expm1(INFINITY) == INFINITY);
	assert_true(elementary_expm1(0) == 0 && elementary_expm1(0x1p-1074) == 0x1p-1074);
	assert_true(isnan(elementary_expm1(NAN)));
}

/* The value, as the sum of two doubles. */
static bool is_sum(double high, double low, long double value)
{
	return fabsl((long double)high + low - value) <= fabsl(value) * 0x1p-63L;
}

static void test_tables(void **state)
{
	(void)state;
	for (int i = 0; i < LOG_ENTRIES; i++) {
		const struct log_entry *entry = &elementary_log_table[i];
		long double centre = (long double)(LOG_FIRST + i) / LOG_PARTS;

		assert_true(entry->inverse == (double)(1 / centre));
		assert_true(is_sum(entry->high, entry->low, logl(centre)));
		assert_true(ldexp(entry->high, 41) == rint(ldexp(entry->high, 41)));
	}
	for (int j = 0; j < EXP_PARTS; j++)
		assert_true(is_sum(elementary_exp_table[j].high, elementary_exp_table[j].low,
				   exp2l((long double)j / EXP_PARTS)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables), cmocka_unit_test(test_log),
		cmocka_unit_test(test_log1p),  cmocka_unit_test(test_exp),
		cmocka_unit_test(test_expm1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
