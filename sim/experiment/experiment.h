#ifndef SIM_EXPERIMENT_EXPERIMENT_H
#define SIM_EXPERIMENT_EXPERIMENT_H

/* One scenario, repeated until its answer is sure enough, as a result. */

#include "experiment/replicate.h"
#include "report/result.h"
#include "scenario/scenario.h"

struct experiment_options {
	struct replicate_options replicate;
	const char *version;   /* of the program */
	bool skip_assumptions; /* leave out the study of assumed cost terms */
	uint64_t uncertainty;  /* draws of assumed costs (see uncertainty.h); 0: none */
	/* Called between looks with the state of things; NULL: quiet. */
	void (*progress)(uint64_t done, double relative_half_width, void *data);
	void *progress_data;
};

/*
 * Run the scenario's experiment. With "auto" the number of replications doubles
 * from 32 until the answer's mean has the wanted precision, its p99 an interval and
 * every objective's quantile the observations it needs; or 65536 are done. A steady
 * state ("warm_up": "auto") is looked for first. Then, unless skip_assumptions is set, every assumed cost
 * term is moved to the ends of its range under the same random numbers. *result is
 * the caller's to free; on failure nothing is owned by it.
 */
bool experiment_run(const struct scenario *scenario, const struct experiment_options *options,
		    struct result *result, struct error *error);

/* An experiment whose replications are still there, for what builds upon them. */
struct experiment_run {
	struct scenario scenario; /* as it was run (with its warm-up); borrows the caller's */
	struct replications replications;
	struct result result; /* without assumptions, attribution and uncertainty */
};

/* Replications and result; experiment_end when it succeeded. */
bool experiment_begin(struct experiment_run *run, const struct scenario *scenario,
		      const struct experiment_options *options, struct error *error);
void experiment_end(struct experiment_run *run);

/* Fill in where a result comes from: names, version, seed, hashes. */
bool experiment_describe(struct result *result, const struct scenario *scenario,
			 const struct experiment_options *options, struct error *error);

#endif
