/* Memory over time: what is drawn of replications whose curves are known. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw/plot.h"

static const int64_t gib = (int64_t)1 << 30;
static uint32_t asked_first, asked_count;
static bool asked_in_use;

/* Replication r holds r + 1 GiB at first, and gives it back evenly from the 4th to the 8th second. */
static bool ramps(const json_t *root, const char *path, bool in_use, uint32_t first, uint32_t count,
		  void (*corner)(void *data, uint32_t replication, int64_t at_ns, int64_t bytes),
		  void *data, struct error *error)
{
	(void)root;
	(void)path;
	(void)error;
	asked_first = first;
	asked_count = count;
	asked_in_use = in_use;
	for (uint32_t r = first; r < first + count; r++) {
		corner(data, r, 0, (r + 1) * gib);
		corner(data, r, 4000000000, (r + 1) * gib);
		corner(data, r, 8000000000, 0);
	}
	return true;
}

/* One replication of a comb: a spike of 1 GiB at each millisecond, which ends at once. */
static bool comb(const json_t *root, const char *path, bool in_use, uint32_t first, uint32_t count,
		 void (*corner)(void *data, uint32_t replication, int64_t at_ns, int64_t bytes),
		 void *data, struct error *error)
{
	(void)root;
	(void)path;
	(void)in_use;
	(void)error;
	for (int64_t i = 0; i <= 4000; i++) {
		corner(data, first, i * 1000000, 0);
		corner(data, first, i * 1000000, gib);
		corner(data, first, i * 1000000, 0);
	}
	(void)count;
	return true;
}

struct point {
	double x, y, low, high;
};

/* The next cell of a row; NaN where it has none ("?"). */
static double next_number(char **row)
{
	char *end;
	double number = strtod(*row, &end);

	if (end == *row)
		number = NAN;
	*row = end + strcspn(end, "\t");
	*row += **row == '\t';
	return number;
}

static size_t draw(plot_memory_source *source, plot_kind *kind, int replications, int64_t chosen,
		   struct point *points, size_t most)
{
	json_t *root = json_pack("{s:{s:i}}", "provenance", "replications", replications);
	const struct plot_request request = { .files = { "result.json" },
					      .file_count = 1,
					      .slo = NAN,
					      .replication = chosen,
					      .memory = source };
	const struct plot_document document = { "result.json", root };
	struct picture picture;
	struct error error = { 0 };
	size_t count = 0;
	char *line, *rest;

	assert_true(picture_begin(&picture, &error));
	if (!kind(&request, &document, &picture, &error))
		fail_msg("%s", error.message);
	assert_int_equal(fflush(picture.table), 0);
	strtok_r(picture.text, "\n", &rest); /* the line's name */
	while ((line = strtok_r(NULL, "\n", &rest))) {
		struct point *point = &points[count++];

		assert_true(count <= most);
		point->x = next_number(&line);
		point->y = next_number(&line);
		point->low = next_number(&line);
		point->high = next_number(&line);
	}
	picture_fini(&picture);
	json_decref(root);
	return count;
}

/* Of three, the middle one; the band from the least to the most. */
static void test_band(void **state)
{
	struct point points[500];
	size_t count = draw(ramps, plot_limbo, 3, -1, points, 500);

	(void)state;
	assert_int_equal(asked_first, 0);
	assert_int_equal(asked_count, 3);
	assert_false(asked_in_use);
	assert_int_equal(count, 400);
	assert_true(points[399].x > 8 && points[399].high == 0);
	for (size_t i = 0; i < count; i++) {
		double share = fmax(0, fmin(1, (8 - points[i].x) / 4)), half = 0.005 * 3;

		assert_true(i == 0 || points[i].x > points[i - 1].x);
		assert_true(fabs(points[i].y - 2 * share) < half);
		assert_true(fabs(points[i].low - share) < half);
		assert_true(fabs(points[i].high - 3 * share) < half);
	}
}

/* One alone is drawn corner by corner. */
static void test_one(void **state)
{
	struct point points[10];

	(void)state;
	assert_int_equal(draw(ramps, plot_memory, 3, 2, points, 10), 4);
	assert_int_equal(asked_first, 2);
	assert_int_equal(asked_count, 1);
	assert_true(asked_in_use);
	assert_true(points[1].x == 4 && points[1].y == 3 && isnan(points[1].low));
	/* what holds in the end is drawn for a while */
	assert_true(points[2].x == 8 && points[3].x > 8.1 && points[3].y == points[2].y);
}

/* Spikes show as a band, not as a line that fills the picture. */
static void test_spikes(void **state)
{
	struct point points[500];
	size_t count = draw(comb, plot_limbo, 1, -1, points, 500);

	(void)state;
	assert_int_equal(count, 400);
	for (size_t i = 0; i < count; i++) {
		bool behind = points[i].x > 4.01;

		assert_true(fabs(points[i].y) < 1e-6 && points[i].low == 0);
		assert_true(behind || points[i].high == 1);
	}
}

/* Many are too many; and what a result has not cannot be asked for. */
static void test_limits(void **state)
{
	struct plot_request request = { .files = { "result.json" },
					.file_count = 1,
					.slo = NAN,
					.replication = 7,
					.memory = ramps };
	json_t *root = json_pack("{s:{s:i}}", "provenance", "replications", 7);
	const struct plot_document document = { "result.json", root };
	struct point points[500];
	struct picture picture;
	struct error error = { 0 };

	(void)state;
	draw(ramps, plot_limbo, 1000, -1, points, 500);
	assert_int_equal(asked_count, PLOT_REPLICATIONS_MOST);
	assert_true(picture_begin(&picture, &error));
	assert_false(plot_limbo(&request, &document, &picture, &error));
	assert_non_null(strstr(error.message, "result.json: replication 7: the result has 7"));
	picture_fini(&picture);
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_band), cmocka_unit_test(test_one),
					    cmocka_unit_test(test_spikes),
					    cmocka_unit_test(test_limits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
