#ifndef SIM_REPLAY_TIMELINE_H
#define SIM_REPLAY_TIMELINE_H

/*
 * One replication as Chrome trace events (Trace Event Format, JSON object form; opens in
 * Perfetto):
 *
 * - a process for the host and one for each guest; a track for each thread and each lock;
 * - complete slices ("X") named by step; time without a core (or in a server's queue, or for
 *   readers) is a slice of its own at the beginning of the step's: with processor sharing it
 *   is really spread over the step. cat is "foreground" (part of a latency), "background" or
 *   "wait"; on locks' tracks "lock": who held it;
 * - what was asked for behind another operation is an asynchronous slice ("b", "e");
 * - flow arrows ("s", "f") from a spawner to the spawned, and from a hold of a lock to the
 *   step of the waiter that its end has woken;
 * - counters ("C"): memory in limbo in bytes, and threads that run or want to.
 *
 * Times are microseconds with three decimals, so that nanoseconds survive, and events are
 * in the order of their times. Loops that take and drop a lock every few pages while
 * nobody else wants it do not show their holds.
 */

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "scenario/scenario.h"

bool timeline_write(const struct scenario *scenario, uint32_t replication, FILE *out,
		    struct error *error);

/* The same into a file that is either whole or not there. */
bool timeline_write_file(const struct scenario *scenario, uint32_t replication, const char *path,
			 struct error *error);

#endif
