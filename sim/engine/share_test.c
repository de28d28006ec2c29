/* Shares against hand-solved ones, against jobs one by one in long double, and by what they are. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/share.h"
#include "engine/stream.h"

enum { CLASSES = 8, CAPACITIES = 4, JOBS = CLASSES * 40, SCENARIOS = 20000 };

static void assert_near(double seen, double truth)
{
	if (fabs(seen - truth) > 1e-12 * fabs(truth))
		fail_msg("seen %.17g, truth %.17g", seen, truth);
}

/* Capacities of 10 and 4: two rounds, each ends at another one, and one needs none. */
static void test_rounds(void **state)
{
	static const double capacity[] = { 0, 10, 4 };
	static const double a[] = { 0, 10, 0 }, b[] = { 0, 0, 5 }, c[] = { 0, 1, 1 }, d[3];
	struct share shares[] = {
		{ 4, 1, a, 0, 0 }, { 2, 1, b, 0, 0 }, { 2, 1, c, 0, 0 }, { 2, 1, d, 0, 0 }
	};

	(void)state;
	/* a and c use up the first at 10/42, b what is left of the second */
	share_out(capacity, 3, shares, 4);
	assert_near(shares[0].rate, 100.0 / 420);
	assert_near(shares[1].rate, 148.0 / 420);
	assert_near(shares[2].rate, 100.0 / 420);
	assert_near(shares[3].rate, 1);
	assert_int_equal(shares[0].bottleneck, 1);
	assert_int_equal(shares[1].bottleneck, 2);
	assert_int_equal(shares[2].bottleneck, 1);
	assert_int_equal(shares[3].bottleneck, SHARE_CORES);
	assert_near(share_use(1, shares, 4), 10);
	assert_near(share_use(2, shares, 4), 4);
}

/* Of three capacities one is never used up, and who has more than the others is never slowed. */
static void test_chain(void **state)
{
	static const double capacity[] = { 0, 1, 1, 1 };
	static const double a[] = { 0, 4, 1, 0 }, b[] = { 0, 0, 1, 0.4 }, c[] = { 0, 0, 0, 1 };
	static const double d[] = { 7, 0, 0, 0 }; /* that of cores is not read */
	struct share shares[] = {
		{ 1, 1, a, 0, 0 }, { 1, 1, b, 0, 0 }, { 1, 1, c, 0, 0 }, { 1, 1, d, 0, 0 }
	};

	(void)state;
	share_out(capacity, 4, shares, 4);
	assert_near(shares[0].rate, 0.25);
	assert_near(shares[1].rate, 1 / 1.4);
	assert_near(shares[2].rate, 1 / 1.4);
	assert_near(shares[3].rate, 1);
	assert_int_equal(shares[1].bottleneck, 3);
	assert_near(share_use(2, shares, 4), 0.25 + 1 / 1.4);
}

/* Who is slow, or has a part of a core, uses less of a capacity. */
static void test_speed(void **state)
{
	static const double capacity[] = { 0, 6 }, demand[] = { 0, 4 };
	struct share shares[] = { { 4, 0.5, demand, 0, 0 } };

	(void)state;
	share_out(capacity, 2, shares, 1);
	assert_near(shares[0].rate, 0.75);
	assert_near(share_use(1, shares, 1), 6);
	shares[0].jobs = 2.5;
	share_out(capacity, 2, shares, 1);
	assert_near(shares[0].rate, 1);
	assert_int_equal(shares[0].bottleneck, SHARE_CORES);
}

/* Nobody, and nobody who needs more than there is. */
static void test_enough(void **state)
{
	static const double capacity[] = { 0, 6 }, demand[] = { 0, 1.5 };
	struct share shares[] = { { 4, 1, demand, 0, 0 } };

	(void)state;
	share_out(capacity, 2, NULL, 0);
	share_out(capacity, 2, shares, 1);
	assert_near(shares[0].rate, 1);
	assert_int_equal(shares[0].bottleneck, SHARE_CORES);
}

/* --- random scenarios ----------------------------------------------------- */

static struct {
	double capacity[CAPACITIES], demand[CLASSES][CAPACITIES];
	struct share shares[CLASSES];
	size_t count;
} random;

