#ifndef SIM_ENGINE_LOCK_H
#define SIM_ENGINE_LOCK_H

/*
 * FIFO mutex and reader-writer lock, with wait and hold times.
 *
 * A mutex is a lock that is only ever taken with LOCK_WRITE. Readers queue
 * behind a waiting writer (as in the kernel's rw_semaphore), so writers do not
 * starve. Every holder and waiter is a `struct lock_request` embedded in its
 * owner. lock_release hands the lock over at once: the next request's `granted`
 * is called before it returns, and must not take or release locks itself (it
 * schedules an event).
 *
 * A lock whose kind is SRCU is only ever taken for reading. A grace period
 * (synchronize_srcu) waits for the readers that were there when it began and holds
 * nobody up: lock_await_readers.
 *
 * A page loop that takes and drops a lock every few pages does not create an
 * event each time. It registers a `struct lock_watcher` instead and holds
 * nothing; when a conflicting request arrives, `contended` is called first, and
 * the loop then steps down to taking the lock for real (see flow/loop.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

enum lock_mode { LOCK_READ, LOCK_WRITE };

struct lock_request;
struct lock_watcher;
typedef void lock_granted(struct lock_request *request);
typedef void lock_contended(struct lock_watcher *watcher);

struct lock_request {
	lock_granted *granted; /* set by the owner */
	enum lock_mode mode;
	int64_t since_ns; /* of waiting, then of holding */
	bool waiting, holding;
	uint64_t epoch;       /* reader: grace periods begun before it; grace period: its number */
	uint32_t outstanding; /* grace period: readers that it still waits for */
	struct lock_request *next;
};

struct lock_watcher {
	lock_contended *contended; /* set by the owner */
	enum lock_mode mode;       /* mode in which the loop takes the lock */
	struct lock_watcher *next;
};

/* Times in ns, over one replication. */
struct lock_statistics {
	uint64_t acquired, waited, refused; /* refused: trylock that failed */
	int64_t wait_total_ns, wait_max_ns;
	int64_t hold_total_ns, hold_max_ns;
};

struct lock {
	struct engine *engine;
	uint32_t readers;                  /* holding */
	bool writer;                       /* holding */
	struct lock_request *first, *last; /* waiting */
	struct lock_watcher *watchers;
	uint64_t epoch;             /* grace periods begun */
	struct lock_request *grace; /* grace periods that wait for readers, newest first */
	struct lock_statistics statistics;
};

void lock_init(struct lock *lock, struct engine *engine);
void lock_reset(struct lock *lock); /* free, no waiters, no watchers, statistics zero */

/* True: held from now on. False: queued; `granted` will be called. */
bool lock_acquire(struct lock *lock, struct lock_request *request, enum lock_mode mode);

/* True: held from now on. False: busy, nothing queued. */
bool lock_try(struct lock *lock, struct lock_request *request, enum lock_mode mode);

/* Give up a held lock and hand it to the next waiters. */
void lock_release(struct lock *lock, struct lock_request *request);

/* True: no reader holds it. False: `granted` is called when those that hold it now are gone. */
bool lock_await_readers(struct lock *lock, struct lock_request *request);

/* Leave the queue (a waiter that was killed). */
void lock_abandon(struct lock *lock, struct lock_request *request);

/* Some request is queued. */
static inline bool lock_has_waiters(const struct lock *lock)
{
	return lock->first != NULL;
}

void lock_watch(struct lock *lock, struct lock_watcher *watcher);
void lock_unwatch(struct lock *lock, struct lock_watcher *watcher);

/* Enter `count` short holds of together `total_ns`, the longest `longest_ns`, in the statistics. */
void lock_account(struct lock *lock, uint64_t count, int64_t total_ns, int64_t longest_ns);

#endif
