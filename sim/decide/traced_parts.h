#ifndef SIM_DECIDE_TRACED_PARTS_H
#define SIM_DECIDE_TRACED_PARTS_H

/* What finding a term's calls and summing them up share; private to this folder. */

#include "decide/traced.h"

/* How the amount of each call is found. */
struct amounts {
	const struct foreign *foreign;
	enum function_amount kind;
	const char *arguments;     /* NULL: they do not tell it */
	double each;               /* of every call, in units; NAN: not said */
	bool key;                  /* the last part of a map's key */
	double scale;              /* what one of an argument is in units */
	double table;              /* what one of a table's sizes is in units */
	const char *which, *value; /* only calls whose argument has this value; NULL: all */
};

/* Calls of the series that are wanted, as points of the term. */
bool add_series(struct traced_term *term, const struct amounts *amounts,
		const struct foreign_series *series, struct error *error);

/* The series has measurements that no histogram beside it has already. */
bool has_own_calls(const struct foreign *foreign, const struct foreign_series *series);

#endif
