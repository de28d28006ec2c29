#ifndef SIM_FLOW_NAMES_H
#define SIM_FLOW_NAMES_H

/*
 * The things of a model that steps work on, by their names: what its tables list, and all
 * that its strategies' flows reach. A name stands for one thing of a kind within a strategy;
 * other strategies may give it to another.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "flow/model.h"
#include "flow/step_kind.h"

enum { NAMES_LISTED = -1 }; /* in place of a strategy: listed by the model */

struct name {
	enum operand operand;
	const char *name;
	const void *thing;
	int strategy; /* index into the model's, or NAMES_LISTED */
};

struct names {
	struct name *items;
	size_t count, capacity;
};

/* Collect the names of a model, whose steps must be whole (step_missing). */
bool names_collect(struct names *names, const struct model *model, struct error *error);
/* Only those of one strategy's flows. */
bool names_collect_strategy(struct names *names, const struct model *model, int strategy,
			    struct error *error);
void names_fini(struct names *names);

/*
 * The thing called so, in that strategy or else in the others of the model, which then must
 * agree; "STRATEGY/NAME" says whose is meant. NULL: there is none, or (*ambiguous) they differ.
 */
const void *names_find(const struct names *names, const struct model *model, enum operand operand,
		       const char *name, int strategy, bool *ambiguous);

#endif
