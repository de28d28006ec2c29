/* The clock and the order of events. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/engine.h"

enum { EVENTS = 8 };

static struct engine engine;
static struct event events[EVENTS];
static char trace[64];
static size_t traced;
static struct event *to_cancel, *to_move;

static void fired(struct engine *at, struct event *event)
{
	(void)at;
	trace[traced++] = (char)('a' + (event - events));
	if (to_cancel && event == &events[0])
		event_cancel(&engine, to_cancel);
	if (to_move && event == &events[0])
		event_schedule(&engine, to_move, engine.now_ns + 5);
}

static int begin(void **state)
{
	struct error error = { 0 };

	(void)state;
	assert_true(engine_init(&engine, &error));
	for (int i = 0; i < EVENTS; i++)
		assert_true(event_init(&engine, &events[i], fired, &error));
	memset(trace, 0, sizeof(trace));
	traced = 0;
	to_cancel = to_move = NULL;
	return 0;
}

static int end(void **state)
{
	(void)state;
	engine_fini(&engine);
	return 0;
}

static void test_order(void **state)
{
	(void)state;
	event_schedule(&engine, &events[3], 20);
	event_schedule(&engine, &events[1], 10);
	event_schedule(&engine, &events[2], 10); /* the same instant: in order of scheduling */
	event_schedule(&engine, &events[0], 10);
	event_schedule(&engine, &events[4], 5);
	assert_true(engine_run(&engine, INT64_MAX));
	assert_string_equal(trace, "ebcad");
	assert_int_equal(engine.now_ns, 20);
	assert_int_equal(engine.fired, 5);
}

static void test_move_and_cancel(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		event_schedule(&engine, &events[i], 10);
	to_cancel = &events[2]; /* due at this very instant */
	to_move = &events[1];
	assert_true(event_pending(&engine, &events[2]));
	assert_true(engine_run(&engine, INT64_MAX));
	assert_string_equal(trace, "adb");
	assert_int_equal(engine.now_ns, 15);
	event_cancel(&engine, &events[2]); /* not pending: nothing happens */
}

static void test_end_is_inclusive(void **state)
{
	(void)state;
	event_schedule(&engine, &events[0], 10);
	event_schedule(&engine, &events[1], 10);
	event_schedule(&engine, &events[2], 11);
	assert_true(engine_run(&engine, 10));
	assert_string_equal(trace, "ab");
	assert_int_equal(engine.now_ns, 10);
	assert_true(engine_run(&engine, 11));
	assert_string_equal(trace, "abc");
}

static void test_mistakes_are_errors(void **state)
{
	(void)state;
	event_schedule(&engine, &events[0], 10);
	assert_true(engine_run(&engine, INT64_MAX));
	event_schedule(&engine, &events[1], 9);
	assert_int_equal(engine.error.kind, ERROR_INTERNAL);
	assert_non_null(strstr(engine.error.message, "9 ns"));
	engine_reset(&engine);
	assert_int_equal(engine.error.kind, ERROR_NONE);
	event_schedule_in(&engine, &events[1], -1);
	assert_int_equal(engine.error.kind, ERROR_INTERNAL);
	engine_reset(&engine);
	event_schedule(&engine, &events[0], 10);
	assert_true(engine_run(&engine, INT64_MAX));
	event_schedule_in(&engine, &events[1], INT64_MAX);
	assert_non_null(strstr(engine.error.message, "292 years"));
	assert_false(engine_run(&engine, INT64_MAX));
}

static void again(struct engine *at, struct event *event)
{
	event_schedule_in(at, event, 0);
}

static void test_storm(void **state)
{
	(void)state;
	engine.instant_limit = 1000;
	events[0].fire = again;
	event_schedule(&engine, &events[0], 7);
	assert_false(engine_run(&engine, INT64_MAX));
	assert_non_null(strstr(engine.error.message, "one instant (7 ns)"));
}

static void test_reset_and_slots(void **state)
{
	struct error error = { 0 };
	uint32_t slot = events[7].slot;

	(void)state;
	event_schedule(&engine, &events[0], 10);
	engine_reset(&engine);
	assert_false(event_pending(&engine, &events[0]));
	assert_true(engine_run(&engine, INT64_MAX));
	assert_int_equal(traced, 0);
	event_fini(&engine, &events[7]);
	assert_true(event_init(&engine, &events[7], fired, &error));
	assert_int_equal(events[7].slot, slot);
}

/* When the 2^40 sequence numbers are used up, the order of what is pending stays. */
static void test_renumbering(void **state)
{
	(void)state;
	event_schedule(&engine, &events[5], 30);
	event_schedule(&engine, &events[4], 10);
	engine.order = ENGINE_ORDER_LAST - 2 * ENGINE_ORDER_STEP;
	event_schedule(&engine, &events[3], 10);
	event_schedule(&engine, &events[2], 10);
	event_schedule(&engine, &events[1], 10); /* after renumbering */
	assert_true(engine.order < 10 * ENGINE_ORDER_STEP);
	event_schedule(&engine, &events[0], 30);
	assert_true(engine_run(&engine, INT64_MAX));
	assert_string_equal(trace, "edcbfa");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, begin, end),
		cmocka_unit_test_setup_teardown(test_move_and_cancel, begin, end),
		cmocka_unit_test_setup_teardown(test_end_is_inclusive, begin, end),
		cmocka_unit_test_setup_teardown(test_mistakes_are_errors, begin, end),
		cmocka_unit_test_setup_teardown(test_storm, begin, end),
		cmocka_unit_test_setup_teardown(test_reset_and_slots, begin, end),
		cmocka_unit_test_setup_teardown(test_renumbering, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
