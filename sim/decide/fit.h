#ifndef SIM_DECIDE_FIT_H
#define SIM_DECIDE_FIT_H

/*
 * From a user's own measurements to a cost term.
 *
 * Two columns (how much, how long): a straight line by iteratively reweighted least squares
 * with Tukey's bisquare (GSL's gsl_multifit_robust), so that a few disturbed measurements do
 * not move it; the slope is the price of a unit, the intercept what does not grow.
 * One column (durations of single calls): mean, coefficient of variation, and how well the
 * engine's law, a gamma law of that mean and variation, fits them (Kolmogorov and Smirnov).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Measurements; the arrays are borrowed. */
struct fit_data {
	const char *path; /* for messages */
	double *x, *y;    /* x in units of the cost term, y in ns; x NULL: durations only */
	size_t count;
};

struct fit_value {
	double value, low, high; /* 95 % confidence */
};

struct fit_line {
	struct fit_value slope, intercept; /* ns per unit, ns */
	bool known;                        /* the intervals; false: too few measurements */
	double r_squared;                  /* weighted */
	double residual_ns; /* robust standard deviation; NAN: nothing is left for it */
	size_t outliers;    /* weight below 0.1 */
	double curvature_t; /* t of a square term added by least squares: |t| > 4 is a curve */
	double *fitted, *weights; /* one per measurement; owned */
};

/*
 * At least 3 measurements at 2 different x. Through zero (the intercept is 0) one is enough; two of
 * them, and with an intercept two at different x, are fitted by least squares. What can be said of
 * so few: `known`.
 */
bool fit_line(const struct fit_data *data, bool through_zero, struct fit_line *line,
	      struct error *error);
void fit_line_fini(struct fit_line *line);

/*
 * A line that the share `quantile` of the measurements lies below (R. Koenker, G. Bassett,
 * "Regression quantiles", Econometrica 46, 1978): what a host does when nothing disturbs it. The
 * intervals are a bootstrap's (measurements drawn anew, fixed seed). At most 100,000 of them.
 */
bool fit_quantile_line(const struct fit_data *data, bool through_zero, double quantile,
		       struct fit_line *line, struct error *error);

/* That quantile of durations, with its interval by order statistics. At least 2. */
bool fit_quantile(const struct fit_data *data, double quantile, struct fit_value *value,
		  struct error *error);

struct fit_law {
	struct fit_value mean; /* ns */
	double cv;
	double distance, probability; /* of the gamma law: Kolmogorov-Smirnov D, and its p value */
	double lognormal_distance;    /* D of the lognormal law of the same logarithms */
	double least, most;
};

/* At least 2 durations above 0. */
bool fit_law(const struct fit_data *data, struct fit_law *law, struct error *error);

#endif
