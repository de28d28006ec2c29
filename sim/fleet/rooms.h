#ifndef SIM_FLEET_ROOMS_H
#define SIM_FLEET_ROOMS_H

/*
 * Which of many hosts has room: a binary tree over the hosts, whose nodes tell what the best of
 * those below has to offer, so that whole branches are passed where nothing fits.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What a host offers; at a node above, the best of each. */
struct room {
	int64_t free_bytes; /* INT64_MIN: it takes nothing */
	int64_t vcpus;      /* on it already */
	int64_t rank;       /* the lowest is chosen; below INT64_MAX */
};

struct rooms {
	struct room *nodes; /* [1]: the root; 2i and 2i + 1: below i; from `width` on: the hosts */
	size_t width;
};

/* So many hosts, which take nothing before rooms_set(). */
bool rooms_init(struct rooms *rooms, size_t hosts, struct error *error);
void rooms_fini(struct rooms *rooms);

void rooms_set(struct rooms *rooms, size_t host, struct room room);

/* The host has `bytes` free, and at most `vcpus_most` vCPUs on it. */
bool rooms_fits(const struct rooms *rooms, size_t host, int64_t bytes, int64_t vcpus_most);

/* Of the hosts where that is so the first of the lowest rank, or SIZE_MAX. */
size_t rooms_find(const struct rooms *rooms, int64_t bytes, int64_t vcpus_most);

#endif
