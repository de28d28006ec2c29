#include "engine/heap.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Keys per 64-byte cache line: room for the unused entries before the root and a last child group. */
enum { HEAP_LINE = 64, HEAP_PADDING = HEAP_ROOT + 4 };

static inline uint32_t parent_of(uint32_t index)
{
	return (index >> 2) + (HEAP_ROOT - 1);
}

static inline uint32_t first_child_of(uint32_t index)
{
	return (index - (HEAP_ROOT - 1)) << 2;
}

bool heap_reserve(struct heap *heap, uint32_t capacity, struct error *error)
{
	size_t bytes = ((size_t)capacity + HEAP_PADDING) * sizeof(heap_key);
	heap_key *keys;
	uint32_t *position;

	if (capacity <= heap->capacity)
		return true;
	keys = aligned_alloc(HEAP_LINE, (bytes + HEAP_LINE - 1) / HEAP_LINE * HEAP_LINE);
	position = calloc(capacity, sizeof(*position));
	if (!keys || !position) {
		free(keys);
		free(position);
		return error_memory(error, "event list");
	}
	if (heap->keys) {
		memcpy(keys, heap->keys, ((size_t)heap->count + HEAP_ROOT) * sizeof(*keys));
		memcpy(position, heap->position, heap->capacity * sizeof(*position));
	}
	free(heap->keys);
	free(heap->position);
	heap->keys = keys;
	heap->position = position;
	heap->capacity = capacity;
	return true;
}

bool heap_init(struct heap *heap, uint32_t capacity, struct error *error)
{
	memset(heap, 0, sizeof(*heap));
	return heap_reserve(heap, capacity ? capacity : 1, error);
}

void heap_fini(struct heap *heap)
{
	free(heap->keys);
	free(heap->position);
	memset(heap, 0, sizeof(*heap));
}

static inline void place(struct heap *heap, uint32_t index, heap_key key)
{
	heap->keys[index] = key;
	heap->position[heap_slot(key)] = index;
}

static void sift_up(struct heap *heap, uint32_t index, heap_key key)
{
	while (index > HEAP_ROOT) {
		uint32_t parent = parent_of(index);

		if (heap->keys[parent] < key)
			break;
		place(heap, index, heap->keys[parent]);
		index = parent;
	}
	place(heap, index, key);
}

/* Index of the smaller of two keys, by a mask: a branch here is mispredicted half of the time. */
static inline uint32_t smaller(const heap_key *keys, uint32_t a, uint32_t b)
{
	uint32_t take_b = -(uint32_t)(keys[b] < keys[a]);

	return a ^ ((a ^ b) & take_b);
}

static void sift_down(struct heap *heap, uint32_t index, heap_key key)
{
	const heap_key *keys = heap->keys;
	uint32_t end = HEAP_ROOT + heap->count;

	for (;;) {
		uint32_t child = first_child_of(index), best;

		if (child + 4 <= end) {
			best = smaller(keys, smaller(keys, child, child + 1),
				       smaller(keys, child + 2, child + 3));
		} else if (child < end) {
			best = child;
			while (++child < end)
				best = smaller(keys, best, child);
		} else {
			break;
		}
		if (keys[best] > key)
			break;
		place(heap, index, keys[best]);
		index = best;
	}
	place(heap, index, key);
}

void heap_push(struct heap *heap, heap_key key)
{
	if (heap->open) {
		heap->open = false;
		sift_down(heap, HEAP_ROOT, key);
	} else {
		sift_up(heap, HEAP_ROOT + heap->count++, key);
	}
}

void heap_move(struct heap *heap, heap_key key)
{
	uint32_t index = heap->position[heap_slot(key)];

	if (key < heap->keys[index])
		sift_up(heap, index, key);
	else
		sift_down(heap, index, key);
}

heap_key heap_open(struct heap *heap)
{
	heap_key top = heap->keys[HEAP_ROOT];

	heap->position[heap_slot(top)] = 0;
	heap->keys[HEAP_ROOT] = 0;
	heap->open = true;
	return top;
}

void heap_close(struct heap *heap)
{
	if (!heap->open)
		return;
	heap->open = false;
	if (--heap->count)
		sift_down(heap, HEAP_ROOT, heap->keys[HEAP_ROOT + heap->count]);
}

heap_key heap_pop(struct heap *heap)
{
	heap_key top = heap_open(heap);

	heap_close(heap);
	return top;
}

void heap_remove(struct heap *heap, uint32_t slot)
{
	uint32_t index = heap->position[slot];
	heap_key last = heap->keys[HEAP_ROOT + --heap->count];

	heap->position[slot] = 0;
	if (index == HEAP_ROOT + heap->count)
		return;
	if (index > HEAP_ROOT && last < heap->keys[parent_of(index)])
		sift_up(heap, index, last);
	else
		sift_down(heap, index, last);
}

void heap_clear(struct heap *heap)
{
	for (uint32_t i = 0; i < heap->count; i++)
		heap->position[heap_slot(heap->keys[HEAP_ROOT + i])] = 0;
	heap->count = 0;
	heap->open = false;
}
