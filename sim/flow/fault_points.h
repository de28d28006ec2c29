#ifndef SIM_FLOW_FAULT_POINTS_H
#define SIM_FLOW_FAULT_POINTS_H

/*
 * Fault points: the steps of a strategy that a scenario can make fail
 * (guests[].faults), collected from all of its operations through calls and spawns.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "flow/model.h"

struct fault_point {
	const char *name; /* what a scenario calls it */
	int error;        /* errno of the first step of this name; 0: the flow goes on regardless */
	const char *where; /* its function; may be NULL */
};

struct fault_points {
	struct fault_point *points; /* each name once, in the order of the flows */
	size_t count, capacity;
};

/* Collect the fault points of one strategy; adds to what *points (zeroed at first) has. */
bool fault_points_add(struct fault_points *points, const struct model *model,
		      const struct strategy *strategy, struct error *error);
void fault_points_fini(struct fault_points *points);

/* The point called `name`, or NULL. */
const struct fault_point *fault_points_find(const struct fault_points *points, const char *name);

#endif
