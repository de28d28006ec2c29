#ifndef SIM_EXPERIMENT_TIMELINE_H
#define SIM_EXPERIMENT_TIMELINE_H

/*
 * One replication as Chrome trace events (Trace Event Format, JSON object form):
 * a process for each guest, a track for each thread, a complete slice ("X") for
 * each step that took time, named by the step; times in microseconds with three
 * decimals, so that nanoseconds survive.
 */

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "scenario/scenario.h"

bool timeline_write(const struct scenario *scenario, uint32_t replication, FILE *out,
		    struct error *error);

#endif
