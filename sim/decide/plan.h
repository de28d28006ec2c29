#ifndef SIM_DECIDE_PLAN_H
#define SIM_DECIDE_PLAN_H

/* The plan of a scenario, sought by decide/goal_seek.h. */

#include "repeat/replicate.h"
#include "report/planning.h"
#include "scenario/scenario.h"

/* A look that is on its way. */
struct plan_progress {
	const struct planning *planning; /* with what was found so far */
	size_t search;                   /* its number; there are planning->search_count */
	int64_t value;
	bool fresh;            /* on fresh random numbers */
	uint64_t replications; /* of the look, so far */
};

struct plan_options {
	struct replicate_options replicate;
	const char *version; /* of the program */
	const char *commit;  /* that it was built from; NULL: not known */
	const char *keep;    /* file of looks, from which an interrupted plan goes on; NULL: none */
	void (*progress)(const struct plan_progress *now, void *data); /* NULL: quiet */
	void *progress_data;
};

/* Load `file` with `settings`, and seek what its "plan" says. *out is the caller's to free. */
bool plan_run(const char *file, const struct setting *settings, size_t setting_count,
	      const struct plan_options *options, struct planning *out, struct error *error);

#endif
