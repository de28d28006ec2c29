#ifndef SIM_REPEAT_SUMMARY_H
#define SIM_REPEAT_SUMMARY_H

/* From replications to a result: metrics, parts, counters, objectives. */

#include "repeat/replicate.h"
#include "report/result.h"
#include "scenario/scenario.h"

/* A part of a result is of that step of that flow. */
bool part_is(const struct result_part *part, const struct part *other);

/*
 * Fill everything of *result but its provenance and its assumptions. An
 * ERROR_INTERNAL when the parts of a latency do not add up to it, to the nanosecond.
 */
bool replications_summarize(const struct replications *replications,
			    const struct scenario *scenario, struct result *result,
			    struct error *error);

/*
 * Keep what each replication observed, too, of the answer and of as many other metrics with several
 * values as fit REPLICATION_VALUES_MOST numbers: who stores the result can compare it pair by pair.
 */
enum { REPLICATION_VALUES_MOST = 65536 };
bool replications_keep(const struct replications *replications, struct result *result,
		       struct error *error);

#endif
