#ifndef SIM_DECIDE_OBSERVED_PARTS_H
#define SIM_DECIDE_OBSERVED_PARTS_H

/* What observed_explain is made of, a file each. */

#include "decide/observed.h"
#include "decide/price_fit.h"
#include "decide/testbed.h"

struct observed {
	const struct observed_options *options;
	struct library library;
	struct setup_source source;
	struct measurements measurements;
	const struct model *model; /* of the guest that was measured, and ... */
	size_t guest;              /* ... its number */
	bool strategy_known;       /* measurements say it */
	struct testbed own;        /* as the scenario is */
	struct explanation *out;
};

/* observed_rank.c: strategies and candidates. */
bool observed_rank(struct observed *observed, struct error *error);

/* observed_apart.c: what would tell the best candidates apart. */
bool observed_tell_apart(struct observed *observed, struct error *error);

/* observed_told.c: the terms that are named are charged, each named once; before all that takes long. */
bool observed_check_terms(const struct observed *observed, struct error *error);

/* A price is told when what is left of its spread is less than this part of what its range allows. */
static const double observed_told_share = 0.5;

/* Into fit->names: the terms that are named, or else those that the measurements tell; perhaps none. */
bool observed_choose(const struct observed *observed, struct price_fit *fit, struct error *error);

/* Into out->pulls: the prices that are not estimated and would explain most of what the fit leaves. */
bool observed_fill_pulls(struct explanation *out, const struct price_fit *fit, struct error *error);

/* observed_estimate.c: prices, intervals, what is not known. */
bool observed_estimate(struct observed *observed, struct error *error);

/*
 * observed_experiments.c: other measurements that the scenario could give: metrics that are worth
 * a column beside an answer, other sizes and strategies of the guest.
 */
/* "/guests/0/strategy" of the measured guest. */
void observed_pointer(const struct observed *observed, const char *key, char pointer[POINTER_MAX]);

enum { EXPERIMENTS_MOST = 32 };
struct experiment_choice {
	const char *what;       /* "teardown.latency"; "reboot.latency, memory 256GiB" */
	struct setting setting; /* no text: the scenario as it is; equal ones are neighbours */
	bool strategy;          /* it sets one */
	struct measured of;
};
bool observed_experiments(struct observed *observed, struct experiment_choice *choices,
			  size_t *count, struct error *error);

/*
 * What they would give under a strategy (NULL: the scenario's) with these prices, on one
 * operation; NAN: nothing.
 */
bool observed_experiments_run(struct observed *observed, const struct experiment_choice *choices,
			      size_t count, const char *strategy, const struct moved_price *prices,
			      size_t price_count, struct prediction *out, struct error *error);

#endif
