#include "base/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/terminal.h"

static void assert_laid_out(const char *text, int width, const char *wanted)
{
	char *laid_out = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&laid_out, &size);

	assert_non_null(out);
	layout_print(text, width, out);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(laid_out, wanted);
	free(laid_out);
}

static void test_what_fits_stays(void **state)
{
	(void)state;
	assert_laid_out("", 40, "");
	assert_laid_out("\n  a  b\nc\n", 40, "\n  a  b\nc\n");
	assert_laid_out("no newline", 40, "no newline\n");
	assert_laid_out("blanks behind  \n", 40, "blanks behind\n");
}

static void test_long_lines(void **state)
{
	(void)state;
	assert_laid_out("one two three four\n", 9, "one two\n  three\n  four\n");
	assert_laid_out("  one two three\n", 9, "  one two\n    three\n");
	/* it goes on below the mark */
	assert_laid_out("label \vone two three\n", 14, "label one two\n      three\n");
	/* a word that does not fit stays whole */
	assert_laid_out("a /long/path/of/a/file b\n", 8, "a\n  /long/path/of/a/file\n  b\n");
	assert_laid_out("über äöü ßß\n", 8, "über äöü\n  ßß\n");
}

static void test_what_stays_together(void **state)
{
	(void)state;
	assert_laid_out("it takes 10 s\n", 12, "it takes\n  10 s\n");
	assert_laid_out("from 1.5 s .. 20 ms or so\n", 22, "from 1.5 s .. 20 ms or\n  so\n");
	assert_laid_out("from 1.5 s .. 20 ms or so\n", 16, "from\n  1.5 s .. 20 ms\n  or so\n");
}

static void test_columns(void **state)
{
	(void)state;
	assert_laid_out("name\ttime\trange\n"
			"a\t1 s\t1 s .. 20 s\n"
			"bcdefgh\t10.5 s\t100 ms .. 2 s\n"
			"c\t-\t\n",
			80,
			"name       time  range\n"
			"a           1 s     1 s .. 20 s\n"
			"bcdefgh  10.5 s  100 ms .. 2 s\n"
			"c             -\n");
	/* labels that begin with digits are no numbers; other lines do not end a table */
	assert_laid_out("5.18-rc1\tb\nbetween\n6-core\t9\n\n1\t2\n", 80,
			"5.18-rc1  b\nbetween\n6-core    9\n\n1  2\n");
	/* times over ten minutes keep apart */
	assert_laid_out("x\t7 min 48.7 s\t12 min 13.25 s\nx\t1 s\t1 s\n", 80,
			"x  7 min 48.7 s  12 min 13.25 s\nx           1 s             1 s\n");
}

static void test_tables_that_are_too_wide(void **state)
{
	(void)state;
	/* text is broken between words, the last column first */
	assert_laid_out("one\tsome words that go on\n", 20, "one  some words that\n     go on\n");
	assert_laid_out("  first column is long\t10 s\n", 20,
			"  first column  10 s\n    is long\n");
	/* what cannot be broken goes below */
	assert_laid_out("name\ta_long_name\tanother_name\nx\ty\tz\n", 20,
			"name  a_long_name\n      another_name\nx     y\n      z\n");
}

/* Whatever is laid out, no line is longer than the width but for words that are. */
static void test_width_holds(void **state)
{
	unsigned int seed = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		static const char *const pieces[] = { "\t",  "\t", " ",   " ", "\n",   "\n", "a",
						      "bcd", "7",  " s ", ".", " .. ", "\v" };
		char text[200] = "", *laid_out = NULL, *rest = NULL;
		size_t size = 0, used = 0;
		FILE *out = open_memstream(&laid_out, &size);

		assert_non_null(out);
		for (int n = 0; n < 40; n++) {
			seed = seed * 1103515245 + 12345;
			used += (size_t)snprintf(
				text + used, sizeof(text) - used, "%s",
				pieces[(seed >> 16) % (sizeof(pieces) / sizeof(*pieces))]);
		}
		layout_print(text, 60, out);
		assert_int_equal(fclose(out), 0);
		for (char *line = strtok_r(laid_out, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			assert_true(strlen(line) <= 60 || !strchr(line + strspn(line, " "), ' '));
			assert_true(line[strlen(line) - 1] != ' ');
		}
		free(laid_out);
	}
}

static void test_width_of_a_file(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(unsetenv("COLUMNS"), 0);
	assert_int_equal(terminal_width(file), 80);
	assert_int_equal(setenv("COLUMNS", "72", 1), 0);
	assert_int_equal(terminal_width(file), 72);
	assert_int_equal(setenv("COLUMNS", "7", 1), 0);
	assert_int_equal(terminal_width(file), 40);
	assert_int_equal(setenv("COLUMNS", "wide", 1), 0);
	assert_int_equal(terminal_width(file), 80);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_fits_stays),          cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_what_stays_together),      cmocka_unit_test(test_columns),
		cmocka_unit_test(test_tables_that_are_too_wide), cmocka_unit_test(test_width_holds),
		cmocka_unit_test(test_width_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
