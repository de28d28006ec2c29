/* Field tables in other shapes: resolved JSON, origins, JSON Schema, Markdown. */

#include <math.h>
#include <string.h>

#include "base/version.h"
#include "document/json.h"
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

	for (size_t i = 0; i < list->count; i++)
		array = list_with(array, field->kind == FIELD_TEXTS
						 ? json_string(((char **)list->items)[i])
						 : record_to_json(field->record,
								  (const char *)list->items +
									  i * field->record->size));
	return array;
}

static json_t *choices_to_json(const struct field *field, uint64_t bits)
{
	json_t *array = json_array();

	for (int i = 0; field->choices[i]; i++)
		if (bits >> i & 1)
			array = list_with(array, json_string(field->choices[i]));
	return array;
}

static json_t *field_to_json(const struct field *field, const void *target)
{
	char version[VERSION_TEXT];
	const char *text;

	if (value_kinds[field->kind].pattern)
		return quantity_to_json(field, target);
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
	case FIELD_VERSION:
		version_format(version, *(const int64_t *)target);
		return json_string(version);
	case FIELD_CHOICE:
		return json_string(field->choices[*(const int *)target]);
	case FIELD_CHOICES:
		return choices_to_json(field, *(const uint64_t *)target);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return list_to_json(field, target);
	case FIELD_RECORD:
		return record_to_json(field->record, target);
	default: /* neither cost profiles nor designs are printed with their defaults */
		return NULL;
	}
}

/* A value that was not given and has no default is left out: it is zero. */
static bool is_absent(const struct field *field, const void *target)
{
	if (!field->fallback || strcmp(field->fallback, "null") != 0)
		return false;
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		return *(char *const *)target == NULL;
	case FIELD_COUNT:
	case FIELD_BYTES:
	case FIELD_DURATION:
	case FIELD_VERSION:
		return *(const int64_t *)target == 0;
	case FIELD_NUMBER:
	case FIELD_RATIO:
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		return !(fabs(*(const double *)target) > 0);
	default:
		return false;
	}
}

