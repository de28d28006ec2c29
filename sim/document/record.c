#include "document/record.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "document/value.h"

static bool read_field(const struct place *place, const struct field *field, json_t *value,
		       void *target);

static bool read_list(const struct place *place, const struct field *field, json_t *value,
		      struct field_list *list)
{
	bool records = field->kind == FIELD_RECORDS;
	const struct field item_field = { .kind = records ? FIELD_RECORD : FIELD_TEXT,
					  .record = field->record };
	size_t size = records ? field->record->size : sizeof(char *);
	size_t index;
	json_t *item;

	if (!json_is_array(value))
		return place_wrong_type(place, field->kind, value);
	list->items = memory_array(json_array_size(value), size, field->key, place->error);
	if (!list->items)
		return false;
	list->count = json_array_size(value);
	json_array_foreach(value, index, item)
	{
		char pointer[POINTER_MAX];
		struct place inner = *place;

		inner.pointer = pointer;
		pointer_to_index(pointer, place->pointer, index);
		if (!read_field(&inner, &item_field, item, (char *)list->items + index * size))
			return false;
	}
	return true;
}

static bool read_field(const struct place *place, const struct field *field, json_t *value,
		       void *target)
{
	switch (field->kind) {
	case FIELD_ANY:
		return true;
	case FIELD_NAMED:
		assert(place->names); /* whoever reads a record with names knows them */
		return place->names->read(place->names, place, field, value, target);
	case FIELD_TEXTS:
	case FIELD_RECORDS:
		return read_list(place, field, value, target);
	case FIELD_RECORD:
		if (!json_is_object(value))
			return place_wrong_type(place, FIELD_RECORD, value);
		return record_read_at(place, field->record, value, target);
	default:
		return value_read(place, field, value, target);
	}
}

/* null as a default: the value stays as it is */
static bool read_fallback(const struct place *place, const struct field *field, void *target)
{
	json_t *value;
	bool ok;

	if (strcmp(field->fallback, "null") == 0)
		return true;
	/* Tables are constants and hold JSON: only memory can be missing. */
	value = json_loads(field->fallback, JSON_DECODE_ANY, NULL);
	if (!value)
		return error_memory(place->error, "default");
	ok = read_field(place, field, value, target);
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
	const struct place place = { NULL, name, error, NULL };
	json_t *value = text_to_json(field, text);
	bool ok = value ? value_read(&place, field, value, target)
			: place_error(&place, "the value is not UTF-8");

	json_decref(value);
	return ok;
}

bool field_read_fallback(const struct field *field, void *target, struct error *error)
{
	const struct place place = { NULL, field->key, error, NULL };

	return read_fallback(&place, field, target);
}

/* What other programs, and other keys, call what a key of ours says. */
static const char *const synonyms[][2] = {
	{ "operation", "do" }, { "action", "do" },           { "backing", "page_size" },
	{ "cpus", "vcpus" },   { "hugepages", "page_size" }, { "guest", "guests" },
};

/* The name that a key may stand for, of a list that ends with NULL; NULL: none. */
static const char *meant_name(const char *key, const char *const *names)
{
	for (size_t s = 0; s < sizeof(synonyms) / sizeof(synonyms[0]); s++)
		for (size_t i = 0; strcmp(synonyms[s][0], key) == 0 && names[i]; i++)
			if (strcmp(names[i], synonyms[s][1]) == 0)
				return names[i];
	return nearest_name(key, names);
}

/* False with an error: a key that is there, and is none, is nearly the one that is missing. */
static bool misspelt(const struct place *place, const struct record *record, json_t *object,
		     const char *missing)
{
	const char *const names[] = { missing, NULL };
	const char *key;
	json_t *value;

	if (!place->document)
		return true;
	json_object_foreach(object, key, value)
	{
		if (!record_field(record, key) && meant_name(key, names))
			return document_key_error(
				place->document, place->pointer, key, place->error,
				"the %s has no key \"%.60s\"; did you mean \"%s\"?", record->name,
				key, missing);
	}
	return true;
}

