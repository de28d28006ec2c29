#ifndef SIM_ENGINE_HEAP_H
#define SIM_ENGINE_HEAP_H

/*
 * Indexed 4-ary implicit heap of 16-byte keys.
 *
 * A key is an unsigned 128-bit number whose low 24 bits are a slot, the
 * caller's name for the entry; the bits above decide the order. `position`
 * maps a slot to its place, so that an entry can be moved or removed in
 * O(log n). The root sits at index 3, so that the four children of a node
 * share one 64-byte cache line. Used for the event list (time, sequence) and
 * for the processor's jobs (virtual finish time).
 *
 * What fires an event often makes the next: then the root is replaced, by one way down the
 * heap. heap_open() leaves the place of the smallest key open for the next push, and
 * heap_close() fills it otherwise.
 *
 * Layout and branch-free choice of child: measured in D. H. Larkin, S. Sen,
 * R. E. Tarjan, "A Back-to-Basics Empirical Study of Priority Queues", 2014.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef unsigned __int128 heap_key;

enum {
	HEAP_ROOT = 3,
	HEAP_SLOT_BITS = 24,
	HEAP_SLOTS_MAX = 1 << HEAP_SLOT_BITS,
};

struct heap {
	heap_key *keys;     /* [HEAP_ROOT .. HEAP_ROOT + count), 64-byte aligned */
	uint32_t *position; /* by slot; 0: not in the heap */
	uint32_t count;     /* entries in the heap, and the open place */
	bool open;          /* the root is free: its key is 0, so that nothing goes above it */
	uint32_t capacity;  /* slots there is room for */
};

static inline uint32_t heap_slot(heap_key key)
{
	return (uint32_t)key & (HEAP_SLOTS_MAX - 1);
}

/* A heap with room for `capacity` slots (it never grows by itself). */
bool heap_init(struct heap *heap, uint32_t capacity, struct error *error);
void heap_fini(struct heap *heap);

/* Raise the capacity to at least `capacity` slots, keeping the entries. */
bool heap_reserve(struct heap *heap, uint32_t capacity, struct error *error);

static inline bool heap_has(const struct heap *heap, uint32_t slot)
{
	return heap->position[slot] != 0;
}

/* Smallest key; the heap must not be empty, and no place open. */
static inline heap_key heap_top(const struct heap *heap)
{
	return heap->keys[HEAP_ROOT];
}

/* Insert a key > 0 whose slot is below the capacity and not in the heap. */
void heap_push(struct heap *heap, heap_key key);

/* Replace the key of the slot that `key` names (must be in the heap). */
void heap_move(struct heap *heap, heap_key key);

/* Remove and return the smallest key (the heap must not be empty, and no place open). */
heap_key heap_pop(struct heap *heap);

/* The same, but its place stays open: heap_close() before heap_top(), heap_pop() and `count`. */
heap_key heap_open(struct heap *heap);

/* Fill the open place, if there is one, by the last entry. */
void heap_close(struct heap *heap);

/* Remove the entry of `slot` (must be in the heap). */
void heap_remove(struct heap *heap, uint32_t slot);

/* Remove every entry; capacity stays. */
void heap_clear(struct heap *heap);

#endif
