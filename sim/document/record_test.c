#include "document/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One field of every kind. */
struct inner {
	int64_t depth;
};
struct outer {
	char *text, *name;
	bool flag;
	int64_t count, bytes, duration;
	double number, ratio, bandwidth, rate;
	int choice;
	uint64_t choices;
	struct field_list texts, records;
	struct inner record;
};

#define AT(member) offsetof(struct outer, member)

static const char *const colours[] = { "red", "green", "blue", NULL };
static const struct field inner_fields[] = {
	{ "depth", FIELD_COUNT, offsetof(struct inner, depth), "3", 1, 9, .help = "how deep" },
	{ .key = NULL },
};
static const struct record inner_record = { "inner", "Inside.", sizeof(struct inner),
					    inner_fields };
static const struct field fields[] = {
	{ "text", FIELD_TEXT, AT(text), "null", .help = "a text" },
	{ "name", FIELD_NAME, AT(name), NULL, .help = "its name" },
	{ "flag", FIELD_FLAG, AT(flag), "true", .help = "a flag" },
	{ "count", FIELD_COUNT, AT(count), "7", 1, 100, .help = "a count" },
	{ "bytes", FIELD_BYTES, AT(bytes), "\"1MiB\"", 4096, 0x1p40, .help = "a size" },
	{ "duration", FIELD_DURATION, AT(duration), "\"1.5us\"", 0, 0x1p62, .help = "a time" },
	{ "number", FIELD_NUMBER, AT(number), "-2.5", .help = "a number" },
	{ "ratio", FIELD_RATIO, AT(ratio), "0.5", 0, 1, .help = "a share" },
	{ "bandwidth", FIELD_BANDWIDTH, AT(bandwidth), "\"250MB/s\"", 1, 1e15, .help = "speed" },
	{ "rate", FIELD_RATE, AT(rate), "\"36/h\"", 0, 1e9, .help = "how often" },
	{ "choice", FIELD_CHOICE, AT(choice), "\"green\"", .choices = colours, .help = "a colour" },
	{ "choices", FIELD_CHOICES, AT(choices), "[\"red\", \"blue\"]", .choices = colours,
	  .help = "some" },
	{ "texts", FIELD_TEXTS, AT(texts), "[]", .help = "texts" },
	{ "record", FIELD_RECORD, AT(record), "{}", .record = &inner_record, .help = "an object" },
	{ "records", FIELD_RECORDS, AT(records), "[]", .record = &inner_record, .help = "objects" },
	{ "later", FIELD_ANY, 0, "null", .help = "anything" },
	{ .key = NULL },
};
static const struct record record = { "thing", "A thing.", sizeof(struct outer), fields };

/* What is read, and where it stands. */
struct reading {
	struct document document;
	struct outer outer;
	struct error error;
};

/* Read; true when it worked. */
static bool read_text(const char *text, struct reading *reading)
{
	*reading = (struct reading){ 0 };
	if (!document_parse(&reading->document, "x.json", text, strlen(text), &reading->error))
		fail_msg("%s", reading->error.message);
	return record_read_whole(&reading->document, &record, reading->document.root, "",
				 &reading->outer, &reading->error);
}

static void end(struct reading *reading)
{
	record_fini(&record, &reading->outer);
	record_fini(&record, &reading->outer); /* twice is harmless */
	document_fini(&reading->document);
}

static void test_defaults(void **state)
{
	struct reading reading;

	(void)state;
	assert_true(read_text("{\"name\": \"n\", \"// note\": [1]}", &reading));
	assert_null(reading.outer.text);
	assert_string_equal(reading.outer.name, "n");
	assert_true(reading.outer.flag);
	assert_int_equal(reading.outer.count, 7);
	assert_int_equal(reading.outer.bytes, 1 << 20);
	assert_int_equal(reading.outer.duration, 1500);
	assert_true(reading.outer.number == -2.5);
	assert_true(reading.outer.ratio == 0.5);
	assert_true(reading.outer.bandwidth == 250e6);
	assert_true(reading.outer.rate == 0.01);
	assert_int_equal(reading.outer.choice, 1);
	assert_int_equal(reading.outer.choices, 5);
	assert_int_equal(reading.outer.texts.count, 0);
	assert_int_equal(reading.outer.record.depth, 3);
	end(&reading);
}

static const char *const full =
	"{\"text\": \"\\u001b\", \"name\": \"n\", \"flag\": false, \"count\": 100,\n"
	" \"bytes\": \"2 GiB\", \"duration\": \"3min\", \"number\": -0.0, \"ratio\": 1,\n"
	" \"bandwidth\": \"1GB/s\", \"rate\": \"2/s\", \"choice\": \"blue\", \"choices\": [],\n"
	" \"texts\": [\"a\", \"b\"], \"record\": {\"depth\": 9},\n"
	" \"records\": [{}, {\"depth\": 1}], \"later\": {\"any\": 1}}";

