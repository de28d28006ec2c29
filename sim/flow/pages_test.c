/* Runs of pages against one state per page. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/stream.h"
#include "flow/pages.h"

enum { PAGES = 300, STEPS = 5000 };

static void test_against_single_pages(void **state)
{
	const struct stream_name name = { .seed = 11 };
	struct error error = { 0 };
	struct page_map map;
	struct stream stream;
	int states[PAGES] = { 0 };

	(void)state;
	assert_true(stream_begin(&stream, &name) && page_map_init(&map, &error));
	page_map_fill(&map, PAGES, 0);
	for (int step = 0; step < STEPS; step++) {
		uint64_t first = (uint64_t)(stream_uniform(&stream) * PAGES);
		uint64_t end =
			first + (uint64_t)(stream_uniform(&stream) * (double)(PAGES + 1 - first));
		int to = (int)(stream_uniform(&stream) * PAGE_STATES_MAX);
		uint64_t in_state[PAGE_STATES_MAX] = { 0 };

		if (step % 50 == 49) {
			page_map_turn(&map, to, (to + 1) % PAGE_STATES_MAX);
			for (int i = 0; i < PAGES; i++)
				if (states[i] == to)
					states[i] = (to + 1) % PAGE_STATES_MAX;
		} else {
			assert_true(page_map_set(&map, (struct page_range){ first, end }, to));
			for (uint64_t i = first; i < end; i++)
				states[i] = to;
		}
		assert_int_equal(page_map_pages(&map), PAGES);
		for (uint64_t i = 0; i < PAGES; i++) {
			int seen;
			struct page_range run = page_map_run(&map, i, &seen);

			assert_int_equal(seen, states[i]);
			assert_true(run.first <= i && i < run.end);
			assert_true(run.first == 0 || states[run.first - 1] != seen);
			assert_true(run.end == PAGES || states[run.end] != seen);
			in_state[states[i]]++;
		}
		assert_memory_equal(in_state, map.in_state, sizeof(in_state));
	}
	page_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_single_pages) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
