/* Changes from the command line: --set /json/pointer=VALUE. */

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/visible.h"
#include "document/document.h"
#include "document/record.h"

/* A setting, and how far its place has been found. */
struct setter {
	const char *setting;
	char place[POINTER_MAX];
	struct error *error;
};

static bool setting_error(const struct setter *setter, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "--set WHAT: error: message"; a long or hostile setting is shown cut and escaped. */
static bool setting_error(const struct setter *setter, const char *format, ...)
{
	char shown[200], message[1024], clean[1200];

	FORMAT_MESSAGE(message, format);
	visible_text(shown, sizeof(shown), setter->setting);
	visible_text(clean, sizeof(clean), message);
	return error_set(setter->error, ERROR_INPUT, "--set %s: error: %s", shown, clean);
}

static bool unknown_key(json_t *object, const char *key, const struct setter *setter)
{
	struct candidates known = { 0 };
	const char *name;
	char hint[HINT_MAX];
	json_t *value;

	json_object_foreach(object, name, value) candidates_add(&known, name);
	return setting_error(setter, "the scenario has no \"%.60s\" there%s", key,
			     did_you_mean(hint, key, known.names));
}

/*
 * An object or a list that may be left out appears with its default when something is set in it;
 * NULL: the field is none, or must be there.
 */
static json_t *optional_member(const struct field *field, json_t *object, const char *key)
{
	const char *fallback = field ? field->fallback : NULL;
	json_t *value = NULL;

	if (!fallback)
		return NULL;
	if (field->kind == FIELD_RECORD || (field->kind == FIELD_ANY && field->record))
		value = json_object();
	else if (*fallback == '[')
		value = json_loads(fallback, 0, NULL);
	return value && json_object_set_new(object, key, value) == 0 ? value : NULL;
}

/* The number of an item, or where a new one goes ("-"). Numbers have no leading zeros. */
static bool array_index(const char *token, size_t size, size_t *index)
{
	char *end;

	*index = size;
	if (strcmp(token, "-") == 0)
		return true;
	if (*token < '0' || *token > '9' || (*token == '0' && token[1]))
		return false;
	*index = strtoul(token, &end, 10);
	return !*end && *index < size;
}

/* Items of a list that have a "name" may be called by it. */
static const char *name_of(const json_t *item)
{
	return json_string_value(json_object_get(item, "name"));
}

static bool item_index(const json_t *list, const char *token, size_t *index)
{
	size_t size = json_array_size(list);

	if (array_index(token, size, index))
		return true;
	for (size_t i = 0; i < size; i++) {
		const char *name = name_of(json_array_get(list, i));

		if (name && strcmp(name, token) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

void document_numbers(const struct document *document, const char *pointer, char out[POINTER_MAX])
{
	const json_t *at = document->root;
	char token[POINTER_MAX];
	size_t index;

	out[0] = '\0';
	while (pointer_next(&pointer, token)) {
		if (json_is_array(at) && item_index(at, token, &index)) {
			pointer_to_index(out, out, index);
			at = json_array_get(at, index);
		} else {
			pointer_to_key(out, out, token);
			at = json_object_get(at, token);
		}
	}
}

/* "; did you mean \"db\"?" of items with names; of a number how they are counted. */
static const char *item_hint(char hint[HINT_MAX], const json_t *list, const char *token)
{
	struct candidates known = { 0 };

	if (token[strspn(token, "0123456789")] == '\0') {
		snprintf(hint, HINT_MAX, "%s",
			 json_array_size(list) ? "; the first is 0, and \"-\" adds one" : "");
		return hint;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = name_of(json_array_get(list, i));

		if (name)
			candidates_add(&known, name);
	}
	return did_you_mean(hint, token, known.names);
}

static bool no_item(const struct setter *setter, const json_t *list, const char *token)
{
	char hint[HINT_MAX];
	size_t size = json_array_size(list);

	return setting_error(setter, "the list has %zu item%s, \"%.60s\" is none of them%s", size,
			     size == 1 ? "" : "s", token, item_hint(hint, list, token));
}

static bool put(json_t *container, const char *token, json_t *value, struct setter *setter)
{
	size_t index;
	int failed;

	if (json_is_object(container)) {
		pointer_to_key(setter->place, setter->place, token);
		failed = json_object_set(container, token, value);
	} else if (json_is_array(container)) {
		if (!item_index(container, token, &index))
			return no_item(setter, container, token);
		pointer_to_index(setter->place, setter->place, index);
		failed = index == json_array_size(container)
				 ? json_array_append(container, value)
				 : json_array_set(container, index, value);
	} else {
		return setting_error(setter, "what is there is neither an object nor a list");
	}
	return failed ? error_memory(setter->error, "setting") : true;
}

/* One step of the way to the value; *record is that of what is there, NULL: it is not known. */
static json_t *enter(const struct record **record, json_t *at, const char *token,
		     struct setter *setter)
{
	const struct field *field = *record ? record_field(*record, token) : NULL;
	json_t *inner = NULL;
	size_t index;

	if (json_is_object(at)) {
		inner = json_object_get(at, token);
		if (!inner)
			inner = optional_member(field, at, token);
		if (!inner)
			unknown_key(at, token, setter);
		pointer_to_key(setter->place, setter->place, token);
		*record = field ? field->record : NULL;
		return inner;
	}
	if (!json_is_array(at)) {
		setting_error(setter, "what is there is neither an object nor a list");
	} else if (item_index(at, token, &index) && index < json_array_size(at)) {
		pointer_to_index(setter->place, setter->place, index);
		inner = json_array_get(at, index);
	} else {
		no_item(setter, at, token);
	}
	return inner;
}

/* A version is no number: 6.10 is later than 6.9. */
static bool is_version(const struct record *record, const char *key)
{
	const struct field *field = record ? record_field(record, key) : NULL;

	return field && field->kind == FIELD_VERSION;
}

/* VALUE is JSON, or else a string. */
static json_t *parse_value(const char *text, const struct setter *setter)
{
	json_error_t failure = { 0 };
	const char *deep;
	json_t *value;

	if (!document_depth_fits(text, &deep)) {
		setting_error(setter, "nested more than %d levels deep", DEPTH_LIMIT);
		return NULL;
	}
	json_object_seed(1);
	value = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &failure);
	if (!value && !failure.text[0]) { /* it says nothing when memory is short */
		error_memory(setter->error, "setting");
		return NULL;
	}
	if (!value)
		value = json_string(text);
	if (!value)
		setting_error(setter, "the value is not UTF-8");
	return value;
}

static bool remember(struct document *document, const char *place, const char *file,
		     struct error *error)
{
	struct set_value *value;

	if (!memory_grow(&document->set, &document->set_capacity, document->set_count + 1,
			 sizeof(*document->set), "settings", error))
		return false;
	value = &document->set[document->set_count];
	value->pointer = memory_text(place, error);
	value->file = file ? memory_text(file, error) : NULL;
	document->set_count++; /* freed with the document in any case */
	return value->pointer && (!file || value->file);
}

static bool is_utf8(const char *text)
{
	unsigned int code;
	size_t length;

	for (; *text; text += length) {
		length = visible_decode(text, &code);
		if (!length)
			return false;
	}
	return true;
}

/* What others write: guests.0.memory=1GiB, guests[0].memory=1GiB, /guests/0/memory:1GiB. */
static bool no_pointer(const struct setter *setter, const char *setting)
{
	char meant[128];
	size_t used = 0, end = strcspn(setting, "=:");

	if (*setting != '/')
		meant[used++] = '/';
	for (size_t i = 0; i < end && used < sizeof(meant) - 1; i++)
		if (setting[i] != ']')
			meant[used++] = strchr(".[", setting[i]) ? '/' : setting[i];
	meant[used] = '\0';
	if (!setting[end] || end > 100 ||
	    strspn(setting, "/.[]_0123456789abcdefghijklmnopqrstuvwxyz") < end)
		return setting_error(
			setter,
			"/json/pointer=VALUE is needed (for example /guests/0/memory=16GiB)");
	return setting_error(setter, "/json/pointer=VALUE is needed: %s=%.60s", meant,
			     setting + end + 1);
}

bool document_set(struct document *document, const struct record *record, const char *setting,
		  const char *file, struct error *error)
{
	/* Its place is kept as pointer_to_... writes it, with the number that "-" became. */
	struct setter whole = { .setting = setting, .error = error }, *setter = &whole;
	char pointer[POINTER_MAX], token[POINTER_MAX];
	const char *equals = strchr(setting, '='), *rest = pointer;
	json_t *at = document->root, *value;
	bool ok = false;

	if (!equals || setting[0] != '/' || (size_t)(equals - setting) >= sizeof(pointer) / 2)
		return no_pointer(setter, setting);
	memcpy(pointer, setting, (size_t)(equals - setting));
	pointer[equals - setting] = '\0';
	if (!is_utf8(pointer))
		return setting_error(setter, "the pointer is not UTF-8");
	value = parse_value(equals + 1, setter);
	if (!value)
		return false;
	while (at && pointer_next(&rest, token)) {
		if (!*rest) {
			if (is_version(record, token) && json_is_number(value)) {
				json_decref(value);
				value = json_string(equals + 1);
			}
			ok = put(at, token, value, setter) &&
			     remember(document, setter->place, file, error);
			break;
		}
		at = enter(&record, at, token, setter);
	}
	json_decref(value);
	return ok;
}
