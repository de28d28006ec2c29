#ifndef TESTS_CLOSED_FORM_H
#define TESTS_CLOSED_FORM_H

/*
 * The latency of an operation without contention, summed from the flow tables; then what
 * it leaves: when its dead generation is reclaimed, how much lingers, what is held at last.
 *
 * No clock, no event list, no processor: the steps of the foreground are added
 * up, and a background thread matters only through what it has done to the
 * guest's pages and state by the time that the foreground looks at them. With
 * costs that do not spread, the simulation of an uncontended guest must give
 * `latency_ns` to the nanosecond.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "flow/config.h"

struct closed_form {
	int64_t latency_ns; /* every cost at its mean, each step rounded to ns as the simulation does */
	double variance; /* of the sum of independent draws, ns^2 */
	int error;       /* errno with which the operation ends, 0: done */
	bool meets; /* the background reaches pages, or ends, while the foreground takes them: inexact */
	int64_t teardown_ns; /* from the death of a generation until it is reclaimed; 0: none died */
	int64_t limbo_peak_bytes; /* that dead generations held, at most */
	int64_t held_bytes;       /* of the host's memory when all is over */
};

/*
 * Of one guest that is alone on the host and asked at time 0 for `operation`
 * (running until then, unless the operation is its start). Switched-on faults are
 * left out, and so is what the guest goes on to touch at its own pace.
 */
bool closed_form(const struct simulation_config *config, size_t guest, enum operation operation,
		 struct closed_form *result, struct error *error);

#endif
