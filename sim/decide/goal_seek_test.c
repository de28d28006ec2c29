/* The search by itself: estimates that are exact, and what is asked of them. */

#include "decide/goal_seek.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LAST = 1000, FIRST = 32, MOST = 4096 };

/* A quantity that grows by a part with each step and is within its limit up to `truth`. */
struct exact {
	int64_t truth, sign; /* -1: it falls as the value grows */
	double growth;
	bool never_confirms;
	double fresh_alpha; /* spent on confirmations */
	uint64_t effort;    /* of the look before; 0: a new value */
	int64_t value;
};

static bool estimate(void *data, int64_t value, uint64_t effort, double alpha, bool fresh,
		     struct limit_bounds *bounds, struct error *error)
{
	struct exact *exact = data;
	double beyond = (double)(exact->sign * (value - exact->truth)) - 0.5;
	double level = exp(exact->growth * beyond), half = 32.0 / (double)effort;

	(void)error;
	if (exact->effort && exact->effort < effort)
		assert_true(exact->value == value && (effort <= exact->effort * 5 / 4 + 1));
	if (fresh && (exact->value != value || effort == FIRST))
		exact->fresh_alpha += alpha;
	exact->value = value;
	exact->effort = effort;
	if (fresh && exact->never_confirms)
		level = 2;
	*bounds = (struct limit_bounds){ level - half, level, level + half, 1, level, 0 };
	return true;
}

static struct plan_answer seek(struct exact *exact, int64_t low, int64_t high)
{
	const struct goal_source source = { exact, 1, estimate, NULL, NULL };
	const struct goal_options options = { .low = low,
					      .high = high,
					      .maximize = exact->sign > 0,
					      .first = FIRST,
					      .most = MOST,
					      .alpha = 0.05 };
	struct planning planning = { .answers = calloc(1, sizeof(*planning.answers)),
				     .answer_count = 1 };
	struct error error = { 0 };
	struct plan_answer answer;

	assert_true(goal_seek(&source, &options, planning.answers, &error));
	answer = *planning.answers;
	answer.points = NULL; /* not looked at */
	planning_fini(&planning);
	return answer;
}

/* Wherever it is, from either end, and with few looks however the quantity grows. */
static void test_finds(void **state)
{
	(void)state;
	for (int64_t truth = 1; truth <= LAST; truth += 7) {
		for (int i = 0; i < 6; i++) {
			struct exact exact = { .truth = truth,
					       .sign = i % 2 ? -1 : 1,
					       .growth = (double[]){ 0.05, 0.5, 5 }[i / 2] };
			struct plan_answer answer = seek(&exact, 1, LAST);

			assert_true(answer.found && answer.value == truth);
			assert_true(answer.point_count <= 11 + 2 * 9 + 1);
		}
	}
}

/* A steady growth is seen through: behind the doubling there are few looks. */
static void test_steady(void **state)
{
	struct exact exact = { .truth = 777, .sign = 1, .growth = 0.05 };
	struct plan_answer answer = seek(&exact, 1, LAST);

	(void)state;
	assert_int_equal(answer.value, 777);
	assert_true(answer.point_count <= 11 + 4 + 1);
}

/* However often a winner does not meet again, all tries together spend alpha at most. */
static void test_confirmation(void **state)
{
	struct exact exact = { .truth = 50, .sign = 1, .growth = 0.5, .never_confirms = true };
	struct plan_answer answer = seek(&exact, 1, LAST);

	(void)state;
	assert_false(answer.found);
	assert_true(exact.fresh_alpha > 0.04 && exact.fresh_alpha <= 0.05);
	exact = (struct exact){ .truth = 50, .sign = 1, .growth = 0.5 };
	answer = seek(&exact, 1, LAST);
	assert_true(answer.found && exact.fresh_alpha == 0.025);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_confirmation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
