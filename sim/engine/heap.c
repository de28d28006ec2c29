#include "engine/heap.h"

#include <stdlib.h>
#include <string.h>

static inline uint32_t parent_of(uint32_t index)
{
	return (index >> 2) + (HEAP_ROOT - 1);
}

static inline uint32_t first_child_of(uint32_t index)
{
	return (index - (HEAP_ROOT - 1)) << 2;
}

enum {
	FAR_LOOKS = 32, /* how often a far key is looked at until it is near, about */
	SAMPLES = 256,
	CHILDREN = HEAP_ROOT + 1, /* of the root: where they begin */
	GRANDCHILDREN = CHILDREN + 4,
	BELOW_GRANDCHILDREN = GRANDCHILDREN + 16,
};

static void sift_up(struct heap *heap, uint32_t index, heap_key key)
{
	while (index > HEAP_ROOT) {
		uint32_t parent = parent_of(index);

		if (heap->keys[parent] < key)
			break;
		heap_place(heap, index, heap->keys[parent]);
		index = parent;
	}
	heap_place(heap, index, key);
}

/*
 * The smallest of a group of children, by arithmetic: a branch is mispredicted half of the time.
 * Places behind the last key hold what is larger than any.
 */
static inline const heap_key *least_of(const heap_key *group)
{
	const heap_key *left = group, *right = group + 2;

	left += left[1] < left[0];
	right += right[1] < right[0];
	return *right < *left ? right : left;
}

heap_key heap_least(const struct heap *heap)
{
	heap_key least = HEAP_NO_KEY;

	if (!heap->open)
		return heap_top(heap);
	if (heap->near > 1)
		return *least_of(&heap->keys[CHILDREN]);
	for (uint32_t i = 0; i < heap->far_count; i++)
		least = heap->far[i] < least ? heap->far[i] : least;
	return least;
}

/*
 * What comes near the root is needed soon: the owner's place is called for two levels below it,
 * and the owner one below, so that both are in the cache when it is its turn.
 */
static void sift_down(struct heap *heap, uint32_t index, heap_key key)
{
	const heap_key *keys = heap->keys;
	uint32_t end = HEAP_ROOT + heap->near, child;

	while (child = first_child_of(index), child < end) {
		const heap_key *best = least_of(&keys[child]);
		uint32_t slot = heap_slot(*best);

		if (*best > key)
			break;
		heap_place(heap, index, *best);
		if (index >= GRANDCHILDREN && index < BELOW_GRANDCHILDREN)
			__builtin_prefetch(&heap->owners[slot]);
		if (index >= CHILDREN && index < GRANDCHILDREN)
			__builtin_prefetch(heap->owners[slot]);
		index = (uint32_t)(best - keys);
	}
	heap_place(heap, index, key);
}

static int compare_keys(const void *a, const void *b)
{
	heap_key left = *(const heap_key *)a, right = *(const heap_key *)b;

	return (left > right) - (left < right);
}

/* About `below` of the keys, and one at least, are less than this one of them. */
static heap_key pivot(const heap_key *keys, uint32_t count, uint32_t below)
{
	heap_key sample[SAMPLES];
	uint32_t rank = (uint32_t)((uint64_t)SAMPLES * below / count);

	for (uint32_t i = 0; i < SAMPLES; i++)
		sample[i] = keys[(uint64_t)i * count / SAMPLES];
	qsort(sample, SAMPLES, sizeof(*sample), compare_keys);
	return sample[rank ? rank : 1];
}

/* The last of the near keys leaves its place. */
static inline heap_key take_last(struct heap *heap)
{
	heap_key *at = &heap->keys[HEAP_ROOT + --heap->near], last = *at;

	*at = HEAP_NO_KEY;
	return last;
}

/* It takes another's place, which may have been its own. */
static void replace_by_last(struct heap *heap, uint32_t index)
{
	heap_key last = take_last(heap);

	if (index < HEAP_ROOT + heap->near)
		heap->keys[index] = last;
}

static void put_far(struct heap *heap, heap_key key)
{
	heap->position[heap_slot(key)] = HEAP_FAR + heap->far_count;
	heap->far[heap->far_count++] = key;
}

/* The last one takes its place. */
static void take_far(struct heap *heap, uint32_t index)
{
	heap_key last = heap->far[--heap->far_count];

	if (index == heap->far_count)
		return;
	heap->far[index] = last;
	heap->position[heap_slot(last)] = HEAP_FAR + index;
}

