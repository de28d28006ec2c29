#include "fleet/rooms.h"

#include <stdlib.h>

#include "base/memory.h"

static const struct room none = { .free_bytes = INT64_MIN, .vcpus = INT64_MAX, .rank = INT64_MAX };

bool rooms_init(struct rooms *rooms, size_t hosts, struct error *error)
{
	rooms->width = 1;
	while (rooms->width < hosts)
		rooms->width *= 2;
	rooms->nodes = memory_array(2 * rooms->width, sizeof(*rooms->nodes), "hosts", error);
	for (size_t i = 0; rooms->nodes && i < 2 * rooms->width; i++)
		rooms->nodes[i] = none;
	return rooms->nodes != NULL;
}

void rooms_fini(struct rooms *rooms)
{
	free(rooms->nodes);
}

static int64_t lower(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t higher(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void rooms_set(struct rooms *rooms, size_t host, struct room room)
{
	size_t node = rooms->width + host;

	rooms->nodes[node] = room;
	while (node /= 2) {
		struct room *at = &rooms->nodes[node];
		const struct room *left = &rooms->nodes[2 * node];
		const struct room *right = left + 1;
		struct room best = { .free_bytes = higher(left->free_bytes, right->free_bytes),
				     .vcpus = lower(left->vcpus, right->vcpus),
				     .rank = lower(left->rank, right->rank) };

		if (at->free_bytes == best.free_bytes && at->vcpus == best.vcpus &&
		    at->rank == best.rank)
			return;
		*at = best;
	}
}

static bool fits(const struct room *room, int64_t bytes, int64_t vcpus_most)
{
	return room->free_bytes >= bytes && room->vcpus <= vcpus_most;
}

bool rooms_fits(const struct rooms *rooms, size_t host, int64_t bytes, int64_t vcpus_most)
{
	return fits(&rooms->nodes[rooms->width + host], bytes, vcpus_most);
}

/* The best node of a host found so far, or a better one at or below `node`. */
static size_t search(const struct rooms *rooms, size_t node, int64_t bytes, int64_t vcpus_most,
		     size_t best)
{
	const struct room *at = &rooms->nodes[node];

	if (!fits(at, bytes, vcpus_most) || at->rank >= rooms->nodes[best].rank)
		return best;
	if (node >= rooms->width)
		return node;
	best = search(rooms, 2 * node, bytes, vcpus_most, best);
	return search(rooms, 2 * node + 1, bytes, vcpus_most, best);
}

size_t rooms_find(const struct rooms *rooms, int64_t bytes, int64_t vcpus_most)
{
	size_t node = search(rooms, 1, bytes, vcpus_most, 0); /* node 0 is of no host */

	return node ? node - rooms->width : SIZE_MAX;
}
