#ifndef SIM_REPORT_ACCOUNT_H
#define SIM_REPORT_ACCOUNT_H

/* What became of the VMs of a fleet and of operations: the first thing to know of a result. */

#include "report/result.h"

/* Two sentences at most, each for a line of its own; empty: there is nothing to say. */
enum { ACCOUNT_LINE = 512 };
struct account {
	char vms[ACCOUNT_LINE];     /* "400 VMs arrived: 383 started, 17 rejected (4.25 %), ..." */
	char details[ACCOUNT_LINE]; /* "Of the started 10 run at the end, 373 are gone; ..." */
};

/* False: the result is not of a fleet. Means per replication. Failures name the commonest reason. */
bool account_of(const struct result *result, struct account *account);

/*
 * "46 of 300 reboots failed (EBUSY at "..."): they are not among these times": what was asked of the
 * answer's guests and is not in the answer. Means per replication. False: nothing, or there is no answer.
 */
bool account_of_failed(const struct result *result, char line[ACCOUNT_LINE]);

#endif
