#ifndef SIM_REPORT_SENSITIVITY_H
#define SIM_REPORT_SENSITIVITY_H

/* Which costs an answer hangs on: one at a time, and by Morris screening. */

#include "report/result.h"

struct sensitivity_row {
	char *term, *group, *source;  /* owned */
	const char *status;           /* "assumed", "published", ... */
	double value, low, high;      /* of the cost, ns */
	struct maybe at_low, at_high; /* the answer's mean with this cost at either end */
	/* Elementary effects over the whole range: mean of sizes, and standard deviation. */
	struct maybe morris_mean, morris_spread;
};

struct sensitivity {
	char *scenario, *metric, *group, *version; /* owned */
	char *commit, *platform;                   /* owned; NULL: not known, none is named */
	char *carried; /* all that is needed to run it again, as JSON; owned; NULL: left out */
	uint64_t seed, replications;
	enum unit unit;
	double mean; /* of the answer */
	uint64_t trajectories, runs;
	struct sensitivity_row *rows; /* largest swing first; owned */
	size_t row_count;
};

void sensitivity_fini(struct sensitivity *sensitivity);

/* |at_high - at_low|; infinite when the operation never ended at one end. */
double sensitivity_swing(const struct sensitivity_row *row);

report_writer sensitivity_write_text, sensitivity_write_json, sensitivity_write_csv;

#endif
