#include "document/shape.h"

#include <stdarg.h>
#include <string.h>

#include "base/nearest.h"
#include "document/json.h"

/* --- the check -------------------------------------------------------------- */

static const char *const needed[] = {
	[SHAPE_TEXT] = "a text is needed",
	[SHAPE_WHOLE] = "a whole number is needed",
	[SHAPE_NUMBER] = "a number is needed",
	[SHAPE_FLAG] = "true or false is needed",
	[SHAPE_INTERVAL] = "a list of two numbers is needed",
	[SHAPE_OBJECT] = "an object is needed",
	[SHAPE_OBJECTS] = "a list of objects is needed",
	[SHAPE_MAP] = "an object of objects is needed",
	[SHAPE_TEXTS] = "a list of texts is needed",
	[SHAPE_NUMBERS] = "a list of numbers is needed",
	[SHAPE_ROWS] = "a list of lists is needed",
};

/* True: a fault was found, and is at `pointer`. */
static bool find(struct shape_fault *fault, const char *pointer, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static bool find(struct shape_fault *fault, const char *pointer, const char *format, ...)
{
	FORMAT_MESSAGE(fault->what, format);
	snprintf(fault->pointer, sizeof(fault->pointer), "%s", pointer);
	return true;
}

static bool is_number_or_null(const json_t *value)
{
	return json_is_number(value) || json_is_null(value);
}

static bool is_cell(const json_t *value)
{
	return json_is_string(value) || is_number_or_null(value);
}

static bool all_items(const json_t *list, bool (*is)(const json_t *item))
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!is(json_array_get(list, i)))
			return false;
	return json_is_array(list);
}

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

static bool is_row(const json_t *value)
{
	return all_items(value, is_cell);
}

static bool is_of_kind(const struct member *member, const json_t *value)
{
	switch (member->kind) {
	case SHAPE_TEXT:
		return json_is_string(value);
	case SHAPE_WHOLE:
		return json_is_integer(value);
	case SHAPE_NUMBER:
		return json_is_number(value);
	case SHAPE_FLAG:
		return json_is_boolean(value);
	case SHAPE_INTERVAL:
		return json_array_size(value) == 2 && all_items(value, is_number_or_null);
	case SHAPE_OBJECT:
	case SHAPE_MAP:
		return json_is_object(value);
	case SHAPE_OBJECTS:
		return json_is_array(value);
	case SHAPE_TEXTS:
		return all_items(value, is_text);
	case SHAPE_NUMBERS:
		return all_items(value, is_number_or_null);
	case SHAPE_ROWS:
		return all_items(value, is_row);
	case SHAPE_ELSEWHERE:
		break;
	}
	return true;
}

static bool is_choice(const struct member *member, const json_t *value)
{
	for (int i = 0; member->choices[i]; i++)
		if (strcmp(member->choices[i], json_string_value(value)) == 0)
			return true;
	return false;
}

static const struct member *find_member(const struct shape *shape, const char *key)
{
	for (const struct member *member = shape->members; member->key; member++)
		if (strcmp(member->key, key) == 0)
			return member;
	return NULL;
}

static bool object_fault(const struct shape *shape, const json_t *object, const char *pointer,
			 bool read, struct shape_fault *fault);

/* Recursion: as deep as the tables. */
static bool value_fault(const struct member *member, const json_t *value, const char *pointer,
			bool read, struct shape_fault *fault)
{
	char inner[POINTER_MAX];
	const char *key;
	size_t index;
	json_t *item;

	if (json_is_null(value) && member->null)
		return false;
	if (!is_of_kind(member, value))
		return find(fault, pointer, "%s%s", needed[member->kind],
			    member->null ? ", or null" : "");
	if (member->kind == SHAPE_TEXT && member->choices && !is_choice(member, value))
		return find(fault, pointer, "there is no \"%.60s\" here", json_string_value(value));
	if (member->kind == SHAPE_OBJECT)
		return object_fault(member->of, value, pointer, read, fault);
	if (member->kind == SHAPE_OBJECTS)
		json_array_foreach(value, index, item)
		{
			pointer_to_index(inner, pointer, index);
			if (object_fault(member->of, item, inner, read, fault))
				return true;
		}
	if (member->kind == SHAPE_MAP)
		json_object_foreach((json_t *)value, key, item)
		{
			pointer_to_key(inner, pointer, key);
			if (object_fault(member->of, item, inner, read, fault))
				return true;
		}
	return false;
}

