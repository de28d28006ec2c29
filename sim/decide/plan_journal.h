#ifndef SIM_DECIDE_PLAN_JOURNAL_H
#define SIM_DECIDE_PLAN_JOURNAL_H

/*
 * Looks of a plan kept in a file, so that a plan that was interrupted goes on: a line for each,
 * durable once it is written. The first line says of which plan (scenario, costs and version);
 * numbers are hexadecimal, so that what goes on ends in the same bytes.
 */

#include "report/planning.h"

struct plan_journal;

/*
 * Open for reading and writing; a file that does not exist is begun, a last line that is not whole
 * is cut off. `identity`: of the plan; a file of another one is an error. NULL: an error is set.
 */
struct plan_journal *plan_journal_open(const char *path, const char *identity, struct error *error);
void plan_journal_close(struct plan_journal *journal);

/* Of which search, where and how sure a look is. */
struct plan_journal_key {
	size_t search;
	int64_t value;
	double alpha;
	bool fresh;
};

/* A look that is there: true, and the point but for its value is filled in. */
bool plan_journal_find(const struct plan_journal *journal, const struct plan_journal_key *key,
		       size_t limits, struct plan_point *point);

bool plan_journal_add(struct plan_journal *journal, const struct plan_journal_key *key,
		      size_t limits, const struct plan_point *point, struct error *error);

#endif
