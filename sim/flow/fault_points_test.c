#include "flow/fault_points.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { WORK = FIRST_TERM, CALL_OUT, TERM_COUNT };

static int succeed(struct guest *guest, uint32_t *generation)
{
	(void)guest;
	(void)generation;
	return 0;
}

static const struct term terms[] = { [WORK] = { .name = "work", .mean_ns = 1 },
				     [CALL_OUT] = { .name = "firmware.call", .mean_ns = 1 } };
static const struct hook hook = { "take it", succeed };

static const struct step inner_steps[] = { SPEND_OR(CALL_OUT, NULL, EIO, NULL, "deep"),
					   SPEND(WORK, NULL, "deep") };
static const struct flow inner = FLOW("inner", "", inner_steps);
static const struct step spawned_steps[] = { TRY(hook, EBUSY, NULL, "spawned"),
					     SPEND_OR(CALL_OUT, NULL, EIO, NULL, "again") };
static const struct flow spawned = FLOW("spawned", "", spawned_steps);
static const struct step outer_steps[] = { SPAWN(spawned, "outer"), CALL(inner, "outer"),
					   FAIL(ENOMEM, NULL, "outer") };
static const struct flow outer = FLOW("outer", "", outer_steps);

static const struct strategy strategies[] = {
	{ "all", "", { [OPERATION_REBOOT] = &outer, [OPERATION_KILL] = &inner } },
	{ "none", "", { NULL } },
};
static const struct model model = {
	.name = "test",
	.terms = terms,
	.term_count = TERM_COUNT,
	.strategies = strategies,
	.strategy_count = 2,
};

static void test_calls_and_spawns(void **state)
{
	struct fault_points points = { 0 };
	struct error error = { 0 };
	const struct fault_point *point;

	(void)state;
	assert_true(fault_points_add(&points, &model, &strategies[0], &error));
	assert_int_equal(points.count, 2); /* each once; FAIL and plain steps are none */
	point = fault_points_find(&points, "firmware.call");
	assert_non_null(point);
	assert_int_equal(point->error, EIO);
	point = fault_points_find(&points, "take it");
	assert_non_null(point);
	assert_int_equal(point->error, EBUSY);
	assert_string_equal(point->where, "spawned");
	assert_null(fault_points_find(&points, "work"));
	fault_points_fini(&points);
	assert_int_equal(points.count, 0);
}

static void test_none(void **state)
{
	struct fault_points points = { 0 };
	struct error error = { 0 };

	(void)state;
	assert_true(fault_points_add(&points, &model, &strategies[1], &error));
	assert_int_equal(points.count, 0);
	fault_points_fini(&points);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_calls_and_spawns),
					    cmocka_unit_test(test_none) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
