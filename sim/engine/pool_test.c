/* A pool gives what it has, and takes back no more than that. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/pool.h"

static void test_pool(void **state)
{
	struct engine engine;
	struct error error = { 0 };
	struct pool pool;

	(void)state;
	assert_true(engine_init(&engine, &error));
	pool_init(&pool, &engine, 100);
	assert_true(pool_take(&pool, 60));
	assert_false(pool_take(&pool, 41));
	assert_true(pool_take(&pool, 40));
	assert_false(pool_take(&pool, 1));
	pool_give(&pool, 99);
	assert_int_equal(pool.used_bytes, 1);
	assert_int_equal(engine.error.kind, ERROR_NONE);
	pool_give(&pool, 2);
	assert_int_equal(engine.error.kind, ERROR_INTERNAL);
	assert_int_equal(pool.used_bytes, 1);
	engine_fini(&engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pool) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
