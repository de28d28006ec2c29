#include "base/elementary.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/elementary_tables.h"

/*
 * Sums of two doubles. The high parts are multiples of 2^-41 and short: what they are multiplied
 * by is a whole number, and the product is exact.
 */
#define LN2_HIGH          0x1.62e42fefa4p-1
#define LN2_LOW           (-0x1.8432a1b0e2634p-43)
#define EXP_STEP_HIGH     0x1.62e42fef8p-8 /* ln 2 / EXP_PARTS */
#define EXP_STEP_LOW      0x1.1cf79abc9e3b4p-43
#define EXP_STEPS_PER_ONE 0x1.71547652b82fep+7 /* EXP_PARTS / ln 2 */

#define SQRT_HALF      0x1.6a09e667f3bcdp-1
#define EXP_OVERFLOWS  709.79    /* beyond: infinity */
#define EXP_UNDERFLOWS (-745.14) /* below: less than half of the smallest double */
#define EXPM1_IS_EXP   45.0      /* beyond: the 1 is lost */
#define EXPM1_IS_MINUS (-45.0)   /* below: -1 */
#define EXPM1_SERIES   0x1p-6    /* nearer to 0 a difference would lose digits */

static uint64_t bits_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static double double_of(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

double elementary_log(double x)
{
	const struct log_entry *entry;
	int64_t exponent, lifted = 0;
	double part, r, r2, curved;
	uint64_t bits;
	int centre;

	if (!(x > 0))
		return x == 0 ? -INFINITY : NAN;
	if (x == INFINITY)
		return x;
	if (x < 0x1p-1022) { /* its exponent is not in its bits */
		x *= 0x1p54;
		lifted = 54;
	}
	/* x = 2^exponent * part, part in [sqrt(1/2), sqrt(2)) */
	bits = bits_of(x);
	exponent = (int64_t)(bits - bits_of(SQRT_HALF)) >> 52;
	part = double_of(bits - ((uint64_t)exponent << 52));
	exponent -= lifted;

	/* part = centre / LOG_PARTS * (1 + r); near 1 the centre is 1 and r is exact */
	centre = (int)(part * LOG_PARTS + 0.5);
	entry = &elementary_log_table[centre - LOG_FIRST];
	r = (part - centre * (1.0 / LOG_PARTS)) * entry->inverse;
	r2 = r * r;
	curved = r2 * ((-1.0 / 2 + r * (1.0 / 3)) +
		       r2 * ((-1.0 / 4 + r * (1.0 / 5)) + r2 * (-1.0 / 6 + r * (1.0 / 7))));
	return ((double)exponent * LN2_HIGH + entry->high) +
	       (r + (curved + (entry->low + (double)exponent * LN2_LOW)));
}

double elementary_log1p(double x)
{
	double sum = 1 + x;

	if (!(sum > 0) || sum > 0x1p54)
		return elementary_log(sum);
	return elementary_log(sum) + (x - (sum - 1)) / sum; /* what the sum has lost */
}

/* e^x = 2^steps * (1 + p) in steps of 1 / EXP_PARTS; gives p. |x| < 2^10. */
static double exp_reduce(double x, int64_t *steps)
{
	double whole = x * EXP_STEPS_PER_ONE + 0x1.8p52, r, r2; /* rounds to a whole number */

	*steps = (int64_t)(bits_of(whole) - bits_of(0x1.8p52));
	whole -= 0x1.8p52;
	r = (x - whole * EXP_STEP_HIGH) - whole * EXP_STEP_LOW;
	r2 = r * r;
	return r + r2 * ((1.0 / 2 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120)));
}

/* 2^n, a normal number. */
static double power_of_two(int64_t n)
{
	return double_of((uint64_t)(n + 1023) << 52);
}

double elementary_exp(double x)
{
	const struct exp_entry *entry;
	int64_t steps, whole, half;
	double p;

	if (!(x < EXP_OVERFLOWS))
		return x * INFINITY; /* NaN stays one */
	if (x < EXP_UNDERFLOWS)
		return 0;
	p = exp_reduce(x, &steps);
	whole = steps >> 7;
	half = whole / 2; /* 2^whole itself may be no double */
	entry = &elementary_exp_table[steps & (EXP_PARTS - 1)];
	return (entry->high + (entry->low + entry->high * p)) * power_of_two(half) *
	       power_of_two(whole - half);
}

double elementary_expm1(double x)
{
	const struct exp_entry *entry;
	double p, scale;
	int64_t steps;

	if (!(x < EXPM1_IS_EXP))
		return elementary_exp(x);
	if (x < EXPM1_IS_MINUS)
		return -1;
	if (x > -EXPM1_SERIES && x < EXPM1_SERIES) {
		double rest = 1.0 / 6 +
			      x * (1.0 / 24 + x * (1.0 / 120 + x * (1.0 / 720 + x * (1.0 / 5040))));

		return x + x * x * (1.0 / 2 + x * rest);
	}
	p = exp_reduce(x, &steps);
	entry = &elementary_exp_table[steps & (EXP_PARTS - 1)];
	scale = power_of_two(steps >> 7);
	return (scale * entry->high - 1) + scale * (entry->low + entry->high * p);
}
