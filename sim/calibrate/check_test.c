#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate/check.h"

static const char profile_text[] =
	"{ \"memory_bandwidth\": { \"mean\": \"12GB/s\", \"range\": [\"10GB/s\", \"16GB/s\"] },"
	"  \"costs\": {"
	"  \"mm.zero_4k\": { \"mean\": \"400ns\", \"range\": [\"300ns\", \"600ns\"] },"
	"  \"mm.zero_2m\": { \"mean\": \"200us\", \"range\": [\"100us\", \"300us\"] },"
	"  \"mm.populate\": { \"mean\": \"600ns\", \"range\": [\"500ns\", \"700ns\"] },"
	"  \"mm.fault\": { \"mean\": \"1us\", \"range\": [\"0.9us\", \"1.2us\"] },"
	"  \"mm.fault_shared_4k\": { \"mean\": \"200ns\", \"range\": [\"0ns\", \"300ns\"] },"
	"  \"mm.fault_shared_huge\": { \"mean\": \"0ns\", \"range\": [\"0ns\", \"9us\"] },"
	"  \"mm.free_4k\": { \"mean\": \"100ns\", \"range\": [\"80ns\", \"150ns\"],"
	"                  \"crowd\": \"zone\", \"speeds\": [0.5], \"speeds_range\": [0.4, 0.8] },"
	"  \"mm.free_2m\": { \"mean\": \"4us\", \"range\": [\"3us\", \"5us\"],"
	"                  \"crowd\": \"zone\", \"speeds\": [1] },"
	"  \"kernel.exit\": { \"mean\": \"50us\", \"range\": [\"40us\", \"90us\"] },"
	"  \"qemu.thread_start\": { \"mean\": \"10us\", \"range\": [\"9us\", \"12us\"] } } }";

enum { PAGES_4K = 1 << 15, PAGES_2M = 64 }; /* 128 MiB */
static const uint64_t bytes = (uint64_t)PAGES_4K * 4096;

/* What sim says of a row with these prices. */
static double predicted_at(const struct check_row *row, enum price_end end)
{
	const struct place place = { .cpu_count = 2 };
	json_t *profile = json_loads(profile_text, 0, NULL);
	double mean_ns = NAN;
	struct error error = { 0 };

	assert_non_null(profile);
	if (!check_simulate(row, check_scenario(row, bytes, profile, &place, 4e9, end), end,
			    &mean_ns, &error))
		fail_msg("%s", error.message);
	json_decref(profile);
	return mean_ns;
}

static void assert_end(const struct check_row *row, enum price_end end, double ns)
{
	double got = predicted_at(row, end);

	if (fabs(got - ns) > 1e-6 * ns + 2)
		fail_msg("%s: %.0f instead of %.0f ns", row->name, got, ns);
}

static void assert_row(const struct check_row *row, double ns)
{
	assert_end(row, AT_MEAN, ns);
}

static struct check_row row_of(enum stands_for stands_for, struct trial trial)
{
	return (struct check_row){ .name = "a row", .stands_for = stands_for, .trial = trial };
}

static void alone_it_is_pages_times_prices(void **state)
{
	struct check_row row = row_of(FOR_END, (struct trial){ 0 });

	(void)state;
	assert_row(&row, 50e3 + PAGES_4K * 100.);
	assert_true(fabs(predicted_at(&row, AT_LOW) - (40e3 + PAGES_4K * 80.)) < 2);
	assert_true(fabs(predicted_at(&row, AT_HIGH) - (90e3 + PAGES_4K * 150.)) < 2);
	row.trial.resident = 0.7;
	assert_row(&row, 50e3 + floor(PAGES_4K * 0.7 + 0.5) * 100.);
	row = row_of(FOR_END, (struct trial){ .backing = BACKING_THP });
	assert_row(&row, 50e3 + PAGES_2M * 4e3);
	row = row_of(FOR_CLEAR, (struct trial){ .backing = BACKING_LARGEST });
	assert_row(&row, PAGES_4K * 400.);
	row = row_of(FOR_POPULATE, (struct trial){ 0 });
	assert_row(&row, PAGES_4K * 1000.);
}

static void a_helper_keeps_the_memory(void **state)
{
	struct check_row row = row_of(FOR_END, (struct trial){ 0 });

	(void)state;
	row.helper = true;
	assert_row(&row, 50e3);
}

static void threads_touch_at_once(void **state)
{
	struct check_row row = row_of(FOR_TOUCH, (struct trial){ .threads = 1 });

	(void)state;
	assert_row(&row, 10e3 + PAGES_4K * 1400.);
	row.trial.threads = 2;
	/* The first begins while the second is not there yet. */
	assert_true(fabs(predicted_at(&row, AT_MEAN) / (PAGES_4K / 2. * 1600.) - 1) < 0.01);
	row.trial.backing = BACKING_THP;
	/* Two clear 20.9 GB/s of huge pages, the memory does 12. */
	assert_true(fabs(predicted_at(&row, AT_MEAN) / ((double)bytes / 12) - 1) < 0.02);
}

