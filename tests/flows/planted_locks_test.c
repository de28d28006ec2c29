/* The lock check finds what is planted: a cycle, leaks, double locking, a depth of 49. */

#include "fixture.h"

#include <errno.h>

#include "flow/lock_check.h"

static const struct lock_kind a = { "a", "a", .scope = SCOPE_GUEST },
			      b = { "b", "b", .scope = SCOPE_GUEST },
			      c = { "c", "c", .scope = SCOPE_GUEST };
static const struct term terms[] = { [FIRST_TERM] = { .name = "work", .mean_ns = 1 } };
static const struct model model = { .name = "planted",
				    .terms = terms,
				    .term_count = FIRST_TERM + 1 };

static struct lock_report report;

static void check(const struct flow *flow)
{
	struct error error = { 0 };

	assert_true(lock_check_flow(&model, flow, &report, &error));
}

static void assert_found(const char *words)
{
	for (size_t i = 0; i < report.findings.count; i++)
		if (strstr(report.findings.texts[i], words))
			return;
	for (size_t i = 0; i < report.findings.count; i++)
		print_error("found: %s\n", report.findings.texts[i]);
	fail_msg("not found: %s", words);
}

static int begin(void **state)
{
	(void)state;
	report = (struct lock_report){ 0 };
	return 0;
}

static void test_clean(void **state)
{
	static const struct step steps[] = {
		LOCK(a, "f"), SPEND_OR(FIRST_TERM, NULL, EIO, "out", "f"),
		LOCK(b, "f"), UNLOCK(b, "f"),
		LABEL("out"), UNLOCK(a, "f"),
	};
	static const struct flow flow = FLOW("clean", "", steps);

	(void)state;
	check(&flow);
	lock_check_order(&report);
	assert_int_equal(report.findings.count, 0);
	assert_int_equal(report.deepest, 2);
	assert_int_equal(report.edge_count, 1);
}

static void test_cycle(void **state)
{
	static const struct step ab[] = { LOCK(a, "f"), LOCK(b, "f"), UNLOCK(b, "f"),
					  UNLOCK(a, "f") };
	static const struct step bc[] = { LOCK(b, "f"), LOCK(c, "f"), UNLOCK(c, "f"),
					  UNLOCK(b, "f") };
	static const struct step ca[] = { LOCK(c, "f"), LOCK(a, "f"), UNLOCK(a, "f"),
					  UNLOCK(c, "f") };
	static const struct flow flows[] = { FLOW("ab", "", ab), FLOW("bc", "", bc),
					     FLOW("ca", "", ca) };

	(void)state;
	check(&flows[0]);
	check(&flows[1]);
	lock_check_order(&report);
	assert_int_equal(report.findings.count, 0);
	check(&flows[2]);
	lock_check_order(&report);
	assert_found("order cycle");
}

/* The lock is released on the straight way, and forgotten when the call fails. */
static void test_leak_on_error_path(void **state)
{
	static const struct step steps[] = { LOCK(a, "f"),
					     SPEND_OR(FIRST_TERM, NULL, EIO, NULL, "f"),
					     UNLOCK(a, "f") };
	static const struct flow flow = FLOW("leaky", "", steps);

	(void)state;
	check(&flow);
	assert_found("returns on an error path with a held");
	assert_int_equal(report.findings.count, 1);
}

/* The same through a callee that fails. */
static void test_leak_behind_a_call(void **state)
{
	static const struct step inner_steps[] = { FAIL(EINVAL, NULL, "f") };
	static const struct flow inner = FLOW("inner", "", inner_steps);
	static const struct step steps[] = { LOCK(a, "f"), CALL(inner, "f"), UNLOCK(a, "f") };
	static const struct flow flow = FLOW("outer", "", steps);

	(void)state;
	check(&flow);
	assert_found("flow outer returns on an error path with a held");
}

static void test_twice_and_never(void **state)
{
	static const struct step steps[] = { LOCK(a, "f"), LOCK(a, "f"), UNLOCK(a, "f"),
					     UNLOCK(a, "f"), UNLOCK(b, "f") };
	static const struct flow flow = FLOW("twice", "", steps);

	(void)state;
	check(&flow);
	assert_found("takes a twice");
	assert_found("releases b without holding it");
}

