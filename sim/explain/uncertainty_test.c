/* Draws of prices: their strata, correlations, and bands that mathematics knows. */

#include "explain/fixture.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_statistics.h>

#include "explain/explain_parts.h"

enum { REBOOT = 1, DRAWS = 2000 };

/* --- what a band must be ------------------------------------------------------ */

/*
 * The fake's answer is W + R. Each lies between half and twice its value, evenly on a logarithmic
 * scale: W = 2 s 2^V, R = 1 s 2^V' with V, V' uniform on [-1, 1]. P(W + R <= q) as a sum over V.
 */
static double share_below(double q)
{
	enum { STEPS = 20000 };
	double sum = 0;

	for (int i = 0; i < STEPS; i++) {
		double rest = q - 2e9 * exp2(2 * (i + 0.5) / STEPS - 1);

		if (rest > 0)
			sum += fmin(1, fmax(0, (log2(rest / 1e9) + 1) / 2));
	}
	return sum / STEPS;
}

static void run_draws(const struct scenario *scenario, uint64_t draws, struct result *result)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test",
						    .study = STUDY_BAND,
						    .uncertainty = draws };
	struct error error = { 0 };

	if (!explain_run(scenario, &options, result, &error))
		fail_msg("%s", error.message);
}

static void test_band_of_a_sum(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = fake_scenario(&fake_case, 0);
	run_draws(&scenario, DRAWS, &result);
	assert_int_equal(result.uncertainty.by, BAND_OF_DRAWS);
	assert_int_equal(result.uncertainty.draws, DRAWS);
	assert_int_equal(result.uncertainty.terms, 2);
	assert_near(share_below(result.uncertainty.low.value), 0.025, 0.004);
	assert_near(share_below(result.uncertainty.median.value), 0.5, 0.02);
	assert_near(share_below(result.uncertainty.high.value), 0.975, 0.004);
	result_fini(&result);
}

/* Each step of it has the band of its own price: 95 % of an even spread over two octaves. */
static void test_bands_of_its_parts(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;
	double mean = 0;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	scenario = fake_scenario(&fake_case, 0);
	run_draws(&scenario, DRAWS, &result);
	assert_int_equal(result.part_count, 2);
	for (size_t i = 0; i < result.part_count; i++) {
		const struct result_part *part = &result.parts[i];

		mean += part->mean;
		assert_near(part->band_low.value / part->mean, exp2(-0.95), 0.01);
		assert_near(part->band_high.value / part->mean, exp2(0.95), 0.02);
	}
	assert_near(mean / 3e9, 1, 1e-6);
	result_fini(&result);
}

/* As many draws as are made by default hold 95 % of what may be, over many seeds. */
static void test_band_by_default_holds_95_percent(void **state)
{
	enum { SEEDS = 200 };
	double held = 0;

	(void)state;
	for (int seed = 1; seed <= SEEDS; seed++) {
		struct fake_case fake_case;
		struct scenario scenario;
		struct result result;

		fake_case_init(&fake_case, 2e9, 0);
		fake_case.config.seed = (uint64_t)seed;
		scenario = fake_scenario(&fake_case, 0);
		run(&scenario, 1, &result);
		assert_int_equal(result.uncertainty.draws, 100);
		held += share_below(result.uncertainty.high.value) -
			share_below(result.uncertainty.low.value);
		result_fini(&result);
	}
	assert_near(held / SEEDS, 0.95, 0.01);
}

/* No price is certain because somebody measured it; one without a range is. */
static void test_status_does_not_matter(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	for (int status = TERM_PUBLISHED; status <= TERM_ASSUMED; status++) {
		fake_case_init(&fake_case, 2e9, 0);
		fake_case.costs[FAKE_WORK].status = (enum term_status)status;
		fake_case.costs[FAKE_REST].status = (enum term_status)status;
		scenario = fake_scenario(&fake_case, 0);
		run(&scenario, 1, &result);
		assert_int_equal(result.uncertainty.terms, 2);
		assert_string_equal(assumption(&result, "fake.work")->status,
				    term_status_names[status]);
		assert_near(result.answer_high.value, 6e9, 0);
		result_fini(&result);
	}
	fake_case.costs[FAKE_WORK].low_ns = fake_case.costs[FAKE_WORK].high_ns = 2e9;
	fake_case.costs[FAKE_REST].low_ns = fake_case.costs[FAKE_REST].high_ns = 1e9;
	run(&scenario, 1, &result);
	assert_int_equal(result.uncertainty.by, BAND_OF_NOTHING);
	assert_string_equal(result.uncertainty.low.reason, "no price has a range");
	result_fini(&result);
}

