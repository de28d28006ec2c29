#ifndef SIM_FLOW_FORK_H
#define SIM_FLOW_FORK_H

/*
 * A copy of a strategy whose flows can be changed: all flows that it reaches are copied, and
 * steps that name one of them name the copy. Designs are built with it.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "flow/model.h"

struct forked_flow {
	struct flow flow;            /* the copy; it stays where it is */
	const struct flow *original; /* NULL: a new flow */
	struct step *steps;          /* what flow.steps points to */
	const char **sources; /* for each step, where it was written (borrowed); NULL: inherited */
	size_t step_capacity, source_capacity;
};

/* Zeroed: empty. Its parts stay where they are until fork_fini. */
struct fork {
	struct forked_flow **flows;
	size_t count, capacity;
};

/* Copy what the strategy reaches; *strategy then has the copies. */
bool fork_strategy(struct fork *fork, struct strategy *strategy, struct error *error);

/* The copy of a flow and of all that it reaches, made now when it is not there; NULL on error. */
struct forked_flow *fork_flow(struct fork *fork, const struct flow *flow, struct error *error);

/* A new flow without steps; the texts are borrowed. */
struct forked_flow *fork_new_flow(struct fork *fork, const char *name, const char *summary,
				  struct error *error);

/* The flow of that name, or the one whose copy or new flow this is; NULL: none. */
struct forked_flow *fork_named(const struct fork *fork, const char *name);
struct forked_flow *fork_owner(const struct fork *fork, const struct flow *flow);

/* Replace `old` steps from `at` on by `count` others, which were written at `sources`. */
bool fork_splice(struct forked_flow *flow, size_t at, size_t old, const struct step *by,
		 const char *const *sources, size_t count, struct error *error);

/* Every step that runs the loop `from` runs `to`. */
void fork_replace_loop(struct fork *fork, const struct page_loop *from, const struct page_loop *to);

void fork_fini(struct fork *fork);

#endif