/* flush_work under a mutex that the work takes, directly or in a callee. */
static void test_join_under_lock(void **state)
{
	static const struct step inner_steps[] = { LOCK(a, "f"), UNLOCK(a, "f") };
	static const struct flow inner = FLOW("inner", "", inner_steps);
	static const struct step work_steps[] = { CALL(inner, "f") };
	static const struct flow work = FLOW("work", "", work_steps);
	static const struct step steps[] = { SPAWN(work, "f"), LOCK(a, "f"), JOIN(work, "f"),
					     UNLOCK(a, "f") };
	static const struct flow flow = FLOW("flusher", "", steps);

	(void)state;
	check(&flow);
	assert_found("flow flusher waits for the end of flow work while it holds a");
}

/* The same in a circle: the work wants b, and elsewhere b is held when a is taken. */
static void test_join_closes_a_circle(void **state)
{
	static const struct step work_steps[] = { LOCK(b, "f"), LOCK(a, "f"), UNLOCK(a, "f"),
						  UNLOCK(b, "f") };
	static const struct flow work = FLOW("work", "", work_steps);
	static const struct step steps[] = { SPAWN(work, "f"), LOCK(c, "f"), STOP(work, "f"),
					     UNLOCK(c, "f") };
	static const struct flow flow = FLOW("stopper", "", steps);
	static const struct step other_steps[] = { LOCK(a, "f"), LOCK(c, "f"), UNLOCK(c, "f"),
						   UNLOCK(a, "f") };
	static const struct flow other = FLOW("other", "", other_steps);

	(void)state;
	check(&flow);
	lock_check_order(&report);
	assert_int_equal(report.findings.count, 0);
	check(&other);
	lock_check_order(&report);
	assert_found("order cycle");
}

/* synchronize_srcu inside a reader, and under a lock that readers take. */
static void test_grace_period(void **state)
{
	static const struct step inside_steps[] = { READ_LOCK(a, "f"),
						    GRACE(a, FIRST_TERM, NULL, "f"),
						    UNLOCK(a, "f") };
	static const struct flow inside = FLOW("inside", "", inside_steps);
	static const struct step reader_steps[] = { READ_LOCK(b, "f"), LOCK(c, "f"), UNLOCK(c, "f"),
						    UNLOCK(b, "f") };
	static const struct flow reader = FLOW("reader", "", reader_steps);
	static const struct step writer_steps[] = { LOCK(c, "f"), GRACE(b, FIRST_TERM, NULL, "f"),
						    UNLOCK(c, "f") };
	static const struct flow writer = FLOW("writer", "", writer_steps);

	(void)state;
	check(&inside);
	assert_found("flow inside waits for a grace period while it holds a");
	begin(NULL);
	check(&reader);
	check(&writer);
	lock_check_order(&report);
	assert_found("order cycle");
}

static void test_depth(void **state)
{
	enum { DEPTH = LOCKDEP_DEPTH_MAX + 1 };
	static struct lock_kind kinds[DEPTH];
	static struct step steps[2 * DEPTH];
	static char names[DEPTH][16];
	static struct flow flow = FLOW("deep", "", steps);

	(void)state;
	for (int depth = DEPTH - 1; depth <= DEPTH; depth++) {
		begin(NULL);
		for (int i = 0; i < depth; i++) {
			snprintf(names[i], sizeof(names[i]), "l%d", i);
			kinds[i] = (struct lock_kind){ names[i], names[i], .scope = SCOPE_GUEST };
			steps[i] = (struct step)LOCK(kinds[i], "f");
			steps[2 * depth - 1 - i] = (struct step)UNLOCK(kinds[i], "f");
		}
		flow.step_count = 2 * (size_t)depth;
		check(&flow);
		assert_int_equal(report.deepest, depth);
		assert_int_equal(report.findings.count, depth > LOCKDEP_DEPTH_MAX);
	}
	assert_found("49 locks at once");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_clean, begin),
		cmocka_unit_test_setup(test_cycle, begin),
		cmocka_unit_test_setup(test_leak_on_error_path, begin),
		cmocka_unit_test_setup(test_leak_behind_a_call, begin),
		cmocka_unit_test_setup(test_twice_and_never, begin),
		cmocka_unit_test_setup(test_join_under_lock, begin),
		cmocka_unit_test_setup(test_join_closes_a_circle, begin),
		cmocka_unit_test_setup(test_grace_period, begin),
		cmocka_unit_test_setup(test_depth, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
