#ifndef BENCH_BARE_HEAP_H
#define BENCH_BARE_HEAP_H

/*
 * What a bare loop needs of an event list: a 4-ary heap of 16-byte keys (time, order of
 * scheduling, slot) that fires in the engine's order but cannot move or cancel an entry, since
 * nothing maps a slot to its place.
 *
 * Of the ways to write it these were the fastest: the event that fires is replaced in place by
 * the one that it schedules, half of what pop and push cost; places behind the last entry hold
 * keys without end, so that every group of children has four; which child is smaller is
 * calculated, not branched on; four groups of grandchildren are fetched ahead once the heap is
 * larger than the second-level cache (below that fetching costs more than it gives). Sifting to
 * the bottom and up again was slower.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef unsigned __int128 bare_key;

/* The root is at 3, so that four children share one cache line. */
enum { BARE_ROOT = 3, BARE_SLOT_BITS = 24, BARE_LARGE = 1 << 15 };

struct bare_heap {
	bare_key *keys;
	uint32_t end; /* place behind the last entry */
	uint64_t sequence;
};

/* With room for `capacity` entries; false without memory. */
static inline bool bare_init(struct bare_heap *heap, uint32_t capacity)
{
	size_t places = ((size_t)capacity + BARE_ROOT + 4 + 3) / 4 * 4;

	heap->keys = aligned_alloc(64, places * sizeof(*heap->keys));
	heap->end = BARE_ROOT;
	heap->sequence = 0;
	for (size_t i = 0; heap->keys && i < places; i++)
		heap->keys[i] = ~(bare_key)0;
	return heap->keys;
}

static inline int64_t bare_time(bare_key key)
{
	return (int64_t)(uint64_t)(key >> 64);
}

static inline uint32_t bare_slot(bare_key key)
{
	return (uint32_t)key & ((1u << BARE_SLOT_BITS) - 1);
}

/* The key of an event that is scheduled now. */
static inline bare_key bare_next_key(struct bare_heap *heap, int64_t at_ns, uint32_t slot)
{
	return (bare_key)(uint64_t)at_ns << 64 | (bare_key)heap->sequence++ << BARE_SLOT_BITS |
	       slot;
}

static inline uint32_t bare_smaller(const bare_key *keys, uint32_t a, uint32_t b)
{
	return a ^ ((a ^ b) & -(uint32_t)(keys[b] < keys[a]));
}

static inline uint32_t bare_first_child(uint32_t place)
{
	return (place - (BARE_ROOT - 1)) << 2;
}

static inline void bare_push(struct bare_heap *heap, bare_key key)
{
	uint32_t place = heap->end++;

	while (place > BARE_ROOT) {
		uint32_t parent = (place >> 2) + (BARE_ROOT - 1);

		if (heap->keys[parent] < key)
			break;
		heap->keys[place] = heap->keys[parent];
		place = parent;
	}
	heap->keys[place] = key;
}

/* Put `key` in the place of the smallest. `large` is a constant of the loop that calls it. */
static inline void bare_replace_top(struct bare_heap *heap, bare_key key, bool large)
{
	bare_key *keys = heap->keys;
	uint32_t end = heap->end, place = BARE_ROOT;

	for (;;) {
		uint32_t child = bare_first_child(place), best;

		if (child >= end)
			break;
		for (uint32_t i = 0; large && i < 4; i++)
			__builtin_prefetch(&keys[bare_first_child(child + i)]);
		best = bare_smaller(keys, bare_smaller(keys, child, child + 1),
				    bare_smaller(keys, child + 2, child + 3));
		if (keys[best] > key)
			break;
		keys[place] = keys[best];
		place = best;
	}
	keys[place] = key;
}

static inline void bare_drop_top(struct bare_heap *heap)
{
	bare_key last = heap->keys[--heap->end];

	heap->keys[heap->end] = ~(bare_key)0;
	if (heap->end > BARE_ROOT)
		bare_replace_top(heap, last, false);
}

#endif
