#include "document/record.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/quantity.h"
#include "base/visible.h"

static const char *const kind_names[] = {
	[FIELD_TEXT] = "a string",
	[FIELD_NAME] = "a name (a string)",
	[FIELD_FLAG] = "true or false",
	[FIELD_COUNT] = "a whole number",
	[FIELD_NUMBER] = "a number",
	[FIELD_RATIO] = "a number",
	[FIELD_BYTES] = "a size, for example \"64GiB\"",
	[FIELD_DURATION] = "a duration, for example \"1.5us\"",
	[FIELD_PRICE] = "a duration, for example \"1.5us\"",
	[FIELD_RANGE] = "a list of two durations, [\"1us\", \"5us\"],",
	[FIELD_BANDWIDTH] = "a bandwidth, for example \"250MB/s\"",
	[FIELD_RATE] = "a rate, for example \"3/h\"",
	[FIELD_CHOICE] = "one of its names (a string)",
	[FIELD_CHOICES] = "a list of names",
	[FIELD_TEXTS] = "a list of strings",
	[FIELD_RECORD] = "an object",
	[FIELD_RECORDS] = "a list of objects",
	[FIELD_ANY] = "anything",
};

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "a list";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a bare number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a truth value";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

/* Where a value stands: in a document, or else the name of an option of the command line. */
struct place {
	const struct document *document; /* NULL: `pointer` is the option's name */
	const char *pointer;
	struct error *error;
};

