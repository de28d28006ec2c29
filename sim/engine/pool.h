#ifndef SIM_ENGINE_POOL_H
#define SIM_ENGINE_POOL_H

/*
 * Memory as a counted pool of bytes (a host, a cgroup), optionally with FIFO
 * waiting for what is not free yet.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"

struct pool;
struct pool_request;
typedef void pool_granted(struct pool_request *request);

struct pool_request {
	pool_granted *granted; /* set by the owner; must only schedule */
	int64_t bytes;
	int64_t since_ns;
	bool waiting;
	struct pool_request *next;
};

struct pool {
	struct engine *engine;
	int64_t capacity_bytes, used_bytes, peak_bytes;
	int64_t updated_ns;
	double byte_ns; /* integral of used bytes dt */
	uint64_t refused, waited;
	struct pool_request *first, *last;
};

void pool_init(struct pool *pool, struct engine *engine, int64_t capacity_bytes);
void pool_reset(struct pool *pool);

/* Take bytes now; false (and counted as refused) when they are not free or others wait. */
bool pool_take(struct pool *pool, int64_t bytes);

/* Take bytes now (true) or queue for them (false; `granted` is called later). */
bool pool_wait(struct pool *pool, struct pool_request *request, int64_t bytes);

/* Give bytes back (never more than used: an error is recorded) and serve the queue in order. */
void pool_give(struct pool *pool, int64_t bytes);

/* Leave the queue. */
void pool_abandon(struct pool *pool, struct pool_request *request);

/* Bring byte_ns up to the present instant. */
void pool_settle(struct pool *pool);

#endif
