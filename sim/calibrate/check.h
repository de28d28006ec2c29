#ifndef SIM_CALIBRATE_CHECK_H
#define SIM_CALIBRATE_CHECK_H

/*
 * Predictions of a profile beside measurements that it was not made from: other sizes, memory
 * that is not all present, several at once, a neighbour, a helper. Each experiment is a trial and
 * a scenario: sim runs the scenario with the profile's prices, and with all of them at the low
 * and at the high ends of their ranges.
 */

#include <jansson.h>

#include "calibrate/calibrate.h"
#include "calibrate/place.h"

/* What guests of a scenario do that stands for a trial. */
enum stands_for {
	FOR_END,      /* a kill, until the guest is gone */
	FOR_POPULATE, /* a start that preallocates by MADV_POPULATE_WRITE, and does nothing else */
	FOR_TOUCH,    /* ... by threads that touch */
	FOR_CLEAR,    /* a start that clears as much as it has, without faults */
};

struct check_row {
	const char *name;
	enum stands_for stands_for;
	const char *terms[4]; /* that it hangs on; a profile without one cannot predict it */
	unsigned int needs;
	uint64_t size;
	struct trial trial; /* without its size */
	bool helper;        /* async-teardown */
	bool reference;     /* a measurement that the profile was made from: is it the same host? */
};

extern const struct check_row check_rows[];
extern const size_t check_row_count;

enum { CHECK_TIMES = 11 };

struct check_result {
	const char *left_out; /* NULL: it was made */
	char why[160];
	double measured_ns[CHECK_TIMES]; /* each time; the last of the reference are at the end */
	size_t times;
	double measured, predicted, low, high; /* ns */
	double error;                          /* predicted by measured - 1 */
	size_t inside;                         /* of the times, of the interval with the drift */
	bool median_inside;
};

struct check {
	struct check_result *rows; /* of check_rows; owned */
	double drift;              /* of the reference between begin and end */
	double off;                /* of the reference from what the profile says, as a drift */
	double others;             /* CPU time that other work took, as a share of all */
	size_t made, inside, inside_times, times;
	double median_error, largest_error; /* without the reference */
	bool still_before, still, good;
};

/* What the check asks for. */
#define CHECK_MEDIAN_MOST  0.10
#define CHECK_LARGEST_MOST 0.25
#define CHECK_INSIDE_LEAST 0.90

/*
 * Measure, predict with the profile (a valid one) and compare. `still_before`: so was the host when
 * the profile was made, as far as that is known. A row that cannot be made says why.
 * check_fini in any case.
 */
bool check_run(struct check *check, const json_t *profile, const struct place *place,
	       bool still_before, const struct calibrate_options *options, struct error *error);
void check_fini(struct check *check);
bool check_print(const struct check *check, FILE *out, struct error *error);

/* From rows that are filled in but for error and inside: the judgement. */
void check_judge(struct check *check);

enum price_end { AT_MEAN, AT_LOW, AT_HIGH };

/*
 * The scenario of a row as a JSON object (NULL: no memory), its bandwidth at an end of the
 * profile's range; a neighbour that copies writes so many bytes per s.
 */
json_t *check_scenario(const struct check_row *row, uint64_t size, const json_t *profile,
		       const struct place *place, double copies_per_s, enum price_end end);

/*
 * How long it takes until the last guest of that scenario (taken over) has done what the row says,
 * with all prices at that end of their ranges.
 */
bool check_simulate(const struct check_row *row, json_t *scenario, enum price_end end,
		    double *last_ns, struct error *error);

#endif
