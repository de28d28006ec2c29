#ifndef SIM_REPORT_ACCOUNT_H
#define SIM_REPORT_ACCOUNT_H

/* What became of the VMs of a fleet: the first thing to know of its result. */

#include "report/result.h"

/* Two sentences at most, each for a line of its own; empty: there is nothing to say. */
enum { ACCOUNT_LINE = 512 };
struct account {
	char vms[ACCOUNT_LINE];     /* "400 VMs arrived: 383 started, 17 rejected (4.25 %), ..." */
	char details[ACCOUNT_LINE]; /* "Of the started 10 run at the end, 373 are gone; ..." */
};

/* False: the result is not of a fleet. Means per replication. Failures name the commonest reason. */
bool account_of(const struct result *result, struct account *account);

#endif
