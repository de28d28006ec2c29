#include "engine/lock.h"

#include <string.h>

#include "base/sum.h"

void lock_init(struct lock *lock, struct engine *engine)
{
	*lock = (struct lock){ .engine = engine };
}

void lock_reset(struct lock *lock)
{
	lock_init(lock, lock->engine);
}

static bool is_free_for(const struct lock *lock, enum lock_mode mode)
{
	return !lock->writer && (mode == LOCK_READ || !lock->readers);
}

static void hold(struct lock *lock, struct lock_request *request)
{
	struct lock_statistics *statistics = &lock->statistics;
	int64_t wait_ns = lock->engine->now_ns - request->since_ns;

	if (request->mode == LOCK_READ)
		lock->readers++;
	else
		lock->writer = true;
	statistics->acquired++;
	statistics->waited += request->waiting;
	sum_add(&statistics->wait_total_ns, wait_ns);
	if (wait_ns > statistics->wait_max_ns)
		statistics->wait_max_ns = wait_ns;
	request->waiting = false;
	request->holding = true;
	request->epoch = lock->epoch;
	request->since_ns = lock->engine->now_ns;
}

static void warn_watchers(struct lock *lock, enum lock_mode mode)
{
	struct lock_watcher *watcher = lock->watchers, *next;

	for (; watcher; watcher = next) {
		next = watcher->next; /* it leaves the list when it is told */
		if (mode == LOCK_WRITE || watcher->mode == LOCK_WRITE)
			watcher->contended(watcher);
	}
}

bool lock_acquire(struct lock *lock, struct lock_request *request, enum lock_mode mode)
{
	warn_watchers(lock, mode);
	request->mode = mode;
	request->since_ns = lock->engine->now_ns;
	request->next = NULL;
	request->waiting = request->holding = false;
	if (!lock->first && is_free_for(lock, mode)) {
		hold(lock, request);
		return true;
	}
	request->waiting = true;
	if (lock->first)
		lock->last->next = request;
	else
		lock->first = request;
	lock->last = request;
	return false;
}

bool lock_try(struct lock *lock, struct lock_request *request, enum lock_mode mode)
{
	warn_watchers(lock, mode);
	request->mode = mode;
	request->since_ns = lock->engine->now_ns;
	request->waiting = request->holding = false;
	if (lock->first || !is_free_for(lock, mode)) {
		lock->statistics.refused++;
		return false;
	}
	hold(lock, request);
	return true;
}

static void hand_over(struct lock *lock)
{
	while (lock->first && is_free_for(lock, lock->first->mode)) {
		struct lock_request *request = lock->first;

		lock->first = request->next;
		hold(lock, request);
		request->granted(request);
	}
}

bool lock_await_readers(struct lock *lock, struct lock_request *request)
{
	request->epoch = ++lock->epoch;
	request->outstanding = lock->readers;
	if (!request->outstanding)
		return true;
	request->next = lock->grace;
	lock->grace = request;
	return false;
}

/* A reader has left: the grace periods that began after it came wait for one less. */
static void reader_left(struct lock *lock, const struct lock_request *reader)
{
	struct lock_request **link = &lock->grace;

	while (*link) {
		struct lock_request *grace = *link;

		if (grace->epoch <= reader->epoch || --grace->outstanding) {
			link = &grace->next;
			continue;
		}
		*link = grace->next;
		grace->granted(grace);
	}
}

void lock_release(struct lock *lock, struct lock_request *request)
{
	struct lock_statistics *statistics = &lock->statistics;
	int64_t hold_ns = lock->engine->now_ns - request->since_ns;

	sum_add(&statistics->hold_total_ns, hold_ns);
	if (hold_ns > statistics->hold_max_ns)
		statistics->hold_max_ns = hold_ns;
	request->holding = false;
	if (request->mode == LOCK_READ) {
		lock->readers--;
		reader_left(lock, request);
	} else {
		lock->writer = false;
	}
	hand_over(lock);
}

void lock_abandon(struct lock *lock, struct lock_request *request)
{
	struct lock_request **link = &lock->first;

	while (*link && *link != request)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = request->next;
	request->waiting = false;
	lock->last = lock->first;
	while (lock->last && lock->last->next)
		lock->last = lock->last->next;
	hand_over(lock); /* readers behind a writer that has left */
}

void lock_watch(struct lock *lock, struct lock_watcher *watcher)
{
	watcher->next = lock->watchers;
	lock->watchers = watcher;
}

void lock_unwatch(struct lock *lock, struct lock_watcher *watcher)
{
	struct lock_watcher **link = &lock->watchers;

	while (*link && *link != watcher)
		link = &(*link)->next;
	if (*link)
		*link = watcher->next;
}

void lock_account(struct lock *lock, uint64_t count, int64_t total_ns, int64_t longest_ns)
{
	struct lock_statistics *statistics = &lock->statistics;

	statistics->acquired += count;
	sum_add(&statistics->hold_total_ns, total_ns);
	if (longest_ns > statistics->hold_max_ns)
		statistics->hold_max_ns = longest_ns;
}
