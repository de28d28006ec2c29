/* Hashes of JSON: against the bytes that digest.h describes, put together and hashed elsewhere. */

#include "document/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void hash_of(const char *text, char hash[65])
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	struct error error = { 0 };
	SHA2_CTX context;

	assert_non_null(value);
	SHA256Init(&context);
	assert_true(json_digest(&context, value, &error));
	SHA256End(&context, hash);
	json_decref(value);
}

static void test_same_bytes_on_every_machine(void **state)
{
	char hash[65];

	(void)state;
	hash_of("{\"c\": \"x\", \"a\": 1.5, \"b\": [-2, null]}", hash);
	assert_string_equal(hash,
			    "80978fe5c8d5122677ef8b2cd16d74cdab829135a97ae938953f0b7a6b1ff5e7");
}

/* Each of a group is another value than the rest, though much of their text is the same. */
static void test_other_values(void **state)
{
	static const char *const values[] = {
		"1",
		"1.0",
		"\"1\"",
		"[1]",
		"[[1]]",
		"[1, 1]",
		"[[1], 1]",
		"[1, [1]]",
		"{\"1\": 1}",
		"{\"1\": {}}",
		"null",
		"true",
		"false",
		"[]",
		"{}",
		"\"\"",
		"[\"ab\"]",
		"[\"a\", \"b\"]",
		"\"ab\"",
		"{\"a\": \"b\"}",
		"[\"\", \"\"]",
		"-1",
		"-1.0",
		"0.1",
		"0.10000000000000002",
	};
	enum { COUNT = sizeof(values) / sizeof(values[0]) };
	char hashes[COUNT][65];

	(void)state;
	for (int i = 0; i < COUNT; i++) {
		hash_of(values[i], hashes[i]);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(hashes[i], hashes[k]);
	}
}

static void test_order_and_zeros(void **state)
{
	char one[65], other[65];

	(void)state;
	hash_of("{\"b\": {\"d\": 0.0, \"c\": 2}, \"a\": 1}", one);
	hash_of("{\"a\": 1, \"b\": {\"c\": 2, \"d\": -0.0}}", other);
	assert_string_equal(one, other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes_on_every_machine),
		cmocka_unit_test(test_other_values),
		cmocka_unit_test(test_order_and_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
