#include "report/text_tools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_shown(const char *text, const char *wanted)
{
	char *shown = printable_text(text);

	assert_non_null(shown);
	assert_string_equal(shown, wanted);
	free(shown);
}

static void assert_shown_in(const char *text, int width, const char *wanted)
{
	assert_string_equal(TEXT_IN(text, width), wanted);
}

static void test_lines(void **state)
{
	char *line = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&line, &size);

	(void)state;
	assert_non_null(out);
	print_visible(out, "\n%s of %d\n\n", "a\nb\n", 2);
	print_visible(out, "%s", "\n");
	print_visible(out, "\n");
	print_visible(out, "%s", "");
	assert_int_equal(fclose(out), 0);
	assert_string_equal(line, "\na\\x0ab\\x0a of 2\n\n\\x0a\n");
	free(line);
}

static void test_text_passes(void **state)
{
	(void)state;
	assert_shown("", "");
	assert_shown("kvm->lock", "kvm->lock");
	assert_shown("Größe 漢字 \xf0\x9f\x90\xa7", "Größe 漢字 \xf0\x9f\x90\xa7");
}

static void test_harm_is_shown(void **state)
{
	(void)state;
	assert_shown("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f");
	assert_shown("\033]0;x\a", "\\x1b]0;x\\x07");
	assert_shown("\xc2\x9b", "\\xc2\\x9b");          /* C1: control sequence introducer */
	assert_shown("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	assert_shown("\xe2\x81\xa6", "\\xe2\\x81\\xa6"); /* isolate */
	assert_shown("\xd8\x9c", "\\xd8\\x9c");          /* Arabic letter mark */
	assert_shown("\xff\xc0\xaf", "\\xff\\xc0\\xaf"); /* never in UTF-8, overlong */
	assert_shown("\xe0\x80\xaf", "\\xe0\\x80\\xaf"); /* overlong */
	assert_shown("\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	assert_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
	assert_shown("a\xe2\x82", "a\\xe2\\x82");                 /* cut off */
}

static void test_widths(void **state)
{
	(void)state;
	assert_shown_in("ab", 4, "ab  ");
	assert_shown_in("abcd", 4, "abcd");
	assert_shown_in("abcdefgh", 6, "abc...");
	assert_shown_in("ÄÖÜäöüß", 6, "ÄÖÜ...");
	assert_shown_in("ÄÖ", 4, "ÄÖ  ");
	assert_shown_in("\n\n", 6, "...   "); /* an escape is not cut in two */
}

static void test_values(void **state)
{
	static const struct {
		enum unit unit;
		double value;
		const char *wanted;
	} rows[] = {
		{ UNIT_NANOSECONDS, 1.5e9, "     1.500 s" },
		{ UNIT_NANOSECONDS, -1.5e9, "    -1.500 s" },
		{ UNIT_BYTES, 65536, "      64 KiB" },
		{ UNIT_PAGES, 16777216, "    16777216" },
		{ UNIT_PAGES, 11494395.496, "    11494395" },
		{ UNIT_COUNT, 0.0625, "      0.0625" },
		{ UNIT_COUNT, 0, "           0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(VALUE_IN(rows[i].unit, rows[i].value, 12), rows[i].wanted);
}

static void test_shares(void **state)
{
	static const struct {
		double used;
		const char *wanted;
	} rows[] = { { 0, "0 %" },
		     { 0.00754, "0.75 %" },
		     { 0.9944, "99 %" },
		     { 0.996, "100 %" },
		     { 1, "100 %" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct result_capacity capacity = { .unit = "cores", .used = rows[i].used };

		assert_string_equal(capacity_used((char[CELL_SIZE]){ 0 }, &capacity),
				    rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),         cmocka_unit_test(test_text_passes),
		cmocka_unit_test(test_harm_is_shown), cmocka_unit_test(test_widths),
		cmocka_unit_test(test_values),        cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
