/* Slots of a heap: who stands behind a key, and the memory for all of it. */

#include "engine/heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

/* Room for the unused entries before the root and a last child group. */
enum { HEAP_LINE = 64, HUGE_PAGE = 1 << 21, HEAP_PADDING = HEAP_ROOT + 4, CAPACITY_AT_FIRST = 64 };

/* Whole cache lines, zeroed; whole huge pages, if there are so many: what comes up next is anywhere. */
static void *lines(size_t bytes)
{
	size_t unit = bytes < HUGE_PAGE ? HEAP_LINE : HUGE_PAGE;
	size_t whole = (bytes + unit - 1) / unit * unit;
	void *memory = aligned_alloc(unit, whole);

	if (memory && unit == HUGE_PAGE)
		madvise(memory, whole, MADV_HUGEPAGE);
	return memory ? memset(memory, 0, whole) : NULL;
}

/* Room for more slots. */
static bool grow(struct heap *heap, size_t capacity, struct error *error)
{
	struct heap old = *heap;

	heap->capacity = (uint32_t)capacity;
	heap->far = lines(capacity * sizeof(*heap->far));
	heap->keys = lines((capacity + HEAP_PADDING) * sizeof(*heap->keys));
	heap->position = lines(capacity * sizeof(*heap->position));
	heap->owners = lines(capacity * sizeof(*heap->owners));
	heap->free_slots = lines(capacity * sizeof(*heap->free_slots));
	if (!heap->far || !heap->keys || !heap->position || !heap->owners || !heap->free_slots) {
		heap_fini(heap);
		*heap = old;
		return error_memory(error, heap->what);
	}
	memset(heap->keys, 0xff, (capacity + HEAP_PADDING) * sizeof(*heap->keys));
	if (old.capacity) {
		memcpy(heap->keys, old.keys, ((size_t)old.near + HEAP_ROOT) * sizeof(*old.keys));
		memcpy(heap->far, old.far, old.far_count * sizeof(*old.far));
		memcpy(heap->position, old.position, old.capacity * sizeof(*old.position));
		memcpy(heap->owners, old.owners, old.capacity * sizeof(*old.owners));
		memcpy(heap->free_slots, old.free_slots, old.free_count * sizeof(*old.free_slots));
	}
	heap_fini(&old);
	return true;
}

bool heap_init(struct heap *heap, const char *what, struct error *error)
{
	*heap = (struct heap){ .what = what,
			       .slot_count = 1, /* no slot is 0: nor is a key */
			       .horizon = HEAP_NO_KEY,
			       .near_least = HEAP_NEAR_LEAST,
			       .near_most = 2 * HEAP_NEAR_LEAST };
	return grow(heap, CAPACITY_AT_FIRST, error);
}

void heap_fini(struct heap *heap)
{
	free(heap->keys);
	free(heap->far);
	free(heap->position);
	free(heap->owners);
	free(heap->free_slots);
	*heap = (struct heap){ 0 };
}

bool heap_enter(struct heap *heap, void *owner, uint32_t *slot, struct error *error)
{
	if (heap->free_count) {
		*slot = heap->free_slots[--heap->free_count];
	} else {
		if (heap->slot_count == HEAP_SLOTS_MAX)
			return error_set(error, ERROR_INPUT, "more than %d %s at once",
					 HEAP_SLOTS_MAX - 1, heap->what);
		if (heap->slot_count == heap->capacity &&
		    !grow(heap, 2 * (size_t)heap->capacity, error))
			return false;
		*slot = heap->slot_count++;
	}
	heap->owners[*slot] = owner;
	return true;
}

bool heap_reserve(struct heap *heap, uint32_t slots, struct error *error)
{
	size_t capacity = heap->capacity;

	while (capacity < slots)
		capacity *= 2;
	return capacity == heap->capacity || grow(heap, capacity, error);
}

void heap_leave(struct heap *heap, uint32_t slot)
{
	if (heap_has(heap, slot))
		heap_remove(heap, slot);
	heap->owners[slot] = NULL;
	heap->free_slots[heap->free_count++] = slot;
}

void heap_forget_owners(struct heap *heap)
{
	heap->slot_count = 1;
	heap->free_count = 0;
}
