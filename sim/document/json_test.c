/* JSON as it is written, against what the library writes. */

#include "document/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const none[] = { NULL }, *const kept[] = { "kept", NULL };

static char *put(const json_t *value, const char *const *exact)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_true(json_put(value, exact, out));
	assert_int_equal(fclose(out), 0);
	return text;
}

static const char document[] = "{\"a\": [], \"b\": {}, \"c\": [1, -2.5, 1e300, 5.4e-7, 0.1, 0.0, "
			       "123456789.123, true, false, "
			       "null], \"d\": {\"e\": {\"f\": [[1, 2], {\"g\": \"\\u00fc \\\" \\\\ "
			       "\\n \\u202e\"}]}}, \"h\": "
			       "9007199254740993, \"i\": 1e22, \"j\": 100000.0, \"k\": 0.00001}";

static void test_same_as_the_library(void **state)
{
	json_t *value = json_loads(document, 0, NULL);
	char *wanted =
		json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(15) | JSON_ENSURE_ASCII);
	char *text = put(value, none);

	(void)state;
	assert_non_null(wanted);
	assert_string_equal(text, wanted);
	free(text);
	free(wanted);
	json_decref(value);
}

/* Numbers that 15 digits do not hold are read again as they were, under that key alone. */
static void test_exact_member(void **state)
{
	const double real = 8.9 / 5.65 / 2, other = 0.1;
	json_t *value =
		json_pack("{s:{s:[f, f]}, s:f}", "kept", "list", real, other, "loose", real);
	char *text = put(value, kept);
	json_t *again = json_loads(text, 0, NULL);
	json_t *list = json_object_get(json_object_get(again, "kept"), "list");

	(void)state;
	assert_true(json_real_value(json_array_get(list, 0)) == real);
	assert_true(json_real_value(json_object_get(again, "loose")) != real);
	assert_non_null(strstr(text, "0.1\n"));
	free(text);
	json_decref(again);
	text = put(value, NULL);
	assert_non_null(strstr(text, "\"loose\": 0.787610619469026"));
	assert_null(strstr(text, "\"loose\": 0.787610619469027"));
	free(text);
	json_decref(value);
}

/* What a terminal obeys, or hides from a reader, is written as its code; the rest as it is. */
static void test_harmful_text(void **state)
{
	struct error error = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *value = json_pack(
		"[s]", "\x7f\x1b \xc2\x9b \xe2\x80\xae \xe2\x81\xa6 \xe2\x80\x9c \xc2\xb5");

	(void)state;
	assert_non_null(out);
	assert_true(json_print(json_incref(value), "list", 0, out, &error));
	fclose(out);
	assert_string_equal(text,
			    "[\"\\u007f\\u001B \\u009b \\u202e \\u2066 \xe2\x80\x9c \xc2\xb5\"]\n");
	free(text);
	text = put(value, NULL);
	assert_non_null(strstr(text, "\"\\u007f\\u001B"));
	free(text);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_the_library),
		cmocka_unit_test(test_exact_member),
		cmocka_unit_test(test_harmful_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
