#ifndef SIM_DECIDE_TRACED_H
#define SIM_DECIDE_TRACED_H

/*
 * Which prices a file of a tracer tells: its functions, looked up among those that tell prices
 * (flow/term.h), or one thing in it for a term that the user names.
 */

#include "decide/price.h"
#include "flow/model.h"
#include "foreign/foreign.h"

/* What a name of the file stands for; `of` NULL: of the only one. */
struct traced_name {
	const char *of, *function;
};

struct traced_options {
	const char *term; /* the only one wanted; NULL: all that the file's functions tell */
	const struct model *model; /* whose terms; NULL: any */
	const char *architecture;  /* where the functions are; NULL: anywhere */
	double page_bytes;         /* of the memory that was worked on */
	/* What each call did: an argument in bytes ("len", "end - addr"), an amount ("16GiB",
	   "512"), or "key"; NULL: what is known of the function. */
	const char *per;
	const char *only; /* this map, function or system call; NULL: any */
	double size;      /* what one of a table's sizes is in bytes; 0: in units of the term */
	const struct traced_name *names;
	size_t name_count;
};

/* One price: what of the file tells it. */
struct traced_term {
	const char *name;                     /* of the term */
	const char *also;                     /* another name of it; NULL: none */
	const struct term *term;              /* NULL: no shipped model has it */
	const struct term_function *function; /* NULL: the user named the term */
	const char *from;                     /* the function or map; "": the file does not say */
	double unit_bytes;                    /* of one unit; 0: a call */
	struct price_point *points;           /* owned */
	size_t count, capacity;
	size_t left_out; /* calls whose amount is not told, or that did nothing */
};

struct traced {
	struct traced_term *terms;
	size_t count, capacity;
	/* What was found but not used, and why; one text for each; owned. */
	char **notes;
	size_t note_count, note_capacity;
};

/* The names are borrowed from the file and the options. traced_fini in any case. */
bool traced_find(const struct foreign *foreign, const struct traced_options *options,
		 struct traced *traced, struct error *error);
void traced_fini(struct traced *traced);

/* The term of that name, of the model or (NULL) of the first that has it; NULL: nobody has. */
const struct term *traced_term(const struct model *model, const char *name);

#endif
