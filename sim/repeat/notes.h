#ifndef SIM_REPEAT_NOTES_H
#define SIM_REPEAT_NOTES_H

/*
 * What a reader of the result must know besides its numbers, as sentences: requests
 * that never ended and who waited for whom, an answer that is mostly queue, figures used
 * beyond the range of their sources.
 */

#include "repeat/replicate.h"
#include "report/result.h"
#include "scenario/scenario.h"

/* Add one sentence; beyond the first few they are left out. False: out of memory. */
bool result_note(struct result *result, struct error *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The notes that follow from the result and its scenario; runs few replications again. */
bool notes_fill(struct result *result, const struct scenario *scenario,
		const struct replications *replications, struct error *error);

#endif
