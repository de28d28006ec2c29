#ifndef SIM_REPLAY_TIMELINE_H
#define SIM_REPLAY_TIMELINE_H

/*
 * One replication as Chrome trace events (Trace Event Format, JSON object form; opens in
 * Perfetto):
 *
 * - a process for the host and one for each guest, of a fleet one for the fleet and one for each
 *   host, whose threads are named by VM (its number in the trace, from 0); a track for each
 *   thread and each lock, of a number that no other process uses;
 * - slices named by step, from "B" to "E"; time without a core (or in a server's queue, or for
 *   readers) is a slice of its own at the beginning of the step's: with processor sharing it
 *   is really spread over the step. cat is "foreground" (part of a latency), "background" or
 *   "wait"; on locks' tracks "lock": who held it;
 * - what was asked for behind another operation is an asynchronous slice ("b", "e");
 * - flow arrows ("s", "f") from a spawner to the spawned, and from a hold of a lock to the
 *   step of the waiter that its end has woken;
 * - counters ("C"): memory in limbo and in use in bytes, and threads that run or want to, on each host.
 *
 * Times are microseconds with three decimals, so that nanoseconds survive, and events are in
 * the order of their times. A slice has no length that a viewer would add to its begin: where one
 * ends and the next begins the same number stands, so they meet whether a viewer reads doubles,
 * rounds or cuts. At one time ends stand before begins, inner ends and outer begins first.
 * Loops that take and drop a lock every few pages while nobody else wants it do not show their
 * holds.
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