static bool fail(const struct place *place, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(const struct place *place, const char *format, ...)
{
	char message[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (place->document)
		return document_error(place->document, place->pointer, place->error, "%s", message);
	return error_set(place->error, ERROR_INPUT, "%s: %s", place->pointer, message);
}

static bool wrong_type(const struct place *place, const struct field *field, const json_t *value)
{
	if (!place->document)
		return fail(place, "%s is needed, not \"%.60s\"", kind_names[field->kind],
			    json_string_value(value));
	return fail(place, "this is %s, %s is needed", type_name(value), kind_names[field->kind]);
}

static bool out_of_range(const struct place *place, const struct field *field)
{
	return fail(place, "must lie between %.15g and %.15g", field->minimum, field->maximum);
}

static bool in_range(const struct field *field, double value)
{
	bool unlimited = field->minimum >= field->maximum;

	return unlimited || (value >= field->minimum && value <= field->maximum);
}

static bool read_choice(const struct place *place, const struct field *field, const char *text,
			int *index)
{
	char list[512] = "";
	char hint[HINT_MAX];

	for (int i = 0; field->choices[i]; i++) {
		if (strcmp(field->choices[i], text) == 0) {
			*index = i;
			return true;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s\"%s\"",
			 i ? ", " : "", field->choices[i]);
	}
	return fail(place, "\"%.60s\" is none of %s%s", text, list,
		    did_you_mean(hint, text, field->choices));
}

static bool read_quantity(const struct place *place, const struct field *field, const char *text,
			  void *target)
{
	static const enum quantity_kind kinds[] = {
		[FIELD_BYTES] = QUANTITY_BYTES,    [FIELD_DURATION] = QUANTITY_DURATION,
		[FIELD_PRICE] = QUANTITY_DURATION, [FIELD_BANDWIDTH] = QUANTITY_BANDWIDTH,
		[FIELD_RATE] = QUANTITY_RATE,
	};
	struct error why = { 0 };
	double real;

	if (field->kind == FIELD_BYTES || field->kind == FIELD_DURATION) {
		int64_t *integer = target;

		if (!quantity_read_integer(text, kinds[field->kind], integer, &why))
			return fail(place, "%s", why.message);
		if (!in_range(field, (double)*integer)) {
			char low[32], high[32];

			quantity_format_exact(low, kinds[field->kind], (int64_t)field->minimum);
			quantity_format_exact(high, kinds[field->kind], (int64_t)field->maximum);
			return fail(place, "\"%.60s\" must lie between %s and %s", text, low, high);
		}
		return true;
	}
	if (!quantity_read(text, kinds[field->kind], &real, &why))
		return fail(place, "%s", why.message);
	if (!in_range(field, real))
		return out_of_range(place, field);
	*(double *)target = real;
	return true;
}

static bool read_range(const struct place *place, const struct field *field, json_t *value,
		       double *range)
{
	if (!json_is_array(value) || json_array_size(value) != 2)
		return wrong_type(place, field, value);
	for (size_t i = 0; i < 2; i++) {
		const json_t *item = json_array_get(value, i);
		char pointer[POINTER_MAX];
		struct place inner = { place->document, pointer, place->error };
		const struct field price = { .kind = FIELD_PRICE };

		pointer_to_index(pointer, place->pointer, i);
		if (!json_is_string(item))
			return wrong_type(&inner, &price, item);
		if (!read_quantity(&inner, &price, json_string_value(item), &range[i]))
			return false;
	}
	if (range[0] > range[1])
		return fail(place, "the range begins above its end");
	return true;
}

static bool read_number(const struct place *place, const struct field *field, const json_t *value,
			void *target)
{
	double real = json_number_value(value);

	if (!json_is_number(value))
		return wrong_type(place, field, value);
	if (!in_range(field, real))
		return out_of_range(place, field);
	*(double *)target = real == 0 ? 0 : real; /* no negative zero */
	return true;
}

static bool read_count(const struct place *place, const struct field *field, const json_t *value,
		       void *target)
{
	if (json_is_real(value))
		return fail(place, "a whole number is needed, without a fraction or exponent");
	if (!json_is_integer(value))
		return wrong_type(place, field, value);
	if (!in_range(field, (double)json_integer_value(value)))
		return out_of_range(place, field);
	*(int64_t *)target = json_integer_value(value);
	return true;
}

static bool read_list(const struct place *place, const struct field *field, json_t *value,
		      struct field_list *list)
{
	size_t size = field->kind == FIELD_RECORDS ? field->record->size : sizeof(char *);
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return wrong_type(place, field, value);
	list->items = memory_array(json_array_size(value), size, field->key, place->error);
	if (!list->items)
		return false;
	list->count = json_array_size(value);
	json_array_foreach(value, index, item)
	{
		char pointer[POINTER_MAX];
		void *target = (char *)list->items + index * size;

		pointer_to_index(pointer, place->pointer, index);
		if (field->kind == FIELD_RECORDS) {
			if (!json_is_object(item))
				return document_error(place->document, pointer, place->error,
						      "this is %s, an object is needed",
						      type_name(item));
			if (!record_read_whole(place->document, field->record, item, pointer,
					       target, place->error))
				return false;
		} else {
			if (!json_is_string(item))
				return document_error(place->document, pointer, place->error,
						      "this is %s, a string is needed",
						      type_name(item));
			*(char **)target = memory_text(json_string_value(item), place->error);
			if (!*(char **)target)
				return false;
		}
	}
	return true;
}

static bool read_choices(const struct place *place, const struct field *field, json_t *value,
			 uint64_t *bits)
{
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return wrong_type(place, field, value);
	json_array_foreach(value, index, item)
	{
		char pointer[POINTER_MAX];
		struct place inner = { place->document, pointer, place->error };
		int choice = 0;

		pointer_to_index(pointer, place->pointer, index);
		if (!json_is_string(item))
			return document_error(place->document, pointer, place->error,
					      "this is %s, a string is needed", type_name(item));
		if (!read_choice(&inner, field, json_string_value(item), &choice))
			return false;
		*bits |= UINT64_C(1) << choice;
	}
	return true;
}

static bool read_text(const struct place *place, const struct field *field, const char *text,
		      char **target)
{
	if (field->kind == FIELD_NAME && (!*text || strlen(text) > 200 || !visible_is_clean(text)))
		return fail(place, "a name has 1 to 200 bytes and no control characters");
	*target = memory_text(text, place->error);
	return *target != NULL;
}

static bool read_field(const struct place *place, const struct field *field, json_t *value,
		       void *target)
{
	switch (field->kind) {
	case FIELD_ANY:
		return true;
	case FIELD_COUNT:
		return read_count(place, field, value, target);
	case FIELD_NUMBER:
	case FIELD_RATIO:
		return read_number(place, field, value, target);
	case FIELD_FLAG:
		if (!json_is_boolean(value))
			return wrong_type(place, field, value);
		*(bool *)target = json_is_true(value);
		return true;
	case FIELD_CHOICES:
		return read_choices(place, field, value, target);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return read_list(place, field, value, target);
	case FIELD_RANGE:
		return read_range(place, field, value, target);
	case FIELD_RECORD:
		if (!json_is_object(value))
			return wrong_type(place, field, value);
		return record_read_whole(place->document, field->record, value, place->pointer,
					 target, place->error);
	case FIELD_TEXT:
	case FIELD_NAME:
	case FIELD_CHOICE:
	case FIELD_BYTES:
	case FIELD_DURATION:
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		break;
	}
	if (!json_is_string(value))
		return wrong_type(place, field, value);
	if (field->kind == FIELD_TEXT || field->kind == FIELD_NAME)
		return read_text(place, field, json_string_value(value), target);
	if (field->kind == FIELD_CHOICE)
		return read_choice(place, field, json_string_value(value), target);
	return read_quantity(place, field, json_string_value(value), target);
}

/* null as a default: the value stays as it is */
static bool read_fallback(const struct place *place, const struct field *field, void *target)
{
	json_t *value = json_loads(field->fallback, JSON_DECODE_ANY, NULL);
	bool ok;

	/* Tables are constants and hold JSON: only memory can be missing. */
	if (!value)
		return error_memory(place->error, "default");
	ok = json_is_null(value) || read_field(place, field, value, target);
	json_decref(value);
	return ok;
}

/* A number is bare on the command line, and whatever is none stays text. */
static json_t *text_to_json(const struct field *field, const char *text)
{
	bool count = field->kind == FIELD_COUNT;
	char *end = NULL;
	long long integer = 0;
	double real = 0;

	if (field->kind == FIELD_FLAG)
		return json_boolean(strcmp(text, "true") == 0);
	errno = 0;
	if (count)
		integer = strtoll(text, &end, 10);
	else if (field->kind == FIELD_NUMBER || field->kind == FIELD_RATIO)
		real = strtod(text, &end);
	if (!end || *end || errno || !strchr("-.0123456789", *text) || !*text)
		return json_string(text);
	return count ? json_integer(integer) : json_real(real);
}

bool field_read_text(const struct field *field, const char *name, const char *text, void *target,
		     struct error *error)
{
	const struct place place = { NULL, name, error };
	json_t *value = text_to_json(field, text);
	bool ok = value ? read_field(&place, field, value, target)
			: fail(&place, "the value is not UTF-8");

	json_decref(value);
	return ok;
}

bool field_read_fallback(const struct field *field, void *target, struct error *error)
{
	const struct place place = { NULL, field->key, error };

	return read_fallback(&place, field, target);
}

bool record_read(const struct document *document, const struct record *record, json_t *object,
		 const char *pointer, void *data, struct error *error)
{
	for (const struct field *field = record->fields; field->key; field++) {
		char inner[POINTER_MAX];
		struct place place = { document, inner, error };
		json_t *value = json_object_get(object, field->key);
		void *target = (char *)data + field->offset;
		bool ok;

		pointer_to_key(inner, pointer, field->key);
		if (!value && !field->fallback)
			return document_error(document, inner, error, "the %s needs \"%s\": %s",
					      record->name, field->key, field->help);
		ok = value ? read_field(&place, field, value, target)
			   : read_fallback(&place, field, target);
		if (!ok)
			return false;
	}
	return true;
}

bool record_read_whole(const struct document *document, const struct record *record, json_t *object,
		       const char *pointer, void *data, struct error *error)
{
	const struct record *records[] = { record, NULL };
	char keys[256] = "";

	for (const struct field *field = record->fields; field->key; field++)
		if (!field->fallback)
			snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys), "%s%s",
				 *keys ? ", " : " with ", field->key);
	if (!json_is_object(object))
		return document_error(document, pointer, error, "a %s is an object%s", record->name,
				      keys);
	return record_check_keys(document, object, pointer, records, error) &&
	       record_read(document, record, object, pointer, data, error);
}

