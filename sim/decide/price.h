#ifndef SIM_DECIDE_PRICE_H
#define SIM_DECIDE_PRICE_H

/*
 * From measured calls to the price of one unit.
 *
 * Calls that all did the same give mean and variation; calls of different size a line, whose slope
 * is the price. Durations may be single ones, or sums and bins of a histogram, of which the mean
 * is known only to where it lies at most: then the interval holds the ends of the bins.
 */

#include "decide/fit.h"

/* Calls that did the same amount. */
struct price_point {
	double amount;          /* units of the term that each call did; above 0 */
	double count;           /* calls */
	double mean_ns;         /* of them */
	double low_ns, high_ns; /* where that mean lies at most; both the mean: it is known */
	double deviation_ns;    /* standard deviation of single calls; NAN: not known */
};

struct price_data {
	const char *path; /* for messages; borrowed, as the points */
	const struct price_point *points;
	size_t count;
	bool through_zero; /* what does not grow with the amount is nothing */
	double quantile;   /* instead of the mean, so many are faster; NAN: the mean */
};

struct price {
	struct fit_value unit, fixed; /* ns of one unit, ns of each call; fixed: of a line */
	bool known;                   /* their intervals; false: too few measurements for one */
	bool line;                    /* the calls did different amounts */
	bool binned;                  /* the interval holds where means lie within bins */
	double calls;
	double spread, spread_at; /* standard deviation by mean of calls of this amount; NAN */
	double cv;                /* of one unit, as a profile has it; NAN: cannot be told */
	/* Of single calls: the line, or the law of durations (has_law). */
	struct fit_line shape;
	struct fit_law law;
	bool has_shape, has_law;
	/* The measurements of the line, owned. */
	double *x, *y;
	size_t count;
};

/* At least one point. price_fini in any case. */
bool price_find(const struct price_data *data, struct price *price, struct error *error);
void price_fini(struct price *price);

/* Take what else is in the unit away from it; false and an error when nothing is left. */
bool price_less(struct price *price, const char *term, struct fit_value less, struct error *error);

#endif
