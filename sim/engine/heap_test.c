/* The heap against a table of keys that is searched in full. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/heap.h"
#include "engine/stream.h"

enum { SLOTS = 200, STEPS = 200000 };

static heap_key keys[SLOTS]; /* 0: not in the heap */

static heap_key smallest(void)
{
	heap_key best = 0;

	for (int i = 0; i < SLOTS; i++)
		if (keys[i] && (!best || keys[i] < best))
			best = keys[i];
	return best;
}

static uint32_t enter(struct heap *heap)
{
	struct error error = { 0 };
	uint32_t slot;

	assert_true(heap_enter(heap, &keys, &slot, &error));
	assert_ptr_equal(heap_owner(heap, slot), &keys);
	assert_false(heap_has(heap, slot));
	return slot;
}

/* Random steps; so many near keys are few. */
static void run(uint32_t near_least)
{
	const struct stream_name name = { .seed = 42 };
	struct error error = { 0 };
	struct stream stream;
	struct heap heap;
	uint32_t count = 0, opened = 0, slots = 0, far = 0;

	memset(keys, 0, sizeof(keys));
	assert_true(stream_begin(&stream, &name));
	assert_true(heap_init(&heap, "entries", &error));
	heap.near_least = near_least;
	heap.near_most = 2 * near_least;
	for (int step = 0; step < STEPS; step++) {
		uint32_t slot = 1 + (uint32_t)(stream_uniform(&stream) * (slots ? slots : 1));
		/* few different times, so that the sequence decides often */
		heap_key key = (heap_key)(uint64_t)(stream_uniform(&stream) * 50 + 1) << 64 |
			       (heap_key)(unsigned int)step << HEAP_SLOT_BITS | slot;
		double what = stream_uniform(&stream);

		if (slots < SLOTS - 1 && what < 0.01 + !slots)
			assert_int_equal(enter(&heap), ++slots);
		assert_int_equal(heap_has(&heap, slot), keys[slot] != 0);
		if (!keys[slot]) {
			heap_push(&heap, key);
			keys[slot] = key;
			count++;
		} else if (what < 0.1) {
			heap_leave(&heap, slot);
			assert_null(heap_owner(&heap, slot));
			assert_int_equal(enter(&heap), slot);
			keys[slot] = 0;
			count--;
		} else if (what < 0.3) {
			heap_remove(&heap, slot);
			keys[slot] = 0;
			count--;
		} else if (what < 0.6) {
			heap_move(&heap, key);
			keys[slot] = key;
		} else {
			heap_key top = smallest();

			heap_close(&heap);
			assert_true(heap_top(&heap) == top);
			assert_true((what < 0.8 ? heap_pop : heap_open)(&heap) == top);
			keys[heap_slot(top)] = 0;
			count--;
		}
		opened += heap.open;
		far += heap.far_count > 0;
		assert_true(!count || heap_least(&heap) == smallest());
		if (heap.open && stream_uniform(&stream) < 0.7)
			continue; /* a place stays open for the next step, whatever it is */
		heap_close(&heap);
		assert_int_equal(heap.count, count);
		assert_true(!count || heap_top(&heap) == smallest());
	}
	assert_true(opened > STEPS / 100);
	assert_int_equal(slots, SLOTS - 1);
	assert_true(near_least < SLOTS / 4 ? far > STEPS / 2 : !far);
	heap_sort(&heap);
	for (uint32_t i = 0; i < count; i++) {
		assert_true(keys[heap_slot(heap.keys[HEAP_ROOT + i])] == heap.keys[HEAP_ROOT + i]);
		assert_true(!i || heap.keys[HEAP_ROOT + i - 1] < heap.keys[HEAP_ROOT + i]);
	}
	for (int step = STEPS; step < STEPS + STEPS / 100;
	     step++) { /* as time goes on from there */
		heap_key top = smallest();
		uint64_t later = (uint64_t)(top >> 64) + (uint64_t)(stream_uniform(&stream) * 50);

		assert_true((step % 2 ? heap_pop : heap_open)(&heap) == top);
		keys[heap_slot(top)] = (heap_key)later << 64 |
				       (heap_key)(unsigned int)step << HEAP_SLOT_BITS |
				       heap_slot(top);
		heap_push(&heap, keys[heap_slot(top)]);
		heap_close(&heap);
	}
	heap_clear(&heap);
	assert_int_equal(heap.count, 0);
	for (uint32_t slot = 1; slot < SLOTS; slot++)
		assert_false(heap_has(&heap, slot));
	heap_forget_owners(&heap);
	assert_int_equal(enter(&heap), 1);
	assert_int_equal(enter(&heap), 2);
	heap_fini(&heap);
}

static void test_against_a_table(void **state)
{
	(void)state;
	run(1 << 14);
}

static void test_far_keys(void **state)
{
	(void)state;
	run(4);
	run(30);
}

static heap_key key_at(uint64_t time, uint32_t slot)
{
	return (heap_key)time << 64 | slot;
}

/* A heap with few near keys, ordered or emptied: what was its horizon separates nothing any more. */
static void test_no_horizon_behind_sorting(void **state)
{
	enum { COUNT = 12 };
	struct error error = { 0 };
	struct heap heap;

	(void)state;
	for (int emptied = 0; emptied < 2; emptied++) {
		assert_true(heap_init(&heap, "entries", &error));
		heap.near_least = 4;
		heap.near_most = 8;
		for (uint32_t slot = 1; slot <= COUNT; slot++) {
			assert_int_equal(enter(&heap), slot);
			heap_push(&heap, key_at(10 * slot, slot));
		}
		assert_true(heap.far_count > 0);
		if (emptied) {
			heap_clear(&heap);
			heap_push(&heap, key_at(10 * COUNT, COUNT));
			assert_true(heap_top(&heap) == key_at(10 * COUNT, COUNT));
		} else {
			for (uint32_t slot = 5; slot <= 10; slot++)
				heap_remove(&heap, slot);
			heap_sort(&heap);
			heap_push(&heap, key_at(115, 5));
			for (uint32_t slot = 1; slot <= 4; slot++)
				assert_true(heap_pop(&heap) == key_at(10 * slot, slot));
			assert_true(heap_pop(&heap) == key_at(110, 11));
			assert_true(heap_pop(&heap) == key_at(115, 5));
			assert_true(heap_pop(&heap) == key_at(120, 12));
		}
		heap_fini(&heap);
	}
}

/* The root is the last entry of its cache line and its children fill the next one. */
static void test_alignment(void **state)
{
	struct error error = { 0 };
	struct heap heap;

	(void)state;
	assert_true(heap_init(&heap, "entries", &error));
	assert_int_equal((uintptr_t)&heap.keys[HEAP_ROOT + 1] % 64, 0);
	assert_int_equal(sizeof(heap.keys[0]), 16);
	heap_fini(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_a_table),
		cmocka_unit_test(test_far_keys),
		cmocka_unit_test(test_no_horizon_behind_sorting),
		cmocka_unit_test(test_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
