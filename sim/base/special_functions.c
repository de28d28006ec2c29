#include "base/special_functions.h"

#include <math.h>

#include "base/elementary.h"

#define LOG_TWO_PI 0x1.d67f1c864beb4p+0
#define SQRT_PI    0x1.c5bf891b4ef6bp+0

enum {
	TERMS_MAX = 10000,
	STEPS_MAX = 200,
	FREEDOM_EXPANDED = 10000, /* from here on the fraction loses digits, and is not needed */
};

double special_stirling_rest(double a)
{
	double w = 1 / (a * a);

	return (1.0 / 12 +
		w * (-1.0 / 360 +
		     w * (1.0 / 1260 + w * (-1.0 / 1680 + w * (1.0 / 1188 - w * 691 / 360360))))) /
	       a;
}

double special_log_gamma(double a)
{
	double product = 1;

	while (a < 10)
		product *= a++;
	return (a - 0.5) * elementary_log(a) - a + LOG_TWO_PI / 2 + special_stirling_rest(a) -
	       elementary_log(product);
}

/* Of a polynomial whose coefficients begin with that of the highest power. */
static double polynomial(const double coefficients[8], double x)
{
	double value = coefficients[0];

	for (int i = 1; i < 8; i++)
		value = value * x + coefficients[i];
	return value;
}

/* Wichura's three pairs: near the median, in the tails, and far out in them. */
struct ratio {
	double above[8], below[8];
};

static const struct ratio central = {
	{ 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
	  4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
	  1.3314166789178437745e+2, 3.3871328727963666080e+0 },
	{ 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
	  2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
	  4.2313330701600911252e+1, 1 },
};
static const struct ratio tail = {
	{ 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
	  1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
	  4.63033784615654529590e+0, 1.42343711074968357734e+0 },
	{ 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
	  1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
	  2.05319162663775882187e+0, 1 },
};
static const struct ratio far_tail = {
	{ 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
	  2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
	  5.46378491116411436990e+0, 6.65790464350110377720e+0 },
	{ 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
	  7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
	  5.99832206555887937690e-1, 1 },
};

static double ratio_at(const struct ratio *ratio, double x)
{
	return polynomial(ratio->above, x) / polynomial(ratio->below, x);
}

double special_normal_quantile(double p)
{
	double q = p - 0.5, r, value;

	if (fabs(q) <= 0.425)
		return q * ratio_at(&central, 0.180625 - q * q);
	r = q < 0 ? p : 1 - p;
	if (r <= 0)
		return q < 0 ? -INFINITY : INFINITY;
	r = sqrt(-elementary_log(r));
	value = r <= 5 ? ratio_at(&tail, r - 1.6) : ratio_at(&far_tail, r - 5);
	return q < 0 ? -value : value;
}

/* Gamma(b + 1/2) / Gamma(b). */
static double half_step(double b)
{
	double product = 1;

	while (b < 10) {
		product *= b / (b + 0.5);
		b++;
	}
	return product * sqrt(b) *
	       elementary_exp(b * elementary_log1p(0.5 / b) - 0.5 + special_stirling_rest(b + 0.5) -
			      special_stirling_rest(b));
}

/* The continued fraction of the incomplete beta function, by Lentz's recursion. */
static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), value = d, change = 0;

	for (int m = 1; m < TERMS_MAX && fabs(change - 1) > 0x1p-52; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		value *= d * c;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		change = d * c;
		value *= change;
	}
	return value;
}

/* P(|T| > t), t >= 0; *density of T at t. */
static double both_tails(double t, double freedom, double *density)
{
	double square = t * t, b = freedom / 2, x = square / (freedom + square),
	       step = half_step(b);
	/* (1 - x)^b, and sqrt(x) that times the inverse of the beta function */
	double power = elementary_exp(-b * elementary_log1p(square / freedom));
	double front = sqrt(x) * power * step / SQRT_PI;

	*density = step / (SQRT_PI * sqrt(freedom)) * power / sqrt(1 + square / freedom);
	if (x < 1.5 / (b + 2.5))
		return 1 - 2 * front * beta_fraction(x, 0.5, b);
	return front * beta_fraction(freedom / (freedom + square), b, 0.5) / b;
}

/* From the normal quantile z, in powers of 1 / freedom. */
static double expanded(double z, double freedom)
{
	double w = z * z, n = freedom;
	double first = z * (w + 1) / 4, second = z * ((5 * w + 16) * w + 3) / 96;
	double third = z * (((3 * w + 19) * w + 17) * w - 15) / 384;
	double fourth = z * ((((79 * w + 776) * w + 1482) * w - 1920) * w - 945) / 92160;

	return z + (first + (second + (third + fourth / n) / n) / n) / n;
}

double special_student_quantile(double p, double freedom)
{
	double wanted = 2 * (p < 0.5 ? p : 1 - p), t, before;

	if (wanted <= 0)
		return p < 0.5 ? -INFINITY : INFINITY;
	if (freedom >= FREEDOM_EXPANDED)
		return expanded(special_normal_quantile(p), freedom);
	/* The tail is convex and the normal quantile lies before it: each step comes nearer. */
	t = fabs(special_normal_quantile(wanted / 2));
	for (int i = 0; i < STEPS_MAX; i++) {
		double density, beyond = both_tails(t, freedom, &density);

		before = t;
		t += (beyond - wanted) / (2 * density);
		if (!(t > before * (1 + 0x1p-50)))
			break;
	}
	return p < 0.5 ? -t : t;
}
