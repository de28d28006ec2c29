#include "repeat/bounds.h"

#include <math.h>
#include <stdbool.h>

#include "base/elementary.h"
#include "base/special_functions.h"

/* k of n under a beta law. */
struct mixture {
	double k, n, log_law, log_alpha;
};

static double log_beta(double a, double b)
{
	return special_log_gamma(a) + special_log_gamma(b) - special_log_gamma(a + b);
}

/* The likelihood under the law exceeds that under p by more than 1 / alpha. */
static bool refuted(const struct mixture *mixture, double p)
{
	double rest = mixture->n - mixture->k;
	double likelihood = (mixture->k > 0 ? mixture->k * elementary_log(p) : 0) +
			    (rest > 0 ? rest * elementary_log1p(-p) : 0);

	return mixture->log_law - likelihood > -mixture->log_alpha;
}

/* Between one that is refuted and one that is not, by bisection: the last that is. */
static double edge(const struct mixture *mixture, double outside, double inside)
{
	for (int i = 0; i < 200 && fabs(inside - outside) > 1e-15; i++) {
		double middle = (outside + inside) / 2;

		if (refuted(mixture, middle))
			outside = middle;
		else
			inside = middle;
	}
	return outside;
}

void binomial_bounds(double k, double n, double alpha, double near, double *low, double *high)
{
	double a = 0.5, b = fmax(0.5 / near - 0.5, 0.5), best = (double)k / (double)n;
	const struct mixture mixture = { (double)k, (double)n,
					 log_beta((double)k + a, (double)(n - k) + b) -
						 log_beta(a, b),
					 elementary_log(alpha) };

	*low = k == 0 ? 0 : edge(&mixture, 0, best);
	*high = k == n ? 1 : edge(&mixture, 1, best);
}

double line_half_width(double standard_error, double n, double alpha, double slope, double most)
{
	double freedom = (double)(n - 1), variance = standard_error * standard_error, least;
	double height = freedom / 2 * elementary_expm1(-2 / freedom * elementary_log(alpha));

	if (variance == 0) /* all replications are equal */
		return 0;
	least = sqrt(height * variance * (double)n / (2 * (double)most));
	if (slope < least)
		slope = least;
	return slope + variance * height / (2 * slope);
}
