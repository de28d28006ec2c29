#ifndef SIM_REPLAY_SLICES_H
#define SIM_REPLAY_SLICES_H

/* Where on the tracks of a timeline its arrows can begin and end. */

#include "replay/trace_events.h"

/* By process and track, and qsort's order of slices: by place, time, longest first. */
int place_compare(struct place left, struct place right);
int slice_compare(const void *a, const void *b);

struct slices {
	const struct trace_event *items; /* in that order */
	size_t count;
};

/* A time at which an arrow can touch the track: inside of a slice that is there, begins or
 * ends at at_ns. False: there is none. */
bool slices_touch(const struct slices *slices, struct place place, int64_t at_ns, bool end_of_wait,
		  int64_t *touched_ns);

/* The beginning of the first slice of a spawned thread from at_ns on. False: it has none. */
bool slices_first(const struct slices *slices, struct place place, int64_t at_ns,
		  int64_t *touched_ns);

#endif
