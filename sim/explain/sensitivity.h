#ifndef SIM_EXPLAIN_SENSITIVITY_H
#define SIM_EXPLAIN_SENSITIVITY_H

/*
 * Sensitivity of an answer to its costs: every cost with a range, whatever its status,
 * moved alone to its ends (tornado), and by elementary effects (M. D. Morris, Factorial
 * sampling plans for preliminary computational experiments, Technometrics 33, 1991):
 * trajectories through the cost space in which one cost after another takes a step of two
 * thirds of its range (4 levels); the mean of the sizes ranks the costs wherever the others
 * are (F. Campolongo and others, 2007), the spread tells interaction from plain effect.
 */

#include "repeat/experiment.h"
#include "report/sensitivity.h"

/* trajectories 0: no Morris screening. *out is the caller's to free. */
bool sensitivity_run(const struct scenario *scenario, uint64_t trajectories,
		     const struct experiment_options *options, struct sensitivity *out,
		     struct error *error);

#endif
