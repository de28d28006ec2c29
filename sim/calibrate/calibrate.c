#include "calibrate/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

enum {
	ROUNDS = 6,
	ROUNDS_QUICK = 3,
	ROUNDS_LEAST = 2,
	REFERENCE_TIMES = 5, /* the first measurement, at the begin and at the end */
};
static const double seconds_usual = 53, seconds_quick = 5;
static const double touch_ns_most = 250e6; /* for the largest size of small pages */

/* --- how much ----------------------------------------------------------------- */

static uint64_t size_of(const struct measurement *measurement, size_t i, unsigned int shrink)
{
	uint64_t size = measurement->sizes[i], least = measurement->unit_size;

	/* Calls are few as they are, and an end has one size. */
	if (least == 1 || measurement_sizes(measurement) == 1)
		return size;
	size >>= shrink;
	return size > least * (i + 1) ? size : least * (i + 1);
}

static uint64_t bytes_of(const struct measurement *measurement, const struct place *place,
			 unsigned int shrink)
{
	size_t sizes = measurement_sizes(measurement);
	uint64_t bytes = measurement->unit_size > 1 ? size_of(measurement, sizes - 1, shrink) : 0;

	return bytes * trial_processes(&measurement->trial, place);
}

uint64_t calibrate_most_bytes(const struct place *place, unsigned int shrink)
{
	uint64_t most = 0;
	const char *why;

	for (size_t m = 0; m < MEASUREMENTS; m++)
		if (!place_lacks(place, measurements[m].needs, &why)) {
			uint64_t bytes = bytes_of(&measurements[m], place, shrink);

			most = bytes > most ? bytes : most;
		}
	return most;
}

unsigned int calibrate_possible(const struct place *place)
{
	unsigned int count = 0;
	const char *why;

	for (size_t m = 0; m < MEASUREMENTS; m++)
		count += !place_lacks(place, measurements[m].needs, &why);
	return count;
}

unsigned int calibrate_shrink(const struct place *place, bool quick)
{
	const struct measurement *touch = &measurements[TOUCH_4K];
	double touch_ns = place->fault_ns * (double)touch->sizes[SIZES_MOST - 1] / 4096;
	unsigned int shrink = quick ? 2 : 0;

	while (shrink < 12 && (calibrate_most_bytes(place, shrink) > place->bound_bytes ||
			       ldexp(touch_ns, -(int)shrink) > touch_ns_most))
		shrink++;
	return shrink;
}

/* --- trials ---------------------------------------------------------------------- */

struct run {
	struct calibration *calibration;
	const struct calibrate_options *options;
	unsigned int round, rounds;
	struct error *error;
	double begin_s, most_s; /* of the rounds: the last ones are left out past it */
};

/* False: interrupted, or it cannot be done (left_out). */
static bool take(struct run *run, size_t m, uint64_t size, struct taken *taken)
{
	struct calibration *calibration = run->calibration;
	struct trial trial = measurements[m].trial;
	struct error failure = { 0 };

	trial.size = size;
	if (!trial_run_undisturbed(&trial, &calibration->place, taken, &failure)) {
		if (failure.kind == ERROR_INTERRUPTED)
			*run->error = failure;
		else
			snprintf(calibration->left_out[m], sizeof(calibration->left_out[m]),
				 "%.150s", failure.message);
		return false;
	}
	calibration->trials++;
	calibration->disturbed += taken->disturbed;
	return true;
}

static bool interrupted(const struct run *run)
{
	return run->error->kind != ERROR_NONE;
}

/* One of its sizes, up in even rounds and down in odd ones. False: interrupted, or no memory. */
static bool measure(struct run *run, size_t m, size_t step)
{
	struct calibration *calibration = run->calibration;
	const struct measurement *measurement = &measurements[m];
	size_t sizes = measurement_sizes(measurement);
	size_t at = sizes == 1 ? 0 : run->round % 2 ? sizes - 1 - step : step;
	uint64_t size;
	struct taken taken;

	if (calibration->left_out[m][0] || (sizes > 1 && step >= sizes))
		return true;
	size = size_of(measurement, at, calibration->shrink);
	if (!take(run, m, size, &taken))
		return !interrupted(run);
	return points_add(&calibration->points[m], (double)size / (double)measurement->unit_size,
			  taken.wall_ns, run->round, run->error);
}

/* Of the rounds, or of the time that they may take: whichever ends them. */
static double share_done(const struct run *run, double of_round)
{
	double elapsed_s = clock_ns(CLOCK_MONOTONIC) * 1e-9 - run->begin_s;

	return fmax((run->round + of_round) / run->rounds, fmin(elapsed_s / run->most_s, 0.99));
}

/*
 * Each measurement as often as it has sizes; what has one, as often. Never the same one twice in
 * a row: a second call finds the caches warm, as no VM does.
 */
