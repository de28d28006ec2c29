#include "engine/pool.h"

#include <inttypes.h>

void pool_init(struct pool *pool, struct engine *engine, int64_t capacity_bytes)
{
	*pool = (struct pool){ .engine = engine, .capacity_bytes = capacity_bytes };
}

bool pool_take(struct pool *pool, int64_t bytes)
{
	if (bytes > pool->capacity_bytes - pool->used_bytes)
		return false;
	pool->used_bytes += bytes;
	return true;
}

void pool_give(struct pool *pool, int64_t bytes)
{
	if (bytes > pool->used_bytes)
		engine_fail(pool->engine, ERROR_INTERNAL,
			    "%" PRId64 " bytes are given back, but only %" PRId64 " are in use",
			    bytes, pool->used_bytes);
	else
		pool->used_bytes -= bytes;
}
