/*
 * Limits judged: every kind of limit, met, missed and undecided, with few and many replications,
 * with nothing observed; and how many replications would decide.
 */

#include "repeat/limit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { AT_MOST = 1000, SEVERAL = 5 };

static const struct limit_look once = { .alpha = 0.025, .looks = 1 };

/* `n` replications of which every `one_in`th is beyond the limit; each gives `each` values. */
static struct observations observed(size_t n, size_t each, size_t one_in, int64_t below,
				    int64_t above)
{
	struct observations observations = { .limit = (size_t)1 << 40 };
	struct error error = { 0 };

	for (size_t r = 0; r < n; r++) {
		int64_t values[SEVERAL];

		for (size_t i = 0; i < each; i++)
			values[i] = one_in && r % one_in == one_in - 1 && i == 0 ? above : below;
		assert_true(observations_add(&observations, values, each, &error));
	}
	return observations;
}

static struct limit_bounds judged(const struct observations *observations, double quantile,
				  const struct limit_look *look)
{
	const struct objective limit = { .quantile = quantile, .at_most = AT_MOST };
	struct error error = { 0 };
	struct limit_bounds bounds;

	assert_true(limit_judge(&limit, observations, true, look, &bounds, &error));
	return bounds;
}

static const struct judged_case {
	double quantile; /* negative: mean; 1: never */
	size_t n, each, one_in;
	int64_t below, above;
	enum judgement judgement;
	double needed; /* replications that would decide; negative: not known */
} cases[] = {
	/* means: of 900 and 1099, every other time one of them */
	{ -1, 0, 0, 0, 0, 0, LIMIT_MISSED, 0 },
	{ -1, 1, 1, 0, 900, 0, LIMIT_UNDECIDED, -1 },
	{ -1, 4, 1, 2, 900, 1099, LIMIT_UNDECIDED, 400000 },
	{ -1, 4000, 1, 2, 900, 1099, LIMIT_UNDECIDED, 300000 },
	{ -1, 4, 1, 2, 500, 600, LIMIT_MET, 0 },
	{ -1, 400, 1, 2, 500, 600, LIMIT_MET, 0 },
	{ -1, 4, 1, 2, 1500, 1600, LIMIT_MISSED, 0 },
	{ -1, 400, 1, 2, 1500, 1600, LIMIT_MISSED, 0 },
	{ -1, 400, 1, 2, 900, 1090, LIMIT_UNDECIDED, 2700 },
	{ -1, 40000, 1, 2, 900, 1090, LIMIT_MET, 0 },
	{ -1, 40000, 1, 2, 900, 1110, LIMIT_MISSED, 0 },
	{ -1, 3, SEVERAL, 0, 900, 0, LIMIT_MET, 0 }, /* all are equal */
	{ -1, 3, SEVERAL, 0, 1000, 0, LIMIT_MET, 0 },
	{ -1, 3, SEVERAL, 0, 1001, 0, LIMIT_MISSED, 0 },

	/* a quantile: shares of one in so many, of 1 % that are allowed */
	{ 0.99, 0, 0, 0, 0, 0, LIMIT_MISSED, 0 },
	{ 0.99, 1, 1, 0, 900, 0, LIMIT_UNDECIDED, 490 },
	{ 0.99, 8, 1, 0, 900, 0, LIMIT_UNDECIDED, 490 },
	{ 0.99, 8, 1, 1, 0, 1001, LIMIT_MISSED, 0 },
	{ 0.99, 8, 1, 8, 900, 1001, LIMIT_UNDECIDED, 38 },
	{ 0.99, 600, 1, 0, 900, 0, LIMIT_MET, 0 },
	{ 0.99, 600, 1, 150, 900, 1001, LIMIT_UNDECIDED, 10000 },
	{ 0.99, 600, 1, 100, 900, 1001, LIMIT_UNDECIDED, INFINITY },
	{ 0.99, 600, 1, 20, 900, 1001, LIMIT_MISSED, 0 },
	{ 0.99, 40000, 1, 150, 900, 1001, LIMIT_MET, 0 },
	{ 0.99, 40000, 1, 100, 900, 1001, LIMIT_UNDECIDED, INFINITY },
	{ 0.5, 6, 1, 0, 900, 0, LIMIT_UNDECIDED, 9 },
	{ 0.5, 8, 1, 0, 900, 0, LIMIT_MET, 0 },
	{ 0.5, 12, 1, 1, 0, 1001, LIMIT_MISSED, 0 },

	/* the same of several values of a replication */
	{ 0.99, 8, SEVERAL, 0, 900, 0, LIMIT_UNDECIDED, 490 },
	{ 0.99, 8, SEVERAL, 1, 900, 1001, LIMIT_MISSED, 0 },
	{ 0.99, 600, SEVERAL, 0, 900, 0, LIMIT_MET, 0 },
	{ 0.99, 4000, SEVERAL, 200, 900, 1001, LIMIT_MET, 0 },
	{ 0.99, 4000, SEVERAL, 20, 900, 1001, LIMIT_UNDECIDED, INFINITY },
	{ 0.99, 4000, SEVERAL, 10, 900, 1001, LIMIT_MISSED, 0 },

	/* never: in at most 1 % of replications */
	{ 1, 0, 0, 0, 0, 0, LIMIT_MISSED, 0 },
	{ 1, 8, 1, 0, 1000, 0, LIMIT_UNDECIDED, 490 },
	{ 1, 8, 1, 1, 0, 1001, LIMIT_MISSED, 0 },
	{ 1, 600, 1, 0, 1000, 0, LIMIT_MET, 0 },
	{ 1, 600, 1, 20, 900, 1001, LIMIT_MISSED, 0 },
	{ 1, 600, SEVERAL, 0, 1000, 0, LIMIT_MET, 0 },
	{ 1, 600, SEVERAL, 150, 900, 1001, LIMIT_UNDECIDED, 10000 },
};

