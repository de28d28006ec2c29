#ifndef SIM_FLOW_PROGRAM_H
#define SIM_FLOW_PROGRAM_H

/*
 * A program: all flows that one operation can reach, with labels and calls
 * resolved to numbers. Everything that reads flow tables reads them through a
 * program: the interpreter, the closed form, the lock check and `sim flows`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/model.h"

enum { PROGRAM_RETURN = UINT32_MAX }; /* jump target of a failing step without a label */

/* Flows of one operation, and calls inside one another. */
enum { PROGRAM_FLOWS_MAX = 256, PROGRAM_DEPTH_MAX = 16, STEP_NAME_MAX = 64 };

struct program_step {
	const struct step *step;
	uint32_t flow; /* index of the flow it belongs to */
	uint32_t
		jump; /* step index to jump to on failure (or for GOTO, UNLESS), or PROGRAM_RETURN */
	uint32_t callee; /* flow index of CALL, SPAWN and STOP */
	bool free;       /* takes no time in this configuration */
	char *name; /* "lock kvm->lock", "uvc.destroy_cpu": unique enough to read, not unique */
};

struct program_flow {
	const struct flow *flow;
	uint32_t first, count; /* its steps in `steps`, END included */
	bool joined;           /* a step waits until threads that run it have ended */
};

struct program {
	const struct model *model;
	struct program_flow *flows; /* [0] is the root */
	size_t flow_count, flow_capacity;
	struct program_step *steps;
	size_t step_count, step_capacity;
};

/* A sleep between two attempts: it waits for somebody else, and without it nobody would. */
bool program_retries(const struct program *program, size_t step);

/*
 * Let the step `name` (NULL: none), if it is one of this guest's, take no time, and no other.
 * Steps that are one part of a latency are free together.
 */
void program_make_free(struct program *program, const char *group, const struct step_name *name);

/* Build the program of `root`. Unknown or doubled labels are ERROR_INTERNAL, naming flow and step. */
bool program_build(struct program *program, const struct model *model, const struct flow *root,
		   struct error *error);
void program_fini(struct program *program);

#endif
