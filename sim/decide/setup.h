#ifndef SIM_DECIDE_SETUP_H
#define SIM_DECIDE_SETUP_H

/*
 * A scenario under some settings, run again with other prices under common random numbers, and
 * what it predicts of a measured metric.
 */

#include "decide/measurement.h"
#include "document/library.h"
#include "explain/variant.h"
#include "repeat/experiment.h"

/* Where scenarios come from, and how they run; all is borrowed. */
struct setup_source {
	struct library *library;
	const char *file;
	const struct setting *settings; /* of the command line, before those of a setup */
	size_t setting_count;
	const struct experiment_options *options;
	uint64_t replications; /* of each run, unless the scenario says it or it is too dear */
};

struct setup {
	struct experiment base; /* with its prices as they are */
	struct scenario scenario;
	struct variant variant;
	bool loaded, ran;
	char problem[1024]; /* why it predicts nothing; "": it does */
};

/*
 * Load and run it. What is wrong with the scenario, or that no operation ends, is its problem and
 * no failure. setup_fini in any case.
 */
bool setup_init(struct setup *setup, const struct setup_source *source,
		const struct setting *settings, size_t setting_count, struct error *error);
void setup_fini(struct setup *setup);

/* A price by its name, of all guests that have it. */
struct moved_price {
	const char *name;
	double mean_ns; /* of the host's memory bus, too: of one MiB */
};

/* The price of that name that was charged, or NULL. */
const struct price *setup_price(const struct setup *setup, const char *name);

/* As variant_replicate, with these prices; those that were not charged do nothing. */
bool setup_run(struct setup *setup, const struct moved_price *prices, size_t count,
	       struct replications *replications, struct error *error);

/*
 * The metric that was measured (one of a guest: of that group; NULL: of any) among those of the setup; SIZE_MAX:
 * there is none, or it was not observed, and why is the setup's problem.
 */
size_t setup_metric(struct setup *setup, const struct measured *of, const char *group);

struct prediction {
	double value; /* in the metric's unit; when nothing ended, that of the run's end */
	/*
	 * Standard deviation of what is measured on `n` operations around that, and of the prediction
	 * itself for its few replications; without the error of measuring.
	 */
	double sampling;
};

/*
 * Of n operations a mean has the spread of one by the root of n, a quantile half of what lies
 * between the quantiles at p -+ sqrt(p (1 - p) / n), n = 0: none of its own.
 */
bool predict(const struct setup *setup, const struct replications *replications, size_t metric,
	     double quantile, uint64_t n, struct prediction *prediction, struct error *error);

#endif
