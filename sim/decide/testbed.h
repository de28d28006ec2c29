#ifndef SIM_DECIDE_TESTBED_H
#define SIM_DECIDE_TESTBED_H

/*
 * All measurements under one strategy: the scenario as it was for each of them, what it predicts,
 * and how that moves with each price that is charged anywhere.
 */

#include "decide/setup.h"

/* A price in any of the setups, by its name. */
struct bed_price {
	const char *name;        /* borrowed, as is the cost */
	const struct cost *cost; /* where it is found first */
	struct prediction
		*ends; /* of each measurement at its low end, and behind these at its high */
};

struct testbed {
	const struct measurements *measurements;
	double error;         /* of a measurement that has none of its own */
	struct setup *setups; /* of each point */
	size_t *metrics;      /* of each measurement, among those of its setup */
	struct prediction *base;
	struct bed_price *prices;
	size_t setup_count, price_count;
	const char *problem; /* why it predicts nothing, and ... */
	const char *where;   /* ... the measurement of which; NULL: it does */
};

/*
 * Every point with these settings more. What some point cannot predict is a problem of the whole,
 * and no failure. testbed_fini in any case.
 */
bool testbed_init(struct testbed *bed, const struct measurements *measurements, const char *group,
		  double error_of_measuring, const struct setup_source *source,
		  const struct setting *more, size_t more_count, struct error *error);
void testbed_fini(struct testbed *bed);

/* Run every point with these prices: out[m] for each measurement. */
bool testbed_predict(struct testbed *bed, const struct moved_price *prices, size_t count,
		     struct prediction *out, struct error *error);

/* Fill the ends of all prices, unless they are: two runs of each. */
bool testbed_move_each(struct testbed *bed, struct error *error);

/* The price of that name, or NULL. */
const struct bed_price *testbed_price(const struct testbed *bed, const char *name);

/* What one unit of it is: "page"; of the host's memory bus "MiB". */
const char *testbed_unit(const struct testbed *bed, const char *name);

/* Standard deviation of a measurement around its prediction: sampling, and its own error. */
double testbed_noise(const struct testbed *bed, size_t measurement,
		     const struct prediction *prediction);

/* Sum over measurements of squares of what they are off, in these. */
double testbed_misfit(const struct testbed *bed, const struct prediction *predictions);

#endif
