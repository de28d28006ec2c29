#ifndef SIM_FLOW_FAILURES_H
#define SIM_FLOW_FAILURES_H

/*
 * Why operations failed: at which step, with which errno, and what there was not enough of.
 * One entry for each step and errno; it keeps the numbers of the first time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/guest.h"

struct failure {
	size_t part;              /* of simulation_parts(): guest, operation and step */
	int error;                /* errno */
	bool recovered;           /* the operation went on another way */
	uint64_t count;           /* how often */
	uint64_t replication;     /* the first in which it happened ... */
	struct shortage shortage; /* ... and what ran out there */
};

/* Zeroed: none. */
struct failures {
	struct failure *list; /* by part, errno and whether the operation recovered */
	size_t count, capacity;
};

/* Count it with those of its kind; what stays of two is the earlier shortage. */
bool failures_add(struct failures *failures, const struct failure *failure, struct error *error);
void failures_fini(struct failures *failures);

#endif
