#ifndef SIM_REPEAT_EXPERIMENT_H
#define SIM_REPEAT_EXPERIMENT_H

/* One scenario, repeated until its answer is sure enough, as a result. */

#include "repeat/replicate.h"
#include "report/result.h"
#include "scenario/scenario.h"

struct experiment_options {
	struct replicate_options replicate;
	const char *version;  /* of the program */
	const char *commit;   /* that it was built from; NULL: not known */
	enum study study;     /* of explain_run */
	uint64_t uncertainty; /* draws of assumed costs, for explain_run; 0: none */
};

/* What was run, with the replications for what builds upon them. */
struct experiment {
	struct scenario scenario; /* as it was run (with its warm-up); borrows the caller's */
	struct replications replications;
	struct result
		result; /* without where it comes from, assumptions, attribution and uncertainty */
};

/*
 * Run the scenario's experiment. With "auto" the number of replications doubles
 * from 32 until the answer's mean has the wanted precision, its p99 an interval and
 * every objective's quantile the observations it needs; or 65536 are done. A steady
 * state ("warm_up": "auto") is looked for first. experiment_fini when it succeeded.
 */
bool experiment_run(struct experiment *experiment, const struct scenario *scenario,
		    const struct experiment_options *options, struct error *error);
void experiment_fini(struct experiment *experiment);

/* Fill in where a result comes from, for who shows that: names, files, version, seed, hashes. */
bool experiment_describe(struct result *result, const struct scenario *scenario,
			 const struct experiment_options *options, struct error *error);

#endif