static void two_share_a_core_or_a_lock(void **state)
{
	struct check_row row = row_of(FOR_END, (struct trial){ .processes = 2, .cores = 1 });

	(void)state;
	assert_row(&row, 2 * (50e3 + PAGES_4K * 100.));
	row.trial.cores = 0;
	assert_row(&row, 50e3 + 2 * PAGES_4K * 100.); /* half the speed each */
	assert_end(&row, AT_LOW, 40e3 + PAGES_4K * 80 / 0.8);
	assert_end(&row, AT_HIGH, 90e3 + PAGES_4K * 150 / 0.4);
	row.trial.backing = BACKING_THP;
	assert_row(&row, 50e3 + PAGES_2M * 4e3);
	/* Two clear 20.48 GB/s, the memory does 12. */
	row = row_of(FOR_CLEAR, (struct trial){ .processes = 2 });
	assert_row(&row, 2. * (double)bytes / 12);
	assert_true(fabs(predicted_at(&row, AT_HIGH) / (2. * (double)bytes / 10) - 1) < 1e-3);
}

static void a_neighbour_takes_a_core_or_the_bus(void **state)
{
	struct check_row row = row_of(FOR_END, (struct trial){ .neighbour = NEIGHBOUR_SPINS });

	(void)state;
	assert_row(&row, 50e3 + PAGES_4K * 100.);
	row.trial.neighbour_on_same_core = true;
	assert_row(&row, 2 * (50e3 + PAGES_4K * 100.));
	row = row_of(FOR_CLEAR, (struct trial){ .neighbour = NEIGHBOUR_COPIES });
	/* 10.24 GB/s and twice 4 are wanted, there are 12: both are slowed alike. */
	assert_row(&row, (double)bytes / 10.24 * (10.24 + 8) / 12);
}

/* --- the judgement ------------------------------------------------------------------- */

/* Each row takes 100 ns five times; what is predicted is right, but of the rows that are said. */
static void fill(struct check *check, size_t off, double predicted, double low)
{
	memset(check->rows, 0, check_row_count * sizeof(*check->rows));
	for (size_t i = 0; i < check_row_count; i++) {
		struct check_result *result = &check->rows[i];

		result->times = 5;
		for (size_t t = 0; t < 5; t++)
			result->measured_ns[t] = 100;
		result->predicted = i >= 1 && i <= off ? predicted : 100;
		result->low = i >= 1 && i <= off ? low : 90;
		result->high = 200;
	}
	check_judge(check);
}

static void a_host_at_rest_must_be_met_closely(void **state)
{
	struct check check = { .rows = calloc(check_row_count, sizeof(*check.rows)),
			       .still_before = true };

	(void)state;
	assert_non_null(check.rows);
	fill(&check, 0, 0, 0);
	assert_true(check.still && check.good);
	assert_int_equal(check.inside, check_row_count);
	fill(&check, 1, 124, 90);
	assert_true(check.good);
	fill(&check, 1, 127, 90); /* one beyond 25 % */
	assert_false(check.good);
	fill(&check, check_row_count - 1, 111, 90); /* the median beyond 10 % */
	assert_false(check.good);
	fill(&check, check_row_count / 4, 110, 105); /* a quarter outside of their intervals */
	assert_false(check.good);
	check_fini(&check);
}

static void a_restless_host_only_keeps_the_intervals(void **state)
{
	struct check check = { .rows = calloc(check_row_count, sizeof(*check.rows)),
			       .drift = 0.3,
			       .still_before = true };

	(void)state;
	assert_non_null(check.rows);
	fill(&check, 5, 150, 90);
	assert_true(!check.still && check.good);
	fill(&check, check_row_count / 4, 150, 105);
	assert_true(!check.still && check.good); /* 105 ns less 30 % of drift are less than 100 */
	fill(&check, check_row_count / 4, 150, 140);
	assert_true(!check.still && !check.good);
	check.drift = 0;
	fill(&check, 5, 150, 90);
	assert_false(check.good);
	check.others = 0.5; /* somebody else was at work */
	fill(&check, 5, 150, 90);
	assert_true(!check.still && check.good);
	check.others = 0;
	check.still_before = false; /* or when the profile was made */
	fill(&check, 5, 150, 90);
	assert_true(!check.still && check.good);
	check.still_before = true;
	fill(&check, 5, 150, 90);
	assert_false(check.good);
	check.rows[0].predicted = 130; /* it stands still, but is another host */
	check_judge(&check);
	assert_true(!check.still && check.good);
	check_fini(&check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone_it_is_pages_times_prices),
		cmocka_unit_test(a_helper_keeps_the_memory),
		cmocka_unit_test(threads_touch_at_once),
		cmocka_unit_test(two_share_a_core_or_a_lock),
		cmocka_unit_test(a_neighbour_takes_a_core_or_the_bus),
		cmocka_unit_test(a_host_at_rest_must_be_met_closely),
		cmocka_unit_test(a_restless_host_only_keeps_the_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
