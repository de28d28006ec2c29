/* Scales: what ends and steps mean, what their values read like, and what is refused. */

#include "base/scale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/quantity.h"

static void test_values(void **state)
{
	static const struct {
		const char *low, *high, *step;
		int64_t first, last, number;
		double step_value;
		const char *text;
	} cases[] = {
		{ "1", "400", NULL, 1, 400, 17, 1, "17" },
		{ "7", "7", NULL, 7, 7, 7, 1, "7" },
		{ "10", "100", "20", 0, 5, 5, 20, "100" }, /* the last step is shorter */
		{ "10", "100", "20", 0, 5, 1, 20, "30" },
		{ "64GiB", "4TiB", NULL, 0, 4032, 379, 0x1p30, "443GiB" },
		{ "64GiB", "4TiB", "64GiB", 0, 63, 63, 0x1p36, "4TiB" },
		{ "64 GiB", "64GiB", NULL, 0, 0, 0, 1, "64GiB" },
		{ "0B", "100B", NULL, 0, 100, 3, 1, "3B" },
		{ "1s", "1min", NULL, 0, 2950, 1, 2e7, "1020ms" },
		{ "1us", "100us", "3us", 0, 33, 2, 3e3, "7us" },
		{ "0.5", "0.9", "0.1", 0, 4, 4, 0.1, "0.9" },
		{ "0", "1.5", "0.5", 0, 3, 2, 0.5, "1" },
		{ "1/h", "60/h", "1/h", 0, 59, 11, 1, "12/h" },
		{ "10GB/s", "200GB/s", "5GB/s", 0, 38, 1, 5, "15GB/s" },
		{ "-2", "2", NULL, -2, 2, -1, 1, "-1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = { 0 };
		char text[SCALE_TEXT];
		struct scale scale;

		assert_true(scale_read(&scale, cases[i].low, cases[i].high, cases[i].step, &error));
		assert_int_equal(scale.first, cases[i].first);
		assert_int_equal(scale.last, cases[i].last);
		assert_true(fabs(scale.step - cases[i].step_value) <= 1e-12 * scale.step);
		assert_string_equal(scale_text(text, &scale, cases[i].number), cases[i].text);
		assert_true(scale_value(&scale, scale.first) == scale.low);
		assert_true(scale_value(&scale, scale.last) == scale.high);
	}
}

/* Whatever the ends, there are few steps, and each value can be read again. */
static void test_round_steps(void **state)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "ns", "us", "min", "/h" };

	(void)state;
	for (int high = 2; high < 100000; high = high * 3 + 1)
		for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
			struct error error = { 0 };
			struct scale scale;
			char low_text[32], high_text[32], text[SCALE_TEXT], again[SCALE_TEXT];

			snprintf(low_text, sizeof(low_text), "1%s", units[u]);
			snprintf(high_text, sizeof(high_text), "%d%s", high, units[u]);
			assert_true(scale_read(&scale, low_text, high_text, NULL, &error));
			assert_in_range(scale.last - scale.first, 1, SCALE_STEPS);
			for (int64_t n = scale.first; n < scale.last; n += 1 + scale.last / 7) {
				struct scale one;

				scale_text(text, &scale, n);
				assert_true(scale_read(&one, text, high_text, NULL, &error));
				assert_string_equal(scale_text(again, &one, one.first), text);
			}
		}
}

static void test_refused(void **state)
{
	static const struct {
		const char *low, *high, *step, *word;
	} cases[] = {
		{ "20", "1", NULL, "20 is more than 1: the lower end is the first" },
		{ "4TiB", "64GiB", NULL, "4TiB is more than 64GiB" },
		{ "64GiB", "10s", NULL, "64GiB is a size, 10s is a duration" },
		{ "1", "64GiB", NULL, "1 is a whole number, 64GiB is a size" },
		{ "1/h", "10GB/s", NULL, "both ends need the same unit" },
		{ "1/h", "1/s", NULL, "both ends need the same unit" },
		{ "64G", "128G", NULL, "\"64G\" has no unit that is known: sizes have KiB" },
		{ "10sec", "20sec", NULL, "durations ns, us" },
		{ "", "1", NULL, "neither a number nor a quantity" },
		{ "few", "many", NULL, "neither a number" },
		{ "nan", "1", NULL, "neither a number" },
		{ "1", "400", "0", "more than zero" },
		{ "1", "400", "-1", "more than zero" },
		{ "1", "400", "1s", "the step \"1s\" is a duration" },
		{ "1/h", "9/h", "1/s", "the step \"1/s\" needs the ends' unit" },
		{ "1", "9000000000", NULL, "a larger step" },
		{ "1B", "4TiB", "1B", "a larger step" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = { 0 };
		struct scale scale;

		assert_false(
			scale_read(&scale, cases[i].low, cases[i].high, cases[i].step, &error));
		if (!strstr(error.message, cases[i].word))
			print_message("%s\n", error.message);
		assert_non_null(strstr(error.message, cases[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_round_steps),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
