#ifndef SIM_ENGINE_POOL_H
#define SIM_ENGINE_POOL_H

/* Memory as a counted pool of bytes: a node's pages of one size. */

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

struct pool {
	struct engine *engine;
	int64_t capacity_bytes, used_bytes;
};

void pool_init(struct pool *pool, struct engine *engine, int64_t capacity_bytes);

/* Take bytes; false when so many are not free. */
bool pool_take(struct pool *pool, int64_t bytes);

/* Give bytes back, never more than used: an error is recorded. */
void pool_give(struct pool *pool, int64_t bytes);

#endif
