/* Versions compare as their programs count them, and what is none is refused. */

#include "base/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t read(const char *text)
{
	int64_t version = 0;

	assert_true(version_read(text, &version));
	return version;
}

static void test_order(void **state)
{
	(void)state;
	assert_true(read("6.9") < read("6.10"));
	assert_true(read("5.19") < read("6.1"));
	assert_true(read("7.2") < read("7.2.22"));
	assert_true(read("7.2.22") < read("7.3"));
	assert_int_equal(read("6.12"), VERSION(6, 12));
	assert_int_equal(read("6.19-rc2"), VERSION(6, 19));
	assert_int_equal(read("6.1.0-13-amd64"), VERSION(6, 1));
}

static void test_text(void **state)
{
	static const char *const texts[] = { "0.9", "6.12", "7.2.22", "11.0", "999.999.999" };
	char text[VERSION_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		version_format(text, read(texts[i]));
		assert_string_equal(text, texts[i]);
	}
}

static void test_none(void **state)
{
	static const char *const texts[] = {
		"",     "6",   "6.",     ".1",   "v6.1", "6.1.", "6,1",  "6.1.2.3", "6..1",
		"-6.1", "0.0", "6.1000", "6.1 ", "6.1x", "+6.1", "6.-1", "1e3.1",   "six.one"
	};
	int64_t version;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (version_read(texts[i], &version))
			fail_msg("\"%s\" was taken for a version", texts[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
