/* Field tables in other shapes: resolved JSON, origins, JSON Schema, Markdown. */

#include <math.h>
#include <string.h>

#include "base/quantity.h"
#include "document/record.h"

/* "64GiB", "1.5us", or with ten digits what is not a whole unit. */
static json_t *quantity_to_json(const struct field *field, const void *target)
{
	char text[64];

	if (field->kind == FIELD_BYTES)
		quantity_format_exact(text, QUANTITY_BYTES, *(const int64_t *)target);
	else if (field->kind == FIELD_PRICE)
		snprintf(text, sizeof(text), "%.15gns", *(const double *)target);
	else if (field->kind == FIELD_DURATION)
		quantity_format_exact(text, QUANTITY_DURATION, *(const int64_t *)target);
	else if (field->kind == FIELD_BANDWIDTH)
		snprintf(text, sizeof(text), "%.15gMB/s", *(const double *)target / 1e6);
	else
		snprintf(text, sizeof(text), "%.15g/s", *(const double *)target);
	return json_string(text);
}

static json_t *list_to_json(const struct field *field, const struct field_list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < list->count; i++) {
		json_t *item =
			field->kind == FIELD_TEXTS
				? json_string(((char **)list->items)[i])
				: record_to_json(field->record, (const char *)list->items +
									i * field->record->size);

		if (json_array_append_new(array, item) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *choices_to_json(const struct field *field, uint64_t bits)
{
	json_t *array = json_array();

	for (int i = 0; array && field->choices[i]; i++)
		if ((bits >> i & 1) &&
		    json_array_append_new(array, json_string(field->choices[i]))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *field_to_json(const struct field *field, const void *target)
{
	const char *text;

	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		text = *(char *const *)target;
		return text ? json_string(text) : json_null();
	case FIELD_FLAG:
		return json_boolean(*(const bool *)target);
	case FIELD_COUNT:
		return json_integer(*(const int64_t *)target);
	case FIELD_NUMBER:
	case FIELD_RATIO:
		return json_real(*(const double *)target);
	case FIELD_BYTES:
	case FIELD_DURATION:
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		return quantity_to_json(field, target);
	case FIELD_CHOICE:
		return json_string(field->choices[*(const int *)target]);
	case FIELD_CHOICES:
		return choices_to_json(field, *(const uint64_t *)target);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return list_to_json(field, target);
	case FIELD_RECORD:
		return record_to_json(field->record, target);
	case FIELD_RANGE: /* cost profiles are not printed with their defaults */
	case FIELD_ANY:
		break;
	}
	return NULL;
}

/* A value that was not given and has no default is left out. */
static bool is_absent(const struct field *field, const void *target)
{
	static const char zero[64];

	if (!field->fallback || strcmp(field->fallback, "null") != 0)
		return false;
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		return *(char *const *)target == NULL;
	case FIELD_NUMBER:
	case FIELD_RATIO:
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		return memcmp(target, zero, sizeof(double)) == 0;
	case FIELD_COUNT:
	case FIELD_BYTES:
	case FIELD_DURATION:
		return *(const int64_t *)target == 0;
	default:
		return false;
	}
}

json_t *record_to_json(const struct record *record, const void *data)
{
	json_t *object = json_object();

	for (const struct field *field = record->fields; object && field->key; field++) {
		const void *target = (const char *)data + field->offset;

		if (field->kind == FIELD_ANY || is_absent(field, target))
			continue;
		if (json_object_set_new(object, field->key, field_to_json(field, target)) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

bool record_origins(const struct document *document, const struct record *record, json_t *object,
		    const char *pointer, json_t *origins)
{
	for (const struct field *field = record->fields; field->key; field++) {
		json_t *value = json_object_get(object, field->key);
		char inner[POINTER_MAX], origin[POINTER_MAX + 64];
		size_t line, column;

		pointer_to_key(inner, pointer, field->key);
		if (field->kind == FIELD_ANY ||
		    (!value && field->fallback && strcmp(field->fallback, "null") == 0))
			continue;
		if (value && document_is_set(document, inner))
			snprintf(origin, sizeof(origin), "--set");
		else if (value && document_position(document, inner, CARET_VALUE, &line, &column))
			snprintf(origin, sizeof(origin), "%s:%zu", document->path, line);
		else
			snprintf(origin, sizeof(origin), "default");
		if (field->kind == FIELD_RECORD) {
			if (!record_origins(document, field->record, value, inner, origins))
				return false;
			continue;
		}
		if (json_object_set_new(origins, inner, json_string(origin)) != 0)
			return false;
	}
	return true;
}

/* --- JSON Schema ---------------------------------------------------------- */

#define NUMBER "^[0-9]+(\\.[0-9]+)? ?"

static const struct {
	const char *pattern, *example;
} units[] = {
	[FIELD_BYTES] = { NUMBER "(B|KiB|MiB|GiB|TiB|PiB|kB|MB|GB|TB)$", "64GiB" },
	[FIELD_DURATION] = { NUMBER "(ns|us|\xc2\xb5s|\xce\xbcs|ms|s|min|h|d)$", "1.5us" },
	[FIELD_PRICE] = { NUMBER "(ns|us|\xc2\xb5s|\xce\xbcs|ms|s|min|h|d)$", "1.5us" },
	[FIELD_BANDWIDTH] = { NUMBER "(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)/s$", "250MB/s" },
	[FIELD_RATE] = { NUMBER "/(s|min|h|d)$", "3/h" },
};

static json_t *names_schema(const char *const *names)
{
	json_t *list = json_array();

	for (; list && *names; names++)
		if (json_array_append_new(list, json_string(*names)) != 0) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:s, s:o*}", "type", "string", "enum", list);
}

json_t *record_object_schema(const struct record *record)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema;

	if (!properties || !required || !record_schema(record, properties, required)) {
		json_decref(properties);
		json_decref(required);
		return NULL;
	}
	schema = json_pack("{s:s, s:s, s:o, s:b, s:{s:{}}}", "type", "object", "description",
			   record->help, "properties", properties, "additionalProperties", 0,
			   "patternProperties", "^//");
	if (schema && json_array_size(required))
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

static json_t *field_schema(const struct field *field)
{
	bool limited = field->minimum < field->maximum;

	switch (field->kind) {
	case FIELD_TEXT:
		return json_pack("{s:s}", "type", "string");
	case FIELD_NAME:
		return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 1, "maxLength",
				 200);
	case FIELD_FLAG:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_COUNT:
		if (!limited)
			return json_pack("{s:s}", "type", "integer");
		return json_pack("{s:s, s:I, s:I}", "type", "integer", "minimum",
				 (json_int_t)field->minimum, "maximum", (json_int_t)field->maximum);
	case FIELD_NUMBER:
	case FIELD_RATIO:
		if (!limited)
			return json_pack("{s:s}", "type", "number");
		return json_pack("{s:s, s:f, s:f}", "type", "number", "minimum", field->minimum,
				 "maximum", field->maximum);
	case FIELD_RANGE:
		return json_pack("{s:s, s:i, s:i, s:{s:s, s:s}}", "type", "array", "minItems", 2,
				 "maxItems", 2, "items", "type", "string", "pattern",
				 units[FIELD_PRICE].pattern);
	case FIELD_BYTES:
	case FIELD_DURATION:
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		return json_pack("{s:s, s:s, s:[s]}", "type", "string", "pattern",
				 units[field->kind].pattern, "examples",
				 units[field->kind].example);
	case FIELD_CHOICE:
		return names_schema(field->choices);
	case FIELD_CHOICES:
		return json_pack("{s:s, s:o*}", "type", "array", "items",
				 names_schema(field->choices));
	case FIELD_TEXTS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
	case FIELD_RECORD:
		return record_object_schema(field->record);
	case FIELD_RECORDS:
		return json_pack("{s:s, s:o*}", "type", "array", "items",
				 record_object_schema(field->record));
	case FIELD_ANY:
		if (field->record)
			return record_object_schema(field->record);
		break;
	}
	return json_object();
}

bool record_schema(const struct record *record, json_t *properties, json_t *required)
{
	for (const struct field *field = record->fields; field->key; field++) {
		json_t *schema = field_schema(field);
		json_t *fallback = NULL;
		bool ok = schema != NULL;

		if (ok && field->help)
			ok = json_object_set_new(schema, "description", json_string(field->help)) ==
			     0;
		if (ok && field->fallback && strcmp(field->fallback, "null") != 0) {
			fallback = json_loads(field->fallback, JSON_DECODE_ANY, NULL);
			ok = json_object_set_new(schema, "default", fallback) == 0;
		}
		ok = json_object_set_new(properties, field->key, schema) == 0 && ok;
		if (!field->fallback)
			ok = json_array_append_new(required, json_string(field->key)) == 0 && ok;
		if (!ok)
			return false;
	}
	return true;
}

/* --- Markdown ------------------------------------------------------------- */

static void print_kind(const struct field *field, FILE *out)
{
	static const char *const names[] = {
		[FIELD_TEXT] = "text",
		[FIELD_NAME] = "name",
		[FIELD_FLAG] = "true or false",
		[FIELD_COUNT] = "whole number",
		[FIELD_NUMBER] = "number",
		[FIELD_RATIO] = "number",
		[FIELD_BYTES] = "size",
		[FIELD_DURATION] = "duration",
		[FIELD_PRICE] = "duration",
		[FIELD_RANGE] = "two durations",
		[FIELD_BANDWIDTH] = "bandwidth",
		[FIELD_RATE] = "rate",
		[FIELD_CHOICE] = "one of",
		[FIELD_CHOICES] = "list of",
		[FIELD_TEXTS] = "list of text",
		[FIELD_RECORD] = "object",
		[FIELD_RECORDS] = "list of objects",
		[FIELD_ANY] = "see below",
	};

	fputs(names[field->kind], out);
	if (field->kind == FIELD_CHOICE || field->kind == FIELD_CHOICES)
		for (int i = 0; field->choices[i]; i++)
			fprintf(out, "%s `%s`", i ? "," : "", field->choices[i]);
	else if ((field->kind == FIELD_COUNT || field->kind == FIELD_RATIO ||
		  field->kind == FIELD_NUMBER) &&
		 field->minimum < field->maximum)
		fprintf(out, ", %.15g to %.15g", field->minimum, field->maximum);
}

bool record_print_reference(const struct record *record, FILE *out, struct error *error)
{
	fprintf(out, "| key | value | default | meaning |\n|---|---|---|---|\n");
	for (const struct field *field = record->fields; field->key; field++) {
		fprintf(out, "| `%s` | ", field->key);
		print_kind(field, out);
		if (!field->fallback)
			fprintf(out, " | required");
		else if (strcmp(field->fallback, "null") == 0)
			fprintf(out, " | none");
		else
			fprintf(out, " | `%s`", field->fallback);
		fprintf(out, " | %s |\n", field->help);
	}
	fputc('\n', out);
	return ferror(out) ? error_set(error, ERROR_OUTPUT, "cannot write the reference") : true;
}

/* The records whose sections are there, so that one that two others have is printed once. */
struct printed {
	const struct record *records[32];
	size_t count;
};

static bool print_sections(const struct record *record, const char *title, const char *path,
			   struct printed *printed, FILE *out, struct error *error)
{
	for (size_t i = 0; i < printed->count; i++)
		if (printed->records[i] == record)
			return true;
	if (printed->count < sizeof(printed->records) / sizeof(printed->records[0]))
		printed->records[printed->count++] = record;
	fprintf(out, "## %s\n\n%s\n\n", title, record->help);
	if (!record_print_reference(record, out, error))
		return false;
	for (const struct field *field = record->fields; field->key; field++) {
		char inner[POINTER_MAX];

		snprintf(inner, sizeof(inner), "%s%s%s%s", path, *path ? "." : "", field->key,
			 field->kind == FIELD_RECORDS ? "[]" : "");
		if (field->record &&
		    !print_sections(field->record, inner, inner, printed, out, error))
			return false;
	}
	return true;
}

bool record_print_sections(const struct record *record, const char *title, const char *path,
			   FILE *out, struct error *error)
{
	struct printed printed = { 0 };

	return print_sections(record, title, path, &printed, out, error);
}
