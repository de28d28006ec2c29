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

/* Room for twice as many slots. */
static bool grow(struct heap *heap, struct error *error)
{
	size_t capacity = heap->capacity ? 2 * (size_t)heap->capacity : CAPACITY_AT_FIRST;
	struct heap new = *heap;

	new.capacity = (uint32_t)capacity;
	new.far = lines(capacity * sizeof(*new.far));
	new.keys = lines((capacity + HEAP_PADDING) * sizeof(*new.keys));
	new.position = lines(capacity * sizeof(*new.position));
	new.owners = lines(capacity * sizeof(*new.owners));
	new.free_slots = lines(capacity * sizeof(*new.free_slots));
	if (!new.far || !new.keys || !new.position || !new.owners || !new.free_slots) {
		heap_fini(&new);
		return error_memory(error, heap->what);
	}
	memset(new.keys, 0xff, (capacity + HEAP_PADDING) * sizeof(*new.keys));
	if (heap->capacity) {
		memcpy(new.keys, heap->keys, ((size_t)heap->near + HEAP_ROOT) * sizeof(*new.keys));
		memcpy(new.far, heap->far, heap->far_count * sizeof(*new.far));
		memcpy(new.position, heap->position, heap->capacity * sizeof(*new.position));
		memcpy(new.owners, heap->owners, heap->capacity * sizeof(*new.owners));
		memcpy(new.free_slots, heap->free_slots,
		       heap->free_count * sizeof(*new.free_slots));
	}
	heap_fini(heap);
	*heap = new;
	return true;
}

bool heap_init(struct heap *heap, const char *what, struct error *error)
{
	*heap = (struct heap){ .what = what,
			       .slot_count = 1, /* no slot is 0: nor is a key */
			       .horizon = HEAP_NO_KEY,
			       .near_least = HEAP_NEAR_LEAST,
			       .near_most = 2 * HEAP_NEAR_LEAST };
	return grow(heap, error);
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
		if (heap->slot_count == heap->capacity && !grow(heap, error))
			return false;
		*slot = heap->slot_count++;
	}
	heap->owners[*slot] = owner;
	return true;
}

bool heap_reserve(struct heap *heap, uint32_t slots, struct error *error)
{
	while (heap->capacity < slots)
		if (!grow(heap, error))
			return false;
	return true;
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
