#include "engine/gamma_tail.h"

#include <math.h>
#include <stdbool.h>

#include "base/elementary.h"
#include "base/special_functions.h"

#define LOG_TWO_PI 0x1.d67f1c864beb4p+0

enum {
	SHAPE_EXACT = 1000, /* from here on Wilson and Hilferty */
	TERMS_MAX = 10000,
	STEPS_MAX = 100,
};

/* x^a e^-x / Gamma(a): x times the density. */
static double density_by_log(double a, double x)
{
	double off = (x - a) / a, log_ratio;

	if (a < 10)
		return elementary_exp(a * elementary_log(x) - x - special_log_gamma(a));
	/* near the mean without the digits that would cancel */
	log_ratio = fabs(off) < 0.5 ? elementary_log1p(off) : elementary_log(x / a);
	return elementary_exp(a * (log_ratio - off) - special_stirling_rest(a)) *
	       sqrt(a * elementary_exp(-LOG_TWO_PI));
}

/* The lower tail over density_by_log(); for x < a + 1. */
static double series(double a, double x)
{
	double term = 1 / a, sum = term;

	for (int n = 1; n < TERMS_MAX && term > sum * 0x1p-54; n++) {
		term *= x / (a + n);
		sum += term;
	}
	return sum;
}

/* The upper tail over density_by_log(); for x >= a + 1. By Lentz's recursion. */
static double continued_fraction(double a, double x)
{
	double b = x + 1 - a, c = INFINITY, d = 1 / b, value = d, change = 0;

	for (int n = 1; n < TERMS_MAX && fabs(change - 1) > 0x1p-52; n++) {
		double numerator = n * (a - n);

		b += 2;
		d = 1 / (b + numerator * d);
		c = b + numerator / c;
		change = c * d;
		value *= change;
	}
	return value;
}

/*
 * Newton's steps for the logarithm of the value. The logarithm of a gamma variable has a
 * log-concave density, and so the logarithm of each tail is a concave function of it: from
 * wherever it starts Newton's method is past one step on one side and comes nearer from there.
 */
static double refine(double log_x, double tail, double a)
{
	bool upper = tail <= 0.5;
	double wanted = elementary_log(upper ? tail : 1 - tail);

	for (int i = 0; i < STEPS_MAX; i++) {
		double x = elementary_exp(log_x), density = density_by_log(a, x), share, step;
		bool has_upper = x >= a + 1;

		if (density == 0) /* x is no double, nor is what it comes to */
			return x;
		share = density * (has_upper ? continued_fraction(a, x) : series(a, x));
		if (upper != has_upper)
			share = 1 - share;
		step = (wanted - elementary_log(share)) * share / density;
		log_x += upper ? -step : step;
		if (!(fabs(step) > 1e-9)) /* the next would be its square */
			break;
	}
	return elementary_exp(log_x);
}

/* A normal quantile to 4.5e-4 (C. Hastings, "Approximations for Digital Computers", 1955). */
static double rough_normal_quantile(double tail)
{
	double t = sqrt(-2 * elementary_log(fmin(tail, 1 - tail)));
	double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));

	return tail < 0.5 ? z : -z;
}

/* The cube root of a gamma variable over its mean, if it were normal. */
static double wilson_hilferty_root(double normal, double a)
{
	return 1 - 1 / (9 * a) + normal / (3 * sqrt(a));
}

static double exact_quantile(double tail, double a)
{
	double root = wilson_hilferty_root(rough_normal_quantile(tail), a);

	if (a >= 1 && root > 0.3)
		return refine(elementary_log(a * root * root * root), tail, a);
	if (tail <= 0.5) /* an exponential variable is longer */
		return refine(elementary_log(-elementary_log(tail)), tail, a);
	/* the first term of the series */
	return refine((elementary_log1p(-tail) + special_log_gamma(a + 1)) / a, tail, a);
}

/* The square of a normal variable is twice a gamma variable of shape 1/2. */
static double normal_quantile(double tail)
{
	double z = sqrt(2 * exact_quantile(2 * fmin(tail, 1 - tail), 0.5));

	return tail < 0.5 ? z : -z;
}

double gamma_upper_quantile(double tail, double shape)
{
	double root;

	if (tail <= 0 || tail >= 1)
		return tail <= 0 ? INFINITY : 0;
	if (shape < SHAPE_EXACT)
		return exact_quantile(tail, shape);
	root = tail == 0.5 ? wilson_hilferty_root(0, shape)
			   : wilson_hilferty_root(normal_quantile(tail), shape);
	return shape * (root * root * root);
}
