#ifndef SIM_FLOW_STEP_CHECK_H
#define SIM_FLOW_STEP_CHECK_H

/*
 * What is wrong with single steps: an operand that is missing or that the model does not
 * list, an act or a price of a page loop, rounds that nothing ends. Part of model_check.
 */

#include <stdbool.h>

#include "flow/findings.h"
#include "flow/program.h"

/* Every step that `root` reaches has its operands: only then may a program be built of it. */
bool steps_are_whole(const struct model *model, const struct flow *root, struct findings *findings);

/* Check each step of a program. */
void steps_check(const struct program *program, struct findings *findings);

#endif
