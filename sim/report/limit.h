#ifndef SIM_REPORT_LIMIT_H
#define SIM_REPORT_LIMIT_H

/*
 * Limits, and how a quantity stands to one: what objectives of a run and looks of a plan have in
 * common (repeat/limit.h judges).
 */

#include <stdio.h>

#include "flow/metric_kind.h"

enum judgement {
	LIMIT_MET,       /* also at the upper bound */
	LIMIT_MISSED,    /* even at the lower bound, or nothing was observed */
	LIMIT_UNDECIDED, /* the limit lies between the bounds */
};
extern const char *const judgement_names[]; /* "met", "missed", "undecided" */

struct limit {
	char *metric, *group; /* owned; group may be NULL: each that has the metric */
	enum unit unit;
	double quantile; /* negative: the mean; 1: never */
	double at_most;
};

/*
 * Bounds of what is limited: of a mean, in the metric's unit, or of a probability to exceed
 * `at_most` (of a quantile's limit: at most one less the quantile is allowed).
 */
struct limit_bounds {
	double low, estimate, high; /* infinite low: nothing was observed */
	double limit;               /* what is allowed */
	double observed; /* the mean, quantile or largest, in the metric's unit; NAN: none */
	/*
	 * Replications that would decide, if estimates and spread stay what they are: 0 when it is
	 * decided, INFINITY when no number would that can be run, NAN when nothing says how many.
	 */
	double needed;
};

enum judgement limit_judgement(const struct limit_bounds *bounds);

/* What several limits are together: missed before undecided before met. */
enum judgement judgement_worse(enum judgement one, enum judgement other);

/* 0 met, 3 missed, 4 undecided. */
int judgement_status(enum judgement verdict);

/* "reboot.latency of db, p99 at most 45 s"; "limbo.peak, never above 400 GiB". */
void limit_print(FILE *out, const struct limit *limit);

/* The same behind the names, where these are printed in another way: ", p99 at most 45 s". */
void limit_print_rest(FILE *out, const struct limit *limit);

/*
 * A value of the metric, in a unit in which the limit is exact: "1030 GiB" where 1040 GiB are
 * allowed, which is "1.016 TiB" by itself.
 */
const char *limit_value(char *cell, const struct limit *limit, double value);

/* What is limited: a mean in the metric's unit, or a probability in percent; "?": not finite. */
const char *limit_quantity(char *cell, const struct limit *limit, double value);

/* "exceeded with 0.12 % (0 % .. 0.8 %, allowed 1 %)"; "mean 7.8 s (7.7 s .. 7.9 s, allowed 8 s)". */
void limit_print_bounds(FILE *out, const struct limit *limit, const struct limit_bounds *bounds);

/* "about 3600 replications would decide": of what is undecided; no newline. */
void limit_print_needed(FILE *out, double needed);

#endif