static bool read_fields(const struct place *place, const struct record *record, json_t *object,
			void *data)
{
	for (const struct field *field = record->fields; field->key; field++) {
		char pointer[POINTER_MAX];
		struct place inner = *place;
		json_t *value = json_object_get(object, field->key);
		void *target = (char *)data + field->offset;
		bool ok;

		inner.pointer = pointer;
		pointer_to_key(pointer, place->pointer, field->key);
		if (!value && !field->fallback && !misspelt(place, record, object, field->key))
			return false;
		if (!value && !field->fallback)
			return place_error(&inner, "the %s needs \"%s\": %s", record->name,
					   field->key, field->help);
		ok = value ? read_field(&inner, field, value, target)
			   : read_fallback(&inner, field, target);
		if (!ok)
			return false;
	}
	return true;
}

static bool no_object(const struct place *place, const struct record *record)
{
	char keys[256] = "";

	for (const struct field *field = record->fields; field->key; field++)
		if (!field->fallback)
			snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys), "%s%s",
				 *keys ? ", " : " with ", field->key);
	if (!*keys)
		snprintf(keys, sizeof(keys), ", {\"%s\": ...}", record->fields[0].key);
	return place_error(place, "a %s is an object%s", record->name, keys);
}

bool record_read_at(const struct place *place, const struct record *record, json_t *object,
		    void *data)
{
	if (!json_is_object(object))
		return no_object(place, record);
	return record_check_keys(place->document, record, NULL, object, place->pointer,
				 place->error) &&
	       read_fields(place, record, object, data);
}

bool record_read(const struct document *document, const struct record *record, json_t *object,
		 const char *pointer, void *data, struct error *error)
{
	const struct place place = { document, pointer, error, NULL };

	return read_fields(&place, record, object, data);
}

bool record_read_whole(const struct document *document, const struct record *record, json_t *object,
		       const char *pointer, void *data, struct error *error)
{
	const struct place place = { document, pointer, error, NULL };

	return record_read_at(&place, record, object, data);
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

/* "; it has metric, group, quantile, at_most", when that is short. */
static void list_keys(char list[HINT_MAX], const char *const *keys)
{
	size_t used = (size_t)snprintf(list, HINT_MAX, "; it has ");

	for (size_t i = 0; keys[i]; i++) {
		int more = snprintf(list + used, HINT_MAX - used, "%s%s", i ? ", " : "", keys[i]);

		if (more < 0 || used + (size_t)more >= HINT_MAX) {
			*list = '\0';
			return;
		}
		used += (size_t)more;
	}
	if (!keys[0])
		*list = '\0';
}

static bool unknown_key(const struct document *document, const struct record *record,
			const struct record *other, const char *pointer, const char *key,
			struct error *error)
{
	struct candidates known = { 0 };
	char hint[HINT_MAX] = "", list[HINT_MAX] = "";
	const char *near;

	for (const struct field *field = record->fields; field->key; field++)
		candidates_add(&known, field->key);
	for (const struct field *field = other ? other->fields : NULL; field && field->key; field++)
		candidates_add(&known, field->key);
	near = meant_name(key, known.names);
	if (near)
		snprintf(hint, sizeof(hint), "; did you mean \"%.100s\"?", near);
	else
		list_keys(list, known.names);
	return document_key_error(document, pointer, key, error, "the %s has no key \"%.60s\"%s%s",
				  record->name, key, hint, list);
}

bool record_check_keys(const struct document *document, const struct record *record,
		       const struct record *other, json_t *object, const char *pointer,
		       struct error *error)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (strncmp(key, "//", 2) != 0 && !record_field(record, key) &&
		    !(other && record_field(other, key)))
			return unknown_key(document, record, other, pointer, key, error);
	}
	return true;
}