/* What draws cannot be paid for is told from both ends. */
static void test_ends_instead_of_draws(void **state)
{
	struct fake_case fake_case;
	struct scenario scenario;
	struct result result;

	(void)state;
	fake_case_init(&fake_case, 2e9, 0);
	fake.events = 4000000 / 9;
	scenario = fake_scenario(&fake_case, 0);
	run(&scenario, 1, &result);
	assert_int_equal(result.uncertainty.by, BAND_OF_ENDS);
	assert_near(result.uncertainty.low.value, 1.5e9, 0);
	assert_near(result.uncertainty.high.value, 6e9, 0);
	result_fini(&result);
	fake.events = 4000000 / 100;
	run(&scenario, 1, &result);
	assert_int_equal(result.uncertainty.by, BAND_OF_DRAWS);
	assert_int_equal(result.uncertainty.draws, 48); /* half of 97 that are left */
	assert_true(result.study.events <= result.study.budget);
	result_fini(&result);
}

/* --- correlations -------------------------------------------------------------- */

/* Three prices of one guest, and what is said of them. */
static struct variant three_prices(struct simulation_config *config)
{
	static struct price prices[] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

	return (struct variant){ .original = config, .prices = prices, .price_count = 3 };
}

static void fill_strata(double *u)
{
	for (uint32_t p = 0; p < 3; p++) {
		const struct stream_name name = { .seed = 5, .entity = p };
		struct stream stream;

		assert_true(stream_begin(&stream, &name));
		stream_strata(&stream, u + p * DRAWS, DRAWS);
	}
}

static double score_correlation(const double *u, size_t one, size_t other)
{
	static double scores[2][DRAWS];

	for (size_t d = 0; d < DRAWS; d++) {
		scores[0][d] = gsl_cdf_ugaussian_Pinv(u[one * DRAWS + d]);
		scores[1][d] = gsl_cdf_ugaussian_Pinv(u[other * DRAWS + d]);
	}
	return gsl_stats_correlation(scores[0], 1, scores[1], 1, DRAWS);
}

static void test_correlations_of_draws(void **state)
{
	static double u[3 * DRAWS];
	struct correlation said[] = { { { "a", "c" }, -0.8 }, { { "b", "c" }, 0.3 } };
	struct simulation_config config = { .correlations = said, .correlation_count = 2 };
	struct variant variant = three_prices(&config);
	struct error error = { 0 };

	(void)state;
	fill_strata(u);
	assert_true(correlations_apply(&variant, DRAWS, u, &error));
	assert_near(score_correlation(u, 0, 2), -0.8, 0.03);
	assert_near(score_correlation(u, 1, 2), 0.3, 0.05);
	assert_near(score_correlation(u, 0, 1), 0, 0.05);
	/* still one in each stratum */
	for (size_t p = 0; p < 3; p++) {
		static bool seen[DRAWS];

		memset(seen, 0, sizeof(seen));
		for (size_t d = 0; d < DRAWS; d++) {
			size_t stratum = (size_t)(u[p * DRAWS + d] * DRAWS);

			assert_false(seen[stratum]);
			seen[stratum] = true;
		}
	}
}

