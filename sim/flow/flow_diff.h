#ifndef SIM_FLOW_FLOW_DIFF_H
#define SIM_FLOW_FLOW_DIFF_H

/* What differs between the flows of two strategies, as a reviewer reads a patch. */

#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "flow/model.h"

/*
 * Print the flows that differ, or that only one of them has, with lines of context; then the
 * prices and locks that only one of the models has. Two strategies that do the same say so.
 */
bool flow_diff(const struct model *model_a, const struct strategy *a, const struct model *model_b,
	       const struct strategy *b, FILE *out, struct error *error);

#endif
