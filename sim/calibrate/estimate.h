#ifndef SIM_CALIBRATE_ESTIMATE_H
#define SIM_CALIBRATE_ESTIMATE_H

/*
 * From times to prices. Nothing here measures, so that tests can say what was measured.
 *
 * A line through the times of one measurement is GSL's robust one (decide/fit.h); of calls, which
 * have one size, the median of the times per unit, whose interval is that of order statistics.
 * Each round gives a line of its own, too: a price is a sum over measurements, its interval what
 * the confidence of the lines and the spread over rounds say, whichever is wider, and then wider
 * by what the host drifted meanwhile.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "calibrate/table.h"
#include "decide/fit.h"

enum { ROUNDS_MOST = 32 };

/* Times of one measurement. */
struct points {
	double *units, *wall_ns; /* owned */
	unsigned int *round;
	size_t count, units_capacity, wall_capacity, round_capacity;
};

bool points_add(struct points *points, double units, double wall_ns, unsigned int round,
		struct error *error);
void points_fini(struct points *points);

/* What one measurement has come to; the parts by enum line_part. */
struct estimate {
	bool exists;
	struct fit_value part[3];
	double per_round[3][ROUNDS_MOST]; /* NaN: that round has none */
	unsigned int rounds;
	double cv; /* of single calls; 0: not known */
};

/*
 * Fill it from the times of a measurement; it does not exist when there are too few (fewer than 3,
 * or not at two sizes where it has several). False: no memory, or no line fits.
 */
bool estimate_make(struct estimate *estimate, const struct measurement *measurement,
		   const struct points *points, struct error *error);

/* A price with its interval; all in ns. */
struct price_estimate {
	bool exists;
	double value, low, high;
	double cv;
	bool told_from_zero;
	/* Of a crowd: its speeds when 2, 3 and 4 have a core, rounded, and their spread. */
	double speeds[3], slowest, fastest;
	size_t speed_count;
};

/* `drift`: of the host, 0.1 when it was 10 % slower or faster at the end. */
void price_make(struct price_estimate *price, const struct price_rule *rule,
		const struct estimate estimates[MEASUREMENTS], double drift);

/* What all cores together can clear, bytes per s, from the time of all at once and of one. */
struct bandwidth_estimate {
	bool exists;
	bool bound; /* they slow each other; else there is at least so much */
	double value, low, high;
};
void bandwidth_make(struct bandwidth_estimate *bandwidth, size_t processes,
		    const struct estimate estimates[MEASUREMENTS], double drift);

/* Two lists of times of the same thing: how much their medians differ, 0.1 for 10 %. */
double drift_between(const double *before, size_t before_count, const double *after,
		     size_t after_count);

/* The median; NaN of none. The values are not changed. */
double median_of(const double *values, size_t count);

/* To so many significant decimal digits, to nearest, down or up: what is written is exact. */
double rounded(double value, int digits, double (*towards)(double));

#endif
