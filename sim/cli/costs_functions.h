#ifndef SIM_CLI_COSTS_FUNCTIONS_H
#define SIM_CLI_COSTS_FUNCTIONS_H

/* Which functions of the kernel tell the prices of a model (NULL: of any). */

#include <stdio.h>

#include <jansson.h>

#include "base/error.h"
#include "flow/model.h"

bool functions_print(const struct model *model, FILE *out, struct error *error);
json_t *functions_to_json(const struct model *model);

/* A program for bpftrace that times the calls of a function, as sim fit reads its maps. */
bool probe_print(const char *function, struct error *error);

#endif
