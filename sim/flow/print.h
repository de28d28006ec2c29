#ifndef SIM_FLOW_PRINT_H
#define SIM_FLOW_PRINT_H

/* Flow tables for people (text) and for Graphviz (DOT). JSON is made by sim/scenario. */

#include <stdio.h>

#include "base/error.h"
#include "flow/program.h"

/* The steps of one flow of the program, a line each, indented under the locks that are held. */
void flow_print_steps(const struct program *program, size_t index, FILE *out);

/* All flows of the operation, one after another. */
void flow_print_text(const struct program *program, FILE *out);

/* A directed graph: a cluster for each flow, dashed edges for failures, dotted for spawns. */
void flow_print_dot(const struct program *program, const char *title, FILE *out);

/* What a step charges or does, in words ("uvc.destroy_cpu x protected vCPUs"). */
void flow_describe_step(const struct program *program, const struct program_step *at, FILE *out);

#endif
