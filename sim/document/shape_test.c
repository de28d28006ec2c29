/* What tables of written documents find, and the schema that they give. */

#include "document/shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = { "red", "blue", NULL };

static const struct member inner_members[] = {
	{ "n", SHAPE_WHOLE, .help = "a number" },
	{ "colour", SHAPE_TEXT, .help = "one of two", .choices = colours, .null = true },
	{ 0 },
};
static const struct shape inner_shape = { "thing", "A thing.", inner_members, NULL, 0 };

static const struct member members[] = {
	{ "things", SHAPE_OBJECTS, .help = "all of them", .of = &inner_shape },
	{ "named", SHAPE_MAP, .help = "by names", .of = &inner_shape },
	{ "ends", SHAPE_INTERVAL, .help = "both" },
	{ "rows", SHAPE_ROWS, .help = "lists" },
	{ "flag", SHAPE_FLAG, .help = "may be left out", .optional = true },
	{ 0 },
};
static const struct shape shape = { "box", "A box.", members, "sim-box", 2 };

#define THINGS "\"things\": [{\"n\": 1, \"colour\": \"red\"}, {\"n\": 2, \"colour\": null}]"
#define NAMED  "\"named\": {\"x\": {\"n\": 3, \"colour\": \"blue\"}}"
#define REST   "\"ends\": [1, null], \"rows\": [[\"a\", 1.5, null]]"
#define HEAD   "\"format\": \"sim-box\", \"version\": 2"

static void assert_fault(const char *text, const char *pointer, const char *what)
{
	struct shape_fault fault;
	json_t *value = json_loads(text, 0, NULL);

	assert_non_null(value);
	assert_true(shape_fault(&shape, value, &fault));
	assert_string_equal(fault.pointer, pointer);
	if (!strstr(fault.what, what))
		fail_msg("\"%s\" is not in \"%s\"", what, fault.what);
	json_decref(value);
}

static void test_faults(void **state)
{
	struct shape_fault fault;
	json_t *value = json_loads("{" HEAD ", " THINGS ", " NAMED ", " REST "}", 0, NULL);

	(void)state;
	assert_non_null(value);
	assert_false(shape_fault(&shape, value, &fault));
	json_decref(value);
	assert_fault("[]", "", "an object (box) is needed");
	assert_fault("{" THINGS "}", "/format", "sim-box");
	assert_fault("{\"format\": \"sim-box\", \"version\": 3}", "/version", "newer");
	assert_fault("{\"format\": \"sim-box\", \"version\": 1}", "/version", "older");
	assert_fault("{\"format\": \"sim-box\", \"version\": \"2\"}", "/version", "number");
	assert_fault("{" HEAD ", " NAMED ", " REST "}", "", "there is no key \"things\"");
	assert_fault("{" HEAD ", \"things\": [{\"n\": 1.5, \"colour\": null}], " NAMED ", " REST
		     "}",
		     "/things/0/n", "a whole number is needed");
	assert_fault("{" HEAD ", \"things\": [{\"n\": 1}], " NAMED ", " REST "}", "/things/0",
		     "there is no key \"colour\"");
	assert_fault("{" HEAD ", " THINGS
		     ", \"named\": {\"x/y\": {\"n\": 1, \"colour\": \"green\"}}, " REST "}",
		     "/named/x~1y/colour", "there is no \"green\" here");
	assert_fault("{" HEAD ", " THINGS ", " NAMED ", \"ends\": [1], \"rows\": []}", "/ends",
		     "two numbers");
	assert_fault("{" HEAD ", " THINGS ", " NAMED ", \"ends\": [1, 2], \"rows\": [[[]]]}",
		     "/rows", "a list of lists");
	assert_fault("{" HEAD ", " THINGS ", " NAMED ", " REST ", \"flag\": 1}", "/flag",
		     "true or false");
	assert_fault("{" HEAD ", " THINGS ", " NAMED ", " REST ", \"more\": 1}", "/more",
		     "box has no key \"more\"");
}

/* A reader minds what is wrong, not what has come or gone. */
static void test_reading(void **state)
{
	static const char more[] = "{" HEAD ", " THINGS ",\n \"later\": 1}";
	static const char wrong[] = "{" HEAD ",\n \"things\": [{\"n\": \"1\"}]}";
	struct error error = { 0 };
	struct document document;

	(void)state;
	assert_true(document_parse(&document, "box.json", more, strlen(more), &error));
	assert_true(shape_check(&shape, &document, &error));
	document_fini(&document);
	assert_true(document_parse(&document, "box.json", wrong, strlen(wrong), &error));
	assert_false(shape_check(&shape, &document, &error));
	assert_non_null(strstr(error.message, "box.json:2:"));
	assert_non_null(strstr(error.message, "/things/0/n: a whole number is needed"));
	document_fini(&document);
}

static void test_schema(void **state)
{
	json_t *schema = shape_schema(&shape, false), *list = shape_schema(&shape, true);
	json_t *properties = json_object_get(schema, "properties");
	json_t *required = json_object_get(schema, "required");

	(void)state;
	assert_int_equal(json_array_size(required), 6); /* all but the flag */
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(properties, "version"), "const")),
			 2);
	assert_true(json_equal(json_object_get(list, "items"), schema));
	json_decref(schema);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