/* The near keys, in any order, become a heap. */
static void make_heap(struct heap *heap)
{
	for (uint32_t i = 0; i < heap->near; i++)
		heap_place(heap, HEAP_ROOT + i, heap->keys[HEAP_ROOT + i]);
	if (heap->near > 1)
		for (uint32_t i = parent_of(HEAP_ROOT + heap->near - 1); i >= HEAP_ROOT; i--)
			sift_down(heap, i, heap->keys[i]);
}

/* Too many are near: the horizon comes nearer. */
static void spill(struct heap *heap)
{
	heap_key *keys = heap->keys + HEAP_ROOT;

	heap->horizon = pivot(keys, heap->near, heap->near / 2);
	for (uint32_t i = 0; i < heap->near;) {
		if (keys[i] < heap->horizon) {
			i++;
			continue;
		}
		put_far(heap, keys[i]);
		replace_by_last(heap, HEAP_ROOT + i);
	}
	make_heap(heap);
}

/* None is near: the horizon goes on, or away when there is nothing far. */
static void refill(struct heap *heap)
{
	uint32_t least = heap->far_count / FAR_LOOKS;

	if (least < heap->near_least)
		least = heap->near_least;
	heap->near_most = 2 * least;
	heap->horizon = heap->far_count > heap->near_most ? pivot(heap->far, heap->far_count, least)
							  : HEAP_NO_KEY;
	for (uint32_t i = 0; i < heap->far_count;) {
		if (heap->far[i] >= heap->horizon) {
			i++;
			continue;
		}
		heap->keys[HEAP_ROOT + heap->near++] = heap->far[i];
		take_far(heap, i);
	}
	make_heap(heap);
}

void heap_sift_root(struct heap *heap, heap_key key)
{
	sift_down(heap, HEAP_ROOT, key);
}

void heap_push_elsewhere(struct heap *heap, heap_key key)
{
	if (heap->near >= heap->near_most && !heap->open)
		spill(heap);
	if (key >= heap->horizon)
		put_far(heap, key);
	else
		sift_up(heap, HEAP_ROOT + heap->near++, key);
}

void heap_fill(struct heap *heap)
{
	heap_key last;

	heap->open = false;
	last = take_last(heap);
	if (heap->near)
		sift_down(heap, HEAP_ROOT, last);
	else if (heap->horizon != HEAP_NO_KEY)
		refill(heap);
}

heap_key heap_pop(struct heap *heap)
{
	heap_key top = heap_open(heap);

	heap_close(heap);
	return top;
}

static void take_near(struct heap *heap, uint32_t index)
{
	heap_key last = take_last(heap);

	if (!heap->near)
		refill(heap);
	else if (index == HEAP_ROOT + heap->near)
		return;
	else if (index > HEAP_ROOT && last < heap->keys[parent_of(index)])
		sift_up(heap, index, last);
	else
		sift_down(heap, index, last);
}

void heap_remove(struct heap *heap, uint32_t slot)
{
	uint32_t index = heap->position[slot];

	heap->position[slot] = 0;
	heap->count--;
	if (index >= HEAP_FAR)
		take_far(heap, index - HEAP_FAR);
	else
		take_near(heap, index);
}

void heap_move(struct heap *heap, heap_key key)
{
	uint32_t index = heap->position[heap_slot(key)];

	if ((index >= HEAP_FAR) != (key >= heap->horizon)) {
		heap_remove(heap, heap_slot(key));
		heap_push(heap, key);
	} else if (index >= HEAP_FAR) {
		heap->far[index - HEAP_FAR] = key;
	} else if (key < heap->keys[index]) {
		sift_up(heap, index, key);
	} else {
		sift_down(heap, index, key);
	}
}

/* All keys are near, in no order; no place is open. */
static void gather(struct heap *heap)
{
	if (heap->open)
		replace_by_last(heap, HEAP_ROOT);
	heap->open = false;
	memcpy(heap->keys + HEAP_ROOT + heap->near, heap->far,
	       heap->far_count * sizeof(*heap->far));
	heap->near += heap->far_count;
	heap->far_count = 0;
	heap->horizon = HEAP_NO_KEY;
}

void heap_sort(struct heap *heap)
{
	gather(heap);
	qsort(heap->keys + HEAP_ROOT, heap->near, sizeof(*heap->keys), compare_keys);
	make_heap(heap);
}

void heap_clear(struct heap *heap)
{
	gather(heap);
	while (heap->near)
		heap->position[heap_slot(take_last(heap))] = 0;
	heap->count = 0;
}
