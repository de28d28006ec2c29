/* Prices that are drawn are got back, a few trials of each case; and what cannot be known is said. */

#include "explained.h"

enum { TRIALS = 40 };

/* Of 40 intervals 38 +- 1.4 hold their price; fewer than 34 do in 1 of 700 cases. */
static void assert_held(const struct truth *truth)
{
	int held[TERMS_OF_TRUTH] = { 0 };

	count_held(truth, TRIALS, held);
	for (size_t i = 0; i < count_texts(truth->terms, TERMS_OF_TRUTH); i++)
		assert_in_range(held[i], 34, TRIALS);
}

static void test_kvm(void **state)
{
	(void)state;
	assert_held(&kvm_two);
}

static void test_all_others_anywhere(void **state)
{
	(void)state;
	assert_held(&s390_others);
}

/* A fault and the zeroing of its page are always charged together. */
static void test_unknown_pair(void **state)
{
	static const struct truth pair = {
		.name = "kvm, memory touched by a boot",
		.file = SCENARIOS "kvm/life.json",
		.keys = { "/guests/0/boot_touch" },
		.rows = { { "4GiB" }, { "16GiB" }, { "64GiB" } },
		.metrics = { "start.latency" },
		.terms = { "mm.fault", "mm.zero_4k" },
	};
	const struct explanation_confusion *row;
	struct explanation explanation;
	struct drawn drawn;
	double sum;

	(void)state;
	explain_truth(&pair, 0, &drawn, &explanation);
	assert_int_equal(explanation.confusion_count, 1);
	row = &explanation.confusions[0];
	assert_int_equal(row->count, 2);
	assert_true(fabs(row->factors[1] - 1) < 1e-3);
	sum = drawn_of(&drawn, row->terms[0]) + drawn_of(&drawn, row->terms[1]);
	assert_true(row->sum.exists && row->sum_low.value <= sum && sum <= row->sum_high.value);
	assert_true(row->sum_high.value - row->sum_low.value < 0.15 * sum);
	for (size_t i = 0; i < 2; i++)
		assert_false(explanation.estimates[i].told);
	explanation_fini(&explanation);
}

/* A price that is charged, but not for what was measured. */
static void test_unseen(void **state)
{
	static const struct truth unseen = {
		.name = "kvm, shutdown",
		.file = SCENARIOS "kvm/life.json",
		.keys = { "/guests/0/memory" },
		.rows = { { "20GiB" }, { "80GiB" }, { "320GiB" } },
		.metrics = { "shutdown.latency" },
		.terms = { "mm.free_4k", "kvm.create_vm" },
	};
	struct explanation explanation;
	struct drawn drawn;

	(void)state;
	explain_truth(&unseen, 0, &drawn, &explanation);
	assert_true(explanation.estimates[0].told);
	assert_false(explanation.estimates[1].told);
	assert_int_equal(explanation.confusion_count, 1);
	assert_int_equal(explanation.confusions[0].count, 1);
	assert_string_equal(explanation.confusions[0].terms[0], "kvm.create_vm");
	assert_false(explanation.confusions[0].sum.exists);
	explanation_fini(&explanation);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kvm),
		cmocka_unit_test(test_all_others_anywhere),
		cmocka_unit_test(test_unknown_pair),
		cmocka_unit_test(test_unseen),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
