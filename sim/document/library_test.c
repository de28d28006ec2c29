#include "document/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "document/companions.h"

static char folder[] = "/tmp/sim-library-XXXXXX";

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int enter(void **state)
{
	(void)state;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	unlink("a.json");
	return rmdir(folder);
}

static json_int_t x_of(const struct document *document)
{
	return json_integer_value(json_object_get(document->root, "x"));
}

/* What is written later is not seen: a file is read once. */
static void test_once(void **state)
{
	struct library library = { 0 };
	struct error error = { 0 };
	const struct document *first, *second;

	(void)state;
	write_file("a.json", "{ \"x\": 1 }");
	first = library_read(&library, "a.json", &error);
	write_file("a.json", "{ \"x\": 2 }");
	second = library_read(&library, "a.json", &error);
	assert_non_null(first);
	assert_ptr_equal(first, second);
	assert_int_equal(x_of(second), 1);
	second = library_read(&library, "./a.json", &error);
	assert_int_equal(x_of(second), 2);
	assert_null(library_read(&library, "b.json", &error));
	assert_int_equal(error.kind, ERROR_INPUT);
	library_fini(&library);
}

/* A setting changes the copy alone, and messages of both show the file. */
static void test_copy(void **state)
{
	struct library library = { 0 };
	struct error error = { 0 };
	const struct document *original;
	struct document copy;

	(void)state;
	write_file("a.json", "{ \"y\": { \"x\": 1 } }");
	original = library_read(&library, "a.json", &error);
	assert_true(original && document_copy(&copy, original, &error));
	assert_true(document_set(&copy, NULL, "/y/x=5", NULL, &error));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(original->root, "y"), "x")), 1);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(copy.root, "y"), "x")),
			 5);
	assert_int_equal(original->set_count, 0);
	assert_string_equal(copy.path, original->path);
	assert_string_equal(copy.text, original->text);
	document_fini(&copy);
	library_fini(&library);
}

/* Companions of two scenarios are one document when a library reads them, and outlive both. */
static void test_companions(void **state)
{
	struct library library = { 0 };
	struct companions one = { .library = &library }, other = { .library = &library };
	struct error error = { 0 };
	struct document scenario;
	const struct document *read;

	(void)state;
	write_file("a.json", "{ \"x\": 1 }");
	assert_true(document_parse(&scenario, "s.json", "{}", 2, &error));
	read = companions_read(&one, &scenario, "", "a.json", "file", &error);
	assert_non_null(read);
	assert_ptr_equal(companions_read(&one, &scenario, "", "a.json", "file", &error), read);
	companions_fini(&one);
	assert_ptr_equal(companions_read(&other, &scenario, "", "a.json", "file", &error), read);
	assert_ptr_equal(companions_find(&other, "a.json"), read);
	companions_fini(&other);
	assert_int_equal(x_of(read), 1);
	document_fini(&scenario);
	library_fini(&library);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_companions),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