static void test_correlations_that_cannot_be(void **state)
{
	static double u[3 * DRAWS];
	struct correlation said[] = { { { "a", "b" }, 0.9 },
				      { { "b", "c" }, 0.9 },
				      { { "a", "c" }, -0.9 } };
	struct simulation_config config = { .correlations = said, .correlation_count = 3 };
	struct variant variant = three_prices(&config);
	struct error error = { 0 };

	(void)state;
	fill_strata(u);
	assert_false(correlations_apply(&variant, DRAWS, u, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	assert_non_null(strstr(error.message, "not positive definite"));
}

/* Prices that err against each other leave the sum more certain, and the other way round. */
static void test_band_follows_correlations(void **state)
{
	struct correlation said = { { "fake.work", "fake.rest" }, 0 };
	double width[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct fake_case fake_case;
		struct scenario scenario;
		struct result result;

		fake_case_init(&fake_case, 2e9, 0);
		said.value = 0.95 * (i - 1);
		fake_case.config.correlations = &said;
		fake_case.config.correlation_count = 1;
		scenario = fake_scenario(&fake_case, 0);
		run_draws(&scenario, DRAWS, &result);
		width[i] = result.uncertainty.high.value - result.uncertainty.low.value;
		result_fini(&result);
	}
	assert_true(width[0] < 0.8 * width[1]);
	assert_true(width[2] > 1.1 * width[1]);
}

/* --- designs -------------------------------------------------------------------- */

/* Experiments of designs with so much work each; the caller frees the runs. */
static void run_designs(const double *work_ns, size_t count, struct fake_case *fake_cases,
			struct scenario *scenarios, struct experiment *runs,
			struct explain_design *designs)
{
	const struct experiment_options options = { .replicate = { .threads = 1 },
						    .version = "test" };
	struct error error = { 0 };

	for (size_t i = 0; i < count; i++) {
		fake_case_init(&fake_cases[i], work_ns[i], 0);
		scenarios[i] = fake_scenario(&fake_cases[i], 0);
		assert_true(experiment_run(&runs[i], &scenarios[i], &options, &error));
		designs[i] = (struct explain_design){ .scenario = &scenarios[i],
						      .replications = &runs[i].replications,
						      .metric = REBOOT };
	}
}

/* Draws cannot be paid for: from both ends, of those that have the metric. */
static void test_difference_of_ends(void **state)
{
	static const double work_ns[] = { 2e9, 4e9, 2e9 };
	const struct replicate_options options = { .threads = 1 };
	struct fake_case fake_cases[3];
	struct scenario scenarios[3];
	struct experiment runs[3];
	struct explain_design designs[3];
	struct error error = { 0 };

	(void)state;
	run_designs(work_ns, 3, fake_cases, scenarios, runs, designs);
	fake.events = 4000000 / 9;
	designs[2].metric = SIZE_MAX;
	assert_true(explain_designs(designs, 3, 0, &options, &error));
	assert_int_equal(designs[0].band.by, BAND_OF_ENDS);
	assert_int_equal(designs[0].band.terms, 2);
	assert_near(designs[0].band.low.value, 1.5e9, 0);
	assert_near(designs[0].band.high.value, 6e9, 0);
	assert_int_equal(designs[0].difference.by, BAND_OF_NOTHING);
	assert_int_equal(designs[1].difference.by, BAND_OF_ENDS);
	assert_near(designs[1].difference.low.value, 1e9, 0);
	assert_near(designs[1].difference.high.value, 4e9, 0);
	assert_int_equal(designs[2].band.by, BAND_OF_NOTHING);
	assert_int_equal(designs[2].difference.by, BAND_OF_NOTHING);
	assert_string_equal(designs[2].difference.low.reason, "no price has a range");
	/* a baseline without the metric: bands, and no difference from it */
	assert_true(explain_designs(designs, 3, 2, &options, &error));
	assert_near(designs[1].band.high.value, 10e9, 0);
	assert_int_equal(designs[1].difference.by, BAND_OF_NOTHING);
	for (int i = 0; i < 3; i++)
		experiment_fini(&runs[i]);
}

/* Twice the work at the same price for the rest: the difference is the work's, and of one draw. */
static void test_difference_under_the_same_draws(void **state)
{
	static const double work_ns[] = { 2e9, 4e9 };
	const struct replicate_options options = { .threads = 1 };
	struct fake_case fake_cases[2];
	struct scenario scenarios[2];
	struct experiment runs[2];
	struct explain_design designs[2];
	struct error error = { 0 };

	(void)state;
	run_designs(work_ns, 2, fake_cases, scenarios, runs, designs);
	assert_true(explain_designs(designs, 2, 0, &options, &error));
	for (int i = 0; i < 2; i++)
		assert_int_equal(designs[i].band.draws, 100);
	assert_int_equal(designs[0].difference.by, BAND_OF_NOTHING);
	assert_int_equal(designs[1].difference.by, BAND_OF_DRAWS);
	/* 2 s 2^V: the third of 100 strata from either end */
	assert_true(designs[1].difference.low.value >= 2e9 * exp2(-0.96));
	assert_true(designs[1].difference.low.value <= 2e9 * exp2(-0.94));
	assert_true(designs[1].difference.high.value >= 2e9 * exp2(0.92));
	assert_true(designs[1].difference.high.value <= 2e9 * exp2(0.96));
	for (int i = 0; i < 2; i++)
		experiment_fini(&runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_band_of_a_sum),
		cmocka_unit_test(test_bands_of_its_parts),
		cmocka_unit_test(test_band_by_default_holds_95_percent),
		cmocka_unit_test(test_status_does_not_matter),
		cmocka_unit_test(test_ends_instead_of_draws),
		cmocka_unit_test(test_correlations_of_draws),
		cmocka_unit_test(test_correlations_that_cannot_be),
		cmocka_unit_test(test_band_follows_correlations),
		cmocka_unit_test(test_difference_under_the_same_draws),
		cmocka_unit_test(test_difference_of_ends),
	};

	gsl_set_error_handler_off();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
