#ifndef SIM_FLOW_MODEL_CHECK_H
#define SIM_FLOW_MODEL_CHECK_H

/*
 * What is wrong with a model, before it runs: a row, an act, an operand or a mark that is
 * missing, an operand that the model does not list, a price in the wrong unit, a name that
 * stands for two things, and what the lock check finds. A model with findings must not run.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "flow/findings.h"
#include "flow/model.h"

/* Check a model; *findings are sentences that name the place. False: the check itself failed (out of memory). */
bool model_check(const struct model *model, struct findings *findings, struct error *error);

/* The same of one of the model's strategies, whose tables are right: steps, names and locks. */
bool strategy_check(const struct model *model, const struct strategy *strategy,
		    struct findings *findings, struct error *error);

/*
 * The same before a model is used, once in a process for each model of the table: false and
 * ERROR_INTERNAL with the first finding.
 */
bool model_is_sound(const struct model *model, struct error *error);

#endif
