/* Writers against golden text, and on streams that fail. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/fixture.h"

static void assert_written(const struct result *result, const char *format, const char *golden)
{
	char *bytes = fixture_written(result, format);

	assert_string_equal(bytes, golden);
	free(bytes);
}

static void test_text(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, "db");
	assert_int_equal(setenv("COLUMNS", "80", 1), 0);
	assert_written(
		&fixture.result, "text",
		"Reboot latency of db: 3.000 s (95 % confidence 3.000 s +- 1 ns; 2 s .. 21 s\n"
		"  across the ranges of its 2 prices, no platform named)\n"
		"  40 replications; p50 3 s (3 s), n too small for p99 (40 of at least 368), max\n"
		"    3 s\n"
		"\n"
		"Where the time goes\n"
		"   share      time  step [function]\n"
		"  83.3 %   2.500 s  db [db]\n"
		"  16.5 %    494 ms  guest.boot [start_kernel]\n"
		"   0.2 %  6.000 ms  1 smaller step\n"
		"\n"
		"Behind the latency (means per replication; 95 % confidence)\n"
		"  time to reclaim all   20 s  20.00 s +- 1 ns\n"
		"  wait for mmap_lock   50 us    held for 7 ms\n"
		"  most often charged: uvc.noop 2\n"
		"\n"
		"Shared on the host      amount  used  threads lost  if twice as large\n"
		"  cores                      8  25 %          0 ns\n"
		"  memory bandwidth  204.8 GB/s  50 %       1.500 s                2 s\n"
		"  crowds                                    500 ms\n"
		"\n"
		"Objectives\n"
		"  met       reboot.latency of db, mean at most 4 s\n"
		"            mean 3.000 s (2 s .. 3.500 s, allowed 4 s)\n"
		"  undecided reboot.latency of db, p99 at most 4 s: n too small for this quantile\n"
		"            exceeded with 0 % (0 % .. 12.5 %, allowed 1 %)\n"
		"            about 550 replications would decide\n"
		"\n"
		"Prices: 2 of those that are charged may be something else on another machine; 1\n"
		"  moves the answer by 1 % or more.\n"
		"  term        value  low .. high  answer                     status\n"
		"  guest.boot    2 s  1 s .. 20 s  no end in time at one end  assumed\n"
		"  Sampling noise, prices as given: 3.000 s +- 1 ns (95 % confidence of the mean)\n"
		"  Prices within their ranges: 2 s .. 21 s (95 % of 100 draws of 2 prices; median\n"
		"    3.500 s)\n"
		"  With all of them at one end: the operation did not end in time with these\n"
		"    costs.\n"
		"\n"
		"sim 0.0.1, scenario \"db\", seed 9223372036854775807, 40 replications (as many\n"
		"  replications as asked for)\n");
	assert_int_equal(setenv("COLUMNS", "300", 1), 0);
}

static void assert_first_line(const char *bytes, const char *wanted)
{
	size_t length = strcspn(bytes, "\n");

	if (strlen(wanted) != length || strncmp(bytes, wanted, length) != 0)
		fail_msg("\"%.*s\" is not \"%s\"", (int)length, bytes, wanted);
}

static void assert_headline(const struct result *result, const char *wanted)
{
	char *bytes = fixture_written(result, "text");

	assert_first_line(bytes, wanted);
	free(bytes);
}

/* The number never stands alone: both bands, or why there is none. */
static void test_headline(void **state)
{
	struct fixture fixture;
	struct result_uncertainty *band = &fixture.result.uncertainty;
	char platform[] = "epyc\x1b";

	(void)state;
	fixture_init(&fixture, "db");
	fixture.result.platform = platform;
	assert_headline(&fixture.result,
			"Reboot latency of db: 3.000 s (95 % confidence 3.000 s +- "
			"1 ns; 2 s .. 21 s across the ranges of its 2 prices, on "
			"epyc\\x1b)");
	fixture.result.platform = NULL;
	band->by = BAND_OF_ENDS;
	band->terms = 1;
	assert_headline(&fixture.result,
			"Reboot latency of db: 3.000 s (95 % confidence 3.000 s +- "
			"1 ns; 2 s .. 21 s at either end of its 1 price, no "
			"platform named)");
	band->high = maybe_none("no end");
	assert_headline(&fixture.result,
			"Reboot latency of db: 3.000 s (95 % confidence 3.000 s +- "
			"1 ns; no upper end at either end of its 1 price, no "
			"platform named)");
	band->by = BAND_OF_NOTHING;
	band->low = maybe_none("prices were not moved");
	assert_headline(&fixture.result,
			"Reboot latency of db: 3.000 s (95 % confidence 3.000 s +- "
			"1 ns; prices were not moved)");
}

