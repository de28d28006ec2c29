#ifndef SIM_REPLAY_GANTT_H
#define SIM_REPLAY_GANTT_H

/*
 * A recorded replication as an SVG: a row for each thread, a bar for each step that took
 * time, from the first step to the end of the latencies and of memory in limbo. Hovering
 * names a step; its name stands in the bar where it fits.
 */

#include <stdio.h>

#include "replay/recording.h"

/* Write it, with `label` as its accessible name. False: there is nothing to draw. */
bool gantt_write(const struct recording *recording, const char *label, FILE *out);

#endif