static bool measure_round(struct run *run)
{
	for (size_t step = 0; step < SIZES_MOST; step++) {
		for (size_t i = 0; i < MEASUREMENTS; i++) {
			size_t m = run->round % 2 ? MEASUREMENTS - 1 - i : i;

			if (run->options->progress)
				run->options->progress(
					share_done(run, (double)(step * MEASUREMENTS + i) /
								(SIZES_MOST * MEASUREMENTS)),
					run->round, run->rounds, measurements[m].name,
					run->options->progress_data);
			if (!measure(run, m, step))
				return false;
		}
	}
	return true;
}

/* The first measurement that this host allows, at its largest size, some times. */
static bool reference(struct run *run, double times_ns[REFERENCE_TIMES])
{
	struct calibration *calibration = run->calibration;
	size_t m = POPULATE_4K;
	struct taken taken = { 0 };
	uint64_t size;

	while (calibration->left_out[m][0] && m + 1 < MEASUREMENTS)
		m++;
	size = size_of(&measurements[m], measurement_sizes(&measurements[m]) - 1,
		       calibration->shrink);
	for (int i = -1; i < REFERENCE_TIMES; i++) { /* the first one warms up */
		if (!take(run, m, size, &taken) && interrupted(run))
			return false;
		if (i >= 0)
			times_ns[i] = taken.wall_ns;
	}
	return true;
}

/* --- the whole ---------------------------------------------------------------------- */

/* Memory that nobody has touched for a while comes slowly from a hypervisor: take it once. */
static bool warm_up(struct run *run)
{
	const struct place *place = &run->calibration->place;
	const struct trial trial = { .work = measurements[UNMAP_4K].trial.work,
				     .size = calibrate_most_bytes(place, run->calibration->shrink) &
					     ~((uint64_t)4095) };
	struct taken taken;
	struct error failure = { 0 };

	if (trial.size && !trial_run(&trial, place, &taken, &failure) &&
	    failure.kind == ERROR_INTERRUPTED)
		return error_set(run->error, ERROR_INTERRUPTED, "interrupted");
	return true;
}

static bool estimate_all(struct calibration *calibration, struct error *error)
{
	for (size_t m = 0; m < MEASUREMENTS; m++) {
		if (!estimate_make(&calibration->estimates[m], &measurements[m],
				   &calibration->points[m], error))
			return false;
	}
	calibration->prices =
		memory_array(price_rule_count, sizeof(*calibration->prices), "prices", error);
	if (!calibration->prices)
		return false;
	for (size_t p = 0; p < price_rule_count; p++) {
		const char *why;

		if (!place_lacks(&calibration->place, price_rules[p].needs, &why))
			price_make(&calibration->prices[p], &price_rules[p], calibration->estimates,
				   calibration->drift);
	}
	bandwidth_make(&calibration->bandwidth,
		       trial_processes(&measurements[CLEAR_ALL].trial, &calibration->place),
		       calibration->estimates, calibration->drift);
	return true;
}

bool calibrate(struct calibration *calibration, const struct calibrate_options *options,
	       struct error *error)
{
	struct run run = { .calibration = calibration,
			   .options = options,
			   .rounds = options->quick ? ROUNDS_QUICK : ROUNDS,
			   .error = error,
			   .begin_s = clock_ns(CLOCK_MONOTONIC) * 1e-9,
			   .most_s = options->quick ? seconds_quick : seconds_usual };
	double before[REFERENCE_TIMES], after[REFERENCE_TIMES], round_s = 0;
	struct cpu_times begin, end;
	const char *why;

	place_others(NULL, &begin);
	calibration->shrink = calibrate_shrink(&calibration->place, options->quick);
	calibration->most_bytes = calibrate_most_bytes(&calibration->place, calibration->shrink);
	for (size_t m = 0; m < MEASUREMENTS; m++)
		if (place_lacks(&calibration->place, measurements[m].needs, &why))
			snprintf(calibration->left_out[m], sizeof(calibration->left_out[m]), "%s",
				 why);
	if (!warm_up(&run) || !reference(&run, before))
		return false;
	for (; run.round < run.rounds; run.round++) {
		double now_s = clock_ns(CLOCK_MONOTONIC) * 1e-9;

		if (run.round >= ROUNDS_LEAST && now_s + round_s > run.begin_s + run.most_s)
			break;
		if (!measure_round(&run))
			return false;
		round_s = clock_ns(CLOCK_MONOTONIC) * 1e-9 - now_s;
	}
	calibration->rounds = run.round;
	if (!reference(&run, after))
		return false;
	calibration->others = place_others(&begin, &end);
	calibration->drift = drift_between(before, REFERENCE_TIMES, after, REFERENCE_TIMES);
	calibration->seconds = clock_ns(CLOCK_MONOTONIC) * 1e-9 - run.begin_s;
	return estimate_all(calibration, error);
}

void calibration_fini(struct calibration *calibration)
{
	for (size_t m = 0; m < MEASUREMENTS; m++)
		points_fini(&calibration->points[m]);
	free(calibration->prices);
	calibration->prices = NULL;
}

bool calibration_still(const struct calibration *calibration)
{
	return calibration->drift <= CALIBRATE_DRIFT_MOST &&
	       calibration->others <= CALIBRATE_OTHERS_MOST;
}
