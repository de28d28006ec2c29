#ifndef SIM_FLOW_STEP_KIND_H
#define SIM_FLOW_STEP_KIND_H

/*
 * The table of step kinds: one row says what a kind is called, what it works on, what else
 * it may say, whether it fails, how it takes time and what it does to locks. What is printed
 * (flow/print.c), read and written as JSON (sim/design), checked (flow/model_check.c,
 * flow/lock_check.c), observed and measured follows from it. A new kind is an enumerator
 * and a macro in step.h, a row here, and its act in steps.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "flow/step.h"

struct model;

/* What a step works on. Each kind of thing is a struct that begins with its name. */
enum operand {
	OPERAND_NONE,
	OPERAND_LOCK,
	OPERAND_TERM,
	OPERAND_NAME, /* a name of its own */
	OPERAND_SERVER,
	OPERAND_LOOP,
	OPERAND_MEMORY,
	OPERAND_HOOK,
	OPERAND_FLOW,
	OPERAND_CHANCE,
	OPERAND_CONDITION,
	OPERAND_LABEL,
	OPERAND_ERROR,
	OPERAND_MILESTONE,
	OPERAND_COUNT,
	OPERAND_RATIO, /* of a page price only */
	OPERAND_FLAG,
	OPERAND_KINDS
};

struct operand_kind {
	const char *what; /* "lock", as messages call it */
	size_t offset;    /* of the member of struct step that points to the thing */
	bool is_thing;    /* that member is a pointer to a struct that begins with its name */
};
extern const struct operand_kind operand_kinds[OPERAND_KINDS];

/* What a step may say besides its operand. */
enum step_member {
	MEMBER_TERM,
	MEMBER_COUNT,
	MEMBER_LABEL,
	MEMBER_ERROR,
	MEMBER_NAME,
	MEMBER_USER,
	MEMBER_YIELDS,
	MEMBER_STALL,
	MEMBER_NOTIFIED,
	MEMBER_WHERE,
	STEP_MEMBERS
};

struct step_member_kind {
	const char *key; /* in a design: "or" */
	enum operand operand;
	size_t offset; /* in struct step */
	const char *help;
};
extern const struct step_member_kind step_members[STEP_MEMBERS];

enum step_fails {
	FAILS_NEVER,
	FAILS_ALWAYS,  /* it may: the table of steps says where to */
	FAILS_IF_SAID, /* only with an errno or a label */
	FAILS_BY_LOOP, /* a page loop that a signal or a call can end */
	FAILS_BY_FLOW, /* when the flow that it calls does */
};

/* How a step takes time. What is not its own work is waited for. */
enum step_time {
	TIME_NONE,
	TIME_ON_CORE, /* its work, and the run queue */
	TIME_OFF_CORE,
	TIME_SERVED,  /* its work, and the server's queue */
	TIME_GRACE,   /* its work, and the readers that must leave */
	TIME_WAITING, /* all of it is waiting: for a lock, for the end of a flow */
	TIME_OF_LOOP, /* on a core, or at the pace of the loop */
};

enum step_locks { LOCKS_NOTHING, LOCKS_TAKES, LOCKS_RELEASES };

struct step_form {
	const char *verb;     /* the key of the step in a design: "read_lock" */
	const char *printed;  /* in front of the operand's name: "read-lock " */
	enum operand operand; /* of the verb */
	unsigned int needs;   /* bit i: enum step_member i must be there ... */
	unsigned int takes;   /* ... or may be */
	enum step_fails fails;
	enum step_time time;
	enum step_locks locks;
	const char *help; /* one sentence, for the schema and docs/designs.md */
};
extern const struct step_form step_forms[STEP_KINDS];

/* The kind whose verb this is, or STEP_KINDS. */
enum step_kind step_kind_of(const char *verb);

/* What the step works on; NULL: nothing that is a thing with a name, or it is missing. */
const void *step_operand(const struct step *step, enum operand operand);

/* The name of such a thing; NULL: there is none. */
const char *operand_name(const void *thing);

/* What the step cannot do without and does not have, as messages call it; NULL: it is whole. */
const char *step_missing(const struct step *step);

/* "lock kvm->lock": what is printed, and what the edits of a design are anchored at. */
void step_name(const struct model *model, const struct step *step, char *name, size_t size);

/* The name under which a fault can be switched on for this step, or NULL when it cannot fail. */
const char *step_fault_name(const struct model *model, const struct step *step);

bool step_may_fail(const struct step *step); /* FAILS_BY_FLOW: not by itself */
bool step_on_core(const struct step *step);

/* What its time besides its own work is spent on: "run queue", "queue", "readers". */
const char *step_waits_for(const struct step *step);

/* "done", "reclaimed", "all reclaimed"; ends with NULL. */
extern const char *const milestone_names[];

/* Errnos that steps can give: each has its metric failures.NAME. Ends with 0. */
extern const int step_errnos[];
extern const size_t step_errno_count;
const char *step_errno_name(int error); /* "ENOMEM" */

#endif
