#ifndef SIM_DECIDE_COMPARE_PARTS_H
#define SIM_DECIDE_COMPARE_PARTS_H

/* What comparisons of scenarios and of stored results share; private to them. */

#include "repeat/statistics.h"
#include "report/comparison.h"

/* Difference and ratio of a design to the baseline, replication against replication. */
void compare_pair(struct comparison_design *design, const struct observations *own,
		  const struct observations *baseline);

#endif
