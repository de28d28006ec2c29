#ifndef SIM_FLOW_METRICS_BUILD_H
#define SIM_FLOW_METRICS_BUILD_H

/*
 * Which metrics, parts of latencies and counters a simulation keeps: fixed when it is
 * built, so that replications can be merged by index.
 */

#include "flow/runtime.h"

/* Those of the guests and the host; what drives guests adds its own behind them. */
bool metrics_build(struct simulation *simulation, struct error *error);
void metrics_fini(struct simulation *simulation);

/* A metric of the catalogue: of the group, unless it is the host's. */
bool metrics_add(struct simulation *simulation, struct group *group, enum metric_id id,
		 struct error *error);
bool metrics_add_counter(struct simulation *simulation, const char *name, const char *group,
			 struct error *error);

/* A name by a printf format with two texts, kept as long as the simulation; NULL on failure. */
const char *metrics_keep_name(struct simulation *simulation, struct error *error,
			      const char *format, const char *a, const char *b);

/* Whatever is of the group `old` borrows the name `new` from now on. */
void metrics_rename(struct simulation *simulation, const char *old, const char *new);

#endif