void record_fini(const struct record *record, void *data)
{
	for (const struct field *field = record->fields; field->key; field++) {
		void *target = (char *)data + field->offset;
		struct field_list *list = target;

		switch (field->kind) {
		case FIELD_TEXT:
		case FIELD_NAME:
			free(*(char **)target);
			*(char **)target = NULL;
			break;
		case FIELD_TEXTS:
			for (size_t i = 0; list->items && i < list->count; i++)
				free(((char **)list->items)[i]);
			free(list->items);
			*list = (struct field_list){ 0 };
			break;
		case FIELD_RECORDS:
			for (size_t i = 0; list->items && i < list->count; i++)
				record_fini(field->record,
					    (char *)list->items + i * field->record->size);
			free(list->items);
			*list = (struct field_list){ 0 };
			break;
		case FIELD_RECORD:
			record_fini(field->record, target);
			break;
		default:
			break;
		}
	}
}

const struct field *record_field(const struct record *record, const char *key)
{
	for (const struct field *field = record->fields; field->key; field++)
		if (strcmp(field->key, key) == 0)
			return field;
	return NULL;
}

bool record_check_keys(const struct document *document, json_t *object, const char *pointer,
		       const struct record *const *records, struct error *error)
{
	const char *what = records[0] ? records[0]->name : "object";
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		const char *names[128];
		char hint[HINT_MAX];
		char inner[POINTER_MAX];
		size_t count = 0;
		bool known = strncmp(key, "//", 2) == 0;

		for (size_t r = 0; records[r] && !known; r++) {
			known = record_field(records[r], key) != NULL;
			for (const struct field *f = records[r]->fields; f->key && count < 127; f++)
				names[count++] = f->key;
		}
		if (known)
			continue;
		names[count] = NULL;
		pointer_to_key(inner, pointer, key);
		return document_key_error(document, inner, error, "the %s has no key \"%.60s\"%s",
					  what, key, did_you_mean(hint, key, names));
	}
	return true;
}
