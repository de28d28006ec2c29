#include "base/field.h"
#include "base/nearest.h"
#include "document/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct document parsed(const char *text)
{
	struct document document;
	struct error error = { 0 };

	if (!document_parse(&document, "x.json", text, strlen(text), &error))
		fail_msg("%s", error.message);
	return document;
}

static void refuse_bytes(const char *text, size_t length, const char *expected)
{
	struct document document;
	struct error error = { 0 };

	assert_false(document_parse(&document, "x.json", text, length, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	if (strncmp(error.message, expected, strlen(expected)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", error.message, expected);
	assert_null(document.text); /* nothing is owned */
}

static void refuse(const char *text, const char *expected)
{
	refuse_bytes(text, strlen(text), expected);
}

static void test_bad_text(void **state)
{
	(void)state;
	refuse("", "x.json:1:1: error: the file is empty");
	refuse(" \n\t", "x.json:1:1: error: the file is empty");
	refuse("\xef\xbb\xbf{}", "x.json:1:1: error: the file begins with a byte order mark");
	refuse_bytes("{\n\"a\": \0}", 9, "x.json:2:6: error: a zero byte");
	refuse("{\"a\": 1,\n \"a\": 2}", "x.json:2:4: error: duplicate object key near '\"a\"'");
	refuse("{} {}", "x.json:1:4: error: end of file expected near '{'");
	refuse("{\"a\": 1e400}", "x.json:1:11: error: real number overflow");
	refuse("{\"a\": 9223372036854775808}", "x.json:1:25: error: too big integer");
	refuse("{\"a\xff\": 1}", "x.json:1:3: error: unable to decode byte 0xff");
	refuse("{\"a\": \"\x1b[31m\"}", "x.json:1:7: error: control character 0x1b");
}

static void test_hints(void **state)
{
	(void)state;
	refuse("{\"a\": [1,\n]}", "x.json:2:1: error: unexpected token near ']'\n"
				  "    2 | ]}\n"
				  "      | ^\n"
				  "hint: no comma before a closing bracket");
	refuse("{\"a\": {\"b\": 1,} }", "x.json:1:15: error: string or '}' expected near '}'\n"
					"    1 | {\"a\": {\"b\": 1,} }\n"
					"      |               ^\n"
					"hint: no comma before a closing bracket");
	refuse("[1", "x.json:1:2: error: ']' expected near end of file\n"
		     "    1 | [1\n"
		     "      |  ^\n"
		     "hint: a bracket, a brace or a quotation mark is not closed");
	refuse("{ // remark\n}", "x.json:1:3: error: string or '}' expected near '/'\n"
				 "    1 | { // remark\n"
				 "      |   ^\n"
				 "hint: JSON has no comments");
}

static void test_depth(void **state)
{
	char text[80];
	const char *bad;

	(void)state;
	for (size_t depth = 30; depth < 35; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		assert_int_equal(document_depth_fits(text, &bad), depth <= DEPTH_LIMIT);
	}
	refuse(text, "x.json:1:33: error: nested more than 32 levels deep");
	assert_true(
		document_depth_fits("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"]", &bad));
}

static void refuse_file(const char *path, const char *expected)
{
	struct document document;
	struct error error = { 0 };

	assert_false(document_read(&document, path, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	if (!strstr(error.message, expected))
		fail_msg("\"%s\" lacks \"%s\"", error.message, expected);
}

static void test_files(void **state)
{
	char folder[] = "/tmp/document_test_XXXXXX";
	char path[64], long_path[5000];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	refuse_file(folder, "error: this is a directory");
	snprintf(path, sizeof(path), "%s/x", folder);
	refuse_file(path, "x: error: cannot open: No such file or directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	refuse_file(path, "error: this is a pipe or a device");
	unlink(path);
	refuse_file("/dev/null", "/dev/null: error: this is a pipe or a device");
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "{\"a\": 1 ");
	for (int i = 0; i < (8 << 20) / 64; i++)
		fprintf(file, "%64s", "");
	fprintf(file, "}");
	fclose(file);
	refuse_file(path, "error: larger than 8 MiB");
	unlink(path);
	rmdir(folder);
	memset(long_path, 'd', sizeof(long_path));
	memcpy(long_path + sizeof(long_path) - 6,
	       "/\x9b"
	       "a.j",
	       6);
	refuse_file(long_path, "d/\\x9b"
			       "a.j: error: cannot open: File name too long");
}

static void assert_place(const struct document *document, const char *pointer, enum caret caret,
			 size_t line, size_t column)
{
	size_t l = 0, c = 0;

	if (!document_position(document, pointer, caret, &l, &c))
		fail_msg("%s is not found", pointer);
	if (l != line || c != column)
		fail_msg("%s is at %zu:%zu, not %zu:%zu", pointer, l, c, line, column);
}

static void test_position(void **state)
{
	struct document document = parsed("{ \"a\": [10, {\"b\": \"x,]}\"},\n"
					  "         \"\xc3\xa9\", [[]], 7 ],\n"
					  "  \"c/d~e\" : { \"\\u0066\\\"\": null }, \"\": 0 }");
	size_t line, column;

	(void)state;
	assert_place(&document, "", CARET_VALUE, 1, 1);
	assert_place(&document, "/a", CARET_KEY, 1, 3);
	assert_place(&document, "/a", CARET_VALUE, 1, 8);
	assert_place(&document, "/a/0", CARET_VALUE, 1, 9);
	assert_place(&document, "/a/1/b", CARET_VALUE, 1, 19);
	assert_place(&document, "/a/3", CARET_VALUE, 2, 15); /* columns count characters */
	assert_place(&document, "/a/4", CARET_VALUE, 2, 21);
	assert_place(&document, "/c~1d~0e", CARET_KEY, 3, 3);
	assert_place(&document, "/c~1d~0e/f\"", CARET_VALUE, 3, 27);
	assert_place(&document, "/", CARET_VALUE, 3, 39);
	assert_false(document_position(&document, "/a/5", CARET_VALUE, &line, &column));
	assert_false(document_position(&document, "/x", CARET_VALUE, &line, &column));
	assert_false(document_position(&document, "/a/0/x", CARET_VALUE, &line, &column));
	document_fini(&document);
}

static void test_pointers(void **state)
{
	char pointer[POINTER_MAX] = "", token[POINTER_MAX], long_key[2 * POINTER_MAX];
	const char *rest = pointer;

	(void)state;
	pointer_to_key(pointer, pointer, "a/b~c");
	pointer_to_index(pointer, pointer, 12);
	pointer_to_key(pointer, pointer, "");
	assert_string_equal(pointer, "/a~1b~0c/12/");
	assert_true(pointer_next(&rest, token));
	assert_string_equal(token, "a/b~c");
	assert_true(pointer_next(&rest, token));
	assert_string_equal(token, "12");
	assert_true(pointer_next(&rest, token));
	assert_string_equal(token, "");
	assert_false(pointer_next(&rest, token));
	memset(long_key, '~', sizeof(long_key) - 1);
	long_key[sizeof(long_key) - 1] = '\0';
	pointer_to_key(pointer, pointer, long_key); /* cut, not overrun */
	pointer_to_index(pointer, pointer, 7);
	assert_true(strlen(pointer) < POINTER_MAX);
}

static void test_nearest(void **state)
{
	static const char *const names[] = { "memory", "vcpus", "resident", NULL };
	char very_long[500];

	(void)state;
	assert_string_equal(nearest_name("memroy", names), "memory"); /* one swap */
	assert_string_equal(nearest_name("vcpu", names), "vcpus");
	assert_null(nearest_name("page_size", names));
	memset(very_long, 'm', sizeof(very_long) - 1);
	very_long[sizeof(very_long) - 1] = '\0';
	(void)nearest_name(very_long, names);
}

/* --- --set ------------------------------------------------------------------ */

static const char *const plain =
	"{\"host\": {\"cores\": 4},\n \"guests\": [{\"name\": \"g\", \"memory\": \"1GiB\"}]}";

/* Objects and lists that may be left out. */
static const struct field inner_fields[] = {
	{ .key = "features", .kind = FIELD_TEXTS, .fallback = "[\"a\"]" },
	{ .key = NULL },
};
static const struct record inner_record = { "inner", "", 0, inner_fields };

static const struct field top_fields[] = {
	{ .key = "experiment", .kind = FIELD_RECORD, .fallback = "{}", .record = &inner_record },
	{ .key = "costs", .kind = FIELD_ANY, .fallback = "[]" },
	{ .key = "plan", .kind = FIELD_ANY, .fallback = "null" },
	{ .key = "fleet", .kind = FIELD_ANY, .fallback = "null", .record = &inner_record },
	{ .key = NULL },
};
static const struct record top_record = { "top", "", 0, top_fields };

static void assert_set(const char *setting, const char *pointer, const char *dump)
{
	struct document document = parsed(plain);
	struct error error = { 0 };
	json_t *expected = json_loads(dump, 0, NULL);

	if (!document_set(&document, &top_record, setting, NULL, &error))
		fail_msg("%s", error.message);
	assert_non_null(expected);
	assert_true(json_equal(document.root, expected));
	assert_true(document_is_set(&document, pointer));
	json_decref(expected);
	document_fini(&document);
}

static void refuse_set(const char *setting, const char *expected)
{
	struct document document = parsed(plain);
	struct error error = { 0 };

	assert_false(document_set(&document, &top_record, setting, NULL, &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	if (!strstr(error.message, expected))
		fail_msg("\"%s\" lacks \"%s\"", error.message, expected);
	assert_int_equal(document.set_count, 0);
	document_fini(&document);
}

static void test_set(void **state)
{
	(void)state;
	assert_set("/host/cores=8", "/host/cores",
		   "{\"host\": {\"cores\": 8}, \"guests\": [{\"name\": \"g\", \"memory\": "
		   "\"1GiB\"}]}");
	assert_set("/costs/-=mine.json", "/costs/0",
		   "{\"host\": {\"cores\": 4}, \"costs\": [\"mine.json\"], \"guests\": "
		   "[{\"name\": \"g\", \"memory\": \"1GiB\"}]}");
	assert_set("/experiment/features/-=b", "/experiment/features/1", /* behind the default */
		   "{\"host\": {\"cores\": 4}, \"experiment\": {\"features\": [\"a\", \"b\"]}, "
		   "\"guests\": [{\"name\": \"g\", \"memory\": \"1GiB\"}]}");
	refuse_set("/costs/0=mine.json", "the list has 0 items");
	refuse_set("/plan/vary=/a", "the scenario has no \"plan\" there");
	assert_set("/fleet/hosts=3", "/fleet/hosts", /* an object that is none unless it is given */
		   "{\"host\": {\"cores\": 4}, \"fleet\": {\"hosts\": 3}, \"guests\": "
		   "[{\"name\": \"g\", \"memory\": \"1GiB\"}]}");
	assert_set("/guests/0/memory=16GiB", "/guests/0/memory", /* not JSON: a string */
		   "{\"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", \"memory\": "
		   "\"16GiB\"}]}");
	assert_set("/guests/0/name=a=b", "/guests/0/name",
		   "{\"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"a=b\", \"memory\": "
		   "\"1GiB\"}]}");
	assert_set("/guests/0/vcpus=2", "/guests/0/vcpus", /* a new last key */
		   "{\"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", \"memory\": "
		   "\"1GiB\", \"vcpus\": 2}]}");
	assert_set("/guests/-={\"name\": \"h\"}", "/guests/1/name", /* appended: its own number */
		   "{\"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", \"memory\": "
		   "\"1GiB\"}, {\"name\": \"h\"}]}");
	assert_set("/experiment/seed=3", "/experiment/seed", /* an object that may be left out */
		   "{\"host\": {\"cores\": 4}, \"experiment\": {\"seed\": 3}, \"guests\": "
		   "[{\"name\": \"g\", \"memory\": \"1GiB\"}]}");
	assert_set("/a~1b~0=null", "/a~1b~0",
		   "{\"a/b~\": null, \"host\": {\"cores\": 4}, \"guests\": [{\"name\": \"g\", "
		   "\"memory\": \"1GiB\"}]}");
}

static void test_set_refused(void **state)
{
	char deep[200] = "/host=";

	(void)state;
	refuse_set("memory=1GiB", "/json/pointer=VALUE is needed");
	refuse_set("/host/cores", "/json/pointer=VALUE is needed");
	refuse_set("=1", "/json/pointer=VALUE is needed");
	refuse_set("/gests/0/memory=1GiB", "--set /gests/0/memory=1GiB: error: the scenario has no "
					   "\"gests\" there; did you mean \"guests\"?");
	refuse_set("/guests/1/memory=1GiB", "the list has 1 item, \"1\" is none of them");
	refuse_set("/guests/00/memory=1GiB", "\"00\" is none of them");
	refuse_set("/guests/7={}", "the list has 1 item, \"7\" is none of them");
	refuse_set("/guests/0/name/x=1", "neither an object nor a list");
	refuse_set("/guests/99999999999999999999999/name=1", "is none of them");
	refuse_set("/host/cores=\x9b", "--set /host/cores=\\x9b: error: the value is not UTF-8");
	memset(deep + strlen(deep), '[', 40);
	refuse_set(deep, "nested more than 32 levels deep");
}

static void test_set_is_named(void **state)
{
	struct document document = parsed(plain);
	struct error error = { 0 }, other = { 0 };

	(void)state;
	assert_true(document_set(&document, NULL, "/guests/0/memory=x", NULL, &error));
	document_error(&document, "/guests/0/memory", &error, "bad %s", "a\nb\x9b");
	assert_string_equal(error.message, "--set /guests/0/memory: error: bad a\\x0ab\\x9b");
	document_error(&document, "/guests/0/name", &other, "bad");
	assert_string_equal(other.message,
			    "x.json:2:22: error: /guests/0/name: bad\n"
			    "    2 |  \"guests\": [{\"name\": \"g\", \"memory\": \"1GiB\"}]}\n"
			    "      |                      ^");
	assert_false(document_is_set(&document, "/guests/0/memory_more"));
	document_fini(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_text),    cmocka_unit_test(test_hints),
		cmocka_unit_test(test_depth),       cmocka_unit_test(test_files),
		cmocka_unit_test(test_position),    cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_nearest),     cmocka_unit_test(test_set),
		cmocka_unit_test(test_set_refused), cmocka_unit_test(test_set_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
