/* FIFO order, readers and writers, watchers, grace periods, statistics. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/lock.h"

enum { REQUESTS = 6 };

static struct engine engine;
static struct lock lock;
static struct lock_request requests[REQUESTS];
static char trace[32];
static size_t traced;

static void granted(struct lock_request *request)
{
	trace[traced++] = (char)('a' + (request - requests));
}

static int begin(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(engine_init(&engine, &error));
	lock_init(&lock, &engine);
	memset(trace, 0, sizeof(trace));
	traced = 0;
	for (int i = 0; i < REQUESTS; i++) {
		requests[i] = (struct lock_request){ .granted = granted };
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	engine_fini(&engine);
	return 0;
}

static void test_mutex_is_fifo(void **state)
{
	(void)state;
	assert_true(lock_acquire(&lock, &requests[0], LOCK_WRITE));
	for (int i = 1; i < 4; i++)
		assert_false(lock_acquire(&lock, &requests[i], LOCK_WRITE));
	engine.now_ns = 10;
	lock_release(&lock, &requests[0]);
	assert_string_equal(trace, "b");
	engine.now_ns = 30;
	lock_release(&lock, &requests[1]);
	lock_release(&lock, &requests[2]);
	lock_release(&lock, &requests[3]);
	assert_string_equal(trace, "bcd");
	assert_int_equal(lock.statistics.acquired, 4);
	assert_int_equal(lock.statistics.waited, 3);
	assert_int_equal(lock.statistics.wait_total_ns, 10 + 30 + 30);
	assert_int_equal(lock.statistics.wait_max_ns, 30);
	assert_int_equal(lock.statistics.hold_total_ns, 30);
	assert_int_equal(lock.statistics.hold_max_ns, 20);
}

/* Readers share; those behind a waiting writer wait too, so the writer does not starve. */
static void test_readers_and_writers(void **state)
{
	(void)state;
	assert_true(lock_acquire(&lock, &requests[0], LOCK_READ));
	assert_true(lock_acquire(&lock, &requests[1], LOCK_READ));
	assert_false(lock_acquire(&lock, &requests[2], LOCK_WRITE));
	assert_false(lock_acquire(&lock, &requests[3], LOCK_READ));
	assert_false(lock_acquire(&lock, &requests[4], LOCK_READ));
	lock_release(&lock, &requests[0]);
	assert_string_equal(trace, "");
	lock_release(&lock, &requests[1]);
	assert_string_equal(trace, "c");
	lock_release(&lock, &requests[2]);
	assert_string_equal(trace, "cde");
	assert_int_equal(lock.readers, 2);
}

static void test_try_and_abandon(void **state)
{
	(void)state;
	assert_true(lock_try(&lock, &requests[0], LOCK_READ));
	assert_true(lock_try(&lock, &requests[1], LOCK_READ));
	assert_false(lock_try(&lock, &requests[2], LOCK_WRITE));
	assert_int_equal(lock.statistics.refused, 1);
	assert_false(lock_acquire(&lock, &requests[2], LOCK_WRITE));
	assert_false(lock_acquire(&lock, &requests[3], LOCK_READ));
	assert_false(lock_try(&lock, &requests[4], LOCK_READ)); /* not past the queue */
	lock_abandon(&lock, &requests[2]);
	assert_string_equal(trace, "d"); /* the reader need not wait any longer */
	assert_false(lock_has_waiters(&lock));
}

static int told;

static void on_contention(struct lock_watcher *watcher)
{
	told++;
	lock_unwatch(&lock, watcher);
	assert_true(lock_try(&lock, &requests[5], LOCK_READ)); /* steps down to holding it */
}

static void test_watcher(void **state)
{
	struct lock_watcher watcher = { .contended = on_contention, .mode = LOCK_READ };

	(void)state;
	told = 0;
	lock_watch(&lock, &watcher);
	assert_true(lock_acquire(&lock, &requests[0], LOCK_READ)); /* readers do not conflict */
	assert_int_equal(told, 0);
	lock_release(&lock, &requests[0]);
	assert_false(lock_acquire(&lock, &requests[1], LOCK_WRITE));
	assert_int_equal(told, 1);
	lock_release(&lock, &requests[5]);
	assert_string_equal(trace, "b");
	lock_account(&lock, 10, 600, 60);
	assert_int_equal(lock.statistics.acquired, 3 + 10);
	assert_int_equal(lock.statistics.hold_max_ns, 60);
}

/* It waits for those who were inside when it began, and for no reader that came later. */
static void test_grace_periods(void **state)
{
	struct lock_request *first = &requests[4], *second = &requests[5];

	(void)state;
	assert_true(lock_await_readers(&lock, first)); /* nobody is inside */
	for (int i = 0; i < 2; i++)
		assert_true(lock_acquire(&lock, &requests[i], LOCK_READ));
	assert_false(lock_await_readers(&lock, first));
	assert_true(lock_acquire(&lock, &requests[2], LOCK_READ));
	lock_release(&lock, &requests[2]);
	assert_true(lock_acquire(&lock, &requests[2], LOCK_READ));
	lock_release(&lock, &requests[0]);
	assert_string_equal(trace, "");
	assert_false(lock_await_readers(&lock, second));
	lock_release(&lock, &requests[1]);
	assert_string_equal(trace, "e");
	lock_release(&lock, &requests[2]);
	assert_string_equal(trace, "ef");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mutex_is_fifo, begin, end),
		cmocka_unit_test_setup_teardown(test_readers_and_writers, begin, end),
		cmocka_unit_test_setup_teardown(test_try_and_abandon, begin, end),
		cmocka_unit_test_setup_teardown(test_watcher, begin, end),
		cmocka_unit_test_setup_teardown(test_grace_periods, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
