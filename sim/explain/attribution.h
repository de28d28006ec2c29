#ifndef SIM_EXPLAIN_ATTRIBUTION_H
#define SIM_EXPLAIN_ATTRIBUTION_H

/*
 * Which steps make the answer long: in its slowest hundredth, whose shares differ from
 * those of the mean, and by running again with one step free. The latter is more than a
 * share: work under a lock, or on a core that others wait for, costs others too.
 */

#include "repeat/replicate.h"
#include "report/result.h"
#include "scenario/scenario.h"

/*
 * Fill tail and if_free of the answer's parts in a result that is otherwise filled. The
 * replications that hold the slowest hundredth are run again (each is a function of its
 * number) with their slow operations summed by themselves; fewer than 100 observations
 * have no slowest hundredth. Steps of at least 5 % (the eight largest) are made free under
 * common random numbers.
 */
bool attribution_fill(struct result *result, const struct scenario *scenario,
		      const struct replications *replications,
		      const struct replicate_options *options, struct error *error);

#endif