static void test_values_and_back(void **state)
{
	struct reading reading, again;
	json_t *json, *second;
	char *text;

	(void)state;
	if (!read_text(full, &reading))
		fail_msg("%s", reading.error.message);
	assert_int_equal(reading.outer.bytes, INT64_C(2) << 30);
	assert_false(__builtin_signbit(reading.outer.number));
	assert_string_equal(((char **)reading.outer.texts.items)[1], "b");
	assert_int_equal(reading.outer.records.count, 2);
	assert_int_equal(((struct inner *)reading.outer.records.items)[0].depth, 3);
	json = record_to_json(&record, &reading.outer);
	assert_non_null(json);
	text = json_dumps(json, 0);
	assert_non_null(text);
	/* what it prints reads back as itself */
	if (!read_text(text, &again))
		fail_msg("%s", reading.error.message);
	second = record_to_json(&record, &again.outer);
	assert_true(json_equal(json, second));
	free(text);
	json_decref(json);
	json_decref(second);
	end(&reading);
	end(&again);
}

static void test_errors(void **state)
{
	static const struct {
		const char *members, *message;
	} rows[] = {
		{ "\"flag\": 1", "x.json:2:9: error: /flag: this is a bare number, true or false" },
		{ "\"count\": \"7\"", "/count: this is a string, a whole number is needed" },
		{ "\"count\": 3.0", "/count: a whole number is needed, without a fraction" },
		{ "\"count\": 1e2", "/count: a whole number is needed, without a fraction" },
		{ "\"count\": 9007199254740993.0", "/count: a whole number is needed" },
		{ "\"count\": 0", "/count: must lie between 1 and 100" },
		{ "\"count\": -3", "/count: must lie between 1 and 100" },
		{ "\"bytes\": 4096", "/bytes: this is a bare number, a size, for example" },
		{ "\"bytes\": \"1s\"", "/bytes: \"1s\" is a duration, a size is needed" },
		{ "\"bytes\": \"1B\"", "/bytes: \"1B\" must lie between 4KiB and 1TiB" },
		{ "\"duration\": null", "/duration: this is null, a duration" },
		{ "\"ratio\": 1.0001", "/ratio: must lie between 0 and 1" },
		{ "\"ratio\": true", "/ratio: this is a truth value, a number is needed" },
		{ "\"bandwidth\": \"1B\"", "/bandwidth: \"1B\" is a size, a bandwidth is needed" },
		{ "\"rate\": \"2\"", "/rate: \"2\" has no unit" },
		{ "\"choice\": \"gren\"", "/choice: \"gren\" is none of \"red\", \"green\", "
					  "\"blue\"; did you mean \"green\"?" },
		{ "\"choices\": [\"red\", 1]",
		  "x.json:2:20: error: /choices/1: this is a bare number" },
		{ "\"choices\": \"red\"", "/choices: this is a string, a list of names" },
		{ "\"texts\": [\"a\", []]", "/texts/1: this is a list, a string is needed" },
		{ "\"record\": []", "/record: this is a list, an object is needed" },
		{ "\"record\": {\"depht\": 1}", "x.json:2:12: error: /record/depht: the inner has "
						"no key \"depht\"; did you mean \"depth\"?" },
		{ "\"records\": [{}, {\"depth\": 0}]",
		  "/records/1/depth: must lie between 1 and 9" },
		{ "\"records\": [{\"x\": 0}]", "/records/0/x: the inner has no key \"x\"" },
		{ "\"records\": [3]", "/records/0: this is a bare number, an object is needed" },
		{ "\"cuont\": 1", "x.json:2:1: error: /cuont: the thing has no key \"cuont\"; did "
				  "you mean \"count\"?" },
		{ "\"text\": 1", "/text: this is a bare number, a string is needed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reading reading;
		char text[256];

		snprintf(text, sizeof(text), "{\"name\": \"n\",\n%s}", rows[i].members);
		assert_false(read_text(text, &reading));
		assert_int_equal(reading.error.kind, ERROR_INPUT);
		if (!strstr(reading.error.message, rows[i].message))
			fail_msg("%s: \"%s\" lacks \"%s\"", rows[i].members, reading.error.message,
				 rows[i].message);
		end(&reading);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{ "a", true },
		{ "db \xe2\x80\x93 1", true }, /* an en dash is no control character */
		{ "\xf0\x9f\x98\x80", true },
		{ "", false },
		{ "a\\nb", false },
		{ "\\u001b[31m", false },
		{ "\\u007f", false },
		{ "\\u009b", false },
		{ "\\u202e", false },
		{ "\\u061c", false },
		{ "\\u2067", false },
	};
	char long_name[202];

	(void)state;
	memset(long_name, 'n', 201);
	long_name[201] = '\0';
	for (size_t i = 0; i <= sizeof(rows) / sizeof(rows[0]); i++) {
		bool last = i == sizeof(rows) / sizeof(rows[0]);
		struct reading reading;
		char text[256];
		bool ok;

		snprintf(text, sizeof(text), "{\"name\": \"%s\"}", last ? long_name : rows[i].name);
		ok = read_text(text, &reading);
		if (ok != (!last && rows[i].good))
			fail_msg("name %zu: %s", i, reading.error.message);
		end(&reading);
	}
}

static void test_missing(void **state)
{
	struct reading reading;

	(void)state;
	assert_false(read_text("{}", &reading));
	assert_non_null(strstr(reading.error.message,
			       "x.json:1:1: error: /name: the thing needs \"name\": its name"));
	end(&reading);
}

static const char *origin_of(json_t *origins, const char *pointer)
{
	const char *text = json_string_value(json_object_get(origins, pointer));

	return text ? text : "nowhere";
}

static void test_origins(void **state)
{
	struct reading reading;
	json_t *origins = json_object();

	(void)state;
	assert_true(read_text("{\"name\": \"n\",\n\n\"count\": 2, \"record\":\n{\"depth\": 4}}",
			      &reading));
	assert_true(document_set(&reading.document, NULL, "/ratio=0.25", NULL, &reading.error));
	assert_true(record_origins(&reading.document, &record, reading.document.root, "", origins));
	assert_string_equal(origin_of(origins, "/name"), "x.json:1");
	assert_string_equal(origin_of(origins, "/count"), "x.json:3");
	assert_string_equal(origin_of(origins, "/record/depth"), "x.json:4");
	assert_string_equal(origin_of(origins, "/ratio"), "--set");
	assert_string_equal(origin_of(origins, "/bytes"), "default");
	assert_string_equal(origin_of(origins, "/text"), "nowhere"); /* no value, no origin */
	json_decref(origins);
	end(&reading);
}

static void test_schema(void **state)
{
	json_t *properties = json_object(), *required = json_array(), *field;

	(void)state;
	assert_true(record_schema(&record, properties, required));
	assert_int_equal(json_array_size(required), 1);
	assert_string_equal(json_string_value(json_array_get(required, 0)), "name");
	assert_int_equal(json_object_size(properties), 16);
	field = json_object_get(properties, "count");
	assert_int_equal(json_integer_value(json_object_get(field, "maximum")), 100);
	assert_string_equal(json_string_value(json_object_get(field, "description")), "a count");
	field = json_object_get(properties, "bytes");
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(field, "examples"), 0)), "64GiB");
	field = json_object_get(properties, "record");
	assert_true(json_is_false(json_object_get(field, "additionalProperties")));
	json_decref(properties);
	json_decref(required);
}

