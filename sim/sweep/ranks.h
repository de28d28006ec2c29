#ifndef SIM_SWEEP_RANKS_H
#define SIM_SWEEP_RANKS_H

/* Other ranks of a sweep, under mpirun; without MPI there are none. */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "sweep/sweep.h"

/* Join the other ranks when mpirun has started this process. *rank is 0 otherwise. */
bool ranks_begin(int *rank, int *count, struct error *error);

/* Leave them. When some were lost, all processes end here, with `status`. */
void ranks_end(int status);

/* What a rank other than 0 does until rank 0 says that nothing is left. */
bool ranks_work(const struct sweep *sweep, const volatile bool *stop, struct error *error);

/* What a rank is told when it asks for work. */
struct rank_answer {
	bool over;  /* nothing is left */
	bool found; /* else: this point; or, nothing to hand out now */
	size_t point;
};

/* The call with which rank 0 serves the others, from the writing thread. */
struct rank_service {
	void *queue;
	/* Take over the payload of a point that is done (NULL: there is none), and hand one out. */
	bool (*serve)(void *queue, size_t done, json_t *payload, struct rank_answer *answer,
		      struct error *error);
};

/* Answer what has come in, without waiting. *idle: nothing had. */
bool ranks_serve(const struct rank_service *service, bool *idle, struct error *error);

/*
 * Tell every rank that asks that nothing is left, until all have been told or the rest has
 * been silent for patience_s: they are lost.
 */
void ranks_dismiss(double patience_s);

#endif
