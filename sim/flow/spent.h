#ifndef SIM_FLOW_SPENT_H
#define SIM_FLOW_SPENT_H

/*
 * Time by part. Of the hundreds of parts of an operation some ten take time: these are listed,
 * so that nobody looks through the others. Zeroed: of no parts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

struct spent {
	int64_t *ns;   /* by part */
	size_t *parts; /* those that took time, in no order */
	size_t count;
	size_t ns_capacity, parts_capacity;
};

/* Of so many parts, and none has taken time yet. */
static inline bool spent_begin(struct spent *spent, size_t parts, struct error *error)
{
	for (size_t i = 0; i < spent->count; i++)
		spent->ns[spent->parts[i]] = 0;
	spent->count = 0;
	return memory_grow(&spent->ns, &spent->ns_capacity, parts, sizeof(*spent->ns), "parts",
			   error) &&
	       memory_reserve(&spent->parts, &spent->parts_capacity, parts, sizeof(*spent->parts),
			      "parts", error);
}

static inline void spent_add(struct spent *spent, size_t part, int64_t ns)
{
	if (!ns)
		return;
	if (!spent->ns[part])
		spent->parts[spent->count++] = part;
	spent->ns[part] += ns;
}

/*
 * What another one has spent is this one's, too; if that is more than most_ns, of each part its
 * share of that. Both are of the same parts. Returns how much came.
 */
static inline int64_t spent_take_over(struct spent *spent, const struct spent *other,
				      int64_t most_ns)
{
	int64_t all_ns = 0, came_ns = 0;

	for (size_t i = 0; i < other->count; i++)
		all_ns += other->ns[other->parts[i]];
	for (size_t i = 0; i < other->count; i++) {
		int64_t ns = other->ns[other->parts[i]];

		if (all_ns > most_ns)
			ns = (int64_t)((__int128)ns * most_ns / all_ns);
		spent_add(spent, other->parts[i], ns);
		came_ns += ns;
	}
	return came_ns;
}

static inline void spent_fini(struct spent *spent)
{
	free(spent->ns);
	free(spent->parts);
}

#endif