json_t *record_to_json(const struct record *record, const void *data)
{
	json_t *object = json_object();

	for (const struct field *field = record->fields; field->key; field++) {
		const void *target = (const char *)data + field->offset;

		if (field->kind != FIELD_ANY && !is_absent(field, target))
			object = object_with(object, field->key, field_to_json(field, target));
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

json_t *record_object_schema(const struct record *record)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	if (!record_schema(record, properties, required)) {
		json_decref(properties);
		json_decref(required);
		return NULL;
	}
	schema = json_pack("{s:s, s:s, s:o, s:b, s:{s:{}}}", "type", "object", "description",
			   record->help, "properties", properties, "additionalProperties", 0,
			   "patternProperties", "^//");
	if (json_array_size(required))
		return object_with(schema, "required", required);
	json_decref(required);
	return schema;
}

/* What a list, an object or a later stage makes of it; NULL: a single value. */
static json_t *inner_schema(const struct field *field)
{
	json_t *object = field->record ? record_object_schema(field->record) : NULL;
	json_t *reference = NULL;
	enum field_kind ends;

	switch (field->kind) {
	case FIELD_RANGE:
	case FIELD_BANDWIDTHS:
		ends = field->kind == FIELD_RANGE ? FIELD_PRICE : FIELD_BANDWIDTH;
		return json_pack("{s:s, s:i, s:i, s:{s:s, s:s}}", "type", "array", "minItems", 2,
				 "maxItems", 2, "items", "type", "string", "pattern",
				 value_kinds[ends].pattern);
	case FIELD_CHOICES:
		return json_pack("{s:s, s:{s:s, s:o}}", "type", "array", "items", "type", "string",
				 "enum", list_of_names(field->choices));
	case FIELD_TEXTS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
	case FIELD_RECORDS:
		return json_pack("{s:s, s:o}", "type", "array", "items", object);
	case FIELD_RECORD:
	case FIELD_ANY:
	case FIELD_NAMED:
		if (field->choices)
			reference = json_pack("{s:o}", "$ref",
					      json_sprintf("#/definitions/%s", field->choices[0]));
		if (reference && object)
			return json_pack("{s:[o, o]}", "anyOf", reference, object);
		return reference ? reference : object ? object : json_object();
	default:
		return NULL;
	}
}

static json_t *field_schema(const struct field *field)
{
	const struct value_kind *kind = &value_kinds[field->kind];
	json_t *inner = inner_schema(field), *schema;

	if (inner)
		return inner;
	schema = json_pack("{s:s}", "type", kind->type);
	if (field->kind == FIELD_NAME)
		json_object_update_new(schema,
				       json_pack("{s:i, s:i}", "minLength", 1, "maxLength", 200));
	if (field->kind == FIELD_CHOICE)
		json_object_set_new(schema, "enum", list_of_names(field->choices));
	if (kind->pattern)
		json_object_update_new(schema, json_pack("{s:s, s:[s]}", "pattern", kind->pattern,
							 "examples", kind->example));
	else if (field->minimum < field->maximum)
		json_object_update_new(schema,
				       field->kind == FIELD_COUNT
					       ? json_pack("{s:I, s:I}", "minimum",
							   (json_int_t)field->minimum, "maximum",
							   (json_int_t)field->maximum)
					       : json_pack("{s:f, s:f}", "minimum", field->minimum,
							   "maximum", field->maximum));
	return schema;
}

bool record_schema(const struct record *record, json_t *properties, json_t *required)
{
	for (const struct field *field = record->fields; field->key; field++) {
		json_t *schema = field_schema(field);

		if (field->help)
			schema = object_with(schema, "description", json_string(field->help));
		if (field->fallback && strcmp(field->fallback, "null") != 0)
			schema = object_with(schema, "default",
					     json_loads(field->fallback, JSON_DECODE_ANY, NULL));
		if (json_object_set_new(properties, field->key, schema) != 0 ||
		    (!field->fallback &&
		     json_array_append_new(required, json_string(field->key)) != 0))
			return false;
	}
	return true;
}

bool schema_print(json_t *object, const char *title, int indent, FILE *out, struct error *error)
{
	json_t *schema = json_pack("{s:s, s:s}", "$schema",
				   "http://json-schema.org/draft-07/schema#", "title", title);
	bool ok = object && json_object_update(schema, object) == 0;

	json_decref(object);
	if (ok)
		return json_print(schema, "schema", indent, out, error);
	json_decref(schema);
	return error_memory(error, "schema");
}

/* --- Markdown ------------------------------------------------------------- */

static void print_kind(const struct field *field, FILE *out)
{
	const struct value_kind *kind = &value_kinds[field->kind];
	bool defined = field->choices && (field->kind == FIELD_NAMED || field->kind == FIELD_ANY);

	if (defined)
		fprintf(out, "%s%s%s%s", field->choices[0], field->choices[1] ? " or " : "",
			field->choices[1] ? field->choices[1] : "",
			field->record ? ", or an object" : "");
	else
		fputs(kind->shown, out);
	for (int i = 0; !defined && field->choices && field->choices[i]; i++)
		fprintf(out, "%s `%s`", i ? "," : "", field->choices[i]);
	if (!kind->pattern && field->minimum < field->maximum)
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

void record_print_text(const struct record *record, FILE *out)
{
	for (const struct field *field = record->fields; field->key; field++) {
		fprintf(out, "  %s\t", field->key);
		print_kind(field, out);
		if (!field->fallback)
			fputs("\trequired\n", out);
		else if (strcmp(field->fallback, "null") == 0)
			fputs("\tno default\n", out);
		else
			fprintf(out, "\t%s\n", field->fallback);
		fprintf(out, "      \v%s\n", field->help);
	}
	fputc('\n', out);
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
		/* what a later stage reads is an object that may be missing, or a list that may not */
		bool list = field->kind == FIELD_RECORDS ||
			    (field->kind == FIELD_ANY && !field->fallback);

		snprintf(inner, sizeof(inner), "%s%s%s%s", path, *path ? "." : "", field->key,
			 list ? "[]" : "");
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
