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

struct fit_data {
	char *path;
	double *x, *y; /* x in units of the cost term, y in ns; owned. x NULL: durations only */
	size_t count;
};

struct fit_units {
	double x; /* what one of the file's x is in units of the term */
	double y; /* what one of the file's y is in ns */
};

/*
 * Read one or two columns of numbers, separated by commas, semicolons or blanks; empty lines,
 * lines that begin with # and one heading line are skipped. Errors name file and line.
 */
bool fit_read(struct fit_data *data, const char *path, struct fit_units units, struct error *error);
void fit_data_fini(struct fit_data *data);

struct fit_value {
	double value, low, high; /* 95 % confidence */
};

struct fit_line {
	struct fit_value slope, intercept; /* ns per unit, ns */
	double r_squared;                  /* weighted */
	double residual_ns;                /* robust standard deviation */
	size_t outliers;                   /* weight below 0.1 */
	double curvature_t; /* t of a square term added by least squares: |t| > 4 is a curve */
	double *fitted, *weights; /* one per measurement; owned */
};

/* At least 3 measurements at 2 different x. */
bool fit_line(const struct fit_data *data, struct fit_line *line, struct error *error);
void fit_line_fini(struct fit_line *line);

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