static void test_text_of_a_deterministic_result(void **state)
{
	struct fixture fixture;
	char *bytes;

	(void)state;
	fixture_init(&fixture, "db");
	fixture.result.deterministic = true;
	fixture.result.replications = 1;
	fixture.metrics[FIXTURE_REBOOT].n = 1;
	fixture.result.assumption_count = 0;
	bytes = fixture_written(&fixture.result, "text");
	assert_first_line(bytes, "Reboot latency of db: 3.000 s (deterministic; 2 s .. 21 s across "
				 "the ranges of its 2 prices, no platform named)");
	assert_non_null(strstr(bytes, "\n  one replication is exact\n\n"));
	assert_null(strstr(bytes, "confidence"));
	assert_non_null(strstr(bytes, "\nPrices: none of those that are charged has a range.\n"));
	assert_non_null(strstr(bytes, ", 1 replication ("));
	free(bytes);
}

/* A large scenario: what is said is no more than what was run. */
static void test_what_was_left_out(void **state)
{
	struct fixture fixture;
	char *text, *markdown;

	(void)state;
	fixture_init(&fixture, "db");
	fixture.result.tail_from = maybe_some(4e9);
	fixture.result.tail_count = 3;
	fixture.assumptions[1].moved = false;
	fixture.result.study = (struct result_study){
		.replications = 1, .usual = 8, .terms_left = 1, .steps_left = 2, .slow_left = 4
	};
	text = fixture_written(&fixture.result, "text");
	markdown = fixture_written(&fixture.result, "md");
	assert_non_null(strstr(text, "  slowest: share of 3 of the 7 operations of 4 s and "
				     "more (the slowest hundredth)\n"));
	assert_non_null(strstr(text, "; of 1 that was moved 1 moves the answer by 1 % or more.\n"));
	assert_non_null(strstr(
		text,
		"  Not moved: 1 price. Across its range none changes what an operation is charged "
		"by more than 0.1 % of the answer; what others wait for that comes on top.\n"
		"  Not made free: 2 steps of 5 % of the answer or more.\n"
		"  Each run with other costs was of 1 replication, not 8.\n"
		"  The scenario is large; --study full does all of it.\n"));
	assert_non_null(strstr(markdown, "\nNot moved: 1 of 2 prices.\n"));
	free(text);
	free(markdown);
}

static void test_text_without_an_answer(void **state)
{
	struct fixture fixture;
	char *bytes;

	(void)state;
	fixture_init(&fixture, "db");
	fixture.result.answer = SIZE_MAX;
	bytes = fixture_written(&fixture.result, "text");
	assert_memory_equal(bytes, "No operation ended within experiment.until", 42);
	assert_non_null(strstr(bytes, "undecided"));
	free(bytes);
}

static void test_markdown(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, "a|b");
	fixture.result.metric_count = 1;
	fixture.result.part_count = 1;
	assert_written(
		&fixture.result, "md",
		"## a\\|b\n\n"
		"**reboot.latency** of a\\|b: **3.000 s**, 95 % confidence 3.000 s +- 1 ns; 2 s "
		".. "
		"21 s across the ranges of its 2 prices, no platform named.\n\n"
		"sim 0.0.1, seed 9223372036854775807, 40 replications.\n\n"
		"| metric | group | n | mean | 95 % low | 95 % high | p50 | p99 | max |\n"
		"|---|---|---:|---:|---:|---:|---:|---:|---:|\n"
		"| reboot.latency | a\\|b | 40 | 3.000 s | 3.000 s | 3.000 s | 3 s | – | 3 s |\n"
		"\n| metric | group | step | function | mean | share |\n"
		"|---|---|---|---|---:|---:|\n"
		"| reboot.latency | a\\|b | a\\|b | a\\|b | 2.500 s | 83.3 % |\n"
		"\n| shared on the host | amount | used | threads lost | answer if twice as large "
		"|\n"
		"|---|---:|---:|---:|---:|\n"
		"| cores | 8 | 25 % | 0 ns | – |\n"
		"| memory bandwidth | 204.8 GB/s | 50 % | 1.500 s | 2 s |\n"
		"| crowds |  |  | 500 ms | – |\n"
		"\n| objective | group | quantile | value | at most | verdict |\n"
		"|---|---|---|---:|---:|---|\n"
		"| reboot.latency | a\\|b | mean | 3.000 s | 4 s | met |\n"
		"| reboot.latency | a\\|b | p99 | – | 4 s | **undecided** |\n"
		"\n| price | group | status | value | low | high | answer at low | "
		"answer at high |\n|---|---|---|---:|---:|---:|---:|---:|\n"
		"| guest.boot | a\\|b | assumed | 2 s | 1 s | 20 s | 2 s | – |\n");
}

