#ifndef SIM_FLOW_LOCK_CHECK_H
#define SIM_FLOW_LOCK_CHECK_H

/*
 * What lockdep would say about the flow tables, on every path and error path:
 * locks taken twice, released without being held, still held when a flow
 * returns, taken in orders that can deadlock, or more than 48 held at once
 * (MAX_LOCK_DEPTH, include/linux/sched.h). A wait counts as taking what the awaited
 * needs: the end of another flow under a lock that it takes (flush_work), a grace
 * period inside a reader of the same SRCU, or under a lock that its readers take.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "flow/findings.h"
#include "flow/model.h"

enum { LOCKDEP_DEPTH_MAX = 48, LOCK_EDGES_MAX = 256 };

/* `to` was taken while `from` was held. */
struct lock_edge {
	const struct lock_kind *from, *to;
	struct finding_place place; /* where that was seen first */
};

struct lock_report {
	struct lock_edge edges[LOCK_EDGES_MAX];
	size_t edge_count;
	size_t deepest; /* most locks held at once */
	struct finding_place deepest_place;
	size_t deepest_beside_vcpus; /* most held together with the mutexes of all vCPUs, these left out */
	struct findings findings; /* defects, as sentences */
};

/* Check one flow and all that it reaches, adding to *report (zeroed by the caller at first). */
bool lock_check_flow(const struct model *model, const struct flow *flow, struct lock_report *report,
		     struct error *error);

/* Check every operation of every strategy, then the order of all locks together. */
bool lock_check_model(const struct model *model, struct lock_report *report, struct error *error);

/* Look for cycles among the edges; each is a finding. */
void lock_check_order(struct lock_report *report);

#endif
