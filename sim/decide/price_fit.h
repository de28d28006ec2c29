#ifndef SIM_DECIDE_PRICE_FIT_H
#define SIM_DECIDE_PRICE_FIT_H

/*
 * Prices for which the simulation gives what was measured: nonlinear least squares (GSL's
 * gsl_multifit_nlinear: Levenberg and Marquardt's trust region) in the logarithms of the prices.
 *
 * Predictions are means of simulations under common random numbers, so they are smooth in the
 * prices, and differences of them have no noise of their own. What is squared is the difference
 * of measurement and prediction, in units of what it should be: the sampling spread of the
 * operations measured and of the simulation itself, the error of measuring, and (`others`) what
 * prices that are not fitted may do within their ranges, which measurements have in common.
 * The weights are those of the predictions, found again until they stay.
 *
 * There is no prior on what is fitted, and no bound but a factor of 10,000 either way; what the
 * measurements do not tell stays where it was.
 */

#include <gsl/gsl_matrix.h>

#include "decide/testbed.h"

enum { FITTED_MOST = 16 };

struct price_fit {
	struct testbed *bed;
	const char *names[FITTED_MOST];
	double start_ns[FITTED_MOST];
	size_t count;
	const gsl_matrix *others; /* covariance of the measurements from other prices; NULL: none */

	/* Found; owned. */
	double mean_ns[FITTED_MOST];
	struct prediction *predicted;
	gsl_matrix *covariance; /* of the measurements around their predictions */
	gsl_matrix *factor;     /* its Cholesky factor */
	gsl_matrix *slopes;     /* measurements by logarithms of prices, in units of spread */
	double misfit;          /* sum of squares: chi-squared when the model is right */
};

/* Fit; price_fit_fini in any case. */
bool price_fit_run(struct price_fit *fit, struct error *error);
void price_fit_fini(struct price_fit *fit);

/* A vector of the measurements in units of their spread, one independent of the other. */
void price_fit_whiten(const struct price_fit *fit, gsl_vector *vector);

/*
 * The covariance of the measurements that prices bring when each lies anywhere in its range (as
 * price_at draws it, evenly on a logarithmic scale on either side of its value), without those
 * called `names`: a straight line between the value and each end, which testbed_move_each has
 * found. New matrix, or NULL: no memory.
 */
gsl_matrix *price_others(const struct testbed *bed, const char *const *names, size_t count,
			 struct error *error);

/* Mean of squares of where the price lies, from its value as 0 to this end as 1. */
double price_square(const struct cost *cost, double end_ns);

#endif
