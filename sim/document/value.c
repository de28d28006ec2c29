#include "document/value.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/version.h"
#include "base/visible.h"

#define NUMBER   "^[0-9]+(\\.[0-9]+)? ?"
#define DURATION NUMBER "(ns|us|\xc2\xb5s|\xce\xbcs|ms|s|min|h|d)$", "1.5us", QUANTITY_DURATION

const struct value_kind value_kinds[] = {
	[FIELD_TEXT] = { "a string", "text", .type = "string" },
	[FIELD_NAME] = { "a name (a string)", "name", .type = "string" },
	[FIELD_FLAG] = { "true or false", "true or false", .type = "boolean" },
	[FIELD_COUNT] = { "a whole number", "whole number", .type = "integer" },
	[FIELD_NUMBER] = { "a number", "number", .type = "number" },
	[FIELD_RATIO] = { "a number", "number", .type = "number" },
	[FIELD_BYTES] = { "a size", "size", "string", NUMBER "(B|KiB|MiB|GiB|TiB|PiB|kB|MB|GB|TB)$",
			  "64GiB", QUANTITY_BYTES },
	[FIELD_DURATION] = { "a duration", "duration", "string", DURATION },
	[FIELD_PRICE] = { "a duration", "duration", "string", DURATION },
	[FIELD_RANGE] = { "a list of two durations, [\"1us\", \"5us\"],", "two durations",
			  .type = "array" },
	[FIELD_BANDWIDTH] = { "a bandwidth", "bandwidth", "string",
			      NUMBER "(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)/s$", "250MB/s",
			      QUANTITY_BANDWIDTH },
	[FIELD_BANDWIDTHS] = { "a list of two bandwidths, [\"150GB/s\", \"260GB/s\"],",
			       "two bandwidths", .type = "array" },
	[FIELD_RATE] = { "a rate", "rate", "string", NUMBER "/(s|min|h|d)$", "3/h", QUANTITY_RATE },
	[FIELD_VERSION] = { "a version (a string), \"6.12\",", "version", .type = "string" },
	[FIELD_CHOICE] = { "one of its names (a string)", "one of", .type = "string" },
	[FIELD_CHOICES] = { "a list of names", "list of", .type = "array" },
	[FIELD_TEXTS] = { "a list of strings", "list of text", .type = "array" },
	[FIELD_RECORD] = { "an object", "object", .type = "object" },
	[FIELD_RECORDS] = { "a list of objects", "list of objects", .type = "array" },
	[FIELD_ANY] = { "anything", "see below", .type = NULL },
	[FIELD_NAMED] = { "a name", "name", .type = NULL },
};

/* --- messages ------------------------------------------------------------------ */

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

bool place_error(const struct place *place, const char *format, ...)
{
	char message[1024];

	FORMAT_MESSAGE(message, format);
	if (place->document)
		return document_error(place->document, place->pointer, place->error, "%s", message);
	return error_set(place->error, ERROR_INPUT, "%s: %s", place->pointer, message);
}

/* "80%", "p99": what people write for 0.8 and 0.99. */
static bool is_percent(const char *text, double *percent)
{
	bool quantile = text && (*text == 'p' || *text == 'P');
	const char *digits = quantile ? text + 1 : text;
	char *end;

	if (!digits || *digits < '0' || *digits > '9')
		return false;
	*percent = strtod(digits, &end);
	if (*end == ' ' && !quantile)
		end++;
	return quantile ? !*end : strcmp(end, "%") == 0;
}

bool place_wrong_type(const struct place *place, enum field_kind kind, const json_t *value)
{
	char needed[64];
	double percent;

	if ((kind == FIELD_RATIO || kind == FIELD_NUMBER) &&
	    is_percent(json_string_value(value), &percent))
		return place_error(place, "\"%.60s\" is written as a number: %.15g",
				   json_string_value(value), percent / 100);

	snprintf(needed, sizeof(needed),
		 value_kinds[kind].example ? "%s, for example \"%s\"" : "%s",
		 value_kinds[kind].needed, value_kinds[kind].example);
	if (!place->document)
		return place_error(place, "%s is needed, not \"%.60s\"", needed,
				   json_string_value(value));
	return place_error(place, "this is %s, %s is needed", type_name(value), needed);
}

static bool fits(const struct field *field, double value)
{
	bool unlimited = field->minimum >= field->maximum;

	return unlimited || (value >= field->minimum && value <= field->maximum);
}

static bool in_range(const struct place *place, const struct field *field, double value)
{
	if (fits(field, value))
		return true;
	if (field->kind == FIELD_RATIO && fits(field, value / 100))
		return place_error(place, "must lie between %.15g and %.15g; %.15g %% is %.15g",
				   field->minimum, field->maximum, value, value / 100);
	return place_error(place,
			   field->kind == FIELD_COUNT ? "must lie between %.0f and %.0f"
						      : "must lie between %.15g and %.15g",
			   field->minimum, field->maximum);
}

void candidates_add(struct candidates *candidates, const char *name)
{
	if (candidates->count < CANDIDATES_MAX)
		candidates->names[candidates->count++] = name;
}

/* --- kinds ------------------------------------------------------------------ */

bool value_choice(const struct place *place, const char *const *names, const char *name, int *index)
{
	char list[512] = "", hint[HINT_MAX];

	for (int i = 0; names[i]; i++) {
		if (name && strcmp(names[i], name) == 0) {
			*index = i;
			return true;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s\"%s\"",
			 i ? ", " : "", names[i]);
	}
	if (!name)
		return place_error(place, "one of %s is needed", list);
	return place_error(place, "\"%.60s\" is none of %s%s", name, list,
			   did_you_mean(hint, name, names));
}

