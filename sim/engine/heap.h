#ifndef SIM_ENGINE_HEAP_H
#define SIM_ENGINE_HEAP_H

/*
 * An indexed 4-ary implicit heap of 16-byte keys, one for each slot at most.
 *
 * A key is an unsigned 128-bit number whose low 24 bits are a slot, which stands for what is to
 * come up (its owner); the bits above decide the order. `position` maps a slot to its place, so
 * that a key can be replaced or removed in O(log n). The root sits at index 3, so that the four
 * children of a node share one 64-byte cache line. Used for the event list (time, sequence)
 * and for the processor's jobs (virtual finish time).
 *
 * What fires an event often makes the next one: then the root is replaced, by one way down.
 * heap_open() leaves the place of the smallest key open for the next push, and heap_close()
 * fills it otherwise.
 *
 * A heap that does not fit into the caches is slow at each level. So only the nearest of very
 * many keys are in the heap; those from the horizon on wait in no order until it has run empty.
 *
 * Layout and branch-free choice of child: measured in D. H. Larkin, S. Sen,
 * R. E. Tarjan, "A Back-to-Basics Empirical Study of Priority Queues", 2014. Near and far:
 * J. H. Blackstone, G. L. Hogg, D. T. Phillips, "A two-list synchronization procedure for
 * discrete event simulation", Communications of the ACM 24(12), 1981.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef unsigned __int128 heap_key;

enum {
	HEAP_ROOT = 3,
	HEAP_SLOT_BITS = 24,
	HEAP_SLOTS_MAX = 1 << HEAP_SLOT_BITS,
	HEAP_FAR = 1 << 30,
	HEAP_NEAR_LEAST = 1 << 14, /* keys and positions fit into a cache of 2 MiB several times */
};

#define HEAP_NO_KEY (~(heap_key)0) /* above all others */

struct heap {
	const char *what; /* the owners are, in messages: "events" */
	uint32_t count;   /* slots in the heap */

	heap_key *
		keys; /* [HEAP_ROOT .. HEAP_ROOT + near), 64-byte aligned; then the largest number */
	uint32_t near; /* those below the horizon, and the open place */
	bool open;     /* the root is free: its key is 0, so that nothing goes above it */
	heap_key horizon;
	heap_key *far; /* the others */
	uint32_t far_count;
	uint32_t near_most, near_least; /* keys: more are too many; as many are worth a horizon */

	uint32_t *position; /* by slot: among the keys, or HEAP_FAR + that among the far; 0: none */
	void **owners;      /* by slot */
	uint32_t slot_count;  /* given so far; they begin with 1 */
	uint32_t *free_slots; /* stack of those that were given back */
	uint32_t free_count;
	uint32_t capacity; /* slots there is room for */
};

static inline uint32_t heap_slot(heap_key key)
{
	return (uint32_t)key & (HEAP_SLOTS_MAX - 1);
}

/* A heap of `what` (borrowed), without slots. */
bool heap_init(struct heap *heap, const char *what, struct error *error);
void heap_fini(struct heap *heap);

/* Give the owner a slot. May allocate. */
bool heap_enter(struct heap *heap, void *owner, uint32_t *slot, struct error *error);

/* Room for the keys of slots below `slots` that another heap gives. May allocate. */
bool heap_reserve(struct heap *heap, uint32_t slots, struct error *error);

/* Remove the slot's key, if there is one, and give the slot back. */
void heap_leave(struct heap *heap, uint32_t slot);

/* No slot is given any more; none may be in the heap. */
void heap_forget_owners(struct heap *heap);

/* NULL: the slot was given back. */
static inline void *heap_owner(const struct heap *heap, uint32_t slot)
{
	return heap->owners[slot];
}

static inline bool heap_has(const struct heap *heap, uint32_t slot)
{
	return heap->position[slot] != 0;
}

/* Smallest key; the heap must not be empty, and no place open. */
static inline heap_key heap_top(const struct heap *heap)
{
	return heap->keys[HEAP_ROOT];
}

/* Fill the open place by the last key. For heap_close(). */
void heap_fill(struct heap *heap);

/* For heap_push(): a near key finds its place from the root on, which is free; any other key. */
void heap_sift_root(struct heap *heap, heap_key key);
void heap_push_elsewhere(struct heap *heap, heap_key key);

static inline void heap_place(struct heap *heap, uint32_t index, heap_key key)
{
	heap->keys[index] = key;
	heap->position[heap_slot(key)] = index;
}

/* The smallest key, also while a place is open; the heap must not be empty. */
heap_key heap_least(const struct heap *heap);

/* Insert the key of a slot that is not in the heap. */
static inline void heap_push(struct heap *heap, heap_key key)
{
	heap->count++;
	if (!heap->open || key >= heap->horizon) {
		heap_push_elsewhere(heap, key);
		return;
	}
	heap->open = false;
	if (heap->near > 2) {
		heap_sift_root(heap, key);
	} else if (heap->near == 1 || key < heap->keys[HEAP_ROOT + 1]) {
		heap_place(heap, HEAP_ROOT, key);
	} else {
		heap_place(heap, HEAP_ROOT, heap->keys[HEAP_ROOT + 1]);
		heap_place(heap, HEAP_ROOT + 1, key);
	}
}

/* Replace the key of the slot that `key` names (must be in the heap). */
void heap_move(struct heap *heap, heap_key key);

/* Remove and return the smallest key (the heap must not be empty, and no place open). */
heap_key heap_pop(struct heap *heap);

/* The same, but its place stays open: heap_close() before heap_top() and heap_pop(). */
static inline heap_key heap_open(struct heap *heap)
{
	heap_key top = heap->keys[HEAP_ROOT];

	heap->position[heap_slot(top)] = 0;
	heap->keys[HEAP_ROOT] = 0;
	heap->open = true;
	heap->count--;
	return top;
}

/* Fill the open place, if there is one. */
static inline void heap_close(struct heap *heap)
{
	if (heap->open)
		heap_fill(heap);
}

/* Remove the key of `slot` (must be in the heap). */
void heap_remove(struct heap *heap, uint32_t slot);

/* All keys in order, from keys[HEAP_ROOT] on: nothing is far, no place is open. */
void heap_sort(struct heap *heap);

/* Remove every key; slots stay. */
void heap_clear(struct heap *heap);

#endif