static bool head_fault(const struct shape *shape, const json_t *object, const char *pointer,
		       struct shape_fault *fault)
{
	const char *format = json_string_value(json_object_get(object, "format"));
	const json_t *version = json_object_get(object, "version");
	char inner[POINTER_MAX];

	pointer_to_key(inner, pointer, "format");
	if (!format || strcmp(format, shape->format) != 0)
		return find(fault, inner, "this is %s; a document of format \"%s\" is needed",
			    document_kind(object) ? document_kind(object) : "something else",
			    shape->format);
	pointer_to_key(inner, pointer, "version");
	if (!json_is_integer(version))
		return find(fault, inner, "the number of the format's version is needed");
	if (json_integer_value(version) > shape->version)
		return find(fault, inner,
			    "version %lld of this format is newer than this sim, which reads up to "
			    "%d: use the sim that wrote it, or a later one",
			    (long long)json_integer_value(version), shape->version);
	return json_integer_value(version) < shape->version &&
	       find(fault, inner,
		    "version %lld of this format is older than this sim, which reads %d: "
		    "use the sim that wrote it, or run it again",
		    (long long)json_integer_value(version), shape->version);
}

static bool object_fault(const struct shape *shape, const json_t *object, const char *pointer,
			 bool read, struct shape_fault *fault)
{
	char inner[POINTER_MAX];
	const char *key;
	json_t *item;

	if (!json_is_object(object))
		return find(fault, pointer, "an object (%s) is needed", shape->name);
	if (shape->format && head_fault(shape, object, pointer, fault))
		return true;
	for (const struct member *member = shape->members; member->key; member++) {
		const json_t *value = json_object_get(object, member->key);

		pointer_to_key(inner, pointer, member->key);
		if (!value && !member->optional && !read)
			return find(fault, pointer, "there is no key \"%s\"", member->key);
		if (value && value_fault(member, value, inner, read, fault))
			return true;
	}
	json_object_foreach((json_t *)object, key, item)
	{
		if (read || find_member(shape, key) ||
		    (shape->format && (strcmp(key, "format") == 0 || strcmp(key, "version") == 0)))
			continue;
		pointer_to_key(inner, pointer, key);
		return find(fault, inner, "%s has no key \"%.60s\"", shape->name, key);
	}
	return false;
}

bool shape_fault(const struct shape *shape, const json_t *value, struct shape_fault *fault)
{
	return object_fault(shape, value, "", false, fault);
}

bool shape_check(const struct shape *shape, const struct document *document, struct error *error)
{
	struct shape_fault fault;

	return !object_fault(shape, document->root, "", true, &fault) ||
	       document_error(document, fault.pointer, error, "%s", fault.what);
}

/* --- as JSON Schema --------------------------------------------------------- */

static json_t *with_null(json_t *schema, bool null)
{
	return null ? json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null") : schema;
}

static json_t *list_of(json_t *items)
{
	return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *types(const char *one, const char *two, const char *three)
{
	return three ? json_pack("{s:[s, s, s]}", "type", one, two, three)
		     : json_pack("{s:[s, s]}", "type", one, two);
}

static json_t *object_schema(const struct shape *shape);

static json_t *kind_schema(const struct member *member)
{
	switch (member->kind) {
	case SHAPE_TEXT:
		return member->choices ? json_pack("{s:o}", "enum", list_of_names(member->choices))
				       : json_pack("{s:s}", "type", "string");
	case SHAPE_WHOLE:
		return json_pack("{s:s}", "type", "integer");
	case SHAPE_NUMBER:
		return json_pack("{s:s}", "type", "number");
	case SHAPE_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case SHAPE_INTERVAL:
		return json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 2, "maxItems",
				 2, "items", types("number", "null", NULL));
	case SHAPE_OBJECT:
		return object_schema(member->of);
	case SHAPE_OBJECTS:
		return list_of(object_schema(member->of));
	case SHAPE_MAP:
		return json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
				 object_schema(member->of));
	case SHAPE_TEXTS:
		return list_of(json_pack("{s:s}", "type", "string"));
	case SHAPE_NUMBERS:
		return list_of(types("number", "null", NULL));
	case SHAPE_ROWS:
		return list_of(list_of(types("string", "number", "null")));
	case SHAPE_ELSEWHERE:
		break;
	}
	return json_object();
}