static void test_reference(void **state)
{
	struct error error = { 0 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	assert_true(record_print_reference(&record, out, &error));
	fclose(out);
	assert_non_null(strstr(text, "| `name` | name | required | its name |\n"));
	assert_non_null(strstr(text, "| `count` | whole number, 1 to 100 | `7` | a count |\n"));
	assert_non_null(strstr(text, "| `choice` | one of `red`, `green`, `blue` | `\"green\"` |"));
	assert_non_null(strstr(text, "| `text` | text | none | a text |\n"));
	free(text);
}

/* The command line says values as texts; the same readers, ranges and messages. */
static void test_texts(void **state)
{
	static const struct {
		const char *key, *text, *message; /* NULL: it is right */
	} cases[] = {
		{ "count", "42", NULL },
		{ "bytes", "64GiB", NULL },
		{ "duration", "10s", NULL },
		{ "rate", "36/h", NULL },
		{ "choice", "blue", NULL },
		{ "number", "-.5", NULL },
		{ "flag", "true", NULL },
		{ "count", "101", "--it: must lie between 1 and 100" },
		{ "count", "1.5", "--it: a whole number is needed, not \"1.5\"" },
		{ "count", "", "--it: a whole number is needed, not \"\"" },
		{ "number", "nan", "--it: a number is needed, not \"nan\"" },
		{ "bytes", "1B", "--it: \"1B\" must lie between 4KiB and 1TiB" },
		{ "bytes", "10s", "--it: \"10s\" is a duration, a size is needed" },
		{ "choice", "grene", "did you mean \"green\"?" },
		{ "choice", "\xff", "--it: the value is not UTF-8" },
	};
	struct outer outer = { 0 }, wrong = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct field *field = record_field(&record, cases[i].key);
		struct error error = { 0 };
		bool ok = field_read_text(
			field, "--it", cases[i].text,
			(char *)(cases[i].message ? &wrong : &outer) + field->offset, &error);

		if (cases[i].message && !strstr(error.message, cases[i].message))
			fail_msg("\"%s\" is said of \"%s\"", error.message, cases[i].text);
		assert_int_equal(ok, !cases[i].message);
	}
	assert_int_equal(outer.count, 42);
	assert_int_equal(outer.bytes, 64LL << 30);
	assert_int_equal(outer.duration, 10000000000);
	assert_true(outer.rate == 0.01);
	assert_int_equal(outer.choice, 2);
	assert_true(outer.number == -0.5);
	assert_true(outer.flag);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults), cmocka_unit_test(test_values_and_back),
		cmocka_unit_test(test_errors),   cmocka_unit_test(test_names),
		cmocka_unit_test(test_missing),  cmocka_unit_test(test_origins),
		cmocka_unit_test(test_schema),   cmocka_unit_test(test_reference),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
