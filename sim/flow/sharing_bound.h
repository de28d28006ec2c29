#ifndef SIM_FLOW_SHARING_BOUND_H
#define SIM_FLOW_SHARING_BOUND_H

/* How much of a capacity the flows of a guest can use at most, known before they run. */

#include "flow/runtime.h"

/*
 * Units per ns of work on a core: no step and no page of a loop uses more. Of a page's prices those
 * under a condition, or paid more or less often, are there or not, whatever makes it more.
 * INFINITY: something is used in no time.
 */
double sharing_most_used(const struct group *group, size_t capacity);

#endif