static void test_judgements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct judged_case *one = &cases[i];
		struct observations observations =
			observed(one->n, one->each, one->one_in, one->below, one->above);
		struct limit_bounds bounds = judged(&observations, one->quantile, &once);

		print_message("%2zu: %s, %g in %g .. %g of %g, needed %g\n", i,
			      judgement_names[limit_judgement(&bounds)], bounds.estimate,
			      bounds.low, bounds.high, bounds.limit, bounds.needed);

		assert_int_equal(limit_judgement(&bounds), one->judgement);
		if (one->needed < 0)
			assert_true(isnan(bounds.needed));
		else
			assert_true(bounds.needed == one->needed);
		observations_fini(&observations);
	}
}

/* With as many replications as were said to decide, and the same shares, it is decided; with
 * three quarters of them it is not. */
static void test_needed_decides(void **state)
{
	(void)state;
	for (size_t one_in = 125; one_in <= 500; one_in *= 2) {
		struct observations few = observed(one_in, 1, one_in, 900, 1001), less, enough;
		struct limit_bounds bounds = judged(&few, 0.99, &once), now;
		size_t needed = (size_t)bounds.needed;

		assert_int_equal(limit_judgement(&bounds), LIMIT_UNDECIDED);
		enough = observed((needed + one_in - 1) / one_in * one_in, 1, one_in, 900, 1001);
		now = judged(&enough, 0.99, &once);
		assert_int_equal(limit_judgement(&now), LIMIT_MET);
		less = observed(needed * 3 / 4 / one_in * one_in, 1, one_in, 900, 1001);
		now = judged(&less, 0.99, &once);
		assert_int_equal(limit_judgement(&now), LIMIT_UNDECIDED);
		observations_fini(&few);
		observations_fini(&less);
		observations_fini(&enough);
	}
}

/* Too many values to be kept: the same judgement from histograms. */
static void test_counted(void **state)
{
	static const double quantiles[] = { -1, 0.9, 0.99, 1 };

	(void)state;
	for (size_t each = 1; each <= SEVERAL; each += SEVERAL - 1)
		for (size_t i = 0; i < 4; i++) {
			struct observations kept = observed(6000, each, 41, 900, 1100);
			struct observations counted = { .limit = 1000 };
			struct error error = { 0 };
			struct limit_bounds one, other;

			for (size_t r = 0; r < kept.replications; r++) {
				size_t count;
				const int64_t *values = observations_of(&kept, r, &count);

				assert_true(observations_add(&counted, values, count, &error));
			}
			one = judged(&kept, quantiles[i], &once);
			other = judged(&counted, quantiles[i], &once);
			assert_int_equal(limit_judgement(&one), limit_judgement(&other));
			assert_true(fabs(one.estimate - other.estimate) <
				    5e-4 * (1 + one.estimate));
			observations_fini(&kept);
			observations_fini(&counted);
		}
}

/* Without random numbers one replication says it all. */
static void test_exact(void **state)
{
	static const double quantiles[] = { -1, 0.5, 0.99, 1 };
	struct error error = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (int64_t value = 1000; value <= 1001; value++) {
			struct observations one = observed(1, 1, 0, value, 0);
			const struct objective limit = { .quantile = quantiles[i],
							 .at_most = AT_MOST };
			struct limit_bounds bounds;

			assert_true(limit_judge(&limit, &one, false, &once, &bounds, &error));
			assert_int_equal(limit_judgement(&bounds),
					 value == AT_MOST ? LIMIT_MET : LIMIT_MISSED);
			observations_fini(&one);
		}
}

/* The judgements together: what several limits are, and the exit status. */
static void test_together(void **state)
{
	(void)state;
	for (int one = LIMIT_MET; one <= LIMIT_UNDECIDED; one++)
		for (int other = LIMIT_MET; other <= LIMIT_UNDECIDED; other++) {
			enum judgement both =
				judgement_worse((enum judgement)one, (enum judgement)other);
			bool missed = one == LIMIT_MISSED || other == LIMIT_MISSED;

			assert_int_equal(judgement_status(both),
					 missed                                   ? 3
					 : one == LIMIT_MET && other == LIMIT_MET ? 0
										  : 4);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judgements), cmocka_unit_test(test_needed_decides),
		cmocka_unit_test(test_counted),    cmocka_unit_test(test_exact),
		cmocka_unit_test(test_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