/* Sizes and durations are whole numbers of bytes and nanoseconds. */
static bool read_whole_quantity(const struct place *place, const struct field *field,
				const char *text, int64_t *target)
{
	enum quantity_kind quantity = value_kinds[field->kind].quantity;
	char low[32], high[32];
	struct error why = { 0 };

	if (!quantity_read_integer(text, quantity, target, &why))
		return place_error(place, "%s", why.message);
	if (fits(field, (double)*target))
		return true;
	quantity_format_exact(low, quantity, (int64_t)field->minimum);
	quantity_format_exact(high, quantity, (int64_t)field->maximum);
	return place_error(place, "\"%.60s\" must lie between %s and %s", text, low, high);
}

static bool read_quantity(const struct place *place, const struct field *field, const char *text,
			  double *target)
{
	struct error why = { 0 };
	double value;

	if (!quantity_read(text, value_kinds[field->kind].quantity, &value, &why))
		return place_error(place, "%s", why.message);
	if (!in_range(place, field, value))
		return false;
	*target = value;
	return true;
}

static bool read_item(const struct place *place, const struct field *field, json_t *list,
		      size_t index, void *target)
{
	char pointer[POINTER_MAX];
	struct place inner = *place;

	inner.pointer = pointer;
	pointer_to_index(pointer, place->pointer, index);
	return value_read(&inner, field, json_array_get(list, index), target);
}

/* Two values of a kind, under the bounds of the field. */
static bool read_range(const struct place *place, const struct field *field, enum field_kind kind,
		       json_t *value, double *range)
{
	const struct field end = { .kind = kind,
				   .minimum = field->minimum,
				   .maximum = field->maximum };

	if (!json_is_array(value) || json_array_size(value) != 2)
		return place_wrong_type(place, field->kind, value);
	if (!read_item(place, &end, value, 0, &range[0]) ||
	    !read_item(place, &end, value, 1, &range[1]))
		return false;
	return range[0] <= range[1] || place_error(place, "the range begins above its end");
}

static bool read_number(const struct place *place, const struct field *field, const json_t *value,
			double *target)
{
	double real = json_number_value(value);

	if (!json_is_number(value))
		return place_wrong_type(place, field->kind, value);
	if (!in_range(place, field, real))
		return false;
	*target = real == 0 ? 0 : real; /* no negative zero */
	return true;
}

static bool read_count(const struct place *place, const struct field *field, const json_t *value,
		       int64_t *target)
{
	if (json_is_real(value))
		return place_error(place,
				   "a whole number is needed, without a fraction or exponent");
	if (!json_is_integer(value))
		return place_wrong_type(place, FIELD_COUNT, value);
	if (!in_range(place, field, (double)json_integer_value(value)))
		return false;
	*target = json_integer_value(value);
	return true;
}

static bool read_choices(const struct place *place, const struct field *field, json_t *value,
			 uint64_t *bits)
{
	const struct field name = { .kind = FIELD_CHOICE, .choices = field->choices };

	if (!json_is_array(value))
		return place_wrong_type(place, FIELD_CHOICES, value);
	for (size_t i = 0; i < json_array_size(value); i++) {
		int choice = 0;

		if (!read_item(place, &name, value, i, &choice))
			return false;
		*bits |= UINT64_C(1) << choice;
	}
	return true;
}

static bool read_text(const struct place *place, const struct field *field, const char *text,
		      char **target)
{
	if (field->kind == FIELD_NAME && (!*text || strlen(text) > 200 || !visible_is_clean(text)))
		return place_error(place, "a name has 1 to 200 bytes and no control characters");
	*target = memory_text(text, place->error);
	return *target != NULL;
}

bool value_read(const struct place *place, const struct field *field, json_t *value, void *target)
{
	const char *type = value_kinds[field->kind].type, *text = json_string_value(value);

	if (type && strcmp(type, "string") == 0 && !text)
		return place_wrong_type(place, field->kind, value);
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_NAME:
		return read_text(place, field, text, target);
	case FIELD_FLAG:
		if (!json_is_boolean(value))
			return place_wrong_type(place, FIELD_FLAG, value);
		*(bool *)target = json_is_true(value);
		return true;
	case FIELD_COUNT:
		return read_count(place, field, value, target);
	case FIELD_NUMBER:
	case FIELD_RATIO:
		return read_number(place, field, value, target);
	case FIELD_BYTES:
	case FIELD_DURATION:
		return read_whole_quantity(place, field, text, target);
	case FIELD_PRICE:
	case FIELD_BANDWIDTH:
	case FIELD_RATE:
		return read_quantity(place, field, text, target);
	case FIELD_RANGE:
		return read_range(place, field, FIELD_PRICE, value, target);
	case FIELD_BANDWIDTHS:
		return read_range(place, field, FIELD_BANDWIDTH, value, target);
	case FIELD_VERSION:
		return version_read(text, target) ||
		       place_error(place,
				   "\"%.60s\" is no version: \"6.12\" or \"6.12.3\" is needed",
				   text);
	case FIELD_CHOICE:
		return value_choice(place, field->choices, text, target);
	case FIELD_CHOICES:
		return read_choices(place, field, value, target);
	case FIELD_TEXTS:
	case FIELD_RECORD:
	case FIELD_RECORDS:
	case FIELD_ANY:
	case FIELD_NAMED:
		break;
	}
	return true;
}
