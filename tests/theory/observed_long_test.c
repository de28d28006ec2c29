/*
 * Does `explain` get prices back? Of 200 stated 95 % intervals of each price, drawn from its
 * range, 93 to 97 % hold what was drawn, over all cases; those of each price within what chance
 * allows (190 +- 3.1, 2.9 standard deviations).
 */

#include "explained.h"

enum { TRIALS = 200 };

static void test_held(void **state)
{
	const struct truth *const cases[] = { &s390_three, &kvm_two, &s390_others, &s390_two };
	int all = 0, count = 0;

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		int held[TERMS_OF_TRUTH] = { 0 };

		count_held(cases[c], TRIALS, held);
		for (size_t i = 0; i < count_texts(cases[c]->terms, TERMS_OF_TRUTH); i++) {
			all += held[i];
			count += TRIALS;
			assert_in_range(held[i], 181, 199);
		}
	}
	print_message("%d of %d intervals\n", all, count);
	assert_in_range(all, 0.93 * count, 0.97 * count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_held),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
