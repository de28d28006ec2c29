#ifndef SIM_DECIDE_VALIDATE_H
#define SIM_DECIDE_VALIDATE_H

/* A published table, predicted row by row. */

#include "repeat/experiment.h"
#include "report/validation.h"
#include "scenario/published.h"

/*
 * Run the scenario of every row and put what it
 * predicts beside what was published; judging is left to validation_judge. The rows
 * of *table are the caller's to free; its texts are those of *published, which must
 * outlive it. On failure nothing is owned by it.
 */
bool validate_table(const struct published_table *published,
		    const struct experiment_options *options, struct validation_table *table,
		    struct error *error);

#endif
