#include "flow/pages.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

bool page_map_init(struct page_map *map, struct error *error)
{
	memset(map, 0, sizeof(*map));
	return memory_grow(&map->runs, &map->capacity, 1, sizeof(*map->runs), "page runs", error);
}

void page_map_fini(struct page_map *map)
{
	free(map->runs);
	memset(map, 0, sizeof(*map));
}

void page_map_fill(struct page_map *map, uint64_t pages, int state)
{
	map->filled = true;
	memset(map->in_state, 0, sizeof(map->in_state));
	map->count = pages ? 1 : 0;
	map->runs[0] = (struct page_run){ .end = pages, .state = state };
	map->in_state[state] = pages;
}

/* Index of the run that holds `page`. */
static size_t find(const struct page_map *map, uint64_t page)
{
	size_t low = 0, high = map->count - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (map->runs[middle].end > page)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static uint64_t run_first(const struct page_map *map, size_t index)
{
	return index ? map->runs[index - 1].end : 0;
}

struct page_range page_map_run(const struct page_map *map, uint64_t page, int *state)
{
	size_t index = find(map, page);

	*state = map->runs[index].state;
	return (struct page_range){ run_first(map, index), map->runs[index].end };
}

/* Make `page` the first of a run. Room for one more run must be there. */
static size_t split(struct page_map *map, uint64_t page)
{
	size_t index;

	if (page == 0)
		return 0;
	if (page == page_map_pages(map))
		return map->count;
	index = find(map, page);
	if (run_first(map, index) == page)
		return index;
	memmove(&map->runs[index + 1], &map->runs[index],
		(map->count - index) * sizeof(*map->runs));
	map->runs[index].end = page;
	map->count++;
	return index + 1;
}

/* Room for more runs than there are. */
static __attribute__((noinline)) bool grow(struct page_map *map, size_t more)
{
	struct error unsaid = { 0 };

	return memory_grow(&map->runs, &map->capacity, map->count + more, sizeof(*map->runs),
			   "page runs", &unsaid);
}

static bool has_room(struct page_map *map, size_t more)
{
	return map->count + more <= map->capacity || grow(map, more);
}

/* Join neighbouring runs of one state. */
static void join(struct page_map *map)
{
	size_t kept = 0;

	for (size_t i = 1; i < map->count; i++) {
		if (map->runs[i].state != map->runs[kept].state)
			kept++;
		map->runs[kept] = map->runs[i];
	}
	map->count = map->count ? kept + 1 : 0;
}

bool page_map_set(struct page_map *map, struct page_range range, int state)
{
	size_t first, end;

	if (range.first >= range.end)
		return true;
	if (!has_room(map, 2))
		return false;
	first = split(map, range.first);
	end = split(map, range.end);
	for (size_t i = first; i < end; i++) {
		uint64_t pages = map->runs[i].end - run_first(map, i);

		map->in_state[map->runs[i].state] -= pages;
		map->in_state[state] += pages;
		map->runs[i].state = state;
	}
	join(map);
	return true;
}

bool page_map_append(struct page_map *map, uint64_t pages, int state)
{
	if (!pages)
		return true;
	if (!has_room(map, 1))
		return false;
	map->runs[map->count] =
		(struct page_run){ .end = page_map_pages(map) + pages, .state = state };
	map->count++;
	map->in_state[state] += pages;
	join(map);
	return true;
}

void page_map_turn(struct page_map *map, int from, int to)
{
	if (from == to)
		return;
	for (size_t i = 0; i < map->count; i++)
		if (map->runs[i].state == from)
			map->runs[i].state = to;
	map->in_state[to] += map->in_state[from];
	map->in_state[from] = 0;
	join(map);
}