/* The lines that HdrHistogram would print for 1, 2, 2, 8. */
static void test_percentiles(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, "db");
	fixture.metrics[FIXTURE_REBOOT].n = 4;
	fixture.metrics[FIXTURE_REBOOT].mean = maybe_some(3.25);
	fixture.metrics[FIXTURE_REBOOT].max = maybe_some(8);
	assert_written(&fixture.result, "hgrm",
		       "       Value     Percentile TotalCount 1/(1-Percentile)\n"
		       "\n"
		       "       1.000 0.000000000000          1           1.00\n"
		       "       1.000 0.100000000000          1           1.11\n"
		       "       1.000 0.200000000000          1           1.25\n"
		       "       2.000 0.300000000000          3           1.43\n"
		       "       2.000 0.400000000000          3           1.67\n"
		       "       2.000 0.500000000000          3           2.00\n"
		       "       2.000 0.550000000000          3           2.22\n"
		       "       2.000 0.600000000000          3           2.50\n"
		       "       2.000 0.650000000000          3           2.86\n"
		       "       2.000 0.700000000000          3           3.33\n"
		       "       2.000 0.750000000000          3           4.00\n"
		       "       8.000 0.775000000000          4           4.44\n"
		       "       8.000 1.000000000000          4\n"
		       "#[Mean    =        3.250, StdDeviation   =        2.773]\n"
		       "#[Max     =        8.000, Total count    =            4]\n"
		       "#[Metric  = reboot.latency of db, ns]\n");
}

static void test_percentiles_need_observations(void **state)
{
	struct fixture fixture;
	struct error error = { 0 };

	(void)state;
	fixture_init(&fixture, "db");
	fixture.result.answer = SIZE_MAX;
	assert_false(result_write_percentiles(&fixture.result, stdout, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
}

/* --- hostile names ----------------------------------------------------------- */

/* No writer lets a byte through that a terminal obeys. */
static void test_nothing_a_terminal_obeys(void **state)
{
	struct fixture fixture;

	(void)state;
	fixture_init(&fixture, HOSTILE);
	fixture.metrics[FIXTURE_REBOOT].n = 4;
	for (size_t i = 0; result_format_names[i]; i++) {
		char *bytes = fixture_written(&fixture.result, result_format_names[i]);

		for (const char *c = bytes; *c; c++)
			assert_true((unsigned char)*c >= 0x20 || *c == '\n');
		assert_null(strchr(bytes, 0x7f));
		assert_null(strstr(bytes, "\xe2\x80\xae"));
		assert_null(strchr(bytes, 0xff));
		free(bytes);
	}
}

/* --- streams that fail ---------------------------------------------------------- */

/* Every writer tells of a stream that takes nothing: a full disk, or one that is for reading. */
static void assert_fails_on(const char *path, const char *mode)
{
	struct fixture fixture;

	fixture_init(&fixture, "db");
	fixture.metrics[FIXTURE_REBOOT].n = 4;
	for (size_t i = 0; result_format_names[i]; i++) {
		struct error error = { 0 };
		FILE *out = fopen(path, mode);

		assert_non_null(out);
		assert_false(result_writers[i](&fixture.result, out, &error));
		assert_int_equal(error.kind, ERROR_OUTPUT);
		fclose(out);
	}
}

static void test_streams_that_fail(void **state)
{
	(void)state;
	assert_fails_on("/dev/full", "w");
	assert_fails_on("/dev/null", "r");
}

/* Most texts are compared line by line, whatever their length. */
static int widen(void **state)
{
	(void)state;
	return setenv("COLUMNS", "300", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_headline),
		cmocka_unit_test(test_text_of_a_deterministic_result),
		cmocka_unit_test(test_what_was_left_out),
		cmocka_unit_test(test_text_without_an_answer),
		cmocka_unit_test(test_markdown),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_percentiles_need_observations),
		cmocka_unit_test(test_nothing_a_terminal_obeys),
		cmocka_unit_test(test_streams_that_fail),
	};

	return cmocka_run_group_tests(tests, widen, NULL);
}
