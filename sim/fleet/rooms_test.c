/* Which host has room: the tree held against a plain scan, on random hosts. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/stream.h"
#include "fleet/rooms.h"

enum { HOSTS_MOST = 37, CHANGES = 3000 };

static struct stream random_stream(uint32_t purpose)
{
	const struct stream_name name = { .seed = 12, .purpose = purpose };
	struct stream stream;

	assert_true(stream_begin(&stream, &name));
	return stream;
}

/* 0 .. below - 1 */
static int64_t draw(struct stream *stream, int64_t below)
{
	return (int64_t)(stream_uniform(stream) * (double)below);
}

static size_t scan(const struct room *hosts, size_t count, int64_t bytes, int64_t vcpus_most)
{
	size_t best = SIZE_MAX;

	for (size_t h = 0; h < count; h++)
		if (hosts[h].free_bytes >= bytes && hosts[h].vcpus <= vcpus_most &&
		    (best == SIZE_MAX || hosts[h].rank < hosts[best].rank))
			best = h;
	return best;
}

/* Few different values: ties of ranks, and hosts that lack the one or the other, are common. */
static void test_finds_what_a_scan_finds(void **state)
{
	struct stream stream = random_stream(0);
	size_t found = 0;

	(void)state;
	for (size_t count = 1; count <= HOSTS_MOST; count++) {
		struct room hosts[HOSTS_MOST];
		struct rooms rooms = { 0 };
		struct error error = { 0 };

		assert_true(rooms_init(&rooms, count, &error));
		for (size_t h = 0; h < count; h++)
			hosts[h] = (struct room){ INT64_MIN, INT64_MAX, INT64_MAX };
		for (int i = 0; i < CHANGES; i++) {
			size_t host = (size_t)draw(&stream, (int64_t)count);
			int64_t bytes = draw(&stream, 8), most = draw(&stream, 8);

			hosts[host] = (struct room){ draw(&stream, 8), draw(&stream, 8),
						     draw(&stream, 4) };
			if (!draw(&stream, 8))
				hosts[host].free_bytes = INT64_MIN;
			rooms_set(&rooms, host, hosts[host]);
			assert_int_equal(rooms_find(&rooms, bytes, most),
					 scan(hosts, count, bytes, most));
			assert_int_equal(rooms_fits(&rooms, host, bytes, most),
					 scan(&hosts[host], 1, bytes, most) == 0);
			found += rooms_find(&rooms, bytes, most) != SIZE_MAX;
		}
		rooms_fini(&rooms);
	}
	assert_in_range(found, HOSTS_MOST * CHANGES / 4, HOSTS_MOST * CHANGES - CHANGES);
}

static void test_takes_nothing_at_first(void **state)
{
	struct rooms rooms = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_true(rooms_init(&rooms, 3, &error));
	assert_int_equal(rooms_find(&rooms, 0, INT64_MAX - 1), SIZE_MAX);
	rooms_set(&rooms, 2, (struct room){ .free_bytes = 0 });
	assert_int_equal(rooms_find(&rooms, 0, 0), 2);
	assert_int_equal(rooms_find(&rooms, 1, 0), SIZE_MAX);
	rooms_fini(&rooms);
}

static void test_first_of_equal_rank(void **state)
{
	struct rooms rooms = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_true(rooms_init(&rooms, 5, &error));
	for (size_t h = 0; h < 5; h++)
		rooms_set(&rooms, h, (struct room){ .free_bytes = 10, .rank = h == 0 ? 7 : 3 });
	assert_int_equal(rooms_find(&rooms, 10, 0), 1);
	rooms_set(&rooms, 1, (struct room){ .free_bytes = 9, .rank = 3 });
	assert_int_equal(rooms_find(&rooms, 10, 0), 2);
	rooms_set(&rooms, 4, (struct room){ .free_bytes = 10, .rank = 2 });
	assert_int_equal(rooms_find(&rooms, 10, 0), 4);
	rooms_fini(&rooms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_what_a_scan_finds),
		cmocka_unit_test(test_takes_nothing_at_first),
		cmocka_unit_test(test_first_of_equal_rank),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
