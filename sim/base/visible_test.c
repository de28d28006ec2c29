#include "base/visible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_shown(const char *text, const char *expected)
{
	char shown[64];

	visible_text(shown, sizeof(shown), text);
	assert_string_equal(shown, expected);
	assert_true(visible_is_clean(shown));
	assert_int_equal(visible_is_clean(text), strcmp(text, expected) == 0);
}

static void test_harmless(void **state)
{
	(void)state;
	assert_shown("", "");
	assert_shown("plain ~", "plain ~");
	assert_shown("\xc2\xb5s", "\xc2\xb5s");
	assert_shown("a \xe2\x80\x93 b", "a \xe2\x80\x93 b"); /* en dash */
	assert_shown("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"); /* four bytes */
}

static void test_harmful(void **state)
{
	(void)state;
	assert_shown("\x1b[31m", "\\x1b[31m");
	assert_shown("a\nb\x7f", "a\\x0a"
				 "b\\x7f");
	assert_shown("\xc2\x9b", "\\xc2\\x9b");          /* C1: CSI */
	assert_shown("\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	assert_shown("\xd8\x9c", "\\xd8\\x9c");          /* Arabic letter mark */
	assert_shown("\xe2\x80\xa8", "\\xe2\\x80\\xa8"); /* line separator */
}

static void test_not_utf8(void **state)
{
	(void)state;
	assert_shown("\x9b", "\\x9b");
	assert_shown("\xe2\x80", "\\xe2\\x80");                   /* cut off */
	assert_shown("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
	assert_shown("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* surrogate */
	assert_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* beyond Unicode */
}

static void test_cut(void **state)
{
	char shown[6];

	(void)state;
	visible_text(shown, sizeof(shown),
		     "ab\x1b"
		     "cd"); /* the escape fills six bytes with the end */
	assert_string_equal(shown, "ab");
	visible_text(shown, sizeof(shown), "abcd\xc2\xb5");
	assert_string_equal(shown, "abcd");
	visible_text(shown, 1, "x");
	assert_string_equal(shown, "");
}

static void test_lines(void **state)
{
	char shown[40];

	(void)state;
	visible_lines(shown, sizeof(shown), "a\nb\r\x9b\n");
	assert_string_equal(shown, "a\nb\\x0d\\x9b\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_harmless), cmocka_unit_test(test_harmful),
		cmocka_unit_test(test_not_utf8), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