static void draw_scenario(struct stream *stream)
{
	random.count = 1 + (size_t)(stream_uniform(stream) * CLASSES);
	for (size_t r = 1; r < CAPACITIES; r++)
		random.capacity[r] = 0.1 + 60 * stream_uniform(stream);
	for (size_t k = 0; k < random.count; k++) {
		for (size_t r = 1; r < CAPACITIES; r++)
			random.demand[k][r] =
				stream_uniform(stream) < 0.5 ? 0 : 3 * stream_uniform(stream);
		random.shares[k] = (struct share){
			.jobs = 1 + floor(stream_uniform(stream) * 39),
			.speed = stream_uniform(stream) < 0.7 ? 1
							      : 0.1 + 0.9 * stream_uniform(stream),
			.demand = random.demand[k],
		};
	}
}

static long double job_demand(size_t class, size_t r)
{
	return (long double)random.demand[class][r] * random.shares[class].speed;
}

/* Jobs one by one: all rise by the most that is left for all, then who meets an end stays. */
static void fill_jobs(long double rate[CLASSES])
{
	size_t class_of[JOBS], jobs = 0, rising;
	long double rates[JOBS] = { 0 }, left[CAPACITIES];
	int stays[JOBS] = { 0 };

	for (size_t k = 0; k < random.count; k++)
		for (int i = 0; i < (int)random.shares[k].jobs; i++)
			class_of[jobs++] = k;
	for (size_t r = 1; r < CAPACITIES; r++)
		left[r] = random.capacity[r];
	for (rising = jobs; rising;) {
		long double step = 1, wanted[CAPACITIES] = { 0 };

		for (size_t i = 0; i < jobs; i++) {
			if (stays[i])
				continue;
			step = 1 - rates[i] < step ? 1 - rates[i] : step;
			for (size_t r = 1; r < CAPACITIES; r++)
				wanted[r] += job_demand(class_of[i], r);
		}
		for (size_t r = 1; r < CAPACITIES; r++)
			if (wanted[r] > 0 && left[r] / wanted[r] < step)
				step = left[r] / wanted[r];
		for (size_t r = 1; r < CAPACITIES; r++)
			left[r] -= step * wanted[r];
		for (size_t i = 0; i < jobs; i++) {
			if (stays[i])
				continue;
			rates[i] += step;
			stays[i] = rates[i] > 1 - 1e-15L;
			for (size_t r = 1; r < CAPACITIES; r++)
				if (job_demand(class_of[i], r) > 0 &&
				    left[r] < 1e-15L * random.capacity[r])
					stays[i] = 1;
			rising -= stays[i] != 0;
		}
	}
	for (size_t i = 0; i < jobs; i++)
		rate[class_of[i]] = rates[i];
}

/* Feasible, and each has a bottleneck: used up, and nobody has more of it (Bertsekas, Gallager). */
static void check_bottlenecks(void)
{
	for (size_t r = 1; r < CAPACITIES; r++)
		assert_true(share_use(r, random.shares, random.count) <=
			    random.capacity[r] * (1 + 1e-12));
	for (size_t k = 0; k < random.count; k++) {
		const struct share *share = &random.shares[k];
		size_t r = share->bottleneck;

		assert_true(share->rate > 0 && share->rate <= 1);
		if (share->rate == 1)
			continue;
		assert_true(job_demand(k, r) > 0);
		assert_true(share_use(r, random.shares, random.count) >=
			    random.capacity[r] * (1 - 1e-12));
		for (size_t other = 0; other < random.count; other++)
			assert_true(job_demand(other, r) == 0 ||
				    random.shares[other].rate <= share->rate * (1 + 1e-12));
	}
}

static void test_random(void **state)
{
	struct stream stream;
	int rounds = 0;

	(void)state;
	assert_true(stream_begin(&stream, &(struct stream_name){ .seed = 5 }));
	for (int i = 0; i < SCENARIOS; i++) {
		long double truth[CLASSES] = { 0 };
		unsigned int seen = 0;

		draw_scenario(&stream);
		share_out(random.capacity, CAPACITIES, random.shares, random.count);
		check_bottlenecks();
		fill_jobs(truth);
		for (size_t k = 0; k < random.count; k++) {
			assert_true(fabsl(random.shares[k].rate - truth[k]) <= 1e-12L * truth[k]);
			seen |= 1u << random.shares[k].bottleneck;
		}
		rounds += __builtin_popcount(seen) >= 3;
	}
	assert_true(rounds > SCENARIOS / 20); /* not only simple ones */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds), cmocka_unit_test(test_chain),
		cmocka_unit_test(test_speed),  cmocka_unit_test(test_enough),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
