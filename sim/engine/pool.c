#include "engine/pool.h"

#include <inttypes.h>

void pool_init(struct pool *pool, struct engine *engine, int64_t capacity_bytes)
{
	*pool = (struct pool){ .engine = engine, .capacity_bytes = capacity_bytes };
}

void pool_reset(struct pool *pool)
{
	pool_init(pool, pool->engine, pool->capacity_bytes);
	pool->updated_ns = pool->engine->now_ns;
}

void pool_settle(struct pool *pool)
{
	pool->byte_ns +=
		(double)pool->used_bytes * (double)(pool->engine->now_ns - pool->updated_ns);
	pool->updated_ns = pool->engine->now_ns;
}

static bool fits(const struct pool *pool, int64_t bytes)
{
	return bytes <= pool->capacity_bytes - pool->used_bytes;
}

static void take(struct pool *pool, int64_t bytes)
{
	pool_settle(pool);
	pool->used_bytes += bytes;
	if (pool->used_bytes > pool->peak_bytes)
		pool->peak_bytes = pool->used_bytes;
}

bool pool_take(struct pool *pool, int64_t bytes)
{
	if (pool->first || !fits(pool, bytes)) {
		pool->refused++;
		return false;
	}
	take(pool, bytes);
	return true;
}

bool pool_wait(struct pool *pool, struct pool_request *request, int64_t bytes)
{
	request->bytes = bytes;
	request->since_ns = pool->engine->now_ns;
	request->next = NULL;
	request->waiting = false;
	if (!pool->first && fits(pool, bytes)) {
		take(pool, bytes);
		return true;
	}
	request->waiting = true;
	pool->waited++;
	if (pool->first)
		pool->last->next = request;
	else
		pool->first = request;
	pool->last = request;
	return false;
}

static void serve_queue(struct pool *pool)
{
	while (pool->first && fits(pool, pool->first->bytes)) {
		struct pool_request *request = pool->first;

		pool->first = request->next;
		request->waiting = false;
		take(pool, request->bytes);
		request->granted(request);
	}
}

void pool_give(struct pool *pool, int64_t bytes)
{
	if (bytes > pool->used_bytes) {
		engine_fail(pool->engine, ERROR_INTERNAL,
			    "%" PRId64 " bytes are given back, but only %" PRId64 " are in use",
			    bytes, pool->used_bytes);
		return;
	}
	pool_settle(pool);
	pool->used_bytes -= bytes;
	serve_queue(pool);
}

void pool_abandon(struct pool *pool, struct pool_request *request)
{
	struct pool_request **link = &pool->first;

	while (*link && *link != request)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = request->next;
	request->waiting = false;
	pool->last = pool->first;
	while (pool->last && pool->last->next)
		pool->last = pool->last->next;
	serve_queue(pool);
}
