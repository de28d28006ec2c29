#ifndef SIM_FLOW_SPENT_H
#define SIM_FLOW_SPENT_H

/*
 * Time by part, as a log: what takes time is written behind what did before, and entries of one
 * part are put together when room runs out. Of the hundreds of parts of an operation some ten take
 * time; to look one up would cost each step of thousands of guests a line of the cache.
 * Zeroed: of no parts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"

struct spent_entry {
	uint32_t part;
	int64_t ns;
};

struct spent {
	struct spent_entry *entries;
	size_t count, capacity;
};

/* One entry for each part, in the order of their first ones. */
void spent_put_together(struct spent *spent);

/* For spent_add(): there is room behind the last entry. False on lack of memory. */
bool spent_make_room(struct spent *spent, struct error *error);

/* No part has taken time yet. */
static inline void spent_begin(struct spent *spent)
{
	spent->count = 0;
}

/* False on lack of memory: then nothing is added. */
static inline bool spent_add(struct spent *spent, size_t part, int64_t ns, struct error *error)
{
	if (!ns)
		return true;
	if (spent->count == spent->capacity && !spent_make_room(spent, error))
		return false;
	spent->entries[spent->count++] = (struct spent_entry){ (uint32_t)part, ns };
	return true;
}

/*
 * What another one has spent is this one's, too; if that is more than most_ns, of each part its
 * share of that. *came_ns: how much came. False on lack of memory.
 */
bool spent_take_over(struct spent *spent, struct spent *other, int64_t most_ns, int64_t *came_ns,
		     struct error *error);

static inline void spent_fini(struct spent *spent)
{
	free(spent->entries);
}

#endif
