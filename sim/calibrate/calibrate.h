#ifndef SIM_CALIBRATE_CALIBRATE_H
#define SIM_CALIBRATE_CALIBRATE_H

/*
 * The host's prices: all measurements of the table that it allows, in rounds, sizes up and down
 * in turns, the first one again at the end.
 */

#include "calibrate/estimate.h"
#include "calibrate/place.h"

struct calibrate_options {
	bool quick;          /* a few seconds: smaller sizes, fewer rounds */
	uint64_t most_bytes; /* of memory at once; 0: half of what is available */
	/* Called before each trial with the share of time that is done; NULL: quiet. */
	void (*progress)(double share, unsigned int round, unsigned int rounds, const char *what,
			 void *data);
	void *progress_data;
};

struct calibration {
	struct place place;
	unsigned int rounds, shrink;
	double seconds;
	uint64_t most_bytes; /* that a trial had at once */
	struct points points[MEASUREMENTS];
	struct estimate estimates[MEASUREMENTS];
	char left_out[MEASUREMENTS][160]; /* why; "": it was measured */
	size_t disturbed;                 /* trials that others took CPU time from, every time */
	size_t trials;
	double drift;
	double others;                 /* CPU time that other work took, as a share of all */
	struct price_estimate *prices; /* of price_rules; owned */
	struct bandwidth_estimate bandwidth;
};

/*
 * Each size is halved so often, for what may be used of the host's memory and for its speed; what
 * a trial has of it at most then, of all processes together; and how many measurements there are
 * that this host allows.
 */
unsigned int calibrate_shrink(const struct place *place, bool quick);
uint64_t calibrate_most_bytes(const struct place *place, unsigned int shrink);
unsigned int calibrate_possible(const struct place *place);

/*
 * Measure at calibration->place, which place_look has filled in. ERROR_INTERRUPTED when its *stop
 * was set meanwhile. calibration_fini in any case.
 */
bool calibrate(struct calibration *calibration, const struct calibrate_options *options,
	       struct error *error);
void calibration_fini(struct calibration *calibration);

/* The host does not stand still when its first measurement differs by more at the end. */
#define CALIBRATE_DRIFT_MOST 0.15
/* ... nor when other work takes more of its CPUs. */
#define CALIBRATE_OTHERS_MOST 0.05
bool calibration_still(const struct calibration *calibration);

/* What it stands on, and what will be done there: before it begins. */
bool calibration_announce(const struct place *place, const struct calibrate_options *options,
			  FILE *out, struct error *error);

/* What was found and what was left out, for people. */
bool calibration_print(const struct calibration *calibration, FILE *out, struct error *error);

#endif