static json_t *object_schema(const struct shape *shape)
{
	json_t *properties = json_object(), *required = json_array();

	if (shape->format) {
		properties = object_with(properties, "format",
					 json_pack("{s:s}", "const", shape->format));
		properties = object_with(properties, "version",
					 json_pack("{s:i}", "const", shape->version));
		required = list_with(list_with(required, json_string("format")),
				     json_string("version"));
	}
	for (const struct member *member = shape->members; member->key; member++) {
		properties = object_with(properties, member->key,
					 object_with(with_null(kind_schema(member), member->null),
						     "description", json_string(member->help)));
		if (!member->optional)
			required = list_with(required, json_string(member->key));
	}
	return json_pack("{s:s, s:s, s:o, s:b, s:o}", "type", "object", "description", shape->help,
			 "properties", properties, "additionalProperties", 0, "required", required);
}

json_t *shape_schema(const struct shape *shape, bool list)
{
	return list ? list_of(object_schema(shape)) : object_schema(shape);
}

/* --- as Markdown ------------------------------------------------------------ */

static void print_kind(const struct member *member, FILE *out)
{
	static const char *const shown[] = {
		[SHAPE_TEXT] = "text",
		[SHAPE_WHOLE] = "whole number",
		[SHAPE_NUMBER] = "number",
		[SHAPE_FLAG] = "true or false",
		[SHAPE_INTERVAL] = "[low, high]",
		[SHAPE_OBJECT] = "object",
		[SHAPE_OBJECTS] = "list of objects",
		[SHAPE_MAP] = "objects by name",
		[SHAPE_TEXTS] = "list of texts",
		[SHAPE_NUMBERS] = "list of numbers",
		[SHAPE_ROWS] = "list of lists",
		[SHAPE_ELSEWHERE] = "see there",
	};

	if (member->of)
		fprintf(out, "%s: %s", shown[member->kind], member->of->name);
	else
		fputs(shown[member->kind], out);
	for (int i = 0; member->choices && member->choices[i]; i++)
		fprintf(out, "%s `%s`", i ? "," : "", member->choices[i]);
	if (member->null)
		fputs(", or null", out);
	if (member->optional)
		fputs("; may be left out", out);
}

static void print_table(const struct shape *shape, FILE *out)
{
	fputs("| key | value | meaning |\n|---|---|---|\n", out);
	if (shape->format)
		fprintf(out, "| `format` | `%s` | |\n| `version` | `%d` | |\n", shape->format,
			shape->version);
	for (const struct member *member = shape->members; member->key; member++) {
		fprintf(out, "| `%s` | ", member->key);
		print_kind(member, out);
		fprintf(out, " | %s |\n", member->help);
	}
	fputc('\n', out);
}

static bool is_printed(struct shapes_printed *printed, const struct shape *shape)
{
	for (size_t i = 0; i < printed->count; i++)
		if (printed->shapes[i] == shape)
			return true;
	if (printed->count < SHAPES_MOST)
		printed->shapes[printed->count++] = shape;
	return false;
}

static void print_inner(const struct shape *shape, struct shapes_printed *printed, FILE *out)
{
	for (const struct member *member = shape->members; member->key; member++) {
		if (!member->of || is_printed(printed, member->of))
			continue;
		fprintf(out, "**%s**: %s\n\n", member->of->name, member->of->help);
		print_table(member->of, out);
		print_inner(member->of, printed, out);
	}
}

bool shape_print_sections(const struct shape *shape, struct shapes_printed *printed, FILE *out,
			  struct error *error)
{
	fprintf(out, "## %s\n\n%s\n\n", shape->name, shape->help);
	print_table(shape, out);
	print_inner(shape, printed, out);
	return !ferror(out) || error_set(error, ERROR_OUTPUT, "cannot write the reference");
}
